"""A real Prometheus looks at the running desk: everything on the board and in the rules shows something, and it is true."""

import json
import math
import re
import smtplib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from deploy.board.__main__ import FILE
from tests.e2e.living_desk import LivingDesk, free_port
from tests.e2e.policies import write_fast_policy
from tests.e2e.service_desk import FORM, SERVICES, opened
from tests.engines import rules
from tests.engines.prometheus import Asked, looking_at, need_prometheus

pytestmark = [pytest.mark.engines, pytest.mark.slow]
PATIENCE = 240
"""Seconds until everything was seen, on a busy machine."""
CHOSEN = {"$__rate_interval": "5m", "$desk": ".*", "$service": ".*"}
"""What Grafana puts in when all desks and services are chosen."""
MAILBOX = "support@example.com"


@dataclass(frozen=True, slots=True)
class Watched:
    """A running desk: where customers and agents reach it, and where operators do, by service."""

    client: Callable[[], httpx2.Client]
    url: str
    smtp_port: int
    targets: Mapping[str, list[str]]


@contextmanager
def embedded(folder: Path) -> Iterator[Watched]:
    """All in one process, as `make run` starts it."""
    port = free_port()
    desk = LivingDesk(folder, write_fast_policy(folder, acknowledges=False))
    desk.environment["SANAD_METRICS_PORT"] = str(port)
    try:
        desk.start()
        yield Watched(desk.client, desk.url, desk.smtp_port, {"desk": [f"127.0.0.1:{port}"]})
    finally:
        desk.stop()


@contextmanager
def apart(folder: Path) -> Iterator[Watched]:
    """A process per service on real engines."""
    with opened(folder, "faust") as desk:
        names = {"http": "gateway"}
        targets = {names.get(name, name): [f"127.0.0.1:{desk.watched[name]}"] for name in SERVICES}
        yield Watched(desk.client, desk.url, desk.smtp_port, targets)


class People:
    """Customers write by form and mail, one posts from a site that may not; somebody answers and resolves, and asks for
    what cannot be: over and over, until told to stop."""

    def __init__(self, desk: Watched) -> None:
        self._desk, self._number = desk, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        with self._desk.client() as client:
            while not self._over.wait(0.5):
                self._number += 1
                # on a busy machine a door may ask for patience
                with suppress(httpx2.HTTPError, smtplib.SMTPException, OSError):
                    self._write(client, self._number)
                    self._answer(client)

    def _write(self, client: httpx2.Client, number: int) -> None:
        filled = {"name": "Amal", "email": f"amal{number}@example.com", "message": f"I lost my card {number}"}
        client.post(FORM, json=filled, headers={"Origin": self._desk.url})
        client.post(FORM, json=filled, headers={"Origin": "https://elsewhere.example"})
        letter = (
            f"From: huda{number}@example.com\nSubject: Card\nMessage-ID: <{number}@example.com>\n\nWhere is my card?"
        )
        with smtplib.SMTP("127.0.0.1", self._desk.smtp_port, timeout=15) as mail:
            mail.sendmail(f"huda{number}@example.com", MAILBOX, letter)

    def _answer(self, client: httpx2.Client) -> None:
        tickets = client.get("/v1/tickets", params={"limit": "5", "status": "new"}).json().get("items", [])
        for ticket in tickets[:1]:
            answer = {"reply": {"text": "A new one is on its way."}, "status": "resolved"}
            client.patch(f"/v1/tickets/{ticket['id']}", json=answer)
            client.patch(f"/v1/tickets/{ticket['id']}", json={"status": "on_hold"})


@pytest.fixture(
    scope="module",
    params=[pytest.param(embedded, id="embedded", marks=pytest.mark.campaign), pytest.param(apart, id="kafka")],
)
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """It has looked at the desk until everything had a figure, or PATIENCE was over."""
    need_prometheus()
    with ExitStack() as stack:
        desk = stack.enter_context(request.param(tmp_path_factory.mktemp("watched")))
        asked = stack.enter_context(looking_at(desk.targets))
        # what happened before the first look was never seen to happen: who is free at first is so only for seconds
        lasting(lambda: unseen(asked, sum(map(len, desk.targets.values()))), PATIENCE)
        stack.enter_context(People(desk))
        lasting(lambda: empty(asked, EXPRESSIONS), PATIENCE)
        yield asked


def lasting(complaints: Callable[[], list[str]], patience: float = 60) -> list[str]:
    """What is complained of until patience is over: a look that came too late on a busy machine is no complaint."""
    deadline = time.monotonic() + patience
    while (found := complaints()) and time.monotonic() < deadline:
        time.sleep(2)
    return found


