"""Committed figures and the pages made from them belong together; an aim is judged, never guessed."""

from pathlib import Path

import pytest

from tests.bench.figures import Figure, number
from tests.bench.report import HEADS, HERE, PAGES, Part, keep, kept, page
from tests.bench.table import SECTIONS

MACHINE = "2 cores, 24 GiB of memory, Linux, Python 3.11.7"
SHORT = Figure("tickets accepted", 250.0, "tickets/s", 1_000.0, "echoes/s", "≥ 300")
MET = Figure("copied", 400.0, "records/s", 1_000.0, "bare loop", "ratio ≥ 0.33")


def first() -> None:
    """What comes first."""


def second() -> None:
    """What comes
    second."""


@pytest.mark.parametrize("engine", PAGES)
def test_the_committed_page_is_what_the_committed_figures_say(engine: str) -> None:
    written = (HERE / PAGES[engine]).read_text("utf-8")
    assert written == page(HEADS[engine], SECTIONS[engine], kept(engine)), "run `python -m tests.bench.report`"


@pytest.mark.parametrize("engine", PAGES)
def test_of_everything_short_the_committed_page_says_why(engine: str) -> None:
    summary = page(HEADS[engine], SECTIONS[engine], kept(engine)).partition("## ")[0]
    assert [line for line in summary.splitlines() if line.startswith("- ") and ";" not in line] == []


@pytest.mark.parametrize("engine", PAGES)
def test_what_was_measured_is_a_section_there_is(engine: str) -> None:
    assert set(kept(engine)) <= set(SECTIONS[engine])


@pytest.mark.parametrize("engine", SECTIONS)
def test_every_section_says_what_it_measures(engine: str) -> None:
    assert all(measure.__doc__ for measure in SECTIONS[engine].values())


def test_a_section_that_is_measured_again_replaces_its_own_rows_and_no_others(tmp_path: Path) -> None:
    sections = {"first": first, "second": second}
    keep("kafka", sections, "second", [SHORT], MACHINE, tmp_path)
    keep("kafka", sections, "first", [SHORT], MACHINE, tmp_path)
    keep("kafka", sections, "second", [MET], "8 cores", tmp_path)
    assert kept("kafka", tmp_path) == {"first": Part(MACHINE, (SHORT,)), "second": Part("8 cores", (MET,))}
    written = (tmp_path / PAGES["kafka"]).read_text("utf-8")
    assert written == page(HEADS["kafka"], sections, kept("kafka", tmp_path))
    assert written.index("## first") < written.index("## second")


def test_a_page_says_what_is_short_and_what_was_not_measured() -> None:
    written = page("# Figures", {"first": first, "second": second}, {"first": Part(MACHINE, (SHORT, MET))})
    assert "**1 of 2 aims met.** Short:\n\n- tickets accepted (*first*): 250 tickets/s, wanted ≥ 300" in written
    assert "| tickets accepted | 250 tickets/s | ≥ 300 | **short** | 1,000 echoes/s | 0.25 |" in written
    assert "| copied | 400 records/s | ratio ≥ 0.33 | met | 1,000 bare loop | 0.40 |" in written
    assert "## second\n\nWhat comes second.\n\n*Not measured yet.*" in written


@pytest.mark.parametrize(
    ("value", "aim", "met"),
    [
        (400, "≥ 400", True), (399.9, "≥ 400", False), (50, "≤ 50", True), (50.1, "≤ 50", False), (0, "= 0", True),
        (1, "= 0", False), (20_000, "≥ 20,000", True), (33, "ratio ≥ 0.33", True), (32, "ratio ≥ 0.33", False),
        (7, "", None),
    ],
)  # fmt: skip
def test_an_aim_is_met_or_not(value: float, aim: str, met: bool | None) -> None:
    assert Figure("one", value, "ms", 100, "bare", aim).met is met


@pytest.mark.parametrize(("aim", "reference"), [("p99 ≤ 100", 1.0), ("soon", 1.0), ("ratio ≥ 0.9", None)])
def test_an_aim_that_cannot_be_judged_is_refused(aim: str, reference: float | None) -> None:
    with pytest.raises(ValueError, match="cannot be judged"):
        assert Figure("one", 1, "ms", reference, "", aim).met


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.123, "0.12"), (7, "7"), (12.34, "12.3"), (99.96, "100.0"), (123.4, "123"), (20_123.4, "20,123")],
)
def test_a_figure_has_as_many_digits_as_tell_something(value: float, shown: str) -> None:
    assert number(value) == shown
