"""Names are the field's terms; a unit lives in a type, not in a name."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import FUNCTIONS, Source, product, sources

EMPTY_WORDS = re.compile(r"(util|helper|common|base|manager|data|info|process)(s|es)?")
UNITS = re.compile(r"[a-z0-9_]+_(ms|msec|millis|secs?|seconds)")
DEMANDED = {"handle_DATA", "smtp_DATA", "data_received"}  # aiosmtpd and asyncio look for their hooks by these names
DOORS_OF_UNITS = ("shared/metrics",)  # Prometheus demands the unit in a metric's name


def words(name: str) -> list[str]:
    """`HTTPStatusError` and `read_all` as lower-case words."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def names(source: Source) -> Iterator[tuple[str, str]]:
    """Where and what: the file's own name, then its classes and functions; a test's sentence may say anything."""
    for part in source.path.removesuffix(".py").split("/"):
        yield source.path, part
    for node in source.definitions():
        if not (source.is_test and node.name.startswith("test_")):
            yield f"{source.path}:{node.lineno}", node.name


def empty_names(files: list[Source]) -> list[str]:
    return sorted(
        {
            f"{place} {name}"
            for source in files
            for place, name in names(source)
            if name not in DEMANDED and any(map(EMPTY_WORDS.fullmatch, words(name)))
        }
    )


def variables(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.parsed()):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name


def names_with_units(files: list[Source]) -> list[str]:
    return [
        f"{source.path}:{line} {name}"
        for source in files
        if not source.path.startswith(DOORS_OF_UNITS)
        for line, name in variables(source)
        if UNITS.fullmatch(name)
    ]


@pytest.mark.slow
def test_no_name_is_empty_of_meaning() -> None:
    assert empty_names(list(sources())) == []


def test_no_duration_carries_its_unit_in_its_name() -> None:
    assert names_with_units(product()) == []


@pytest.mark.parametrize(
    "text",
    ["class TicketManager: ...", "def process_ticket(): ...", "async def load_data(): ...", "class BaseFold: ..."],
)
def test_empty_words_are_found_in_definitions(text: str) -> None:
    assert len(empty_names([Source("services/router/rules.py", text)])) == 1


@pytest.mark.parametrize("path", ["shared/utils.py", "services/common/rules.py", "tests/unit/helpers.py"])
def test_empty_words_are_found_in_paths(path: str) -> None:
    assert len(empty_names([Source(path, "")])) == 1


@pytest.mark.parametrize("name", ["database", "baseline", "processed", "informed", "datagram"])
def test_a_word_is_not_found_inside_another(name: str) -> None:
    assert empty_names([Source("services/router/rules.py", f"def {name}(): ...")]) == []


def test_the_sentence_of_a_test_may_use_any_word() -> None:
    text = "def test_a_child_process_is_killed(): ..."
    assert empty_names([Source("tests/unit/test_mail.py", text)]) == []


@pytest.mark.parametrize(
    "text", ["hold_ms = 5", "def wait(patience_seconds: int): ...", "self.due_secs = 1", "class A:\n    age_ms: int"]
)
def test_units_are_found_in_names(text: str) -> None:
    assert len(names_with_units([Source("services/sla/rules.py", text)])) == 1


def test_reading_a_foreign_name_with_a_unit_is_allowed() -> None:
    text = "length = delta.total_seconds()"
    assert names_with_units([Source("shared/clock.py", text)]) == []


def test_functions_and_classes_are_both_definitions() -> None:
    source = Source("a.py", "class A:\n    def b(self): ...\n    async def c(self): ...")
    assert [isinstance(node, FUNCTIONS) for node in source.definitions()] == [False, True, True]
