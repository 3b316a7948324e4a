"""The services as processes of their own on real engines: killed, frozen, doubled, and nothing of it can be seen in the desk."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Self

import pytest

from tests.e2e.service_desk import ServiceDesk, opened
from tests.engines.installation import SHELLS_OF_LONG_TESTS

pytestmark = [pytest.mark.engines, pytest.mark.slow]
SESSION = 15
"""Seconds after which the group counts a silent member as gone."""


@pytest.fixture(scope="module", params=SHELLS_OF_LONG_TESTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDesk]:
    with opened(tmp_path_factory.mktemp("services"), request.param) as desk:
        yield desk


class Customers:
    """Somebody writes several times a second until told to stop."""

    def __init__(self, desk: ServiceDesk, first: int) -> None:
        self._desk, self._next = desk, first
        self.taken: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._over.wait(0.1):
            self._next += 1
            if message := self._desk.write(self._next):
                self.taken.append(message)


def check(desk: ServiceDesk, taken: list[str]) -> None:
    """Every message that was taken opened one ticket, and all documents are those of the log."""
    desk.until(lambda: set(taken) <= set(desk.opened()), "every message has its ticket")
    assert max(Counter(desk.opened()).values()) == 1
    for projection in ("console", "clocks", "surveys"):
        found = desk.rebuild(projection)
        assert (found["state"], found["wrong"], found["missing"], found["extra"]) == ("done", 0, 0, 0), projection


def test_services_that_are_killed_go_on_where_they_were(desk: ServiceDesk) -> None:
    with Customers(desk, 1_000) as customers:
        for name in ("router", "projector", "sla", "survey", "ingest"):
            time.sleep(1)
            desk.kill(name)
            time.sleep(0.5)
            desk.start(name, f"{name}-0")
        desk.until(lambda: set(customers.taken[:1]) <= set(desk.opened()), "decisions go on")
        time.sleep(1)
    assert len(customers.taken) > 10
    check(desk, customers.taken)


def test_a_second_process_takes_over_from_a_frozen_one_that_then_wakes_up(desk: ServiceDesk) -> None:
    with Customers(desk, 2_000) as customers:
        time.sleep(1)
        desk.tell("router", signal.SIGSTOP)
        desk.start("router-spare")
        time.sleep(SESSION + 3)
        before = len(customers.taken)
        desk.until(lambda: len(customers.taken) > before + 5, "customers are heard meanwhile")
        seen = customers.taken[before]
        desk.until(lambda: seen in desk.opened(), "the spare decides")
        desk.tell("router", signal.SIGCONT)
        time.sleep(2)
    check(desk, customers.taken)
    assert desk.stop("router-spare") == 0


def test_any_http_process_answers_and_a_feed_goes_on_at_another(desk: ServiceDesk) -> None:
    desk.start("http-second")
    desk.wait_until_it_answers("http-second")
    messages = [desk.write(3_000 + number, name) for number, name in enumerate(["http", "http-second"] * 3)]
    assert None not in messages
    desk.until(lambda: set(messages) <= set(desk.opened("http-second")), "both show what either took")
    assert set(messages) <= set(desk.opened("http"))
    seen: list[str] = []
    after: str | None = None
    while True:
        events, following = desk.events(["http", "http-second"][len(seen) // 10 % 2], after)
        if not events:
            break
        seen += [event["id"] for event in events]
        after = following
    alone: list[str] = []
    after = None
    while (page := desk.events("http", after))[0]:
        alone += [event["id"] for event in page[0]]
        after = page[1]
    assert seen == alone[: len(seen)]
    assert len(seen) == len(set(seen)) >= 30
    assert desk.stop("http-second") == 0


def test_a_rolling_restart_is_not_noticed(desk: ServiceDesk) -> None:
    with Customers(desk, 4_000) as customers:
        for name in ("router", "sla", "survey", "ingest", "projector"):
            time.sleep(0.5)
            assert desk.stop(name) == 0, desk.log()
            desk.start(name, f"{name}-0")
        time.sleep(1)
    assert len(customers.taken) > 10
    check(desk, customers.taken)
