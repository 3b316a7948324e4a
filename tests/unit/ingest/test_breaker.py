import pytest

from services.ingest.delivery.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breakers
from tests.unit.ingest.desk import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def breakers(clock: HandClock) -> Breakers:
    return Breakers(clock)


def fail(breakers: Breakers, times: int = FAILURES) -> None:
    for _ in range(times):
        breakers.failed("d", "a")


def test_some_failures_in_a_row_shut_an_account(breakers: Breakers) -> None:
    fail(breakers, FAILURES - 1)
    assert breakers.enter("d", "a") == 0
    fail(breakers, 1)
    assert breakers.enter("d", "a") == FIRST_PAUSE


def test_a_success_between_them_begins_the_count_anew(breakers: Breakers) -> None:
    fail(breakers, FAILURES - 1)
    breakers.worked("d", "a")
    fail(breakers, FAILURES - 1)
    assert breakers.enter("d", "a") == 0


def test_other_accounts_and_desks_go_on(breakers: Breakers) -> None:
    fail(breakers)
    assert breakers.enter("d", "b") == 0
    assert breakers.enter("e", "a") == 0


def test_after_the_pause_one_tries_and_the_others_wait(breakers: Breakers, clock: HandClock) -> None:
    fail(breakers)
    clock.time += FIRST_PAUSE
    assert breakers.enter("d", "a") == 0
    assert breakers.enter("d", "a") > 0
    breakers.worked("d", "a")
    assert breakers.enter("d", "a") == 0


def test_a_trial_that_fails_doubles_the_pause_up_to_a_limit(breakers: Breakers, clock: HandClock) -> None:
    fail(breakers)
    pauses = []
    for _ in range(8):
        pauses.append(breakers.enter("d", "a"))
        clock.time += pauses[-1]
        assert breakers.enter("d", "a") == 0
        fail(breakers, 1)
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_failures_that_were_under_way_together_are_one(breakers: Breakers) -> None:
    fail(breakers, 3 * FAILURES)
    assert breakers.enter("d", "a") == FIRST_PAUSE


def test_a_trial_that_came_to_nothing_leaves_its_place_to_another(breakers: Breakers, clock: HandClock) -> None:
    fail(breakers)
    clock.time += FIRST_PAUSE
    assert breakers.enter("d", "a") == 0
    breakers.left("d", "a")
    assert breakers.enter("d", "a") == 0


def test_accounts_that_are_left_alone_are_counted_by_desk_until_one_answers(
    breakers: Breakers, clock: HandClock
) -> None:
    assert breakers.shut("d") == 0
    fail(breakers, FAILURES - 1)
    assert breakers.shut("d") == 0
    fail(breakers, 1)
    assert (breakers.shut("d"), breakers.shut("e")) == (1, 0)
    breakers.worked("d", "a")
    assert breakers.shut("d") == 0
