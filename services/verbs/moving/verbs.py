"""What the verbs `export` and `import` do, from opening an installation to the last sentence."""

from pathlib import Path

from rich.console import Console

from services.verbs.address import KEY_FILE
from services.verbs.ending import TOLD as ALWAYS
from services.verbs.first_start import hand_over_key
from services.verbs.moving.archive import Unfit
from services.verbs.moving.arriving import NotOpened, arrive
from services.verbs.moving.leaving import leave, unseal
from services.verbs.moving.manifest import inspect
from services.verbs.moving.opened import opened
from services.verbs.moving.stillness import Told
from shared.broker import BrokerUnavailable
from shared.documents import DocumentsUnavailable
from shared.moves import Movements
from shared.service import Ports
from shared.settings import Settings

TOLD = (*ALWAYS, Unfit, NotOpened, BrokerUnavailable, DocumentsUnavailable, OSError)


async def export_desk(settings: Settings, terminal: Console, told: Told, desk: str, path: Path | None, to: str) -> None:
    """Raises Unfit, OSError; what opening an installation raises."""
    async with opened(settings) as ports:
        desk = desk or await _only_desk(ports)
        if path is None:
            await unseal(ports, desk)
            terminal.print(f"The desk {desk} goes on here when its services are started.", markup=False)
            return
        manifest = await leave(ports, desk, path, to, told)
    facts, documents = sum(manifest["facts"].values()), sum(manifest["documents"].values())
    lines = (
        f"The desk {desk} is in {path}: {facts:,} facts, {documents:,} documents, {manifest['blobs']:,} files.",
        "It is sealed here. The file holds customers' words and the desk's secrets: guard it like the desk.",
        f"At the new place: python -m services import {path.name}",
        f"To take it back instead: python -m services export --desk {desk} --unseal",
    )
    terminal.print("\n".join(lines), markup=False, soft_wrap=True)


async def take_desk(settings: Settings, terminal: Console, told: Told, path: Path) -> None:
    """Raises Unfit, NotOpened; what opening an installation raises."""
    found = inspect(path, told)
    desk = found.manifest.desk
    async with opened(settings, coming=True) as ports:
        fresh = await arrive(ports, found, told)
        if not (settings.folder / KEY_FILE).exists():
            await hand_over_key(ports, desk)
    done = "is here, and whole" if fresh else "was imported before; nothing was changed"
    terminal.print(f"The desk {desk} {done}. Start its services.", markup=False, soft_wrap=True)


async def _only_desk(ports: Ports) -> str:
    desks = [*await Movements(ports.documents).all()]
    if len(desks) != 1:
        raise Unfit(f"say which by --desk; there are: {', '.join(desks) or 'none'}")
    return desks[0]
