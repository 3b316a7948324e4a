"""Two installations at one address, one after the other: the desk moves, its customers notice nothing but a pause."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.e2e.living_desk import HOUSE, LivingDesk

Environment = Callable[[], dict[str, str]]
PATIENCE = 240


class House:
    """Where the desk lives (`here`), and where it is going to live."""

    def __init__(self, folder: Path, policy: Path, old: Environment, new: Environment) -> None:
        (folder / "old").mkdir()
        (folder / "new").mkdir()
        self.here, self.there = LivingDesk(folder / "old", policy), LivingDesk(folder / "new", policy)
        self.here.environment.update(old())
        self.there.environment.update(new())
        self.there.http_port, self.there.smtp_port = self.here.http_port, self.here.smtp_port
        self.file = folder / "support.tar.gz"

    def move(self) -> None:
        """Export, import, and the letters that lie with customers stay with them. Neither runs meanwhile."""
        done(self.verb(self.here, "export", "--to", str(self.file)))
        done(self.verb(self.there, "import", str(self.file)))
        if (old := self.here.folder / "outbox").exists():
            shutil.copytree(old, self.there.folder / "outbox", dirs_exist_ok=True)

    def verb(
        self, desk: LivingDesk, *words: str, module: str = "services", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A verb in a process of its own, with that installation's settings."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
        ours = {"SANAD_FOLDER": str(desk.folder), "SANAD_POLICY": str(desk.policy), "SANAD_PUBLIC_URL": desk.url}
        return subprocess.run(
            [sys.executable, "-m", module, *words], cwd=HOUSE, env=rest | ours | desk.environment | environment,
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip

    def stop(self) -> None:
        self.here.stop()
        self.there.stop()


def done(verb: subprocess.CompletedProcess[str]) -> str:
    """What it said. Raises AssertionError where it failed."""
    assert verb.returncode == 0, f"{verb.args}: {verb.returncode}\n{verb.stdout}{verb.stderr}"
    return verb.stderr
