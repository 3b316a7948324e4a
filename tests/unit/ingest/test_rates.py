import pytest

from services.ingest.channels.web_form.rates import MOST_KEPT, TOGETHER, Rates
from shared.clock import MINUTE, SECOND
from tests.unit.ingest.desk import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def rates(clock: HandClock) -> Rates:
    return Rates(clock)


def test_a_minute_s_worth_at_once_then_at_an_even_pace(rates: Rates, clock: HandClock) -> None:
    assert [rates.take("f", "1.1.1.1", 6) for _ in range(7)] == [0, 0, 0, 0, 0, 0, 10]
    clock.time += 10 * SECOND
    assert [rates.take("f", "1.1.1.1", 6) for _ in range(2)] == [0, 10]


def test_after_a_quiet_minute_all_is_forgiven(rates: Rates, clock: HandClock) -> None:
    for _ in range(9):
        rates.take("f", "1.1.1.1", 6)
    clock.time += MINUTE
    assert [rates.take("f", "1.1.1.1", 6) for _ in range(7)].count(0) == 6


def test_a_refused_post_counts_for_nothing(rates: Rates, clock: HandClock) -> None:
    for _ in range(50):
        rates.take("f", "1.1.1.1", 1)
    clock.time += MINUTE
    assert rates.take("f", "1.1.1.1", 1) == 0


def test_addresses_and_forms_are_counted_apart(rates: Rates) -> None:
    assert [rates.take("f", "1.1.1.1", 1), rates.take("f", "1.1.1.2", 1), rates.take("g", "1.1.1.1", 1)] == [0, 0, 0]


def test_a_form_has_a_limit_for_everybody_together(rates: Rates) -> None:
    taken = [rates.take("f", f"1.1.{n // 250}.{n % 250}", 2) == 0 for n in range(5 * TOGETHER)]
    assert taken.count(True) == 2 * TOGETHER


@pytest.mark.slow
def test_memory_is_bounded_whoever_asks(rates: Rates) -> None:
    for n in range(3 * MOST_KEPT):
        rates.take(f"f{n}", "1.1.1.1", 1)
    assert len(rates._full_at) == MOST_KEPT
