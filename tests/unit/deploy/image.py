"""The Dockerfile as tests read it, and the tree the image would hold."""

import json
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.architecture.tree import ROOT, paths

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
IGNORED = ROOT / ".dockerignore"


def instructions() -> list[tuple[str, str]]:
    """Of the last stage: keyword and the rest, continued lines joined, without comments."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    found = [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines if line.strip()]
    last = max(place for place, (keyword, _) in enumerate(found) if keyword == "FROM")
    return found[last:]


def instruction(keyword: str) -> str:
    """The last of these."""
    return [rest for name, rest in instructions() if name == keyword][-1]


def environment() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", instruction("ENV")))


def copied() -> Iterator[tuple[str, str]]:
    """What comes from the checkout: source and destination below the working folder."""
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            yield from ((source, target.removeprefix("./")) for source in sources)


def sent() -> set[str]:
    """The files of the repository that are sent to whoever builds the image: the last pattern that matches decides."""
    rules = [line for line in IGNORED.read_text().splitlines() if line and not line.startswith("#")]
    return {path for path in paths() if not _is_ignored(path, rules)}


def lay_out(place: Path) -> None:
    """Copy as the image does, from what is sent."""
    there = sent()
    for source, target in copied():
        for path in there:
            if path == source or path.startswith(f"{source}/"):
                within = Path(path).name if target.endswith("/") else f"{Path(path).relative_to(source)}"
                into = place / target / within
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, into)


def health_check() -> list[str]:
    """Its command."""
    found: list[Any] = json.loads(instruction("HEALTHCHECK").split("CMD", 1)[1])
    return [str(word) for word in found]


def _is_ignored(path: str, rules: list[str]) -> bool:
    ignored = False
    parts = path.split("/")
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    for rule in rules:
        pattern = rule.removeprefix("!")
        anywhere = pattern.removeprefix("**/")
        if any(fnmatch(one, pattern) for one in above) or (
            anywhere != pattern and any(fnmatch(part, anywhere) for part in parts)
        ):
            ignored = not rule.startswith("!")
    return ignored
