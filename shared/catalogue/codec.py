"""Envelope to record and back: CloudEvents binary mode on Kafka headers (own codec; the SDK is the oracle in tests)."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from shared.broker import Headers, Outgoing, Record
from shared.catalogue.envelope import TYPES, Envelope
from shared.clock import Ms


def _loses_nulls(kind: Any, seen: set[type[BaseModel]]) -> bool:
    """Whether leaving nulls out would change a value: some field in it, however deep, may be None without being so by
    default. Such a null is said: an empty owner, a policy that wants no quiet hours."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return any(_loses_nulls(part, seen) for part in get_args(kind))
    if kind in seen:
        return False
    seen.add(kind)
    fields = kind.model_fields.values()
    return any(
        (type(None) in get_args(field.annotation) and field.get_default(call_default_factory=False) is not None)
        or _loses_nulls(field.annotation, seen)
        for field in fields
    )


SAYS_NOTHING = frozenset(body for body in TYPES.values() if _loses_nulls(body, set()))
"""Bodies in which None must be said: their nulls are written, others' are not."""


class Malformed(Exception):
    """The record is no event of ours and never will be: a permanent fault."""


class UnknownType(Exception):
    """A type or version this worker does not know: it must be upgraded before it may go on (readers first)."""


def encode(envelope: Envelope, topic: str, partition: int) -> Outgoing:
    """The record that carries the envelope, which decoding gives back unchanged."""
    headers = (
        *_steady(envelope.source, envelope.type, envelope.organisation, envelope.desk),
        ("ce_id", envelope.id.encode()),
        ("ce_subject", envelope.subject.encode()),
        ("ce_time", _rfc3339(envelope.time)),
        ("ce_correlationid", envelope.correlation.encode()),
        ("ce_causationid", envelope.causation.encode()),
    )
    if envelope.seq:
        headers += (
            ("ce_sequence", b"%d" % envelope.seq),
            ("ce_position", b"%d" % envelope.position),
            ("ce_last", b"%d" % envelope.last),
        )
    body = envelope.body
    value = body.__pydantic_serializer__.to_json(body, exclude_none=type(body) not in SAYS_NOTHING)
    return Outgoing(topic, partition, envelope.desk.encode(), value, headers, envelope)


@lru_cache(maxsize=4_096)
def _steady(source: str, wire_type: str, organisation: str, desk: str) -> Headers:
    """The attributes that a desk's records of one type share."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", wire_type.encode()),
        ("content-type", b"application/json"),
        ("ce_organisation", organisation.encode()),
        ("ce_partitionkey", desk.encode()),
    )


def decode(record: Record) -> Envelope:
    """The envelope of a record; cached on it. Raises Malformed or UnknownType."""
    if record.decoded is None:
        record.decoded = _decode(record.key, record.headers, record.value)
    envelope: Envelope = record.decoded
    return envelope


def _decode(key: bytes | None, headers: Headers, value: bytes) -> Envelope:
    wire_type = ""
    try:
        attributes = {name: content.decode() for name, content in headers}
        wire_type = attributes["ce_type"]
        if key != attributes["ce_partitionkey"].encode():
            raise Malformed("the key is not the desk")
        if wire_type not in TYPES:
            raise UnknownType(wire_type) if wire_type.startswith("sanad.") else Malformed("not a type of ours")
        return Envelope(
            id=attributes["ce_id"],
            source=attributes["ce_source"],
            time=_milliseconds(attributes["ce_time"]),
            organisation=attributes["ce_organisation"],
            desk=attributes["ce_partitionkey"],
            correlation=attributes["ce_correlationid"],
            causation=attributes["ce_causationid"],
            body=TYPES[wire_type].__pydantic_validator__.validate_json(value),
            seq=int(attributes.get("ce_sequence", 0)),
            position=int(attributes.get("ce_position", -1)),
            last=attributes.get("ce_last") == "1",
        )
    except KeyError as missing:
        raise Malformed(f"attribute {missing} is missing") from None
    except (ValidationError, ValueError) as fault:
        if _is_newer(fault):
            raise UnknownType(f"{wire_type} with fields of a newer version") from None
        raise Malformed(f"{type(fault).__name__}: {_where(fault)}") from None


def _is_newer(fault: Exception) -> bool:
    """Nothing is wrong but fields this worker does not know: it must be upgraded, the record is sound."""
    return isinstance(fault, ValidationError) and {error["type"] for error in fault.errors()} == {"extra_forbidden"}


def _where(fault: Exception) -> str:
    """Which fields are wrong, never what they held: it may be a customer's text."""
    if isinstance(fault, ValidationError):
        return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['type']}" for error in fault.errors()[:5])
    return "an attribute cannot be read"


@lru_cache(maxsize=256)
def _rfc3339(time: Ms) -> bytes:
    """All facts of one command have one time."""
    seconds, milliseconds = divmod(time, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{milliseconds:03d}Z".encode()


@lru_cache(maxsize=256)
def _milliseconds(text: str) -> Ms:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)
