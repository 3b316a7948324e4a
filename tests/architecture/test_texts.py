"""What may stand in no file: registries, one machine's paths, unexplained exceptions, unfinished work."""

import re

import pytest

from tests.architecture.tree import texts

# Written in pieces, because this file is read as well.
REGISTRIES = re.compile(
    r"(pypi|pythonhosted|npmjs|yarnpkg|crates|docker|quay|ghcr|gcr|rubygems|maven|golang|conda|anaconda|jsdelivr|unpkg|cdnjs)"
    r"[a-z]*\.(org|com|io|net|dev)\b|--(extra-)?index-url [^\s]*:|[0-9a-z.-]+/simple/?$",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.~/-])/(root|Users/\w+|home/\w+|farm|work/(main|shared|plan))(/|\b)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplemented")
EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)\b.*", re.IGNORECASE)
EXPLAINED = re.compile(
    r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w,\s-]+\])\s*(#|-|—|–|\()\s*\S.{7,}",
)
# These name registries in order to refuse them.
ABOUT_REGISTRIES = ("tests/architecture/test_texts.py",)

Found = list[str]


def lines_with(pattern: re.Pattern[str], files: tuple[tuple[str, str], ...], but: tuple[str, ...] = ()) -> Found:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in files
        if path not in but and pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def unexplained(files: tuple[tuple[str, str], ...]) -> Found:
    """Exceptions from lint or types without a code or without a reason on the same line."""
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in files
        if path.endswith(".py") and path not in ABOUT_REGISTRIES
        for number, line in enumerate(text.splitlines(), 1)
        if EXCEPTION.search(line) and not EXPLAINED.search(line)
    ]


def test_no_registry_is_named() -> None:
    assert lines_with(REGISTRIES, texts(), ABOUT_REGISTRIES) == []


def test_no_path_of_one_machine() -> None:
    assert lines_with(MACHINE, texts(), ABOUT_REGISTRIES) == []


def test_nothing_is_left_for_later() -> None:
    assert lines_with(UNFINISHED, texts(), ABOUT_REGISTRIES) == []


def test_every_exception_has_its_code_and_its_reason() -> None:
    assert unexplained(texts()) == []


@pytest.mark.parametrize(
    "line",
    [
        "see https://pypi.org/project/faust",
        "FROM docker.io/library/python:3.13",
        "resolved https://registry.npmjs.org/a.tgz",
        "url = files.pythonhosted.org",
        "--index-url https://mirror.example/simple",
        "https://mirror.example/simple/",
    ],
)
def test_a_registry_is_found(line: str) -> None:
    assert lines_with(REGISTRIES, (("a.txt", f"first\n{line}\n"),)) == [f"a.txt:2: {line}"]


@pytest.mark.parametrize(
    "line", ["cd /root/x", "path = '/home/kim/desk'", "open /Users/kim/a", "see /work/shared/a.md"]
)
def test_a_path_of_one_machine_is_found(line: str) -> None:
    assert len(lines_with(MACHINE, (("a.txt", line),))) == 1


@pytest.mark.parametrize("line", ["GET /api/work/1", "WORKDIR /app", "~/home/x", "a/root/b", "/homework", "/work/next"])
def test_other_paths_are_no_machine_paths(line: str) -> None:
    assert lines_with(MACHINE, (("a.txt", line),)) == []


@pytest.mark.parametrize("line", ["# TODO later", "raise NotImplementedError", "<!-- FIXME -->"])
def test_unfinished_work_is_found(line: str) -> None:
    assert len(lines_with(UNFINISHED, (("a.html", line),))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: S608",
        "x = 1  # noqa - because it is so",
        "x = f()  # type: ignore",
        "x = f()  # type: ignore[arg-type]",
        "x = f()  # pragma: no cover",
    ],
)
def test_an_unexplained_exception_is_found(line: str) -> None:
    assert unexplained((("a.py", line),)) == [f"a.py:1: {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # noqa: S608 - the table's name is our own constant",
        "x = 1  # noqa: BLE001, S110 - a broken plug-in must not stop the loop",
        "x = 366  # noqa: PLR2004 (a leap year)",
        "x = f()  # type: ignore[no-untyped-call]  # the library ships no types",
    ],
)
def test_an_explained_exception_passes(line: str) -> None:
    assert unexplained((("a.py", line),)) == []
