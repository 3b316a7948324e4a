"""What changes from one policy to the next, in lines a reviewer can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

from pydantic import BaseModel, BeforeValidator

from shared.clock import Ms
from shared.policy.calendar import ExceptionalDay, Shift
from shared.policy.noun import LENGTH_UNITS, Localised, parse_length
from shared.policy.policy import Policy

DERIVED = frozenset({"version", "zones", "condition", "any_conditions", "all_conditions", "no_conditions"})
"""Worked out from the rest, or given by the desk."""


@dataclass(frozen=True, slots=True)
class Change:
    """`before` empty: added; `after` empty: removed."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"+ {self.path}: {self.after}"
        return f"~ {self.path}: {self.before} → {self.after}" if self.after else f"- {self.path}: {self.before}"


def diff(old: Policy, new: Policy) -> list[Change]:
    """Every change in the order of the file; empty for policies that decide alike."""
    return list(_compare("", old, new))


def spell_length(length: Ms) -> str:
    """`1h30m` for 5400000; the inverse of how lengths are read. Weeks are spelled in days."""
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, length = divmod(length, LENGTH_UNITS[unit])
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _compare(path: str, old: Any, new: Any, kind: Any = None) -> Iterator[Change]:
    if old == new:
        return
    if _is_tree(old) and type(old) is type(new):
        for name, field in type(old).model_fields.items():
            if name not in DERIVED:
                way = f"{path}.{name}".lstrip(".")
                yield from _compare(way, getattr(old, name), getattr(new, name), field)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_named(path, old, new, kind)
    elif _named(old) is not None and _named(new) is not None:
        before, after = _named(old) or {}, _named(new) or {}
        yield from _compare_named(path, before, after, kind)
        kept = [name for name in before if name in after]
        if kept != (order := [name for name in after if name in before]):
            yield Change(f"{path} (order)", ", ".join(map(str, kept)), ", ".join(map(str, order)))
    else:
        yield Change(path, show(old, kind), show(new, kind))


def _compare_named(path: str, old: dict[Any, Any], new: dict[Any, Any], kind: Any) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        way = f"{path}.{name}"
        if name not in new:
            yield Change(way, show(old[name], kind), "")
        elif name not in old:
            yield Change(way, "", show(new[name], kind))
        else:
            yield from _compare(way, old[name], new[name], kind)


def _named(items: Any) -> dict[Any, Any] | None:
    """A list whose items carry an id or a date, by that; None for any other list."""
    if not isinstance(items, tuple) or not all(isinstance(item, BaseModel) for item in items):
        return None
    if all(isinstance(item, ExceptionalDay) for item in items):
        return {_day(item.day): item for item in items}
    if all(hasattr(item, "id") for item in items):
        return {item.id: item for item in items}
    return None


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def _is_tree(value: Any) -> bool:
    return isinstance(value, BaseModel) and not isinstance(value, (Localised, Shift, ExceptionalDay))


def show(value: Any, kind: Any = None) -> str:
    """One value on one line, as it would be written in the file where that is possible."""
    if isinstance(value, Localised):
        return value.en if value.en == value.ar else f"{value.en} / {value.ar}"
    if isinstance(value, Shift):
        opens, closes = divmod(value.opens, 60), divmod(value.closes, 60)
        return f"{opens[0]:02}:{opens[1]:02}-{closes[0]:02}:{closes[1]:02}"
    if isinstance(value, ExceptionalDay):
        return (
            f"{show(value.hours)} {show(value.name)}".strip() if value.hours else f"closed {show(value.name)}".strip()
        )
    if isinstance(value, BaseModel):
        written = {
            name: show(getattr(value, name), field)
            for name, field in type(value).model_fields.items()
            if name not in DERIVED | {"id"} and getattr(value, name) != field.get_default(call_default_factory=True)
        }
        return "{" + ", ".join(f"{name}: {text}" for name, text in written.items()) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {show(item, kind)}" for name, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(show(item, kind) for item in value) + "]"
    if value is None:
        return "none"
    return spell_length(value) if isinstance(value, int) and _is_length(kind) else str(value)


def _is_length(kind: Any) -> bool:
    """Whether this field, or what it may hold beside None, is read as a length of time."""
    marks = [*getattr(kind, "metadata", ()), *getattr(kind, "__metadata__", ())]
    if any(isinstance(mark, BeforeValidator) and mark.func is parse_length for mark in marks):
        return True
    inside = getattr(kind, "annotation", None)
    return any(_is_length(part) for part in ((inside,) if inside is not None else get_args(kind)) if part is not kind)
