"""What every noun of the policy is made of: frozen models, ids, lengths of time, dates, texts in two languages."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from shared.clock import DAY, HOUR, MINUTE, SECOND, Ms

LENGTH_UNITS: Mapping[str, Ms] = {"w": 7 * DAY, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1}
_LENGTH = re.compile(r"(\d+)(ms|[wdhms])")
_WHOLE_LENGTH = re.compile(r"(?:\d+(?:ms|[wdhms]))+")
LONGEST_DAYS = 3_660
"""Of any length a policy may be written with: ten years. Sums of a few such lengths and a time fit every store."""
ID = r"^[a-z][a-z0-9_-]{0,62}$"
PATH = r"^[a-z][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*){0,4}$"
SKILL = r"^[a-z][a-z0-9_-]*(:[a-z0-9_-]+)?$"
TAG = r"^[^\s,]{1,40}$"
LANGUAGE = r"^[a-z]{2,3}$"
AS_WRITTEN = {"as_written": True}
"""Validation context of the loader: people write "15m", only compiled policies hold bare milliseconds."""


class Misfit(ValueError):
    """What is wrong and how to put it right, in two sentences for the person who wrote the file."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong = wrong
        self.fix = fix


class Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def parse_length(written: object, info: ValidationInfo) -> object:
    """Read "1h30m" as milliseconds, ten years at most; bare numbers only where a compiled policy is read back."""
    if isinstance(written, str):
        if not _WHOLE_LENGTH.fullmatch(written):
            raise Misfit("this is no length of time", 'write it as "15m", "1h", "1h30m" or "7d" (units w d h m s ms)')
        # as floats, because int() refuses thousands of digits; all that is not too long is exact
        length = sum(float(number) * LENGTH_UNITS[unit] for number, unit in _LENGTH.findall(written))
        if length > LONGEST_DAYS * DAY:
            raise Misfit("this is longer than ten years", f'write at most "{LONGEST_DAYS}d"')
        return int(length)
    if info.context == AS_WRITTEN and written is not None:
        raise Misfit("a length of time needs its unit", 'write it as "15m", "1h" or "7d"')
    return written


def read_day(written: object) -> object:
    """Take a YAML date or an ISO text as the same calendar date; times of day are refused."""
    if isinstance(written, datetime):
        raise Misfit("this is a point in time, not a date", "write the date only, as in 2026-03-20")
    return str(written) if isinstance(written, date) else written


def name_items(items: object) -> object:
    """Give every item of a mapping its key as its `id`, so a noun met alone still says which one it is."""
    if not isinstance(items, Mapping):
        return items
    return {key: {**item, "id": key} if isinstance(item, Mapping) else item for key, item in items.items()}


def list_one(written: object) -> object:
    """Let a single value stand where a list of one is meant."""
    return [written] if isinstance(written, str) else written


Length = Annotated[Ms, BeforeValidator(parse_length), Field(ge=0), WithJsonSchema({"type": "integer", "minimum": 0})]
Day = Annotated[date, BeforeValidator(read_day)]
Id = Annotated[str, Field(pattern=ID)]
Path = Annotated[str, Field(pattern=PATH, max_length=120)]
SkillName = Annotated[str, Field(pattern=SKILL, max_length=63)]
Tag = Annotated[str, Field(pattern=TAG)]
Language = Annotated[str, Field(pattern=LANGUAGE)]

T = TypeVar("T")
Named = Annotated[dict[Id, T], BeforeValidator(name_items)]
Some = Annotated[tuple[T, ...], BeforeValidator(list_one)]


class Localised(Noun):
    """One text in the languages of the product; the other one stands in where a language is missing."""

    ar: str = Field(default="", max_length=10_000)
    en: str = Field(default="", max_length=10_000)

    def in_language(self, language: str) -> str:
        return (self.ar or self.en) if language == "ar" else (self.en or self.ar)

    def __bool__(self) -> bool:
        return bool(self.ar or self.en)


def localise(written: Any) -> Any:
    """Let one plain text stand for both languages."""
    return {"ar": written, "en": written} if isinstance(written, str) else written


Text = Annotated[Localised, BeforeValidator(localise)]
