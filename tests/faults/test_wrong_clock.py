"""R3: a node of Kafka whose clock was far ahead stops the desk before anything is decided by it, until somebody decides.

No strike of the campaign: such a time stays in the log, and a desk that is told to take it has facts later than the log that
holds them and skips the time between, which breaks promises; no judge could tell that from a fault.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.engines import children
from shared.catalogue.topics import COMMANDS
from shared.clock import MINUTE, SystemClock
from tests.e2e.events import at
from tests.e2e.service_desk import SERVICES, ServiceDesk, opened
from tests.engines import kafka
from tests.engines.foreign import take_by_a_wrong_clock
from tests.engines.installation import SHELLS_OF_LONG_TESTS
from tests.faults.test_endings import FAILED, REFUSED

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.campaign]
AHEAD = 50 * MINUTE
WHO_READS = ("router", "projector")
"""Commands, by which the desk gets its time."""


@pytest.fixture(params=SHELLS_OF_LONG_TESTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDesk]:
    with opened(tmp_path_factory.mktemp("wrong-clock"), request.param) as desk:
        written(desk, 1)
        yield desk


def taken(desk: ServiceDesk, number: int) -> str:
    """The id of a customer's message, once a door has taken it."""
    ids: list[str] = []

    def write() -> bool:
        ids.extend(filter(None, [desk.write(number)]))
        return bool(ids)

    desk.until(write, "a door takes a message")
    return ids[0]


def written(desk: ServiceDesk, number: int) -> str:
    """The same, once it is decided."""
    message = taken(desk, number)
    desk.until(lambda: message in desk.opened(), "the desk decides")
    return message


def events(desk: ServiceDesk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page, cursor = desk.events()
    while page:
        found += page
        page, cursor = desk.events(after=cursor)
    return found


def set_ahead(desk: ServiceDesk, wrong: int) -> int:
    """The node's clock was that late when it took what it took last; its offset."""
    cluster = kafka.cluster()
    name = f"{desk.environment['SANAD_KAFKA_PREFIX']}{COMMANDS.name}-0"
    children.kill(cluster.children[0])
    *_, segment = sorted((cluster.folder / "node0" / "log" / name).glob("*.log"))
    offset = take_by_a_wrong_clock(segment, wrong)
    cluster.start_node(0)
    return offset


def test_nothing_is_decided_by_a_clock_far_ahead_until_somebody_says_so(desk: ServiceDesk) -> None:
    for name in WHO_READS:
        assert desk.stop(name) == 0, desk.log()
    early, wrong = taken(desk, 2), SystemClock().now() + AHEAD
    offset = set_ahead(desk, wrong)
    late = taken(desk, 3)  # at a right time again: the doors are open all the while
    for _ in range(2):
        for name in WHO_READS:
            desk.start(name)
            assert desk.wait_for_end(name) in {FAILED, REFUSED}
    said = desk.log()
    assert f"minutes from now, at {offset}" in said
    assert "SANAD_KAFKA_MINUTES_AHEAD" in said
    assert max(map(at, events(desk))) < wrong
    assert not {early, late} & set(desk.opened())

    desk.environment["SANAD_KAFKA_MINUTES_AHEAD"] = "0"
    for name in SERVICES:
        if name not in WHO_READS:
            assert desk.stop(name) == 0, desk.log()
        desk.start(name)
    for name in SERVICES:
        desk.wait_until_it_answers(name)
    desk.until(lambda: {early, late} <= set(desk.opened()), "what was taken meanwhile is decided")
    last = written(desk, 4)
    assert desk.opened().count(early) == desk.opened().count(late) == 1
    decided = [event for event in events(desk) if event["data"].get("message") == last]
    assert min(map(at, decided)) >= wrong  # a desk's time waits for the right one, it never goes back