def unseen(asked: Asked, targets: int) -> list[str]:
    """A complaint until everybody was looked at twice."""
    return [] if len(asked.query("(count_over_time(up[1m]) > 1) and up == 1")) >= targets else ["too early"]


def on_the_board() -> Iterator[tuple[str, str]]:
    for panel in json.loads(FILE.read_text("utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            expr = target["expr"]
            for variable, value in CHOSEN.items():
                expr = expr.replace(variable, value)
            yield f"{panel['title']} {target['refId']}", expr


def in_the_rules() -> Iterator[tuple[str, str]]:
    """What is recorded, under its expression and its name, and whatever an alert compares with a number."""
    for rule in rules.read():
        if rule.alerts:
            yield from ((f"{rule.name}: {series}", series) for series in rules.watched(rule.expr))
        else:
            yield f"{rule.name} as computed", rule.expr
            yield f"{rule.name} as recorded", rule.name


def empty(asked: Asked, expressions: Mapping[str, str]) -> list[str]:
    """Those that show nothing, or nothing but not-a-number."""
    return [
        f"{name}: {expr}"
        for name, expr in expressions.items()
        if not any(math.isfinite(value) for _, value in asked.query(expr))
    ]


BOARD, RULES = dict(on_the_board()), dict(in_the_rules())
EXPRESSIONS = BOARD | RULES


def total(asked: Asked, expr: str) -> float:
    return sum(value for _, value in asked.query(expr))


def test_no_panel_of_the_board_is_empty(prometheus: Asked) -> None:
    assert len(BOARD) > 60
    assert lasting(lambda: empty(prometheus, BOARD)) == []


def test_no_rule_is_empty_and_all_can_be_evaluated(prometheus: Asked) -> None:
    assert len(RULES) > 90
    assert lasting(lambda: empty(prometheus, RULES)) == []
    assert prometheus.unwell() == []
    assert lasting(prometheus.down) == []


def test_an_expression_without_figures_is_found(prometheus: Asked) -> None:
    assert empty(prometheus, {"no such": "sanad_no_such_total", "nothing": "0/0", "here": "sanad_log_partitions"}) == [
        "no such: sanad_no_such_total", "nothing: 0/0",
    ]  # fmt: skip
    with pytest.raises(AssertionError, match="parse error"):
        prometheus.query("sum by (")


def test_what_happened_is_shown(prometheus: Asked) -> None:
    for expr in (
        'sanad_messages_received_total{channel="email"}', 'sanad_messages_accepted_total{channel="webform"}',
        'sanad_messages_refused_total{reason="origin"}', "sanad_tickets_opened_total", "sanad_tickets_routed_total",
        'sanad_targets_settled_total{outcome="breached"}', 'sanad_surveys_total{outcome="sent"}',
        'sanad_deliveries_reported_total{outcome="stored"}', "sanad_tickets_resolved_total",
        'sanad_commands_refused_total{reason="illegal_status"}',
    ):  # fmt: skip
        assert total(prometheus, f"increase({expr}[5m])") > 0, expr


def test_a_desk_that_is_well_fires_no_alarm(prometheus: Asked) -> None:
    """Breaches and refusals there are plenty; what tells of a broken machine is silent."""
    firing = {labels["alertname"] for labels, _ in prometheus.query('ALERTS{alertstate="firing"}')}
    broken = {
        "SanadNothingWatched", "SanadProcessDown", "SanadServiceGone", "SanadProcessRestarts", "SanadPartitionsUnattended",
        "SanadRuleBroken", "SanadLogAheadOfClock", "SanadDeadLetters", "SanadStandsStill", "SanadOverdueUnjudged",
        "SanadAccountPaused",
    }  # fmt: skip
    assert not firing & broken


def test_every_declared_figure_is_there_from_every_desk(prometheus: Asked) -> None:
    from shared.metrics import Metrics

    shown = prometheus.series()
    endings = ("", "_bucket")
    missing = [
        one.name for one in Metrics().registry.declared if not any(f"{one.name}{ending}" in shown for ending in endings)
    ]
    assert missing == []


def test_variables_of_the_board_find_their_values(prometheus: Asked) -> None:
    variables: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["templating"]["list"]
    queries = [found for one in variables if (found := re.fullmatch(r"label_values\((.+), (\w+)\)", one["query"]))]
    assert len(queries) == 2
    for query in queries:
        assert any(query[2] in labels for labels, _ in prometheus.query(f"last_over_time({query[1]}[5m])"))
