"""Tests can fail, stand on their own, and judge no clock."""

import ast
import re

import pytest

from tests.architecture.test_shared import imported
from tests.architecture.tree import FUNCTIONS, Source, sources

CHECKS = re.compile(r"^(assert|check|expect|verify|raises|warns|fails?|must|refuse[sd]?)(_|$)|_(must|never|always)_")
MOCKS = ("mock", "pytest_mock")


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def can_fail(function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and CHECKS.search(called(node)) is not None)
        for node in ast.walk(function)
    )


def sentences(source: Source) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in source.definitions() if isinstance(node, FUNCTIONS) and node.name.startswith("test_")]


def blind(files: list[Source]) -> list[str]:
    """Tests without an assertion or a call that says it checks."""
    return [
        f"{source.path}:{node.lineno} {node.name}"
        for source in files
        if source.is_test
        for node in sentences(source)
        if not can_fail(node)
    ]


def twins(files: list[Source]) -> list[str]:
    """Tests of one module that share a name: all but the last would never run."""
    found: list[str] = []
    for source in files:
        for body in bodies(source) if source.is_test else ():
            names = [node.name for node in body if isinstance(node, FUNCTIONS) and node.name.startswith("test_")]
            found.extend(f"{source.path} {name}" for name in {name for name in names if names.count(name) > 1})
    return found


def bodies(source: Source) -> list[list[ast.stmt]]:
    """The statements of the module and of each of its classes."""
    return [source.parsed().body, *(node.body for node in source.definitions() if isinstance(node, ast.ClassDef))]


def mocking(files: list[Source]) -> list[str]:
    return [
        source.path
        for source in files
        if any(name in MOCKS or name.startswith("unittest.mock") for name in imported(source))
    ]


def test_every_test_can_fail() -> None:
    assert blind(list(sources())) == []


def test_no_test_hides_another() -> None:
    assert twins(list(sources())) == []


def test_fakes_are_adapters_not_mocks() -> None:
    assert mocking(list(sources())) == []


def written(text: str) -> list[Source]:
    return [Source("tests/unit/test_a.py", text)]


@pytest.mark.parametrize("body", ["pass", "answer()", "x = ask()", "result = router.route(ticket)"])
def test_a_blind_test_is_found(body: str) -> None:
    assert len(blind(written(f"def test_a():\n    {body}"))) == 1


@pytest.mark.parametrize("body", ["assert x", "with raises(ValueError): f()", "check_all(log)", "pytest.fail('x')"])
def test_a_seeing_test_passes(body: str) -> None:
    assert blind(written(f"async def test_a():\n    {body}")) == []


def test_a_hidden_test_is_found() -> None:
    assert twins(written("def test_a(): ...\ndef test_b(): ...\ndef test_a(): ...")) == ["tests/unit/test_a.py test_a"]


@pytest.mark.parametrize(
    "line", ["from unittest.mock import Mock", "import unittest.mock", "from unittest import mock"]
)
def test_a_mock_is_found(line: str) -> None:
    assert mocking(written(line)) == ["tests/unit/test_a.py"]
