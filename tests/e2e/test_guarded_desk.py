"""A desk whose Kafka wants TLS and users: it works, who has a wrong password is told so, and nobody outlives who started them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from deploy.engines import kafka as engine
from deploy.engines.kafka import Cluster
from deploy.engines.kafka_guard import Guard
from tests.e2e.crashing.campaign import children_of
from tests.e2e.living_desk import HOUSE, LivingDesk
from tests.e2e.policies import write_fast_policy
from tests.engines.installation import on_kafka
from tests.engines.kafka import need_java, quiet
from tests.unit.shared.engine_stage import until

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.anyio]
REFUSED = 2


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_java()
    guard = Guard(tmp_path_factory.mktemp("guard"))
    started = engine.start(tmp_path_factory.mktemp("kafka"), quiet, first_port=None, guard=guard)
    (guard.folder / "password").write_text(f"{guard.password}\n")
    yield started
    started.stop()


def guarded(cluster: Cluster, shell: str) -> dict[str, str]:
    """As an operator sets it."""
    guard = cluster.guard
    assert guard is not None
    return on_kafka(shell) | {
        "SANAD_KAFKA_SERVERS": cluster.guarded_address, "SANAD_KAFKA_TLS": "true",
        "SANAD_KAFKA_AUTHORITIES_FILE": str(guard.authorities), "SANAD_KAFKA_USER": guard.user,
        "SANAD_KAFKA_PASSWORD_FILE": str(guard.folder / "password"),
    }  # fmt: skip


@pytest.fixture(params=["faust", "aiokafka"])
def desk(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Iterator[LivingDesk]:
    desk = LivingDesk(tmp_path, write_fast_policy(tmp_path, acknowledges=False))
    desk.environment.update(guarded(cluster, request.param))
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


async def test_services_decide_behind_tls_and_users_and_end_with_who_started_them(desk: LivingDesk) -> None:
    filled = {"name": "Amal", "email": "amal@example.com", "message": "I lost my card"}
    told = httpx2.post(f"{desk.url}/in/forms/pk_waha_contact", json=filled, headers={"Origin": desk.url}, timeout=30)
    message = told.raise_for_status().json()["message"]

    def opened() -> bool:
        with desk.client() as client:
            tickets = client.get("/v1/tickets").raise_for_status().json()["items"]
        return [ticket["opening"] for ticket in tickets] == [message]

    await until(opened)
    assert len(children_of(desk.folder)) > 5
    desk.kill()
    await until(lambda: children_of(desk.folder) == [])


@pytest.mark.parametrize("command", [["services.router"], ["services", "topics"], ["services", "install", "--before"]])
def test_a_wrong_password_is_told_as_such(cluster: Cluster, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "password").write_text("not the password")
    rest = {key: value for key, value in os.environ.items() if not key.startswith("SANAD_")}
    given = guarded(cluster, "aiokafka") | {
        "SANAD_KAFKA_PASSWORD_FILE": str(tmp_path / "password"), "SANAD_FOLDER": str(tmp_path / "desk"),
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=HOUSE, env=rest | given, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert ended.returncode == REFUSED
    assert "the user or the password is wrong (SANAD_KAFKA_USER, SANAD_KAFKA_PASSWORD_FILE)" in ended.stderr
    assert "not the password" not in ended.stderr + ended.stdout
