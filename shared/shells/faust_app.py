"""The Faust app of a shell: no tables, no leader, no web server; each setting for a reason that was measured.

Faust looks at the machine, by a process of its own, when it is imported: so it is imported when the first shell is made.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from shared.brokers.kafka_address import KafkaAddress
from shared.shells.faust_haste import hasty
from shared.shells.kafka_group import AHEAD, HEARTBEAT, POLL, UNFETCHED, KafkaGroup

if TYPE_CHECKING:
    import faust


def load() -> None:
    """Import Faust now: that takes seconds of a processor, and on a machine that is short of it, longer than a loop may
    stand still once it is watched."""
    import faust.transport.drivers.aiokafka  # noqa: F401 - for its effect


def new_app(group: KafkaGroup, folder: Path) -> "faust.App":
    """An app that keeps what little it writes in `folder`. Reads the files of certificates."""
    import faust
    from faust.transport.drivers import aiokafka as driver

    # Without tables Faust deals partitions out one by one over all topics; in ranges, equal numbers of all topics come
    # to the same member. It has no setting for this.
    setattr(driver, "RoundRobinPartitionAssignor", RangePartitionAssignor)  # noqa: B010 - not exported, so not known to be there
    app = faust.App(
        group.name,
        broker=[f"kafka://{server}" for server in group.address.servers.split(",")],
        broker_credentials=_credentials(group.address),
        datadir=folder,
        agent_supervisor="mode.CrashingSupervisor",
        autodiscover=False,
        broker_client_id="sanad",
        broker_commit_interval=0.5,
        broker_max_poll_interval=UNFETCHED.total_seconds(),
        broker_max_poll_records=POLL,
        broker_heartbeat_interval=HEARTBEAT.total_seconds(),
        broker_rebalance_timeout=group.session.total_seconds(),
        broker_request_timeout=2 * group.session.total_seconds(),
        broker_session_timeout=group.session.total_seconds(),
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=group.member or None,
        cython_optimizations=False,
        producer_request_timeout=30,
        store="memory://",
        stream_buffer_maxsize=AHEAD,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    setattr(app.transport, "Consumer", hasty(driver.Consumer))  # noqa: B010 - its type says that it is never set
    return app


def _credentials(address: KafkaAddress) -> "faust.types.auth.CredentialsT | None":
    import faust

    security, context = address.security, address.asyncio_client().get("ssl_context")
    if security.user:
        return faust.SASLCredentials(
            username=security.user, password=security.password, ssl_context=context, mechanism=security.mechanism
        )
    return faust.SSLCredentials(context) if context is not None else None
