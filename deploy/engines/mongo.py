"""A server that speaks MongoDB's protocol, for tests: no MongoDB, but what the documents need behaves the same.

Ours is only the launcher, compiled into the cache. With a file, what was acknowledged outlives a kill of the server.
"""

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.engines import children
from deploy.engines.children import Child, ChildFailed
from deploy.engines.maven import cache, fetch
from deploy.engines.ports import free_ports
from deploy.engines.running import EngineFailed, Running, Say

NAME = "mongo"
RECIPE = Path(__file__).parent / "mongo"
JAVA = ("java", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
HEAP = "256m"
FIRST_PORT = 27117
HOST = "127.0.0.1"
READY = r"READY \d+"
TRIES = 3


@dataclass(slots=True)
class Server:
    """One server; `file` None keeps everything in memory."""

    place: Path
    classpath: str
    port: int
    file: Path | None
    heap: str = HEAP
    child: Child | None = None

    @property
    def address(self) -> str:
        """As drivers want it."""
        return f"mongodb://{HOST}:{self.port}"

    def start(self) -> None:
        """Start, or start again at the same port after a kill; returns when it serves. Raises ChildFailed."""
        if self.child is not None and children.alive(self.child):
            return
        mark = f"-Dsanad.place={self.place}"
        files = [] if self.file is None else [str(self.file)]
        command = [*JAVA, f"-Xmx{self.heap}", mark, "-cp", self.classpath, "Launcher", str(self.port), *files]
        self.child = children.start(NAME, command, mark=mark, log=self.place / "out.log", ready=READY)

    def kill(self) -> None:
        """SIGKILL, as a machine that lost its power would look to clients. Idempotent."""
        if self.child is not None:
            children.kill(self.child)

    def stop(self) -> None:
        """End it. Idempotent."""
        if self.child is not None:
            children.stop(self.child)

    def noted(self) -> Running:
        """As the state file keeps it."""
        return Running(NAME, self.address, [self.child] if self.child else [])


def start(place: Path, say: Say, *, durable: bool = True, port: int | None = FIRST_PORT, heap: str = HEAP) -> Server:
    """Bring up a server that works in `place`; durable: what was there before is there again.

    At `port`, or a free one where that is None. Raises EngineFailed.
    """
    place.mkdir(parents=True, exist_ok=True)
    jars = fetch(RECIPE, say)
    classpath = f"{_compiled(jars)}:{jars}/*"
    for left in reversed(range(TRIES if port is None else 1)):
        server = Server(place, classpath, port or free_ports(1)[0], place / "documents.h2" if durable else None, heap)
        try:
            server.start()
        except ChildFailed as failure:
            if not left:  # somebody else was quicker at that port
                raise EngineFailed(str(failure)) from failure
        else:
            say(f"{NAME}: {server.address}")
            return server
    raise AssertionError


def _compiled(jars: Path) -> Path:
    """The folder with the launcher's classes, in the cache for good. Raises EngineFailed."""
    sources = sorted(RECIPE.glob("*.java"))
    key = hashlib.sha256(b"".join(map(Path.read_bytes, sources)) + jars.name.encode()).hexdigest()[:12]
    kept = cache() / "classes" / f"{NAME}-{key}"
    if kept.is_dir():
        return kept
    if shutil.which("javac") is None:
        raise EngineFailed("javac not found: the launcher needs a JDK (Debian: apt-get install default-jdk-headless)")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="compiling-") as scratch:
        classes = Path(scratch) / "classes"
        command = ["javac", "-d", str(classes), "-cp", f"{jars}/*", *map(str, sources)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise EngineFailed(f"javac refused the launcher:\n{ran.stdout}{ran.stderr}")
        if not kept.is_dir():
            classes.rename(kept)
    return kept
