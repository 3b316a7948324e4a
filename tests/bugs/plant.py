"""Plants one bug while its module is imported. Nothing of the product may have been imported before."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
NAME = "SANAD_PLANTED_BUG"
"""Environment variable: which bug a test process works with."""


@dataclass(frozen=True, slots=True)
class Bug:
    """One way to be wrong. `caught_by` is "desk", "toy" or "kafka" (simulations), or a test by its pytest id.

    `engines`: that test needs real ones.
    """

    name: str
    module: str
    old: str
    new: str
    caught_by: str
    engines: bool = False

    @property
    def path(self) -> Path:
        path = ROOT / self.module.replace(".", "/")
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def spoil(self, source: str) -> str:
        """The module's text with the bug in it. Raises LookupError unless the old text is there exactly once."""
        found = source.count(self.old)
        if found != 1:
            raise LookupError(f"{self.name}: its text is {found} times in {self.module}")
        return source.replace(self.old, self.new)


class Planter(MetaPathFinder, Loader):
    """Finds the bug's module in the usual way, and gives it the spoiled text."""

    def __init__(self, bug: Bug) -> None:
        self.bug = bug

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = SpoiledLoader(self.bug, str(self.bug.path))
        return spec


class SpoiledLoader(SourceFileLoader):
    """Reads the text, spoils it, and leaves no compiled file behind."""

    def __init__(self, bug: Bug, path: str) -> None:
        super().__init__(bug.module, path)
        self._bug = bug

    def get_code(self, fullname: str) -> object:  # type: ignore[override]  # the loader's own type is not public
        text = self._bug.spoil(self._bug.path.read_text("utf-8"))
        return compile(text, self.path, "exec", dont_inherit=True)


def plant(bug: Bug) -> None:
    """From here on the module is wrong. Raises RuntimeError where it was imported before."""
    if bug.module in sys.modules:
        raise RuntimeError(f"{bug.module} is imported already")
    sys.meta_path.insert(0, Planter(bug))


def plant_named(name: str) -> Bug:
    from tests.bugs.table import BUGS

    bug = next(bug for bug in BUGS if bug.name == name)
    plant(bug)
    return bug


def plant_asked() -> None:
    """The bug of the environment, if any."""
    name = os.environ.get(NAME)
    if name:
        plant_named(name)
