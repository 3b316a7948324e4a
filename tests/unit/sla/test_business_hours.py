from datetime import date

import pytest

from services.sla.business_hours import BusinessHours, deadline, elapsed, spans
from shared.clock import DAY, HOUR, MINUTE
from tests.unit.policy.samples import compiled
from tests.unit.sla.calendars import calendar, hours_of, in_minutes, moment, nine_to_five, zone_table

WEEKDAYS = range(5)
RIYADH_WEEK = dict.fromkeys((6, 0, 1, 2, 3), in_minutes([("08:00", "17:00")]))


def test_an_hour_within_a_shift_is_an_hour() -> None:
    assert deadline(moment("2026-11-23 10:00"), HOUR, nine_to_five()) == moment("2026-11-23 11:00")


def test_what_is_left_at_closing_time_continues_at_the_next_opening() -> None:
    assert deadline(moment("2026-11-23 16:30"), HOUR, nine_to_five()) == moment("2026-11-24 09:30")


def test_a_message_at_night_is_counted_from_the_morning() -> None:
    assert deadline(moment("2026-11-23 22:00"), HOUR, nine_to_five()) == moment("2026-11-24 10:00")


def test_a_budget_used_up_at_closing_time_is_due_at_closing_time() -> None:
    assert deadline(moment("2026-11-23 16:00"), HOUR, nine_to_five()) == moment("2026-11-23 17:00")


def test_one_millisecond_more_is_due_after_the_next_opening() -> None:
    assert deadline(moment("2026-11-23 16:00"), HOUR + 1, nine_to_five()) == moment("2026-11-24 09:00") + 1


def test_no_budget_is_due_at_once_even_when_closed() -> None:
    assert deadline(moment("2026-11-22 03:00"), 0, nine_to_five()) == moment("2026-11-22 03:00")


def test_wall_time_knows_no_hours() -> None:
    assert deadline(moment("2026-11-21 03:00"), 24 * HOUR, None) == moment("2026-11-22 03:00")
    assert elapsed(moment("2026-11-21 03:00"), moment("2026-11-22 03:00"), None) == DAY


def test_nothing_elapses_backwards() -> None:
    assert elapsed(moment("2026-11-24 12:00"), moment("2026-11-24 10:00"), nine_to_five()) == 0
    assert elapsed(moment("2026-11-24 12:00"), moment("2026-11-24 10:00"), None) == 0


def test_a_complaint_before_a_friday_saturday_weekend_is_due_on_sunday() -> None:
    riyadh = hours_of(RIYADH_WEEK, "Asia/Riyadh")
    thursday = moment("2026-11-26 16:50", "Asia/Riyadh")
    assert deadline(thursday, 15 * MINUTE, riyadh) == moment("2026-11-29 08:05", "Asia/Riyadh")
    assert elapsed(thursday, moment("2026-11-29 08:05", "Asia/Riyadh"), riyadh) == 15 * MINUTE


def test_a_holiday_is_skipped_and_a_half_day_counts_half() -> None:
    days = {date(2026, 11, 24): (), date(2026, 11, 25): in_minutes([("09:00", "12:00")])}
    hours = hours_of(dict.fromkeys(WEEKDAYS, in_minutes([("09:00", "17:00")])), days=days)
    assert deadline(moment("2026-11-23 16:00"), 2 * HOUR, hours) == moment("2026-11-25 10:00")
    assert elapsed(moment("2026-11-23 00:00"), moment("2026-11-27 00:00"), hours) == (8 + 0 + 3 + 8) * HOUR


def test_several_shifts_a_day_have_a_pause_between_them() -> None:
    hours = hours_of(dict.fromkeys(WEEKDAYS, in_minutes([("09:00", "12:00"), ("13:00", "17:00")])))
    assert deadline(moment("2026-11-23 11:30"), HOUR, hours) == moment("2026-11-23 13:30")


def test_shifts_that_touch_are_one_span() -> None:
    touching = calendar({0: in_minutes([("09:00", "12:00"), ("12:00", "17:00")])})
    zone = zone_table("UTC")
    assert next(iter(spans(touching, zone))) == (moment("2025-01-06 09:00"), moment("2025-01-06 17:00"))


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    night = {day: in_minutes([("22:00", "30:00")]) for day in range(7)}
    hours = hours_of(night, days={date(2026, 11, 24): ()})
    assert hours.is_open(moment("2026-11-24 05:00"))
    assert not hours.is_open(moment("2026-11-24 23:00"))
    assert not hours.is_open(moment("2026-11-25 05:00"))
    assert deadline(moment("2026-11-24 05:00"), 2 * HOUR, hours) == moment("2026-11-25 23:00")


