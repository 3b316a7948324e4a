"""What every topic of Kafka should be, without a Kafka."""

import gc
import socket
import threading

import pytest
from typer.testing import CliRunner

from deploy.engines.ports import free_ports
from services.verbs.cli import build
from services.verbs.kafka_topics import DESKS, Difference, apply, compare, configs_of
from shared.broker import BrokerUnavailable
from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_admin import KafkaAdmin
from shared.catalogue.topics import TOPICS
from shared.clock import DAY
from tests.simulated_kafka.admin import Admin
from tests.simulated_kafka.cluster import Cluster


@pytest.mark.parametrize("topic", [*TOPICS, DESKS])
def test_time_is_the_logs_and_an_unclean_leader_is_never_chosen(topic: str) -> None:
    configs = configs_of(topic, 3)
    assert configs["message.timestamp.type"] == "LogAppendTime"
    assert configs["unclean.leader.election.enable"] == "false"
    assert configs["min.insync.replicas"] == "2"


@pytest.mark.parametrize("topic", ["sanad.desk", "sanad.sla", "sanad.surveys"])
def test_facts_are_kept_for_ever(topic: str) -> None:
    configs = configs_of(topic, 3)
    assert (configs["retention.ms"], configs["retention.bytes"], configs["cleanup.policy"]) == ("-1", "-1", "delete")


@pytest.mark.parametrize("topic", ["sanad.commands", "sanad.deliveries"])
def test_what_holds_text_is_forgotten_after_two_weeks_and_a_segment(topic: str) -> None:
    configs = configs_of(topic, 3)
    assert configs["retention.ms"] == str(14 * DAY)
    assert int(configs["segment.ms"]) <= DAY // 4


def test_of_each_desk_the_last_place_counts() -> None:
    assert configs_of(DESKS, 3)["cleanup.policy"] == "compact"


@pytest.mark.parametrize(("replicas", "least"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_one_copy_may_be_away(replicas: int, least: str) -> None:
    assert configs_of("sanad.desk", replicas)["min.insync.replicas"] == least


def test_a_difference_reads_like_a_diff() -> None:
    changed = Difference("sanad.desk", 96, 3, configs={"retention.ms": "-1"}, was={"retention.ms": "604800000"})
    assert list(changed.lines()) == ["~ sanad.desk: retention.ms 604800000 → -1"]
    made = Difference("sanad.sla", 96, 1, missing=True, configs={"retention.ms": "-1"})
    assert list(made.lines()) == ["+ sanad.sla: 96 partitions, 1 replica", "+ sanad.sla: retention.ms -1"]


def test_another_number_of_partitions_is_refused() -> None:
    admin = Admin(Cluster(), KafkaAddress("127.0.0.1:1", "p."))
    apply(admin, compare(admin, 3, None))
    assert compare(admin, 3, None) == []
    differences = compare(admin, 4, None)
    assert {one.topic for one in differences if "fixed at install" in one.refused} == {*TOPICS, DESKS}
    assert next(differences[0].lines()).startswith("! sanad.commands: has 3 partitions, the settings say 4")


def test_a_topic_without_its_own_time_is_mended_and_nothing_else_changed() -> None:
    admin = Admin(Cluster(), KafkaAddress("127.0.0.1:1", "p."))
    apply(admin, compare(admin, 3, None))
    admin.configure("sanad.desk", {"message.timestamp.type": "CreateTime", "segment.bytes": "1"})
    apply(admin, compare(admin, 3, None))
    assert compare(admin, 3, None) == []
    assert admin.configs("sanad.desk")["message.timestamp.type"] == "LogAppendTime"
    assert admin.configs("sanad.desk")["segment.bytes"] == "1"


def test_without_servers_the_setting_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANAD_KAFKA_SERVERS", raising=False)
    ran = CliRunner().invoke(build(), ["topics"])
    assert ran.exit_code == 2
    assert "SANAD_KAFKA_SERVERS" in ran.output


def test_a_kafka_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_KAFKA_SERVERS", f"127.0.0.1:{free_ports(1)[0]}")
    ran = CliRunner().invoke(build(), ["topics"])
    assert ran.exit_code == 3
    assert "does not answer" in ran.output


def test_an_admin_that_finds_no_server_leaves_nothing_running() -> None:
    before = threading.active_count()
    with pytest.raises(BrokerUnavailable, match="no server listens"):
        KafkaAdmin(KafkaAddress(f"127.0.0.1:{free_ports(1)[0]}"))
    assert threading.active_count() == before


@pytest.mark.slow
def test_an_admin_of_a_mute_server_gives_up_and_leaves_nothing_running() -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(BrokerUnavailable):
        KafkaAdmin(KafkaAddress(f"127.0.0.1:{mute.getsockname()[1]}", patience=500))
    gc.collect()
    assert threading.active_count() == before
