"""How often one caller may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.limits import MOST_CALLERS, Limits, Rate, TooOften
from tests.unit.gateway.world import HandClock

RATE = Rate(100, 5)


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    clock = HandClock()
    limits = Limits(clock)
    for _ in range(RATE.burst):
        limits.take("a", RATE)
    with pytest.raises(TooOften) as often:
        limits.take("a", RATE)
    assert often.value.wait == RATE.every
    clock.time += RATE.every
    limits.take("a", RATE)
    with pytest.raises(TooOften):
        limits.take("a", RATE)


def test_callers_and_rates_do_not_share() -> None:
    limits = Limits(HandClock())
    for _ in range(RATE.burst):
        limits.take("a", RATE)
    limits.take("b", RATE)
    limits.take("a", Rate(100, 6))
    with pytest.raises(TooOften):
        limits.take("a", RATE)


def test_what_is_remembered_is_bounded() -> None:
    limits = Limits(HandClock())
    for number in range(MOST_CALLERS + 10):
        limits.take(str(number), RATE)
    assert len(limits._buckets) == MOST_CALLERS


@given(waits=st.lists(st.integers(0, 400), max_size=60))
def test_never_more_than_the_burst_and_what_time_gave(waits: list[int]) -> None:
    clock = HandClock()
    limits, begun, passed = Limits(clock), clock.time, 0
    for wait in waits:
        clock.time += wait
        try:
            limits.take("a", RATE)
        except TooOften:
            continue
        passed += 1
        assert passed <= RATE.burst + (clock.time - begun) // RATE.every
