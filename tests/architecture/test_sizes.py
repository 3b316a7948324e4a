"""Nine files of ten at most 150 lines, none over 250; nine functions of ten at most 25, none over 40."""

from collections.abc import Callable

import pytest

from tests.architecture.tree import FUNCTIONS, Source, house_is_complete, product, sources

Sizes = list[tuple[int, str]]

FILE_BUDGET = (150, 250)
FUNCTION_BUDGET = (25, 40)


def file_sizes(files: list[Source]) -> Sizes:
    return [(source.lines, source.path) for source in files]


def function_sizes(files: list[Source]) -> Sizes:
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{source.path}:{node.lineno} {node.name}")
        for source in files
        for node in source.definitions()
        if isinstance(node, FUNCTIONS)
    ]


def oversized(sizes: Sizes, usual: int, limit: int) -> list[str]:
    """Names over the limit; and, if more than a tenth are over the usual size, the longest ones."""
    ordered = sorted(sizes, reverse=True)
    complaints = [f"{name}: {size} lines, more than {limit}" for size, name in ordered if size > limit]
    over = [(size, name) for size, name in ordered if size > usual]
    if len(over) > len(sizes) / 10:
        complaints.append(f"{len(over)} of {len(sizes)} over {usual} lines, at most a tenth may be: {over[:12]}")
    return complaints


def lines_of(files: list[Source], *, tests: bool) -> int:
    return sum(source.lines for source in files if source.is_test is tests)


def test_files_stay_short() -> None:
    assert oversized(file_sizes(product()), *FILE_BUDGET) == []


def test_functions_stay_short() -> None:
    assert oversized(function_sizes(product()), *FUNCTION_BUDGET) == []


def test_there_are_as_many_lines_of_tests_as_of_code() -> None:
    if not house_is_complete():
        pytest.skip("judged from the moment all five services are wired")
    assert lines_of(list(sources()), tests=True) >= lines_of(product(), tests=False)


def code(lines: int, path: str = "services/router/rules.py") -> Source:
    return Source(path, "x = 1\n" * lines)


def function(lines: int) -> Source:
    return Source("services/router/rules.py", "def assign():\n" + "    x = 1\n" * (lines - 1))


@pytest.mark.parametrize("count_of_long_files", [1, 2, 3])
def test_one_long_file_in_ten_is_allowed_and_no_more(count_of_long_files: int) -> None:
    files = [code(150)] * (20 - count_of_long_files) + [code(151)] * count_of_long_files
    assert (oversized(file_sizes(files), *FILE_BUDGET) == []) is (count_of_long_files <= 2)


def test_a_file_over_the_limit_is_named() -> None:
    complaints = oversized(file_sizes([code(10)] * 30 + [code(251, "services/sla/rules.py")]), *FILE_BUDGET)
    assert complaints == ["services/sla/rules.py: 251 lines, more than 250"]


def test_a_function_over_the_limit_is_named_with_its_line() -> None:
    complaints = oversized(function_sizes([function(5)] * 30 + [function(41)]), *FUNCTION_BUDGET)
    assert complaints == ["services/router/rules.py:1 assign: 41 lines, more than 40"]


@pytest.mark.parametrize("measure", [file_sizes, function_sizes])
def test_an_empty_tree_is_within_budget(measure: Callable[[list[Source]], Sizes]) -> None:
    assert oversized(measure([]), 1, 1) == []


def test_lines_of_tests_and_of_code_are_told_apart() -> None:
    files = [code(7), code(5, "tests/unit/router/test_rules.py")]
    assert (lines_of(files, tests=True), lines_of(files, tests=False)) == (5, 7)
