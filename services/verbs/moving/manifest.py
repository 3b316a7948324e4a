"""What an export says of itself, read from a file that is whole."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from services.verbs.moving.archive import FORMAT_NAME, MANIFEST_NAME, Unfit, members
from services.verbs.moving.cargo import CARRIED
from services.verbs.moving.facts import TOPICS, require_known
from shared.catalogue.codec import Malformed, UnknownType
from shared.secrets import Secrets, read_secrets

SECRETS_NAME = "secrets.json"
KNOWN = {one.name for one in CARRIED}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which desk, whose, and how much of what."""

    move: str
    desk: str
    organisation: str
    exported_at: int
    facts: dict[str, int]
    documents: dict[str, int]
    blobs: int
    deliveries: int
    logs: dict[str, list[str]]
    members: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be taken in."""

    path: Path
    manifest: Manifest
    secrets: Secrets


def inspect(path: Path, told: Callable[[str, int], None]) -> Inspected:
    """Read all of it and change nothing: whole, of a known format, and all facts such as deciders here know.

    Raises Unfit.
    """
    counts: Counter[str] = Counter()
    secrets: Secrets | None = None
    manifest: Manifest | None = None
    for name, content in members(path):
        kind, _, rest = name.partition("/")
        what = rest.partition("/")[0]
        if name == MANIFEST_NAME:
            manifest = _manifest(path, content)
        elif kind == "facts" and what in TOPICS:
            counts[f"facts/{what}"] += _facts(path, what, content)
        elif kind == "documents" and what in KNOWN:
            counts[f"documents/{what}"] += len(content.splitlines())
        elif kind == "blobs":
            counts["blobs"] += 1
        elif name == SECRETS_NAME:
            secrets = _secrets(path, content)
        elif name != FORMAT_NAME:
            raise Unfit(f"{path} holds {name}, which this Sanad does not know: upgrade it")
        told("members read", counts.total())
    if manifest is None or secrets is None:
        raise Unfit(f"{path} is damaged: its secrets are missing")
    _require_counts(path, manifest, counts)
    return Inspected(path, manifest, secrets)


def _facts(path: Path, topic: str, content: bytes) -> int:
    try:
        return require_known(topic, content)
    except UnknownType as newer:
        raise Unfit(f"{path} holds facts this Sanad does not know ({newer}): upgrade it") from None
    except (Malformed, orjson.JSONDecodeError, ValueError, TypeError) as fault:
        raise Unfit(f"{path} holds a fact of {topic} that cannot be read ({type(fault).__name__})") from None


def _secrets(path: Path, content: bytes) -> Secrets:
    try:
        return read_secrets(orjson.loads(content))
    except (KeyError, ValueError, TypeError):
        raise Unfit(f"{path} holds secrets that cannot be read") from None


def _manifest(path: Path, content: bytes) -> Manifest:
    try:
        told: dict[str, Any] = orjson.loads(content)
        return Manifest(**told)
    except (TypeError, ValueError):
        raise Unfit(f"{path} has a manifest this Sanad does not know: upgrade it") from None


def _require_counts(path: Path, manifest: Manifest, counts: Counter[str]) -> None:
    said = Counter({"blobs": manifest.blobs})
    said.update({f"facts/{topic}": count for topic, count in manifest.facts.items()})
    said.update({f"documents/{name}": count for name, count in manifest.documents.items()})
    if +said != +counts:
        raise Unfit(f"{path} is damaged: it does not hold as much as it says")
