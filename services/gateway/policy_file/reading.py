"""Reading a file that may be faulty: what is wrong with it, and whatever sense the rest still makes."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.explain import explain
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.noun import AS_WRITTEN

STAND_INS: Mapping[str, Any] = {
    "desk": {"id": "desk", "organisation": "organisation", "name": "desk"},
    "accounts": {"stand-in": {"channel": "api"}},
    "teams": {"stand-in": {"name": "team"}},
    "rules": [{"id": "stand-in"}],
}
MOST_ROUNDS = 5
"""Faulty parts are put aside and the rest is read again, so that one mistake hides no other."""


def read_file(raw: dict[str, Any]) -> tuple[PolicyFile | None, list[Fault]]:
    """The file without its faulty parts, or None where nothing sensible remains; and what is wrong with those.

    `raw` loses the faulty parts.
    """
    faults: list[Fault] = []
    aside: set[Steps] = set()
    for _ in range(MOST_ROUNDS):
        try:
            return PolicyFile.model_validate(raw, context=AS_WRITTEN), faults
        except ValidationError as invalid:
            errors = _causes(invalid.errors(include_url=False))
        faults += [explain(error) for error in errors if not _follows(error["loc"], aside)]
        aside |= {_put_aside(raw, error["loc"]) for error in errors}
        _stand_in(raw)
    return None, faults


def _causes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that count as too short only because their items are faulty."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error, place in zip(errors, places, strict=True)
        if error["type"] != "too_short" or not any(other != place and other[: len(place)] == place for other in places)
    ]


def _follows(place: Steps, aside: set[Steps]) -> bool:
    """Whether this is missing or empty only because something was put aside."""
    return any(gone[: len(place)] == place for gone in aside)


def _put_aside(raw: dict[str, Any], place: Steps) -> Steps:
    """Remove the innermost named value around the fault and say which.

    Only names are removed, never items of a list: the places of the others would no longer be true.
    """
    for end in range(len(place), 0, -1):
        holder = _follow(raw, place[: end - 1])
        if isinstance(holder, dict) and place[end - 1] in holder:
            del holder[place[end - 1]]
            return place[:end]
    return place


def _stand_in(raw: dict[str, Any]) -> None:
    """Replace what no policy can do without, so that the rest can still be looked at."""
    desk = raw.get("desk")
    raw["desk"] = STAND_INS["desk"] | (desk if isinstance(desk, dict) else {})
    for section in ("accounts", "teams", "rules"):
        raw[section] = raw.get(section) or STAND_INS[section]


def _follow(raw: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(raw, dict):
            raw = raw.get(str(step))
        elif isinstance(raw, list) and isinstance(step, int) and step < len(raw):
            raw = raw[step]
        else:
            return None
    return raw