def test_a_calendar_that_never_opens_has_no_deadline() -> None:
    closed = hours_of({})
    assert deadline(moment("2026-11-23 10:00"), 1, closed) is None
    assert elapsed(moment("2026-11-23 10:00"), moment("2027-11-23 10:00"), closed) == 0


def test_beyond_the_horizon_nothing_is_open() -> None:
    hours = nine_to_five()
    assert hours.until == moment("2033-01-01 00:00")
    assert deadline(moment("2032-12-31 16:00"), HOUR, hours) == moment("2032-12-31 17:00")
    assert deadline(moment("2032-12-31 16:00"), HOUR + 1, hours) is None
    assert deadline(moment("2040-01-02 10:00"), 1, hours) is None
    assert elapsed(moment("2032-12-31 16:00"), moment("2050-01-01 00:00"), hours) == HOUR


def test_before_the_early_horizon_nothing_was_open() -> None:
    assert elapsed(moment("2000-01-03 09:00"), moment("2025-01-01 10:00"), nine_to_five()) == HOUR


def test_the_horizon_cuts_a_shift_that_spans_it() -> None:
    always = hours_of(dict.fromkeys(range(7), ((0, 1440),)), "Asia/Riyadh")
    assert deadline(always.until - HOUR, HOUR, always) == always.until
    assert always.open_before(always.until) == always.until - always.since


BERLIN = "Europe/Berlin"


def test_a_closing_time_that_does_not_exist_is_an_hour_later() -> None:
    night = hours_of({6: in_minutes([("01:00", "02:30")])}, BERLIN)
    gap_day = moment("2026-03-29 01:00", BERLIN)
    assert elapsed(gap_day, moment("2026-03-29 12:00", BERLIN), night) == 90 * MINUTE
    assert deadline(gap_day, 90 * MINUTE, night) == moment("2026-03-29 03:30", BERLIN)


def test_an_opening_time_that_does_not_exist_is_an_hour_later() -> None:
    night = hours_of({6: in_minutes([("02:15", "05:00")])}, BERLIN)
    start = moment("2026-03-29 00:00", BERLIN)
    assert deadline(start, MINUTE, night) == moment("2026-03-29 03:16", BERLIN)


def test_a_shift_that_lies_in_a_gap_and_ends_right_after_it_is_lost() -> None:
    night = hours_of({6: in_minutes([("02:30", "03:00")])}, BERLIN)
    start, end = moment("2026-03-29 00:00", BERLIN), moment("2026-03-30 00:00", BERLIN)
    assert elapsed(start, end, night) == 0


def test_a_time_that_occurs_twice_means_the_first() -> None:
    night = hours_of({6: in_minutes([("02:30", "04:00")])}, BERLIN)
    start, end = moment("2026-10-25 00:00", BERLIN), moment("2026-10-25 12:00", BERLIN)
    assert deadline(start, MINUTE, night) == moment("2026-10-25 02:31", BERLIN, fold=0)
    assert elapsed(start, end, night) == 150 * MINUTE


def test_a_night_over_the_repeated_hour_is_an_hour_longer() -> None:
    nights = hours_of({5: in_minutes([("22:00", "30:00")])}, BERLIN)
    start, end = moment("2026-10-24 12:00", BERLIN), moment("2026-10-25 12:00", BERLIN)
    assert elapsed(start, end, nights) == 9 * HOUR


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"])
def test_nine_to_five_is_eight_hours_whatever_the_zone_does_at_night(zone: str) -> None:
    hours = nine_to_five(zone)
    for month in range(1, 13):
        start = moment(f"2026-{month:02}-01 00:00", zone)
        end = moment(f"2026-{month:02}-15 00:00", zone)
        assert elapsed(start, end, hours) == 10 * 8 * HOUR


def test_the_hours_of_a_policy_follow_its_calendar_and_zone() -> None:
    policy = compiled("calendars: {office: {hours: 08:00-17:00}}\n", desk="  calendar: office\n")
    hours = BusinessHours.of(policy, policy.calendar_for())
    assert hours.is_open(moment("2026-11-22 08:00", "Asia/Riyadh"))
    assert not hours.is_open(moment("2026-11-20 08:00", "Asia/Riyadh"))
    assert not hours.is_open(moment("2026-11-22 17:00", "Asia/Riyadh"))
