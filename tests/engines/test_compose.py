"""What the compose file sets for Kafka is what a real one starts with, and our topics can be made there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.engines import children, kafka
from deploy.engines.maven import fetch
from deploy.engines.ports import free_ports
from tests.architecture.tree import ROOT
from tests.engines.kafka import need_java, quiet
from tests.unit.deploy.test_compose import PARTS, environment

pytestmark = [pytest.mark.engines, pytest.mark.slow]
CLUSTER = "5L6g3nShT-eMCtK--X86sw"
OUTSIDE = {"KAFKA_HEAP_OPTS"}
"""Meant for Java, not for Kafka."""


def properties(place: Path, door: int, controller: int) -> str:
    """Settings as the image makes them of its environment, but at ports and in a folder of ours."""
    lines = []
    for name, value in PARTS["kafka"]["environment"].items():
        if name not in OUTSIDE:
            told = str(value).replace("kafka:9092", f"127.0.0.1:{door}").replace(":9092", f":{door}")
            told = told.replace(":9093", f":{controller}").replace("/var/lib/kafka/data", str(place / "data"))
            lines.append(f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={told}")
    return "\n".join(lines)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    need_java()
    door, controller = free_ports(2)
    settings = tmp_path / "server.properties"
    settings.write_text(properties(tmp_path, door, controller))
    (tmp_path / "log4j2.properties").write_text(kafka.LOG4J)
    jars = fetch(kafka.RECIPE, quiet)
    java = [*kafka.JAVA, f"-Dlog4j2.configurationFile={tmp_path / 'log4j2.properties'}", "-cp", f"{jars}/*"]
    made = [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(settings)]
    subprocess.run(made, check=True, capture_output=True)
    command = [*java, f"-Xmx{kafka.HEAP}", "kafka.Kafka", str(settings)]
    child = children.start("kafka", command, mark=str(settings), log=tmp_path / "out.log", ready=kafka.READY)
    try:
        yield f"127.0.0.1:{door}"
    finally:
        children.stop(child)


def test_a_real_kafka_starts_with_these_settings_and_takes_our_topics(broker: str) -> None:
    ours = environment(PARTS["prepare"]) | {"SANAD_KAFKA_SERVERS": broker}
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
    made = subprocess.run(
        [sys.executable, "-m", "services", "topics"],
        cwd=ROOT,
        env=rest | ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert f"sanad.commands: {ours['SANAD_KAFKA_PARTITIONS']} partitions, 1 replica" in made.stdout + made.stderr
