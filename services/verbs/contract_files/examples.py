"""One full example of every type, made from its own annotations: every field set, always the same values."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

from services.gateway.policy_file.loader import load_policy
from services.verbs.contract_files.registry import CONTRACTS
from shared.catalogue.commands import Command
from shared.catalogue.envelope import TYPES, Body, Envelope
from shared.clock import Ms
from shared.ids import named_id
from shared.policy.policy import Policy

NOON: Ms = 1_767_268_800_000
"""2026-01-01, 12:00 UTC."""
DESK_YAML = """
desk: {id: desk-1, organisation: organisation-1, name: {ar: مكتب, en: Desk}}
brands: {shop: {name: {ar: المتجر, en: Shop}}}
accounts: {form: {channel: webform, name: {ar: نموذج, en: Form}, key: public-form-1}}
teams: {support: {name: {ar: الدعم, en: Support}}}
rules: [{id: otherwise}]
"""
CHOSEN: Mapping[str, Any] = {
    "language": "ar", "score": 4, "level": 3, "number": 1024, "resolution": 1, "cycle": 1, "tier": 1,
    "epoch": 2, "capacity": 12, "weight": 2, "load": 4, "size": 2048, "media_type": "application/pdf",
    "address": "customer@example.org", "category": "billing/refund", "policy_version": 3, "version": 3,
}  # fmt: skip
"""Values for fields whose type alone would allow nonsense."""


@cache
def example(wire_type: str) -> Body:
    """The example body of a type."""
    return cast("Body", build(TYPES[wire_type]))


def example_envelope(wire_type: str) -> Envelope:
    """The example as it travels."""
    body = example(wire_type)
    contract = CONTRACTS[wire_type]
    numbered = not isinstance(body, Command)
    return Envelope(
        id=named_id("example", wire_type), source=contract.writers[0], time=NOON, organisation="organisation-1",
        desk="desk-1", correlation=named_id("example", "first cause"), causation=named_id("example", "cause"),
        body=body, seq=7 if numbered else 0, position=42 if numbered else -1, last=numbered,
    )  # fmt: skip


def build(model: type[BaseModel]) -> BaseModel:
    """An instance with every field set."""
    if issubclass(model, Policy):
        return load_policy(DESK_YAML, at=NOON)
    fields = {name: _value(field.annotation, name) for name, field in model.model_fields.items()}
    return model.model_validate(fields)


def _value(annotation: Any, name: str) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _value(next(argument for argument in arguments if argument is not NoneType), name)
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (_value(arguments[0], name),)
    if origin is dict:
        return {"name": _value(arguments[1], "value")}
    if origin is not None:
        return _value(arguments[0], name)
    return _plain(annotation, name)


def _plain(annotation: type, name: str) -> Any:
    if issubclass(annotation, BaseModel):
        return build(annotation)
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if type(CHOSEN.get(name)) is annotation:
        return CHOSEN[name]
    if annotation is bool:
        return True
    if annotation is int:
        return NOON if name.endswith(("_at", "since", "until", "due", "start", "end")) else 1
    return f"{name.replace('_', '-').removesuffix('s')}-1"
