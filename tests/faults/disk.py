"""A disk of a node's own that can be filled: a file system in memory, where this machine lets us mount one."""

import subprocess
from pathlib import Path

SIZE = "1500m"
BALLAST = "ballast"
CHUNK = bytes(1 << 20)


class Disk:
    """At `place`; where it cannot be mounted the place is an ordinary folder, and there is nothing to fill."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.mounted = False

    def mount(self, size: str = SIZE) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "sanad-faults", str(self.place)]
        try:
            self.mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
        except OSError:
            self.mounted = False

    def fill(self) -> None:
        """Until nothing goes in any more."""
        with (self.place / BALLAST).open("wb", buffering=0) as ballast:
            size = len(CHUNK)
            while size:
                try:
                    ballast.write(CHUNK[:size])
                except OSError:
                    size //= 2

    def relieve(self) -> None:
        (self.place / BALLAST).unlink(missing_ok=True)

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=False, capture_output=True)
            self.mounted = False
