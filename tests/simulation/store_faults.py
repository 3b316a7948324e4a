"""What can happen to stored checkpoints between two starts: lost, set back to an old backup, or damaged."""

import copy
from random import Random

from shared.checkpoint_chunks import CHUNKS, SAVES
from shared.checkpoints import MANIFESTS
from shared.documents import Document
from tests.simulation.memory_documents import MemoryDocuments, Shelf

KEPT = (MANIFESTS.name, SAVES.name, CHUNKS.name)
Backup = dict[str, Shelf]


def back_up(documents: MemoryDocuments) -> Backup:
    """All checkpoints as they are now."""
    return {name: copy.copy(documents.shelf(name, "")) for name in KEPT}


def restore(documents: MemoryDocuments, backup: Backup) -> None:
    """All checkpoints as they were then."""
    for name, shelf in backup.items():
        documents.shelves[name, ""] = copy.copy(shelf)


def lose(documents: MemoryDocuments, place: str) -> None:
    """The manifest is gone; its chunks lie about."""
    documents.shelf(MANIFESTS.name, "").pop(place, None)


def tear(documents: MemoryDocuments, place: str, rng: Random) -> bool:
    """One chunk only the newest checkpoint has is cut short. False where there is none."""
    manifest = documents.shelf(MANIFESTS.name, "").get(place)
    if manifest is None or not manifest.body["current"] or not manifest.body["former"]:
        return False
    former = {key for entry in manifest.body["former"]["chunks"].values() for key in entry["parts"]}
    fresh = [
        key for entry in manifest.body["current"]["chunks"].values() for key in entry["parts"] if key not in former
    ]
    if not fresh:
        return False
    shelf = documents.shelf(CHUNKS.name, "")
    key = rng.choice(fresh)
    if key in shelf:
        content = shelf[key].body["content"]
        shelf[key] = Document(key, shelf[key].seq, {"content": content[: len(content) // 2]})
    return True
