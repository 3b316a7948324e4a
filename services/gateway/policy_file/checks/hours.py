"""Calendars: no minute is opened twice, and a calendar says something."""

from collections.abc import Iterator, Sequence

from services.gateway.policy_file.calendars import ALWAYS, Week, week_of
from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.calendar import DAY_MINUTES, CalendarFile, Season, Shift
from shared.policy.desk import WEEKDAYS


def check_hours(file: PolicyFile, names: Names) -> Iterator[Fault]:
    for name, calendar in file.calendars.items():
        steps = ("calendars", name)
        if name == ALWAYS:
            yield Fault(steps, f"{ALWAYS!r} is the shipped calendar, open day and night", "choose another name")
        if not names.faulty(*steps) and not calendar.model_fields_set & {"hours", "week", "seasons", "days"}:
            yield Fault(
                steps, "this calendar says no hours", 'add hours: ["08:00-17:00"], or hours: [] if it is closed'
            )
        yield from _check_week(calendar, week_of(calendar, file.desk), steps)
        for place, season in enumerate(calendar.seasons):
            yield from _check_week(season, week_of(season, file.desk), (*steps, "seasons", place))
        for place, dated in enumerate(calendar.days):
            yield from _check_list(dated.hours, (*steps, "days", place, "hours"))


def _check_week(written: CalendarFile | Season, week: Week, steps: Steps) -> Iterator[Fault]:
    yield from _check_list(written.hours, (*steps, "hours"))
    for weekday, shifts in written.week.items():
        yield from _check_list(shifts, (*steps, "week", weekday))
    for number, weekday in enumerate(WEEKDAYS):
        following = week[(number + 1) % 7]
        late = max((shift.closes - DAY_MINUTES for shift in week[number]), default=0)
        if following and late > min(shift.opens for shift in following):
            where = (*steps, "week", weekday) if weekday in written.week else (*steps, "hours")
            next_day = WEEKDAYS[(number + 1) % 7]
            yield Fault(where, f"the night of {weekday} runs into the first shift of {next_day}", "end it earlier")


def _check_list(shifts: Sequence[Shift], steps: Steps) -> Iterator[Fault]:
    for place, shift in enumerate(shifts):
        if any(shift.opens < other.closes and other.opens < shift.closes for other in shifts[:place]):
            yield Fault(
                (*steps, place), "this shift overlaps another of the same day", "separate the two, or write one"
            )
