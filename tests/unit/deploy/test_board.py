"""The board as code: its file is what the code makes, and every panel can be understood by who sees it first."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.board import __main__ as verb
from deploy.board.panel import BYTES, CORES, COUNT, PER_SECOND, SECONDS, SHARE, Panel, quantiles, rate, stand
from deploy.board.rows import ROWS
from shared.metrics import Metrics

PANELS = [panel for row in ROWS for panel in row.panels]
NAME = re.compile(r"\b(?:sanad|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(bucket|sum|count)$")
UNITS = {
    "total": PER_SECOND, "seconds": SECONDS, "bytes": BYTES, "records": COUNT, "items": COUNT, "tickets": COUNT,
    "clocks": COUNT, "agents": COUNT, "letters": COUNT, "deliveries": COUNT, "accounts": COUNT,
}  # fmt: skip


def names(panel: Panel) -> set[str]:
    """The figures a panel reads, recorded ones apart."""
    text = " ".join(re.sub(r"\w+:\w+:\w+", "", line.expr) for line in panel.lines)
    return {SUFFIX.sub("", name) for name in NAME.findall(text)}


def test_the_file_is_what_the_code_makes(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb.main(["--check"]) == 0, capsys.readouterr().out


def test_another_file_is_found_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "FILE", tmp_path / "board.json")
    assert verb.main(["--check"]) == 1
    assert verb.main([]) == 0
    assert verb.main(["--check"]) == 0
    verb.FILE.write_text(verb.FILE.read_text("utf-8").replace("Lag", "Leg"), "utf-8")
    assert verb.main(["--check"]) == 1
    assert verb.main(["--chekc"]) == 2


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_says_what_it_is_in_which_unit(panel: Panel) -> None:
    assert panel.says.endswith(".")
    assert panel.says != panel.title
    assert len(panel.title) <= 40
    assert panel.lines
    assert panel.unit in {BYTES, CORES, COUNT, PER_SECOND, SECONDS, SHARE}
    read = names(panel)
    if len(read) == 1 and (ending := read.pop().rpartition("_")[2]) in UNITS and panel.unit != CORES:
        assert panel.unit == UNITS[ending]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_reads_only_figures_there_are(panel: Panel) -> None:
    declared = {one.name for one in Metrics().registry.declared}
    assert {name for name in names(panel) if name.startswith("sanad_")} <= declared


def test_no_two_panels_have_the_same_title() -> None:
    assert max(Counter(panel.title for panel in PANELS).values()) == 1


def test_every_figure_is_on_the_board_or_in_a_rule() -> None:
    rules = Path(verb.FILE).parents[2].joinpath("prometheus", "rules")
    ruled = " ".join(file.read_text() for file in rules.glob("*.yml"))
    shown = {name for panel in PANELS for name in names(panel)} | {SUFFIX.sub("", name) for name in NAME.findall(ruled)}
    unseen = {one.name for one in Metrics().registry.declared} - shown
    assert unseen <= {"sanad_commands_settled_total"}


def test_panels_lie_side_by_side_and_have_numbers_of_their_own() -> None:
    panels: list[dict[str, Any]] = json.loads(verb.FILE.read_text("utf-8"))["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    cells = Counter(
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    )
    assert max(cells.values()) == 1
    assert max(x for x, _ in cells) <= 23


def test_expressions_are_put_together_as_prometheus_wants_them() -> None:
    assert rate("a_total", "x", 'y="1"') == 'sum by (x) (rate(a_total{service=~"$service", y="1"}[$__rate_interval]))'
    assert rate("a_total") == 'sum (rate(a_total{service=~"$service"}[$__rate_interval]))'
    assert stand("b", "desk, team") == 'max by (desk, team) (b{desk=~"$desk"})'
    half, most = quantiles("c_seconds", "x", "{{x}}")
    assert (half.legend, most.legend) == ("{{x}} p50", "{{x}} p99")
    assert most.expr.startswith("histogram_quantile(0.99, sum by (x, le) (rate(c_seconds_bucket{")
