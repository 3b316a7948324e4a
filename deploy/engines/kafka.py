"""Apache Kafka in KRaft mode: one node, or three of which one may fail; loopback only, small heaps.

Every node is broker and controller. Topics are not made by writing to them: `python -m services topics` makes them.
"""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.engines import children
from deploy.engines.children import Child, ChildFailed
from deploy.engines.kafka_guard import Guard
from deploy.engines.maven import fetch
from deploy.engines.ports import free_ports
from deploy.engines.running import EngineFailed, Running, Say

NAME = "kafka"
RECIPE = Path(__file__).parent / "kafka"
HEAP = "384m"
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
FIRST_PORT = 19092
HOST = "127.0.0.1"
READY = r"Kafka Server started"
# Kafka's own lines go to standard output, and only what went wrong or marks a beginning is worth keeping.
LOG4J = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss,SSS} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""
PROPERTIES = """process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners={listeners}
advertised.listeners=PLAINTEXT://{host}:{front}
listener.security.protocol.map={protocols}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/log
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor={copies}
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={least}
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={least}
default.replication.factor={copies}
min.insync.replicas={least}
log.cleaner.dedupe.buffer.size=16777216
broker.session.timeout.ms={session}
broker.heartbeat.interval.ms={heartbeat}
"""


PROTOCOLS = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"


@dataclass(slots=True)
class Cluster:
    """The nodes of a running Kafka. Counted from 0, as in `children`."""

    folder: Path
    jars: Path
    ports: Sequence[int]
    nodes: int = 1
    guard: Guard | None = None
    fronts: Sequence[int] = ()
    """Ports that clients are told instead of the nodes' own: of somebody who stands in front and passes things on."""
    children: list[Child] = field(default_factory=list)

    @property
    def address(self) -> str:
        """For `bootstrap.servers`."""
        return ",".join(f"{HOST}:{port}" for port in self.fronts or self.ports[: self.nodes])

    @property
    def guarded_address(self) -> str:
        """The same for the door with TLS and users."""
        return ",".join(f"{HOST}:{port}" for port in self.ports[2 * self.nodes :])

    def start_node(self, node: int) -> None:
        """Start a node, or start it again after a kill; returns when it serves. Raises ChildFailed."""
        if node < len(self.children) and children.alive(self.children[node]):
            return
        child = _launch(self, node)
        self.children[node : node + 1] = [child]
        children.await_line(child, READY)

    def stop(self) -> None:
        """End all nodes. Idempotent."""
        for child in self.children:
            children.terminate(child)  # all at once: the last one alone would wait for a majority
        for child in self.children:
            children.stop(child, patience=10)

    def noted(self) -> Running:
        """As the state file keeps it."""
        return Running(NAME, self.address, self.children)


def start(
    folder: Path,
    say: Say,
    nodes: int = 1,
    first_port: int | None = FIRST_PORT,
    guard: Guard | None = None,
    fronts: Sequence[int] = (),
) -> Cluster:
    """Bring up a cluster that keeps everything in `folder`; what was there before is there again.

    Ports are `first_port` and following, or free ones where that is None; with a guard there is a second door.
    Raises EngineFailed.
    """
    jars = fetch(RECIPE, say)
    count = nodes * (3 if guard else 2)
    ports = free_ports(count) if first_port is None else range(first_port, first_port + count)
    cluster = Cluster(folder, jars, ports, nodes, guard, fronts)
    if guard is not None:
        guard.make()
    identity = _identity(folder)
    try:
        for node in range(nodes):
            _format(cluster, node, identity)
            cluster.children.append(_launch(cluster, node))
        for child in cluster.children:
            children.await_line(child, READY)
    except (ChildFailed, OSError, subprocess.CalledProcessError) as failure:
        cluster.stop()
        raise EngineFailed(str(failure)) from failure
    say(f"{NAME}: {nodes} node{'s' if nodes > 1 else ''} at {cluster.address}")
    return cluster


def check_nodes(folder: Path, nodes: int | None) -> int:
    """How many nodes to start there: as many as keep something, at first one. Raises EngineFailed where others are asked."""
    kept = len([*folder.glob("node*/log/meta.properties")])
    if nodes and kept and nodes != kept:
        raise EngineFailed(
            f"{folder} holds a Kafka of {kept} node{'s' if kept > 1 else ''}, which cannot become {nodes}: `make engines` alone"
            " starts it, and after `make engines-down FORGET=--forget`, which deletes it, another can be made"
        )
    return nodes or kept or 1


def _identity(folder: Path) -> str:
    """The cluster's id, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "cluster.id"
    if not kept.exists():
        kept.write_text(new_identity())
    return kept.read_text()


def new_identity(draw: Callable[[], uuid.UUID] = uuid.uuid4) -> str:
    """Never with a dash first: Kafka's own tools take that for an option."""
    while True:
        drawn = urlsafe_b64encode(draw().bytes).decode().rstrip("=")
        if not drawn.startswith("-"):
            return drawn


def _format(cluster: Cluster, node: int, identity: str) -> None:
    """Write the node's settings, and prepare its storage where that was not done before."""
    place = cluster.folder / f"node{node}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "log4j2.properties").write_text(LOG4J)
    (place / "server.properties").write_text(_settings(cluster, node, place))
    if (place / "log" / "meta.properties").exists():
        return
    arguments = ["format", "-t", identity, "-c", str(place / "server.properties")]
    if cluster.guard is not None:
        arguments += cluster.guard.arguments()
    ran = subprocess.run(
        [*_java(cluster, place), "kafka.tools.StorageTool", *arguments], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise EngineFailed(f"Kafka could not prepare {place}:\n{ran.stdout}{ran.stderr}")


def _settings(cluster: Cluster, node: int, place: Path) -> str:
    several = cluster.nodes > 1
    controllers = cluster.ports[cluster.nodes : 2 * cluster.nodes]
    listeners = f"PLAINTEXT://{HOST}:{cluster.ports[node]},CONTROLLER://{HOST}:{controllers[node]}"
    settings = PROPERTIES.format(
        node=node + 1, host=HOST, front=(cluster.fronts or cluster.ports)[node], folder=place, listeners=listeners, protocols=PROTOCOLS,
        voters=",".join(f"{number + 1}@{HOST}:{port}" for number, port in enumerate(controllers)),
        copies=min(cluster.nodes, 3), least=2 if several else 1, session=3000 if several else 1500,
        heartbeat=500 if several else 300,
    )  # fmt: skip
    if cluster.guard is not None:
        settings += cluster.guard.settings(listeners, PROTOCOLS, HOST, cluster.ports[2 * cluster.nodes + node])
    return settings


def _launch(cluster: Cluster, node: int) -> Child:
    place = cluster.folder / f"node{node}"
    command = [*_java(cluster, place), f"-Xms{HEAP}", f"-Xmx{HEAP}", "kafka.Kafka", str(place / "server.properties")]
    return children.launch(f"{NAME} node {node}", command, mark=str(place / "server.properties"), log=place / "out.log")


def _java(cluster: Cluster, place: Path) -> list[str]:
    configured = f"-Dlog4j2.configurationFile={place / 'log4j2.properties'}"
    return [*JAVA, configured, "-cp", f"{cluster.jars}/*"]
