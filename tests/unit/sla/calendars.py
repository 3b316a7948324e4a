"""Calendars for tests, their zones worked out around 2026, and a second opinion that shares no code with them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from services.gateway.policy_file.zones import table_zone
from services.sla.business_hours import BusinessHours
from shared.clock import MINUTE, Ms
from shared.policy.calendar import Calendar, ExceptionalDay, Shift
from shared.policy.zone import Zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Hours = tuple[tuple[int, int], ...]
"""Shifts in local minutes from midnight of their day."""


def moment(text: str, zone: str = "UTC", fold: int = 0) -> Ms:
    """`moment("2026-03-29 01:30", "Europe/Berlin")`."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return (local - EPOCH) // timedelta(milliseconds=1)


@cache
def zone_table(name: str) -> Zone:
    return table_zone(name, moment("2026-06-01"))


def calendar(week: dict[int, Hours], zone: str = "UTC", days: dict[date, Hours] | None = None) -> Calendar:
    """Weekdays from 0, Monday; dates that differ in `days`."""
    return Calendar(
        id="test",
        zone=zone,
        week=tuple(_shifts(week.get(weekday, ())) for weekday in range(7)),
        exceptions=tuple(
            ExceptionalDay(day=(day - date(1970, 1, 1)).days, hours=_shifts(hours))
            for day, hours in (days or {}).items()
        ),
    )


def _shifts(hours: Hours) -> tuple[Shift, ...]:
    return tuple(Shift(opens=opens, closes=closes) for opens, closes in hours)


def hours_of(week: dict[int, Hours], zone: str = "UTC", days: dict[date, Hours] | None = None) -> BusinessHours:
    return BusinessHours(calendar(week, zone, days), zone_table(zone))


def nine_to_five(zone: str = "UTC") -> BusinessHours:
    return hours_of(dict.fromkeys(range(5), ((540, 1020),)), zone)


class MinuteStepper:
    """Knows which minutes are open from `first` to `last`, by asking the time-zone database about every shift, and
    answers every question by counting them one after the other."""

    def __init__(self, week: dict[int, Hours], zone: str, days: dict[date, Hours], first: date, last: date) -> None:
        self.minutes: set[int] = set()
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            for opens, closes in days.get(day, week.get(day.weekday(), ())):
                self.minutes.update(range(self._minute(day, opens, zone), self._minute(day, closes, zone)))
        self.end = self._minute(last, 0, zone)

    @staticmethod
    def _minute(day: date, after_midnight: int, zone: str) -> int:
        wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=after_midnight)
        return int((wall.replace(tzinfo=ZoneInfo(zone), fold=0) - EPOCH) // timedelta(minutes=1))

    def elapsed(self, start: Ms, end: Ms) -> Ms:
        return sum(minute in self.minutes for minute in range(start // MINUTE, end // MINUTE)) * MINUTE

    def deadline(self, start: Ms, budget: Ms) -> Ms | None:
        left = budget // MINUTE
        for minute in range(start // MINUTE, self.end):
            left -= minute in self.minutes
            if left == 0:
                return (minute + 1) * MINUTE
        return None


def in_minutes(hours: Iterable[tuple[str, str]]) -> Hours:
    """`in_minutes([("08:00", "17:00")])`."""
    return tuple((int(a[:2]) * 60 + int(a[3:]), int(b[:2]) * 60 + int(b[3:])) for a, b in hours)
