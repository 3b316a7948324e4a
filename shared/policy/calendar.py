"""Opening hours: as written in desk.yaml, and as compiled, with every exceptional day worked out."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from shared.policy.desk import Weekday
from shared.policy.noun import Day, Id, Localised, Misfit, Noun, Some, Text

DAY_MINUTES = 1440
COUNTRY = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
_SHIFT = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)(\+1)?")


class Shift(Noun):
    """Local minutes counted from midnight of the day it belongs to; `closes` above 1440 lies on the next day."""

    opens: int = Field(ge=0, lt=DAY_MINUTES)
    closes: int = Field(gt=0, le=2 * DAY_MINUTES)


def read_shift(written: Any) -> Any:
    """Read "08:00-17:00", "00:00-24:00" or, over midnight, "22:00-06:00+1"."""
    if not isinstance(written, str):
        return written
    parts = _SHIFT.fullmatch(written)
    if not parts:
        raise Misfit("this is no shift", 'write it as "08:00-17:00", over midnight as "22:00-06:00+1"')
    hours = [int(part) for part in parts.groups()[:4]]
    opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(opens, closes) > DAY_MINUTES or opens == DAY_MINUTES:
        raise Misfit("this shift has a time after 24:00", 'a day ends at "24:00"; over midnight write "22:00-06:00+1"')
    closes += DAY_MINUTES if parts[5] else 0
    if closes <= opens:
        raise Misfit(
            "this shift ends before it starts", f'swap the times, or write "{written}+1" if it runs over midnight'
        )
    return {"opens": opens, "closes": closes}


Hours = Some[Annotated[Shift, BeforeValidator(read_shift)]]


class Dated(Noun):
    """A run of dates, both ends included; `last` may be left out for a single day."""

    name: Text = Localised()
    first: Day
    last: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Dated":
        if self.last and self.last < self.first:
            raise Misfit("this span ends before it starts", "swap first and last")
        if self.last and (self.last - self.first).days > 366:  # noqa: PLR2004 (a leap year)
            raise Misfit("this span is longer than a year", "change the base week instead")
        return self


class Season(Dated):
    """Replaces the base week for a while (Ramadan hours). Holidays within it stay holidays."""

    hours: Hours = ()
    week: dict[Weekday, Hours] = Field(default_factory=dict)


class DatedHours(Dated):
    """Replaces single days outright, holidays too: none means closed (Eid), some a half day."""

    hours: Hours = ()


class Holiday(Dated):
    pass


def read_holiday(written: Any) -> Any:
    return written if isinstance(written, dict) else {"first": written}


class CalendarFile(Noun):
    """As written: `hours` hold on every day that is not the desk's weekend, `week` names single weekdays.

    Per date the strongest wins: `days` over holidays over `seasons` over the week; of two equals the later line.
    A shift over midnight belongs to the day it starts on.
    """

    id: Id
    name: Text = Localised()
    zone: str | None = None
    hours: Hours = ()
    week: dict[Weekday, Hours] = Field(default_factory=dict)
    country: str | None = Field(default=None, pattern=COUNTRY)
    """Public holidays of this country (and region) by the `holidays` package, without its weekend substitutes."""
    holidays: tuple[Annotated[Holiday, BeforeValidator(read_holiday)], ...] = ()
    seasons: tuple[Season, ...] = ()
    days: tuple[DatedHours, ...] = ()


class ExceptionalDay(Noun):
    day: int
    """Days since 1970-01-01."""
    name: Text = Localised()
    hours: tuple[Shift, ...] = ()


class Calendar(Noun):
    """Compiled: seven weekdays from Monday and every date that differs, up to the zone's horizon."""

    id: Id
    name: Text = Localised()
    zone: str
    week: tuple[tuple[Shift, ...], ...] = Field(min_length=7, max_length=7)
    exceptions: tuple[ExceptionalDay, ...] = ()
