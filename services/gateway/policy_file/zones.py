"""The one place that asks the time-zone database: at compile time, never in a fold."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.clock import DAY, SECOND, Ms
from shared.policy.noun import Misfit
from shared.policy.zone import Zone

YEARS_BACK, YEARS_AHEAD = 1, 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def horizons(at: Ms) -> tuple[int, int]:
    """First and last calendar year a policy compiled at `at` knows: whole years, so that compiling twice in one
    year gives the same content."""
    year = (_EPOCH + timedelta(milliseconds=at)).year
    return year - YEARS_BACK, year + YEARS_AHEAD


def known_zone(name: str) -> ZoneInfo:
    """The database's zone; a name it doesn't know raises Misfit."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Misfit(
            f"there is no time zone {name!r}", 'write an IANA name such as "Asia/Riyadh" or "Africa/Cairo"'
        ) from unknown


def table_zone(name: str, at: Ms) -> Zone:
    """Work out a zone's offset changes between the horizons; an unknown name raises Misfit."""
    known = known_zone(name)
    first, last = horizons(at)
    since, until = _january(first), _january(last + 1)
    return Zone(
        name=name, since=since, until=until, offset=_offset(known, since), changes=tuple(_changes(known, since, until))
    )


def _january(year: int) -> Ms:
    return (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def _offset(zone: ZoneInfo, at: Ms) -> Ms:
    """The offset at a moment, as the database says it; whole seconds."""
    offset = (_EPOCH + timedelta(milliseconds=at)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)


def _changes(zone: ZoneInfo, since: Ms, until: Ms) -> list[tuple[Ms, Ms]]:
    """Day by day, then halving to the second. Two changes within one day that cancel out would be missed; the
    database has none in living years (Morocco's around Ramadan lie weeks apart)."""
    changes, before = [], _offset(zone, since)
    for day in range(since, until, DAY):
        end = min(day + DAY, until - SECOND)
        after = _offset(zone, end)
        if after != before:
            changes.append((_turn(zone, day, end, before), after))
            before = after
    return changes


def _turn(zone: ZoneInfo, low: Ms, high: Ms, before: Ms) -> Ms:
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high
