"""Panels and rows as Grafana's JSON. The one place that knows its library."""

import json
from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    GraphGradientMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.board.panel import Line, Panel
from deploy.board.rows import ROWS

UID, TITLE = "sanad-throughput", "Sanad: throughput"
SOURCE = DataSourceRef(type_val="prometheus", uid="$source")
ALL = ".*"
"""Also matches what has no such label: a desk in one process need not say which service it is."""
THIRD, EIGHTH, TALL, LOW = 8, 3, 8, 4
VARIABLES = (
    ("desk", "Desk", "label_values(sanad_desk_tickets, desk)"),
    ("service", "Service", 'label_values(up{job="sanad"}, service)'),
)


def written() -> str:
    """The board's file."""
    return json.dumps(built(), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def built() -> Any:
    """The board, as the library encodes it."""
    board = (
        dashboard.Dashboard(TITLE)
        .uid(UID)
        .description("What comes in, what becomes of it, and who is behind. Alerts: deploy/RUNBOOK.md.")
        .tags(["sanad"])
        .readonly()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus"))
    )
    for name, label, query in VARIABLES:
        board = board.with_variable(_variable(name, label, query))
    for row in ROWS:
        board = board.with_row(dashboard.Row(row.title))
        for panel in row.panels:
            board = board.with_panel(_number(panel) if panel.kind == "number" else _lines(panel))
    made = board.build()
    for place, one in enumerate(made.panels or (), 1):
        one.id_val = place
    return made


def _variable(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .include_all(include_all=True)
        .all_value(ALL)
        .current(VariableOption(text="All", value="$__all"))
        .multi(multi=True)
    )


def _number(panel: Panel) -> stat.Panel:
    shown = stat.Panel().title(panel.title).description(panel.says).unit(panel.unit).datasource(SOURCE)
    shown = shown.span(EIGHTH).height(LOW).thresholds(_limits(panel)).targets(_targets(panel.lines))
    return shown.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))


def _lines(panel: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    shown = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.says)
        .unit(panel.unit)
        .datasource(SOURCE)
        .span(THIRD)
        .height(TALL)
        .min(0)
        .fill_opacity(8)
        .gradient_mode(GraphGradientMode.OPACITY)
        .legend(legend.show_legend(show_legend=True).calcs(["lastNotNull", "max"]))
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .thresholds(_limits(panel))
        .targets(_targets(panel.lines))
    )
    if panel.alarm is not None:
        shown = shown.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    if panel.kind == "stacked":
        shown = shown.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return shown


def _limits(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [Threshold(color="green")]
    if panel.alarm is not None:
        steps.append(Threshold(value=panel.alarm, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _targets(lines: Sequence[Line]) -> list[Any]:
    """One query a line, called A, B and so on."""
    return [
        prometheus.Dataquery().expr(line.expr).legend_format(line.legend).ref_id(chr(ord("A") + place)).range()
        for place, line in enumerate(lines)
    ]
