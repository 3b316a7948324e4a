"""TLS and SASL/SCRAM against a real broker: who may get in does, nobody else, and the secret is never told."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from deploy.engines import kafka
from deploy.engines.kafka import Cluster
from deploy.engines.kafka_guard import Guard
from deploy.engines.ports import free_ports
from shared.broker import BrokerUnavailable, NotLetIn, Outgoing
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress, KafkaSecurity, address_of
from shared.brokers.kafka_admin import KafkaAdmin
from shared.brokers.kafka_refusal import check_entry, refusal
from shared.clock import SECOND
from shared.settings import Settings
from tests.contracts.ports.kafka_logs import CONFIGS
from tests.engines.kafka import need_java, quiet

Mechanism = Literal["SCRAM-SHA-256", "SCRAM-SHA-512"]

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.anyio,
    # asyncio's own of Python 3.11, where a TLS handshake failed
    pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_java()
    guard = Guard(tmp_path_factory.mktemp("guard"))
    started = kafka.start(tmp_path_factory.mktemp("kafka"), quiet, first_port=None, guard=guard)
    with KafkaAdmin(KafkaAddress(started.address)) as admin:
        admin.create("facts", 1, 1, CONFIGS)
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Connections a library forgot are told of here, where that is expected, and not in anybody else's test."""
    yield
    gc.collect()


@pytest.fixture
def guard(cluster: Cluster) -> Guard:
    assert cluster.guard is not None
    return cluster.guard


@pytest.fixture
def address(cluster: Cluster, guard: Guard, tmp_path: Path) -> KafkaAddress:
    """As an operator sets it."""
    (tmp_path / "password").write_text(f"{guard.password}\n")
    settings = Settings(
        kafka_servers=cluster.guarded_address,
        kafka_tls=True,
        kafka_authorities_file=guard.authorities,
        kafka_user=guard.user,
        kafka_password_file=tmp_path / "password",
    )
    return replace(address_of(settings), patience=3 * SECOND)


REFUSALS: list[tuple[dict[str, object], str]] = [
    ({}, ""),
    ({"password": "not the password"}, "SANAD_KAFKA_PASSWORD_FILE"),
    ({"user": "nobody"}, "SANAD_KAFKA_USER"),
    ({"user": ""}, "SANAD_KAFKA_USER"),
    ({"authorities": None}, "SANAD_KAFKA_AUTHORITIES_FILE"),
    ({"tls": False}, "SANAD_KAFKA_TLS"),
]


@pytest.mark.parametrize(("wrong", "setting"), REFUSALS, ids=lambda given: str(next(iter(given), "")))
async def test_who_is_kept_out_is_told_by_which_setting(
    address: KafkaAddress, guard: Guard, wrong: dict[str, object], setting: str
) -> None:
    security: KafkaSecurity = replace(address.security, **wrong)  # type: ignore[arg-type]  # one wrong field at a time
    said = await refusal(replace(address, security=security))
    assert setting in said
    assert bool(said) is bool(setting)
    assert guard.password not in said


async def test_who_asks_for_users_where_there_are_none_is_told(cluster: Cluster, address: KafkaAddress) -> None:
    security = replace(address.security, tls=False)
    assert "SANAD_KAFKA_USER" in await refusal(replace(address, servers=cluster.address, security=security))
    with pytest.raises(NotLetIn, match="SANAD_KAFKA_TLS"):
        await check_entry(replace(address, servers=cluster.address))


async def test_a_cluster_that_does_not_answer_refuses_nobody(address: KafkaAddress) -> None:
    (port,) = free_ports(1)
    await check_entry(replace(address, servers=f"127.0.0.1:{port}"))


async def write_and_read(address: KafkaAddress) -> bytes:
    broker = KafkaBroker(address, 1)
    try:
        (place,) = await broker.append([Outgoing("facts", 0, b"desk", b"guarded")])
        (record,) = await broker.read("facts", 0, place.offset)
        return record.value
    finally:
        await broker.close()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_a_user_with_the_password_writes_and_reads_by_tls(address: KafkaAddress, mechanism: Mechanism) -> None:
    security = replace(address.security, mechanism=mechanism)
    assert security.protocol == "SASL_SSL"
    assert await write_and_read(replace(address, security=security)) == b"guarded"


@pytest.mark.parametrize(
    "wrong",
    [{"password": "not the password"}, {"user": "nobody"}, {"authorities": None}, {"tls": False}],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_anyone_else_is_kept_out_and_no_secret_is_told(
    address: KafkaAddress, guard: Guard, wrong: dict[str, object]
) -> None:
    security: KafkaSecurity = replace(address.security, **wrong)  # type: ignore[arg-type]  # one wrong field at a time
    with pytest.raises(BrokerUnavailable) as refused:
        await write_and_read(replace(address, security=security))
    assert guard.password not in str(refused.value)
    assert "not the password" not in str(refused.value)
