"""Jars by Maven: what a pom asks for, checked by the sums beside it, kept in the cache for good.

A folder of the cache is named after the contents of pom and sums, so another version never meets the jars of this one.
No address is written anywhere: Maven asks where this machine's settings send it.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from deploy.engines.running import EngineFailed, Say

POM, SUMS = "pom.xml", "sha256sums"
PATIENCE = 900.0
NEWS = 5.0


def cache() -> Path:
    """Where everything fetched and started lies, outside the repository (XDG_CACHE_HOME)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sanad" / "engines"


def missing() -> str:
    """What this machine lacks to run an engine, as an advice; empty when nothing."""
    lacks = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if not lacks:
        return ""
    return f"{' and '.join(lacks)} not found: engines need Java 17 and Maven (Debian: apt-get install default-jdk-headless maven)"


def fetch(recipe: Path, say: Say) -> Path:
    """The folder with the jars of `recipe` (a folder with pom.xml and sha256sums). Raises EngineFailed."""
    sums = (recipe / SUMS).read_text()
    key = hashlib.sha256((recipe / POM).read_bytes() + sums.encode()).hexdigest()[:12]
    kept = cache() / "jars" / f"{recipe.name}-{key}"
    if kept.is_dir():
        return kept
    if lacks := missing():
        raise EngineFailed(lacks)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="fetching-") as scratch:
        jars = Path(scratch) / "jars"
        resolve(recipe, jars, say)
        check(jars, sums)
        if not kept.is_dir():
            jars.rename(kept)
    return kept


def resolve(recipe: Path, into: Path, say: Say) -> None:
    """Let Maven copy the run-time dependencies of the pom into a folder. Raises EngineFailed."""
    command = [
        "mvn", "-q", "-B", "-C", "-f", str(recipe / POM), "dependency:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={into}",
    ]  # fmt: skip
    say(f"{recipe.name}: Maven fetches it (once; half a minute as a rule)")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        output = _follow(child, recipe.name, into, say)
    if child.returncode != 0:
        last = "\n".join(output.splitlines()[-15:])
        raise EngineFailed(f"Maven could not fetch {recipe.name}:\n{last}")


def _follow(child: "subprocess.Popen[str]", name: str, into: Path, say: Say) -> str:
    """Say how far it is until it ends; returns what it wrote."""
    began = time.monotonic()
    while True:
        try:
            return child.communicate(timeout=NEWS)[0]
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - began
            say(f"{name}: {len(list(into.glob('*.jar')))} jars after {passed:.0f} s")
            if passed > PATIENCE:
                child.kill()


def check(jars: Path, sums: str) -> None:
    """Refuse a jar that is not the one written down, one too many and one too few. Raises EngineFailed."""
    found = written(jars)
    if found != sums:
        differ = sorted(set(found.splitlines()) ^ set(sums.splitlines()))
        raise EngineFailed("jars are not those written down in sha256sums:\n" + "\n".join(differ[:10]))


def written(jars: Path) -> str:
    """The sums of a folder of jars, as sha256sum writes them."""
    lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(jars.glob("*.jar"))]
    return "".join(lines)


def pin(recipe: Path, say: Say) -> int:
    """Write the sums of what the pom asks for now, after a change of it; returns how many jars that is."""
    with tempfile.TemporaryDirectory() as scratch:
        jars = Path(scratch) / "jars"
        resolve(recipe, jars, say)
        sums = written(jars)
    (recipe / SUMS).write_text(sums)
    return len(sums.splitlines())
