"""The calendar against a stepper that counts minutes by the time-zone database, and the laws both must keep."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from services.sla.business_hours import BusinessHours, deadline, elapsed, spans
from shared.clock import DAY, HOUR, MINUTE
from tests.unit.sla.calendars import Hours, MinuteStepper, calendar, hours_of, moment, zone_table

pytestmark = pytest.mark.slow

# What these change in the days around: an hour forward and back at 01:00 UTC, at midnight, half an hour, around Ramadan.
TURNS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("Asia/Riyadh", date(2026, 3, 19)),
]
BEFORE, AFTER = 4, 6
"""Days the stepper knows on both sides of the turn."""

times = st.one_of(st.integers(0, 210), st.integers(0, 1439))
"""Minutes of the day; half of them early in the morning, where clocks change."""
shift = st.tuples(times, times, st.booleans()).map(
    lambda edges: (edges[0], edges[1] + 1440 if edges[2] or edges[1] <= edges[0] else edges[1])
)
shifts: st.SearchStrategy[Hours] = st.lists(shift, max_size=3).map(tuple)
weeks = st.one_of(
    st.fixed_dictionaries(dict.fromkeys(range(7), shifts)), st.dictionaries(st.integers(0, 6), shifts, max_size=3)
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[BusinessHours, MinuteStepper, int, int]:
    """Hours and stepper of one random calendar around a turn, a start in it and a length; both in minutes."""
    zone, turn = draw(st.sampled_from(TURNS))
    week = draw(weeks)
    dated = draw(st.dictionaries(st.integers(-BEFORE, AFTER), shifts, max_size=3))
    days = {turn + timedelta(days=ahead): hours for ahead, hours in dated.items()}
    stepper = MinuteStepper(week, zone, days, turn - timedelta(days=BEFORE + 2), turn + timedelta(days=AFTER + 1))
    start = moment(f"{turn} 00:00") // MINUTE + draw(st.integers(-2 * 1440, 2 * 1440))
    return hours_of(week, zone, days), stepper, start, draw(st.integers(1, 3 * 1440))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_stepper_counts_the_same_time(case: tuple[BusinessHours, MinuteStepper, int, int]) -> None:
    hours, stepper, start, length = case
    begin, end = start * MINUTE, (start + length) * MINUTE
    assert elapsed(begin, end, hours) == stepper.elapsed(begin, end)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_stepper_comes_to_the_same_deadline(case: tuple[BusinessHours, MinuteStepper, int, int]) -> None:
    hours, stepper, start, length = case
    counted = stepper.deadline(start * MINUTE, length * MINUTE)
    due = deadline(start * MINUTE, length * MINUTE, hours)
    if counted is None:
        assert due is None or due > stepper.end * MINUTE
    else:
        assert due == counted


random_hours = st.builds(lambda week, zone: hours_of(week, zone[0]), weeks, st.sampled_from(TURNS))
starts = st.integers(moment("2025-06-01 00:00"), moment("2027-06-01 00:00"))
budgets = st.integers(0, 40 * DAY)


@settings(max_examples=150, deadline=None)
@given(random_hours, starts, budgets)
def test_elapsed_is_the_inverse_of_deadline(hours: BusinessHours, start: int, budget: int) -> None:
    due = deadline(start, budget, hours)
    if due is None:
        assert elapsed(start, hours.until, hours) < budget
        return
    assert elapsed(start, due, hours) == budget
    assert budget == 0 or elapsed(start, due - 1, hours) == budget - 1


@settings(max_examples=100, deadline=None)
@given(random_hours, starts, st.integers(0, 60 * DAY), st.integers(0, 60 * DAY))
def test_time_adds_up_over_segments(hours: BusinessHours, start: int, first: int, second: int) -> None:
    middle, end = start + first, start + first + second
    assert elapsed(start, end, hours) == elapsed(start, middle, hours) + elapsed(middle, end, hours)
    assert elapsed(start, end, hours) <= end - start


@settings(max_examples=100, deadline=None)
@given(random_hours, starts, budgets, st.integers(0, 2 * DAY))
def test_a_later_start_and_a_larger_budget_are_never_due_earlier(
    hours: BusinessHours, start: int, budget: int, more: int
) -> None:
    due, later, longer = (
        deadline(start, budget, hours),
        deadline(start + more, budget, hours),
        deadline(start, budget + more, hours),
    )
    assume(due is not None and budget > 0)
    assert later is None or later >= (due or 0)
    assert longer is None or longer >= (due or 0)


@settings(max_examples=60, deadline=None)
@given(weeks, st.sampled_from(TURNS))
@example({6: ((135, 165), (180, 240))}, ("Europe/Berlin", date(2026, 3, 29)))
def test_spans_ascend_and_never_touch(week: dict[int, Hours], turn: tuple[str, date]) -> None:
    found = list(spans(calendar(week, turn[0]), zone_table(turn[0])))
    assert all(opens < closes for opens, closes in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_a_hundred_thousand_clocks_share_one_small_calendar() -> None:
    hours = hours_of(dict.fromkeys(range(7), ((480, 720), (780, 1020), (1080, 1320))), "Europe/Berlin")
    kept = sum(len(column) * column.itemsize for column in (hours._opens, hours._closes, hours._through))
    assert kept <= 24 * 3 * 366 * 8
    start = moment("2026-01-01 00:00")
    assert all(deadline(start + clock * 1_000, HOUR, hours) is not None for clock in range(100_000))
