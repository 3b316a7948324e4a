"""The parts of the Kafka log that need no Kafka: sizes, holes, lanes, addresses."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.engines.ports import free_ports
from shared.broker import MAX_RECORD_BYTES, BrokerUnavailable, Outgoing, RecordTooLarge
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress, KafkaSecurity, address_of
from shared.brokers.kafka_lane import Lane, weigh
from shared.brokers.kafka_producer import BATCH_BYTES, Producers
from shared.brokers.kafka_reader import hole_in
from shared.clock import MINUTE
from shared.settings import Settings
from tests.engines.foreign import wire_size


@dataclass
class Fetched:
    """A record as the library gives it, as far as its place goes."""

    offset: int


def outgoing(size: int, headers: int = 0) -> Outgoing:
    return Outgoing("facts", 0, b"", b"v" * size, (("h", b""),) * headers)


@pytest.mark.parametrize(
    "record",
    [
        outgoing(MAX_RECORD_BYTES + 1),
        Outgoing("facts", 0, b"k", b"v" * MAX_RECORD_BYTES),
        Outgoing("facts", 0, b"", b"v" * MAX_RECORD_BYTES, (("h", b""),)),
        outgoing(0, headers=200_000),
    ],
)
def test_what_can_never_be_appended_is_refused(record: Outgoing) -> None:
    with pytest.raises(RecordTooLarge):
        weigh(record)


@given(st.integers(0, 2_000), st.integers(0, 30))
def test_a_record_is_never_heavier_than_it_was_weighed(size: int, headers: int) -> None:
    record = outgoing(size, headers)
    assert size <= wire_size(record) <= weigh(record)


@given(st.integers(0, 50), st.integers(1, 20), st.integers(0, 19))
def test_a_hole_is_found_where_it_begins(start: int, count: int, missing: int) -> None:
    whole = [Fetched(start + at) for at in range(count)]
    assert hole_in(whole, start) is None
    assert hole_in(whole, start - 1) == start - 1
    holed = [one for one in whole if one.offset != start + missing]
    expected = start + missing if missing < count - 1 and holed else None
    assert hole_in(holed, start) == expected


def test_nothing_fetched_is_no_hole() -> None:
    assert hole_in([], 7) is None


@pytest.mark.anyio
async def test_a_batch_takes_whole_calls_in_order_and_no_more_than_fits() -> None:
    lane = Lane("facts", 0, Producers(KafkaAddress("127.0.0.1:1")), MINUTE, lambda *_: None)
    third = BATCH_BYTES // 3
    for records in ([1, 1, 1], [third, third, third, third], [1]):
        lane.put([outgoing(0) for _ in records], records)
    running, lane._running = lane._running, None
    assert running is not None
    running.cancel()
    first = lane._take()
    assert [(len(share.records), part) for share, part in first] == [(3, range(3)), (4, range(2))]
    share = first[1][0]
    share.places += [None] * 2  # type: ignore[list-item]  # as if two were acknowledged
    assert [(len(share.records), part) for share, part in lane._take()] == [(4, range(2, 4)), (1, range(1))]
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.anyio
async def test_without_a_cluster_every_call_says_so_and_closing_ends() -> None:
    broker = KafkaBroker(KafkaAddress(f"127.0.0.1:{free_ports(1)[0]}", patience=300), 4)
    for call in (broker.append([outgoing(1)]), broker.read("facts", 0, 0), broker.wait("facts", 0, 0, 10)):
        with pytest.raises(BrokerUnavailable):
            await call
    await broker.close()
    await broker.close()
    with pytest.raises(BrokerUnavailable, match="closed"):
        await broker.topic_id("facts")


@pytest.mark.parametrize(
    ("security", "protocol"),
    [
        (KafkaSecurity(tls=False), "PLAINTEXT"),
        (KafkaSecurity(), "SSL"),
        (KafkaSecurity(tls=False, user="sanad"), "SASL_PLAINTEXT"),
        (KafkaSecurity(user="sanad"), "SASL_SSL"),
    ],
)
def test_both_libraries_are_told_the_same_protocol(security: KafkaSecurity, protocol: str) -> None:
    address = KafkaAddress("one:1,two:2", security=security)
    assert address.asyncio_client()["security_protocol"] == protocol
    assert address.admin_client()["security_protocol"] == protocol
    assert (
        address.asyncio_client()["bootstrap_servers"]
        == address.admin_client()["bootstrap_servers"]
        == ["one:1", "two:2"]
    )
    assert ("ssl_context" in address.asyncio_client()) is security.tls


def test_the_settings_make_an_address_and_the_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    settings = Settings(
        kafka_servers="one:1", kafka_prefix="p.", kafka_user="sanad", kafka_password_file=tmp_path / "password"
    )
    address = address_of(settings)
    assert (address.servers, address.prefix, address.security.user) == ("one:1", "p.", "sanad")
    assert address.security.password == "open sesame"
    assert "sesame" not in repr(address)
