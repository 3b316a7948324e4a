"""Shows the house's figures after the tests, so that a drift is seen before it is a failure."""

from collections.abc import Iterator

import pytest

from tests.architecture.test_shared import share
from tests.architecture.test_sizes import file_sizes, function_sizes, lines_of
from tests.architecture.tree import product, sources


def quantiles(sizes: list[tuple[int, str]]) -> str:
    lengths = sorted(size for size, _ in sizes) or [0]
    ninth = lengths[min(len(lengths) - 1, len(lengths) * 9 // 10)]
    return f"median {lengths[len(lengths) // 2]}, nine of ten up to {ninth}, longest {lengths[-1]}"


def figures() -> Iterator[str]:
    files = product()
    yield f"{len(files)} files: {quantiles(file_sizes(files))} lines"
    yield f"functions: {quantiles(function_sizes(files))} lines"
    yield f"{lines_of(files, tests=False)} lines of code, {lines_of(list(sources()), tests=True)} of tests"
    yield f"shared is {share(files):.0%} of the code"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("the house")
    for line in figures():
        terminalreporter.write_line(line)
