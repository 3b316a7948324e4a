"""One outstanding tick per desk and timer: asked once, then later and later, and never again once the timer moved."""

import pytest

from shared.broker import BrokerUnavailable
from shared.catalogue.codec import decode
from shared.catalogue.commands import Tick
from shared.catalogue.topics import COMMANDS
from shared.ticks import FIRST_RETRY, LAST_RETRY, Ticker
from tests.simulation.drive import drive
from tests.simulation.memory_broker import MemoryBroker
from tests.simulation.time import START, SkewedClock, Time


class Asking:
    def __init__(self, skew: int = 0) -> None:
        self.time = Time()
        self.broker = MemoryBroker(self.time)
        self.ticker = Ticker("router", 0, self.broker, SkewedClock(self.time, skew))

    def ask(self, **due: int) -> int | None:
        return drive(self.ticker.tick({desk: ("organisation", START + at) for desk, at in due.items()}))

    @property
    def ticks(self) -> list[tuple[str, int]]:
        envelopes = [decode(record) for record in self.broker.log(COMMANDS.name, 0)]
        assert all(isinstance(envelope.body, Tick) for envelope in envelopes)
        return [(envelope.desk, envelope.body.due - START) for envelope in envelopes]


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_nothing_is_asked_before_its_time(asking: Asking) -> None:
    assert asking.ask(a=500) == 500
    assert asking.ticks == []


def test_a_due_timer_is_asked_for_once(asking: Asking) -> None:
    assert asking.ask(a=0) == FIRST_RETRY
    asking.time.now += FIRST_RETRY - 1
    assert asking.ask(a=0) == 1
    assert asking.ticks == [("a", 0)]


def test_a_timer_that_does_not_move_is_asked_for_later_and_later(asking: Asking) -> None:
    waits = []
    for _ in range(8):
        waits.append(asking.ask(a=0))
        asking.time.now += waits[-1] or 0
    assert waits == [FIRST_RETRY, 2_000, 4_000, 8_000, 16_000, LAST_RETRY, LAST_RETRY, LAST_RETRY]
    assert len(asking.ticks) == 8


def test_a_timer_that_moved_is_asked_for_at_once_when_it_is_due(asking: Asking) -> None:
    asking.ask(a=0)
    asking.time.now += 10
    asking.ask(a=5)
    assert asking.ticks == [("a", 0), ("a", 5)]


def test_a_timer_that_is_gone_is_forgotten(asking: Asking) -> None:
    asking.ask(a=0)
    assert asking.ask() is None
    asking.ask(a=0)
    assert asking.ticks == [("a", 0), ("a", 0)]


def test_each_desk_is_asked_for_by_itself(asking: Asking) -> None:
    assert asking.ask(a=0, b=0, c=70) == 70
    assert asking.ticks == [("a", 0), ("b", 0)]


def test_a_log_that_does_not_answer_is_asked_again_soon(asking: Asking) -> None:
    tick = asking.ticker.tick({"a": ("organisation", START)})
    tick.send(None)
    with pytest.raises(StopIteration) as end:
        tick.throw(BrokerUnavailable())
    assert end.value.value == FIRST_RETRY
    asking.ask(a=0)
    assert asking.ticks == [("a", 0)]


def test_the_machines_own_clock_decides_when_to_ask() -> None:
    early = Asking(skew=300)
    assert early.ask(a=200) == FIRST_RETRY
    assert early.ticks == [("a", 200)]


def test_a_wall_clock_set_back_does_not_silence_the_retry(asking: Asking) -> None:
    asking.ask(a=0)
    clock = asking.ticker._clock
    assert isinstance(clock, SkewedClock)
    clock.skew = -60_000
    asking.time.now += FIRST_RETRY
    assert asking.ask(a=0) == 59_000
    clock.skew = 0
    asking.ask(a=0)
    assert len(asking.ticks) == 2


def test_ticks_are_the_systems_own_and_speak_for_their_desk(asking: Asking) -> None:
    asking.ask(a=0)
    (record,) = asking.broker.log(COMMANDS.name, 0)
    by = decode(record).body.by
    assert (by.id, by.role, by.desk, by.organisation, record.key) == ("router", "system", "a", "organisation", b"a")
