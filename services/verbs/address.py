"""Where the running desk answers: noted in its folder, so that verbs find it whatever port it took."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "address"
KEY_FILE = "admin.key"
"""Beside it: the key with which this machine's verbs ask."""
ANYWHERE = {"http://0.0.0.0:": "http://127.0.0.1:", "http://[::]:": "http://[::1]:"}
"""An address to listen on is not always one to talk to."""


@contextmanager
def reachable(folder: Path, address: str) -> Iterator[None]:
    """The note is there while the block runs."""
    for listened, talked_to in ANYWHERE.items():
        address = address.replace(listened, talked_to)
    note = folder / FILE
    note.write_text(f"{address}\n")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def noted(folder: Path) -> str | None:
    """The address of the desk that runs on this folder, or that was killed there; None where none does."""
    try:
        return (folder / FILE).read_text().strip() or None
    except OSError:
        return None
