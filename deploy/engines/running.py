"""What an engine's `start` gives back, and how it is written down for `down` and `status`."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.engines import children
from deploy.engines.children import Child

Say = Callable[[str], None]
STATE = "running.json"


class EngineFailed(Exception):
    """An engine did not come up. Says which, and what it wrote last."""


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that is up: where clients reach it, and its processes in the order they were started."""

    name: str
    address: str
    children: Sequence[Child]


def stop(running: Running) -> None:
    """End all of its processes at once. Idempotent."""
    for child in running.children:
        children.terminate(child)
    for child in running.children:
        children.stop(child)


def write(folder: Path, engines: Sequence[Running]) -> None:
    """Note what runs in `folder`."""
    noted = [
        {"name": engine.name, "address": engine.address, "children": [children.noted(one) for one in engine.children]}
        for engine in engines
    ]
    (folder / STATE).write_text(json.dumps(noted, indent=1))


def read(folder: Path) -> list[Running]:
    """What was noted in `folder`; it may have died since."""
    try:
        noted = json.loads((folder / STATE).read_text())
    except FileNotFoundError:
        return []
    return [Running(one["name"], one["address"], [children.found(child) for child in one["children"]]) for one in noted]


def forget(folder: Path) -> None:
    """Nothing runs in `folder` any longer."""
    with suppress(FileNotFoundError):
        (folder / STATE).unlink()
