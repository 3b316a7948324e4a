"""Imports everything under the given packages and reports whatever an import did besides defining things.

Run as `python -m tests.architecture.quiet_import services shared`; prints one line per deed, nothing if all is quiet.
"""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

LOUD = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "sqlite3.connect",
    "os.mkdir",
)
CODE = (".py", ".pyc", ".so", ".pyd")
# Objects that hold connections, or an application: built by a function, never by an import.
BUILT_LATE = {"FastAPI", "Starlette", "Typer", "Connection", "AsyncClient", "Client", "Controller", "Thread", "Task"}


def modules(packages: list[str]) -> Iterator[str]:
    """Every module below the packages but `__main__`, whose import is meant to act."""
    for package in packages:
        for file in sorted(Path(package).rglob("*.py")):
            if file.name != "__main__.py":
                yield ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def watch(here: Path, report: Callable[[str], None]) -> None:
    """Report loud audit events and every file opened below `here`, unless it is code, or opened for writing anywhere."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in LOUD:
            report(f"{event}{arguments[:1]}")
        elif event == "open" and isinstance(arguments[0], str):
            path, flags = arguments[0], arguments[2]
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            reads_ours = Path(path).resolve().is_relative_to(here) and not path.endswith(CODE)
            if (writes and path != os.devnull) or (reads_ours and ".venv" not in path):
                report(f"open {path}")

    sys.addaudithook(hook)


def late(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if type(value).__name__ in BUILT_LATE and not isinstance(value, type):
            yield f"{module.__name__}.{name} is a {type(value).__name__}"


def main(packages: list[str]) -> int:
    sys.dont_write_bytecode = True
    deeds: list[str] = []
    current = ""
    watch(Path.cwd(), lambda deed: deeds.append(f"{current}: {deed}"))
    for current in modules(packages):
        try:
            module = importlib.import_module(current)
        except Exception as broken:  # noqa: BLE001 - whatever it is, the modules after it are judged too
            deeds.append(f"{current}: {type(broken).__name__}: {broken}")
        else:
            deeds.extend(late(module))
    deeds.extend(f"left running: {thread.name}" for thread in threading.enumerate()[1:])
    sys.stdout.write("".join(f"{deed}\n" for deed in dict.fromkeys(deeds)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
