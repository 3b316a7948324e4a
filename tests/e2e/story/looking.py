"""One moment of the desk, seen from every side at once: events, lists, queue, figures for operators, the people's board."""

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.events import Event
from tests.e2e.story.stage import Stage, Ticket
from tests.e2e.waiting import until

FIGURE = re.compile(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>")
Samples = Mapping[str, Mapping[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything here was read while no event came."""

    events: list[Event]
    tickets: list[Ticket]
    agents: list[dict[str, Any]]
    waiting: int
    metrics: list[str]
    """Of each process."""
    board: dict[str, str]
    """Figure by its English name, as shown."""

    def samples(self) -> Samples:
        """Metric → values of its labels, in their order of name and without the desk → value.

        Counters of several processes are one sum; a gauge is read from the same documents by whoever shows it.
        """
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in (one for text in self.metrics for one in text_string_to_metric_families(text)):
            for sample in family.samples:
                labels = tuple(value for name, value in sorted(sample.labels.items()) if name != "desk")
                values = found.setdefault(sample.name, {})
                known = values.get(labels, 0)
                values[labels] = known + sample.value if family.type == "counter" else max(known, sample.value)
        return found

    def counted(self, metric: str) -> Counter[tuple[str, ...]]:
        """What a metric counted, without what never happened."""
        return Counter({labels: int(value) for labels, value in self.samples().get(metric, {}).items() if value})


async def look(stage: Stage) -> Look:
    """Again until nothing has happened meanwhile."""

    async def still() -> Look | None:
        before = len(await stage.catch_up())
        seen = Look(
            events=list(stage.events),
            tickets=await stage.tickets(),
            agents=await stage.page_through("/v1/agents"),
            waiting=(await stage.admin.get("/v1/queue")).raise_for_status().json()["waiting"],
            metrics=[
                (await stage.admin.get(f"{address}/metrics")).raise_for_status().text
                for address in stage.desk.watched_at or [stage.desk.url]
            ],
            board=read_board(await stage.agent("omar").page("/")),
        )
        return seen if len(await stage.catch_up()) == before else None

    return await until("the desk stands still for a look", still, every=0.5)


def read_board(page: str) -> dict[str, str]:
    """The figures of the live board."""
    return {html.unescape(name).strip(): html.unescape(shown).strip() for name, shown in FIGURE.findall(page)}
