"""Compiling calendars and zones: what is worked out before a policy travels."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.gateway.policy_file.zones import table_zone
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.calendar import Calendar
from shared.policy.survey import QuietHours
from shared.policy.zone import Zone
from tests.unit.policy.samples import NOW, compiled, moment

EPOCH = date(1970, 1, 1)


def calendar(text: str) -> Calendar:
    """One calendar of a desk in Riyadh whose weekend is Friday and Saturday."""
    return compiled(f"calendars:\n  c: {text}\n").calendars["c"]


def hours_on(calendar: Calendar, day: date) -> list[tuple[int, int]] | None:
    """The exceptional hours of a date in whole hours; None where the week holds."""
    for exception in calendar.exceptions:
        if exception.day == (day - EPOCH).days:
            return [(shift.opens // 60, shift.closes // 60) for shift in exception.hours]
    return None


def test_general_hours_hold_on_every_day_but_the_desks_weekend() -> None:
    week = calendar("{hours: 08:00-17:00}").week
    assert [len(day) for day in week] == [1, 1, 1, 1, 0, 0, 1]


def test_a_weekday_that_is_named_wins_even_on_the_weekend() -> None:
    week = calendar("{hours: 08:00-17:00, week: {friday: 14:00-18:00, monday: []}}").week
    assert [len(day) for day in week] == [0, 1, 1, 1, 1, 0, 1]


def test_a_season_replaces_the_week_but_no_holiday() -> None:
    ramadan = calendar(
        "{hours: 08:00-17:00, holidays: [2027-02-22], "
        "seasons: [{name: Ramadan, first: 2027-02-08, last: 2027-03-08, hours: 10:00-16:00}]}"
    )
    assert hours_on(ramadan, date(2027, 2, 7)) is None
    assert hours_on(ramadan, date(2027, 2, 8)) == [(10, 16)]
    assert hours_on(ramadan, date(2027, 2, 12)) == []
    assert hours_on(ramadan, date(2027, 2, 22)) == []
    assert hours_on(ramadan, date(2027, 3, 8)) == [(10, 16)]
    assert hours_on(ramadan, date(2027, 3, 9)) is None


def test_single_days_win_over_holidays_and_later_lines_over_earlier() -> None:
    eid = calendar(
        "{hours: 08:00-17:00, holidays: [{first: 2027-03-09, last: 2027-03-12}], "
        "days: [{first: 2027-03-11, hours: 09:00-12:00}, {first: 2027-03-12}, {first: 2027-03-12, hours: 10:00-11:00}]}"
    )
    assert hours_on(eid, date(2027, 3, 10)) == []
    assert hours_on(eid, date(2027, 3, 11)) == [(9, 12)]
    assert hours_on(eid, date(2027, 3, 12)) == [(10, 11)]


def test_public_holidays_are_worked_out_with_names_in_both_languages() -> None:
    riyadh = calendar("{hours: 08:00-17:00, country: SA}")
    national = next(day for day in riyadh.exceptions if day.day == (date(2026, 9, 23) - EPOCH).days)
    assert national.hours == ()
    assert national.name.en == "National Day Holiday"
    assert national.name.ar == "اليوم الوطني"
    years = {(EPOCH + timedelta(days=day.day)).year for day in riyadh.exceptions}
    assert years == set(range(2025, 2033))


def test_no_substitute_days_of_somebody_elses_weekend() -> None:
    london = calendar("{hours: 08:00-17:00, country: GB-ENG}")
    assert hours_on(london, date(2027, 12, 25)) == []
    assert hours_on(london, date(2027, 12, 28)) is None


def test_dates_outside_the_horizon_do_not_travel() -> None:
    assert calendar("{hours: 08:00-17:00, holidays: [2019-01-01, 2050-01-01]}").exceptions == ()


def test_a_calendar_has_the_desks_zone_unless_it_names_its_own() -> None:
    policy = compiled("calendars: {a: {hours: []}, b: {hours: [], zone: Africa/Cairo}}\n")
    assert policy.calendars["a"].zone == "Asia/Riyadh"
    assert policy.calendars["b"].zone == "Africa/Cairo"
    assert set(policy.zones) == {"Asia/Riyadh", "Africa/Cairo"}


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Asia/Gaza",
        "UTC",
    ],
)
def test_a_table_agrees_with_the_database_at_every_hour_it_covers(name: str) -> None:
    table, known = table_zone(name, NOW), ZoneInfo(name)
    for at in range(table.since, table.until, HOUR * 5):
        there = datetime.fromtimestamp(at / 1000, UTC).astimezone(known).utcoffset()
        assert there is not None
        assert table.local(at) - at == there // timedelta(milliseconds=1)


def test_tables_cover_whole_years_so_that_two_runs_of_one_year_agree() -> None:
    early, late = (
        table_zone("Europe/Berlin", moment("2026-01-01 00:00")),
        table_zone("Europe/Berlin", moment("2026-12-31 23:59")),
    )
    assert early == late
    assert (early.since, early.until) == (moment("2025-01-01 00:00"), moment("2033-01-01 00:00"))


class TestWallClock:
    berlin: Zone = table_zone("Europe/Berlin", NOW)

    def test_a_time_that_is_skipped_lies_later_by_what_was_skipped(self) -> None:
        assert self.berlin.instant(moment("2026-03-29 02:30")) == moment("2026-03-29 01:30")
        assert self.berlin.local(moment("2026-03-29 01:30")) == moment("2026-03-29 03:30")

    def test_a_time_that_comes_twice_is_the_first(self) -> None:
        assert self.berlin.instant(moment("2026-10-25 02:30")) == moment("2026-10-25 00:30")
        assert self.berlin.instant(moment("2026-10-25 03:00")) == moment("2026-10-25 02:00")

    def test_the_edges_of_a_gap_are_the_turn_itself(self) -> None:
        assert self.berlin.instant(moment("2026-03-29 02:00")) == moment("2026-03-29 01:00")
        assert self.berlin.instant(moment("2026-03-29 03:00")) == moment("2026-03-29 01:00")

    def test_outside_the_table_the_nearest_offset_holds(self) -> None:
        assert self.berlin.local(moment("2050-07-01 00:00")) == moment("2050-07-01 01:00")
        assert self.berlin.instant(moment("2000-07-01 01:00")) == moment("2000-07-01 00:00")


class TestQuietHours:
    riyadh: Zone = table_zone("Asia/Riyadh", NOW)
    night = QuietHours(start=21 * 60, end=9 * 60)

    def local(self, text: str) -> int:
        return self.riyadh.instant(moment(text))

    @pytest.mark.parametrize(
        ("at", "allowed"),
        [
            ("2026-11-23 12:00", "2026-11-23 12:00"),
            ("2026-11-23 20:59", "2026-11-23 20:59"),
            ("2026-11-23 21:00", "2026-11-24 09:00"),
            ("2026-11-23 23:59", "2026-11-24 09:00"),
            ("2026-11-24 00:00", "2026-11-24 09:00"),
            ("2026-11-24 08:59", "2026-11-24 09:00"),
            ("2026-11-24 09:00", "2026-11-24 09:00"),
        ],
    )
    def test_nobody_is_asked_in_the_night(self, at: str, allowed: str) -> None:
        assert self.night.next_allowed(self.local(at), self.riyadh) == self.local(allowed)

    def test_a_pause_within_the_day_ends_the_same_day(self) -> None:
        noon = QuietHours(start=12 * 60, end=13 * 60)
        assert noon.next_allowed(self.local("2026-11-23 12:30"), self.riyadh) == self.local("2026-11-23 13:00")
        assert noon.next_allowed(self.local("2026-11-23 11:59"), self.riyadh) == self.local("2026-11-23 11:59")

    def test_equal_ends_are_never_quiet(self) -> None:
        assert QuietHours(start=0, end=0).next_allowed(self.local("2026-11-23 00:00"), self.riyadh) == self.local(
            "2026-11-23 00:00"
        )

    def test_the_answer_is_never_quiet_and_never_earlier(self) -> None:
        berlin = table_zone("Europe/Berlin", NOW)
        for at in range(moment("2026-03-28 00:00"), moment("2026-03-31 00:00"), 7 * MINUTE):
            allowed = QuietHours(start=23 * 60, end=2 * 60 + 30).next_allowed(at, berlin)
            assert at <= allowed < at + DAY
            assert 150 * MINUTE <= berlin.local(allowed) % DAY < 23 * HOUR
