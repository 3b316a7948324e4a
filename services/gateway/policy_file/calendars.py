"""Compiling calendars: every date that differs from the base week, worked out up to the horizon."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.gateway.policy_file.public_holidays import public_holidays
from services.gateway.policy_file.zones import horizons
from shared.clock import Ms
from shared.policy.calendar import Calendar, CalendarFile, Dated, ExceptionalDay, Season, Shift
from shared.policy.desk import WEEKDAYS, Desk
from shared.policy.noun import Localised

ALWAYS = "always"
"""The calendar every desk has: open day and night. A desk that names no calendar is on it."""
_WHOLE_DAY = (Shift(opens=0, closes=1440),)
_EPOCH = date(1970, 1, 1)
Week = tuple[tuple[Shift, ...], ...]


def always_open(zone: str) -> Calendar:
    name = Localised(en="Day and night", ar="على مدار الساعة")
    return Calendar(id=ALWAYS, name=name, zone=zone, week=(_WHOLE_DAY,) * 7)


def week_of(written: CalendarFile | Season, desk: Desk) -> Week:
    """Seven days from Monday: the weekday's own hours, none on the desk's weekend, else the general hours."""
    return tuple(written.week.get(weekday, () if weekday in desk.weekend else written.hours) for weekday in WEEKDAYS)


def compile_calendar(written: CalendarFile, desk: Desk, at: Ms) -> Calendar:
    """Later lines overwrite earlier ones, stronger kinds weaker ones: seasons, then holidays, then single days."""
    exceptions: dict[date, tuple[Localised, tuple[Shift, ...]]] = {}
    for season in written.seasons:
        week = week_of(season, desk)
        exceptions.update({day: (season.name, week[day.weekday()]) for day in dates(season)})
    first, last = horizons(at)
    if written.country:
        exceptions.update({day: (name, ()) for day, name in public_holidays(written.country, first, last)})
    for holiday in written.holidays:
        exceptions.update(dict.fromkeys(dates(holiday), (holiday.name, ())))
    for dated in written.days:
        exceptions.update(dict.fromkeys(dates(dated), (dated.name, dated.hours)))
    return Calendar(
        id=written.id,
        name=written.name,
        zone=written.zone or desk.zone,
        week=week_of(written, desk),
        exceptions=tuple(
            ExceptionalDay(day=(day - _EPOCH).days, name=name, hours=hours)
            for day, (name, hours) in sorted(exceptions.items())
            if first <= day.year <= last
        ),
    )


def dates(span: Dated) -> Iterator[date]:
    for ahead in range(((span.last or span.first) - span.first).days + 1):
        yield span.first + timedelta(days=ahead)
