"""`topics` on a real Kafka: made once, mended, and a desk is never lost to another number of partitions."""

import re
import uuid

import pytest
from typer.testing import CliRunner

from services.verbs.cli import build
from services.verbs.kafka_topics import DESKS
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.catalogue.topics import TOPICS
from tests.engines import kafka

pytestmark = [pytest.mark.engines, pytest.mark.slow]

NAMES = {*TOPICS, DESKS}


class Installation:
    """One prefix on the session's broker, and the verb."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.address = KafkaAddress(kafka.address(), f"{uuid.uuid4().hex[:8]}.")
        self._patch = patch
        self.set("SERVERS", self.address.servers)
        self.set("PREFIX", self.address.prefix)
        self.set("PARTITIONS", "3")

    def set(self, name: str, value: str) -> None:
        self._patch.setenv(f"SANAD_KAFKA_{name}", value)

    def call(self, *arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(build(), ["topics", *arguments])
        return ran.exit_code, ran.output

    def admin(self) -> KafkaAdmin:
        return KafkaAdmin(self.address)


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch) -> Installation:
    return Installation(monkeypatch)


def test_topics_are_made_as_they_should_be_and_only_once(installation: Installation) -> None:
    code, said = installation.call()
    assert (code, "6 topics made or mended" in said) == (0, True)
    with installation.admin() as admin:
        shapes = admin.topics()
        configs = {name: admin.configs(name) for name in NAMES}
    assert shapes.keys() == NAMES
    assert {shape.partitions for shape in shapes.values()} == {3}
    assert {one["message.timestamp.type"] for one in configs.values()} == {"LogAppendTime"}
    assert {name for name in NAMES if configs[name]["retention.ms"] == "-1"} == {
        "sanad.desk", "sanad.sla", "sanad.surveys", DESKS,
    }  # fmt: skip
    assert configs[DESKS]["cleanup.policy"] == "compact"
    assert installation.call() == (0, "All topics are as they should be.\n")
    with installation.admin() as admin:
        assert admin.topics() == shapes


def test_a_dry_run_changes_nothing(installation: Installation) -> None:
    code, said = installation.call("--dry-run")
    assert code == 0
    assert re.search(r"^\+ sanad\.commands: 3 partitions, 1 replica$", said, re.MULTILINE)
    with installation.admin() as admin:
        assert admin.topics() == {}


def test_what_somebody_changed_is_shown_and_mended(installation: Installation) -> None:
    installation.call()
    with installation.admin() as admin:
        admin.configure("sanad.desk", {"retention.ms": "604800000", "message.timestamp.type": "CreateTime"})
    code, said = installation.call("--dry-run")
    assert code == 0
    assert said.splitlines()[:2] == [
        "~ sanad.desk: message.timestamp.type CreateTime → LogAppendTime",
        "~ sanad.desk: retention.ms 604800000 → -1",
    ]
    assert "1 topics differ; nothing was changed" in said
    installation.call()
    with installation.admin() as admin:
        assert admin.configs("sanad.desk")["retention.ms"] == "-1"
    assert installation.call("--dry-run")[1] == "All topics are as they should be.\n"


def test_what_the_desk_does_not_mind_is_left_alone(installation: Installation) -> None:
    installation.call()
    with installation.admin() as admin:
        admin.configure("sanad.desk", {"segment.bytes": "104857600"})
    assert installation.call() == (0, "All topics are as they should be.\n")
    with installation.admin() as admin:
        assert admin.configs("sanad.desk")["segment.bytes"] == "104857600"


@pytest.mark.parametrize(("setting", "value"), [("PARTITIONS", "4"), ("REPLICAS", "2")])
def test_another_number_of_partitions_or_replicas_is_refused_and_nothing_changed(
    installation: Installation, setting: str, value: str
) -> None:
    installation.call()
    with installation.admin() as admin:
        admin.configure("sanad.desk", {"retention.ms": "1000000"})
    installation.set(setting, value)
    code, said = installation.call()
    assert code == 1
    assert re.search(rf"^! sanad\.desk: has \d \w+, the settings say {value}", said, re.MULTILINE)
    with installation.admin() as admin:
        assert admin.configs("sanad.desk")["retention.ms"] == "1000000"
        assert {shape.partitions for shape in admin.topics().values()} == {3}
