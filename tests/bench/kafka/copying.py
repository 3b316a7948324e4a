"""`python -m tests.bench.kafka.copying <bare|faust|aiokafka> <servers> <prefix> <partitions>`: copy commands to facts.

`bare` is what aiokafka does for who asks no more of it: consume, produce, wait for all, commit. The others are our
engine with that shell over a fold that copies; all that a service has beside its rules is there.
"""

import asyncio
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.verbs.ending import run_loop
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.topics import COMMANDS, DESK
from shared.engine import Engine
from shared.logs import set_up_logs
from shared.service import Consumer, Service
from shared.shells.kafka_group import KafkaGroup
from tests.engines.members import SHELLS
from tests.unit.shared.engine_stage import Copying, open_ports

SERVICE = "copy"
MOST = 500
"""Records in a batch of the bare loop: as many as aiokafka gives by default."""


async def copy_bare(address: KafkaAddress, stop: asyncio.Event) -> None:
    """Nothing lost and nothing more."""
    given, prefix = address.asyncio_client(), address.prefix
    group = KafkaGroup(address, SERVICE).name
    consumer = AIOKafkaConsumer(
        f"{prefix}{COMMANDS.name}", **given, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(**given, acks="all", enable_idempotence=True, linger_ms=5)
    await consumer.start()
    await producer.start()
    while not stop.is_set():
        fetched = await consumer.getmany(timeout_ms=200, max_records=MOST)
        sent = [
            await producer.send(f"{prefix}{DESK.name}", record.value, b"desk", where.partition)
            for where, records in fetched.items()
            for record in records
        ]
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()
    await consumer.stop()
    await producer.stop()


async def copy_by(shell: str, address: KafkaAddress, partitions: int, stop: asyncio.Event) -> None:
    """Our engine over that shell."""
    with tempfile.TemporaryDirectory(prefix="sanad-copying-") as folder:
        async with open_ports(Path(folder)) as ports:
            broker = KafkaBroker(address, partitions)
            toy = Service(SERVICE, (Consumer("copier", COMMANDS.name, lambda _partition: Copying()),))
            joining = SHELLS[shell](KafkaGroup(address, SERVICE), broker)
            try:
                await Engine(replace(ports, broker=broker), [toy], shell=joining).run(stop)
            finally:
                await broker.close()


async def copy(kind: str, servers: str, prefix: str, partitions: int) -> None:
    """Until SIGTERM."""
    set_up_logs("ERROR")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    address = KafkaAddress(servers, prefix)
    await (copy_bare(address, stop) if kind == "bare" else copy_by(kind, address, partitions, stop))


if __name__ == "__main__":
    run_loop(copy(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
