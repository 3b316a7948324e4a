"""Turning a validation error into two sentences: what is wrong, how to put it right."""

from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.calendar import COUNTRY
from shared.policy.desk import ADDRESS, KEY, PREFIX, WEEKDAY
from shared.policy.noun import ID, LANGUAGE, PATH, SKILL, TAG, Misfit

FORMS = {
    ID: ("this is no id", "use lower-case letters, digits, - and _, beginning with a letter"),
    PATH: ("this is no category path", "write it as cards or cards/lost, in lower case"),
    SKILL: ("this is no skill name", "write it as cards or language:ar, in lower case"),
    TAG: ("this is no tag", "use at most 40 characters without spaces or commas"),
    LANGUAGE: ("this is no language", "write its code, such as ar or en"),
    WEEKDAY: ("this is no day of the week", "write it in full and lower case, such as sunday"),
    PREFIX: ("this is no number prefix", "use up to ten capital letters and digits, such as SUP"),
    ADDRESS: ("this is no mail address", "write it as support@example.com"),
    KEY: ("this is no form key", "use 8 to 80 letters, digits, - and _"),
    COUNTRY: ("this is no country code", "write it as SA, or with a region as DE-BY"),
}
EXPECTED = {
    "string_type": ("a text is needed here", "put the value in quotes"),
    "bool_type": ("yes or no is needed here", "write true or false"),
    "bool_parsing": ("yes or no is needed here", "write true or false"),
    "int_type": ("a whole number is needed here", "write digits only"),
    "int_parsing": ("a whole number is needed here", "write digits only"),
    "int_from_float": ("a whole number is needed here", "write digits only"),
    "tuple_type": ("a list is needed here", "write [a, b] or one item per line, each beginning with -"),
    "dict_type": ("named items are needed here", "write name: value, one per line"),
    "model_type": ("named settings are needed here", "write name: value, one per line"),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        ("this is no date", "write it as 2026-03-20"),
    ),
    "too_short": ("at least one is needed here", "add one"),
}


def explain(error: ErrorDetails) -> Fault:
    """The validator's finding in the words of the desk; the value itself is never repeated."""
    steps: Steps = tuple(step for step in error["loc"] if step != "[key]")
    context: dict[str, Any] = error.get("ctx", {})
    reason = context.get("error")
    if isinstance(reason, Misfit):
        return Fault(steps, reason.wrong, reason.fix)
    if error["type"] in EXPECTED:
        return Fault(steps, *EXPECTED[error["type"]])
    if error["type"] == "missing":
        return Fault(steps[:-1], f"{steps[-1]!r} is missing", f"add {steps[-1]}: …")
    if error["type"] == "extra_forbidden":
        return Fault(
            steps,
            f"there is no setting {steps[-1]!r} here",
            suggest(str(steps[-1]), settings_at(steps[:-1])),
            at_key=True,
        )
    if error["type"] in {"enum", "literal_error"}:
        return Fault(steps, "this is not one of the known words", f"write {context.get('expected', '')}")
    if error["type"] == "string_pattern_mismatch" and context.get("pattern") in FORMS:
        return Fault(steps, *FORMS[context["pattern"]], at_key=error["loc"][-1] == "[key]")
    return Fault(steps, error["msg"].replace("Input", "this"), "write another value")


def suggest(written: str, known: list[str]) -> str:
    """The nearest known name, or all of them."""
    near = get_close_matches(written, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"choose from {', '.join(known[:20])}" if known else "remove it"


def settings_at(steps: Steps) -> list[str]:
    """The names a policy file knows at this place."""
    kind: Any = PolicyFile
    for step in steps:
        kind = _inside(_bare(kind), step)
    kind = _bare(kind)
    return list(kind.model_fields) if _is_model(kind) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _bare(kind: Any) -> Any:
    """Without its validators and without None."""
    while get_origin(kind) in {Annotated, Union, UnionType}:
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def _inside(kind: Any, step: str | int) -> Any:
    if _is_model(kind):
        found = kind.model_fields.get(str(step))
        return found.annotation if found else None
    parts = get_args(kind)
    return (parts[1] if get_origin(kind) is dict else parts[0]) if parts else None
