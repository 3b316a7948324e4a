"""Envelope to record and back, with the CloudEvents SDK as the judge."""

import json
from dataclasses import replace

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from services.verbs.contract_files.examples import example_envelope
from services.verbs.contract_files.registry import CONTRACTS
from shared.broker import Record
from shared.catalogue.codec import Malformed, UnknownType, decode, encode
from shared.catalogue.envelope import Envelope

FACT = "sanad.ticket.opened.v1"
COMMAND = "sanad.ticket.update.v1"
POLICY = "sanad.policy.applied.v1"


def written(envelope: Envelope) -> Record:
    out = encode(envelope, CONTRACTS[envelope.type].topic.name, 0)
    return Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)


def with_header(record: Record, name: str, value: bytes | None) -> Record:
    headers = tuple((key, old) for key, old in record.headers if key != name)
    return replace(record, headers=headers if value is None else (*headers, (name, value)), decoded=None)


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_the_sdk_reads_what_we_write(wire_type: str) -> None:
    envelope = example_envelope(wire_type)
    record = written(envelope)
    event = from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat())
    assert (event.get_id(), event.get_source(), event.get_type()) == (envelope.id, envelope.source, wire_type)
    assert (event.get_subject(), event.get_specversion()) == (envelope.subject, "1.0")
    time = event.get_time()
    assert time is not None
    assert round(time.timestamp() * 1_000) == envelope.time
    assert event.get_extension("organisation") == envelope.organisation
    assert event.get_extension("partitionkey") == envelope.desk
    assert event.get_extension("correlationid") == envelope.correlation
    assert event.get_extension("causationid") == envelope.causation
    assert event.get_data() == json.loads(record.value)


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_readers_of_the_same_process_are_handed_what_all_others_decode(wire_type: str) -> None:
    envelope = example_envelope(wire_type)
    out = encode(envelope, CONTRACTS[wire_type].topic.name, 0)
    assert out.decoded is envelope
    assert decode(written(envelope)) == envelope


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_we_read_what_the_sdk_writes(wire_type: str) -> None:
    record = written(example_envelope(wire_type))
    event = from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat())
    message = to_binary(event, JSONFormat())
    assert isinstance(message.key, str)
    again = Record(record.topic, 0, 0, 0, message.key.encode(), message.value, tuple(message.headers.items()))
    assert decode(again) == example_envelope(wire_type)


@given(st.integers(0, 4_102_444_800_000))
def test_any_time_survives_to_the_millisecond(time: int) -> None:
    envelope = example_envelope(FACT)._replace(time=time)
    assert decode(written(envelope)).time == time


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.booleans())
def test_the_place_in_the_log_survives(seq: int, position: int, last: bool) -> None:
    envelope = example_envelope(FACT)._replace(seq=seq, position=position, last=last)
    assert decode(written(envelope)) == envelope


def test_commands_have_no_place() -> None:
    assert {"ce_sequence", "ce_position", "ce_last"}.isdisjoint(dict(written(example_envelope(COMMAND)).headers))


def test_a_record_is_read_once() -> None:
    record = written(example_envelope(FACT))
    assert decode(record) is decode(record)


def test_a_field_of_a_newer_writer_is_ignored() -> None:
    record = written(example_envelope(FACT))
    newer = replace(record, value=json.dumps({**json.loads(record.value), "mood": "fine"}).encode(), decoded=None)
    assert decode(newer) == decode(record)


def test_a_policy_with_a_section_we_do_not_know_stops_us() -> None:
    """A policy must mean all it says: half of it would be another policy."""
    record = written(example_envelope(POLICY))
    body = json.loads(record.value)
    body["policy"]["weather"] = {}
    with pytest.raises(UnknownType, match="newer version"):
        decode(replace(record, value=json.dumps(body).encode(), decoded=None))


@pytest.mark.parametrize("wire_type", ["sanad.ticket.opened.v2", "sanad.ticket.vanished.v1"])
def test_an_unknown_type_of_ours_stops_us(wire_type: str) -> None:
    with pytest.raises(UnknownType, match=wire_type):
        decode(with_header(written(example_envelope(FACT)), "ce_type", wire_type.encode()))


MALFORMED = {
    "somebody else's type": ("ce_type", b"com.example.thing"),
    "no type": ("ce_type", None),
    "no id": ("ce_id", None),
    "no desk": ("ce_partitionkey", None),
    "another desk than the key says": ("ce_partitionkey", b"desk-2"),
    "a time that is none": ("ce_time", b"yesterday"),
    "a seq that is none": ("ce_sequence", b"many"),
    "bytes that are no text": ("ce_source", b"\xff\xfe"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_can_never_be_read_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        decode(with_header(written(example_envelope(FACT)), *MALFORMED[name]))


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"{}", b'{"ticket": 5}'])
def test_a_body_that_does_not_fit_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        decode(replace(written(example_envelope(FACT)), value=value, decoded=None))


def test_what_was_wrong_is_said_without_what_was_written() -> None:
    record = written(example_envelope("sanad.message.receive.v1"))
    body = {**json.loads(record.value), "sent_at": "my secret", "text": ["my secret"]}
    with pytest.raises(Malformed) as fault:
        decode(replace(record, value=json.dumps(body).encode(), decoded=None))
    assert "sent_at" in str(fault.value)
    assert "secret" not in str(fault.value)
