"""Business time: deadlines and elapsed time in a calendar's opening hours. Pure; all times are Ms, UTC."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from shared.clock import DAY, MINUTE, Ms
from shared.policy.calendar import Calendar
from shared.policy.policy import Policy
from shared.policy.zone import Zone

Span = tuple[Ms, Ms]
"""From an opening up to, not including, a closing."""

_MONDAY = 3
"""1970-01-01, day 0, was a Thursday: three days after a Monday."""


def shifts_as_spans(calendar: Calendar, zone: Zone) -> Iterator[Span]:
    """Every shift of every date between the zone's horizons, in moments, unsorted where DST swaps neighbours.

    A shift belongs to the date it starts on, so one over midnight runs into a holiday. A wall time that is skipped
    counts as later by what was skipped; one that comes twice counts as the first.
    """
    exceptions = {exception.day: exception.hours for exception in calendar.exceptions}
    first, last = zone.local(zone.since) // DAY - 1, zone.local(zone.until) // DAY
    for day in range(first, last + 1):
        for shift in exceptions.get(day, calendar.week[(day + _MONDAY) % 7]):
            midnight = day * DAY
            opens = max(zone.since, zone.instant(midnight + shift.opens * MINUTE))
            closes = min(zone.until, zone.instant(midnight + shift.closes * MINUTE))
            if opens < closes:
                yield opens, closes


def spans(calendar: Calendar, zone: Zone) -> Iterator[Span]:
    """The opening hours between the horizons, ascending; touching and overlapping shifts are one span."""
    held: Span | None = None
    for opens, closes in sorted(shifts_as_spans(calendar, zone)):
        if held and opens <= held[1]:
            held = held[0], max(held[1], closes)
            continue
        if held:
            yield held
        held = opens, closes
    if held:
        yield held


class BusinessHours:
    """One calendar's spans with running sums: every question is two binary searches, memory about 24 bytes a span
    (under 200 KB for eight years of three shifts a day).

    The horizon is the zone's: outside `since`–`until` nothing is open, because nobody has said what it would be.
    Whoever waits beyond it waits for the next policy, which moves it on.
    """

    def __init__(self, calendar: Calendar, zone: Zone) -> None:
        self.since, self.until = zone.since, zone.until
        self._opens, self._closes, self._through = array("q"), array("q"), array("q")
        total = 0
        for opens, closes in spans(calendar, zone):
            total += closes - opens
            self._opens.append(opens)
            self._closes.append(closes)
            self._through.append(total)

    @classmethod
    def of(cls, policy: Policy, calendar: Calendar) -> "BusinessHours":
        return cls(calendar, policy.zones[calendar.zone])

    def open_before(self, at: Ms) -> Ms:
        """Business time between the early horizon and `at`."""
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return 0
        return self._through[index] - max(0, self._closes[index] - at)

    def moment(self, total: Ms) -> Ms | None:
        """The first moment at which `total` (above 0) of business time has passed since the early horizon."""
        index = bisect_left(self._through, total)
        if index == len(self._through):
            return None
        return self._closes[index] - (self._through[index] - total)

    def is_open(self, at: Ms) -> bool:
        index = bisect_right(self._opens, at) - 1
        return index >= 0 and at < self._closes[index]


def deadline(start: Ms, budget: Ms, hours: BusinessHours | None) -> Ms | None:
    """The first moment at which `budget` has passed since `start`; `hours` None means wall time.

    A budget used up at closing time is due at closing time, not at the next opening. Without any budget: `start`.
    None: not within the horizon (a calendar that never opens again), so no clock can run out.
    """
    if budget <= 0:
        return start
    if hours is None:
        return start + budget
    return hours.moment(hours.open_before(start) + budget)


def elapsed(start: Ms, end: Ms, hours: BusinessHours | None) -> Ms:
    """How much time passed between the two; 0 where `end` is not after `start`.

    `elapsed(start, deadline(start, budget, hours), hours) == budget` wherever there is a deadline.
    """
    if end <= start:
        return 0
    return end - start if hours is None else hours.open_before(end) - hours.open_before(start)
