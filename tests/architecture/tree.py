"""The repository as the house tests see it: what is, or is about to be, committed."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("ingest", "router", "sla", "survey", "gateway")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root and its text."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """The dotted name it is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    def parsed(self) -> ast.Module:
        return parse(self.text)

    def definitions(self) -> Iterator[Definition]:
        for node in ast.walk(self.parsed()):
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                yield node


@cache
def parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def paths() -> tuple[str, ...]:
    """All files but the ignored ones, sorted."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(sorted({path for path in found if path and (ROOT / path).is_file()}))


@cache
def sources() -> tuple[Source, ...]:
    return tuple(Source(path, text) for path, text in texts() if path.endswith(".py"))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Every file that is text, with its path; samples of customers' mail are no words of ours and stay out."""
    found = []
    for path in paths():
        if "/data/" not in path:
            try:
                found.append((path, (ROOT / path).read_text("utf-8")))
            except UnicodeDecodeError:
                continue
    return tuple(found)


def product() -> list[Source]:
    return [source for source in sources() if source.path.startswith(("deploy/", "services/", "shared/"))]


def house_is_complete() -> bool:
    """Whether all five services are wired: from then on, proportions between the parts are judged."""
    present = set(paths())
    return all(f"services/{name}/app.py" in present for name in SERVICES)
