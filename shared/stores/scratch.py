"""A scratch store: the documents of one job of this process, on this machine's disk, gone when the job is done."""

import asyncio
import errno
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from shared.documents import Collection, Documents
from shared.sqlite import Hold, InUse
from shared.stores.sqlite import SqliteDocuments

PREFIX = "scratch-"
FILE = "documents.sqlite"
TAKEN = {errno.ENOENT, errno.ENOTEMPTY}
"""How it shows that somebody else removes the same folder: something is gone, or their lock is in it."""


@asynccontextmanager
async def scratch(folder: Path, collections: Sequence[Collection]) -> AsyncIterator[Documents]:
    """An empty store below `folder` for as long as the block lasts; what a killed process left there goes first.

    Raises OSError where the folder takes no files.
    """
    await asyncio.to_thread(_sweep, folder)
    own = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        documents = SqliteDocuments(own / FILE, collections)
        try:
            yield documents
        finally:
            await documents.close()
    finally:
        await asyncio.to_thread(_remove, own)


def _remove(own: Path) -> None:
    """Its file is nobody's once it is closed: who sweeps in between goes on to the end."""
    try:
        shutil.rmtree(own)
    except OSError as fault:
        if fault.errno not in TAKEN:
            raise


def _sweep(folder: Path) -> None:
    """Jobs of other processes hold their files, or remove them just now."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"{PREFIX}*"):
        try:
            hold = Hold(left / FILE)
        except (InUse, FileNotFoundError):
            continue
        shutil.rmtree(left, ignore_errors=True)
        hold.release()
