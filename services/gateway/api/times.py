"""Points in time that a write may name: those a calendar has, in every zone."""

from collections.abc import Mapping
from typing import Any

from shared.clock import DAY, Ms
from shared.http import Problem

LATEST: Ms = 253_402_300_800_000 - DAY
"""When the last day of the year 9999 begins in UTC: no zone is so far ahead that it is the year 10000 there."""
TIMES = frozenset({"due_at", "until", "start", "end"})
"""What commands call them."""


def check_times(said: Mapping[str, Any]) -> None:
    """`said` is a whole command. Raises Problem 422 naming the fields: no page could show such a time."""
    wrong = [name for name, value in said.items() if not _dated(name, value)]
    if wrong:
        raise Problem(422, "invalid", "A time lies before 1970 or after the year 9999.", findings=wrong)


def _dated(name: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_dated(inner, part) for inner, part in value.items())
    if isinstance(value, (list, tuple)):
        return all(_dated(name, part) for part in value)
    return name not in TIMES or not isinstance(value, int) or 0 <= value <= LATEST
