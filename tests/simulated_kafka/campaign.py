"""Seeds of a service on a simulated cluster: processes come, leave, die and freeze, the log fails, and all is judged."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from traceback import format_exception

import pytest
from aiokafka import TopicPartition

from shared.broker import BrokerUnavailable, Record
from shared.brokers.kafka import KafkaBroker
from shared.catalogue.codec import encode
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK
from shared.engine.health import Stalled
from tests.invariants.evidence import Sent, Violation, gather
from tests.invariants.messages import (
    check_deliveries,
    check_every_message_has_one_outcome,
    check_nothing_invented,
    check_one_effect,
)
from tests.invariants.order import check_groups, check_order, check_time
from tests.simulated_kafka.cluster import Cluster
from tests.simulated_kafka.commands import message
from tests.simulated_kafka.host import Killed
from tests.simulated_kafka.patching import patch
from tests.simulated_kafka.service import ADDRESS, PARTITIONS, SHELLS, TOPICS, Fleet, eventually
from tests.simulated_kafka.time import JumpingLoop

CHECKS = (
    check_order, check_time, check_groups, check_every_message_has_one_outcome, check_one_effect,
    check_nothing_invented, check_deliveries,
)  # fmt: skip
ACTS = 14
PAUSES = (0.0, 0.01, 0.2, 1.0, 4.0, 8.0, 20.0)
MANY = (1, 2, 5, 30, 250)
REST = 20.0
"""Seconds after the last fault in which everything said must have been applied: a session, and what a start takes."""


@dataclass(slots=True)
class Result:
    """What became of a seed."""

    seed: int
    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    error: str = ""
    digest: int = 0
    """Of all that came to lie in the log."""

    @property
    def failed(self) -> bool:
        return bool(self.violations or self.error)

    @property
    def promises(self) -> list[str]:
        """The kinds of trouble, in order of appearance."""
        return list(dict.fromkeys([*(["crash"] if self.error else []), *(one.promise for one in self.violations)]))


class Campaign:
    """One seed's run."""

    def __init__(self, seed: int, shells: Sequence[str]) -> None:
        self.rng, self.result = Random(seed), Result(seed)
        self.cluster = Cluster(chance=self.rng)
        self.fleet = Fleet(self.cluster, self.rng, shells)
        self.sent: list[Sent] = []
        self._client = KafkaBroker(ADDRESS, PARTITIONS)
        self._talking: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        for _ in range(self.rng.choice((1, 2, 3))):
            await self.fleet.join()
        for _ in range(ACTS):
            act = self.rng.choice(ALL)
            self.result.counts[act.__name__] += 1
            await act(self)
            await asyncio.sleep(self.rng.choice(PAUSES))
        await self.settle()
        await self.judge()
        await self.fleet.end()
        await self._client.close()

    async def settle(self) -> None:
        """Nothing goes wrong any more; somebody is there; everything said is applied in time."""
        self.cluster.up = self.fleet.store.up = True
        self.cluster.outcomes.clear()
        for process in self.fleet.processes:
            process.thaw()
        if not self.fleet.alive:
            await self.fleet.join()
        await asyncio.gather(*self._talking)
        self.cluster.chance = None
        if not await eventually(self.at_rest, REST):
            lag = {part: (self.ends(COMMANDS.name)[part], self.furthest(part)) for part in range(PARTITIONS)}
            self.result.violations.append(Violation("L1", f"after {REST} s (end, position): {lag}"))

    def at_rest(self) -> bool:
        """All is applied by its owner, and owned once."""
        alive = self.fleet.alive
        owned = [part for one in alive for part in one.partitions()]
        return (
            bool(alive) and sorted(owned) == list(range(PARTITIONS))
            and all(self.furthest(part) == end for part, end in enumerate(self.ends(COMMANDS.name)))
            and all(self.furthest(part, "sla") == end for part, end in enumerate(self.ends(DESK.name)))
        )  # fmt: skip

    async def judge(self) -> None:
        # who stood still for so long that its watchdog ended it has done its duty: others went on
        ended = Killed | asyncio.CancelledError | Stalled
        for process in self.fleet.processes:
            if process.fault is not None and not isinstance(process.fault, ended):
                self.result.error += "".join(format_exception(process.fault)[-4:])
        records = self.records()
        self.result.digest = zlib.crc32(repr([(one.topic, one.offset, one.appended_at, one.value) for one in records]).encode())  # fmt: skip
        evidence = gather(records, sent=self.sent)
        self.result.violations += [found for check in CHECKS for found in check(evidence)]
        # the facts are dense from the first command to the last: whatever was committed was applied before
        for where, offset in self.cluster.groups[f"{ADDRESS.prefix}sanad.toy"].committed.items():
            if offset > self.cluster.partition(where).next:
                self.result.violations.append(Violation("S11", f"{where} is committed at {offset}, beyond its end"))

    def records(self) -> list[Record]:
        return [
            Record(topic, one.partition, one.offset, one.timestamp, one.key, one.value, tuple(one.headers))
            for topic in TOPICS
            for log in self.cluster.topics[ADDRESS.prefix + topic].partitions
            for one in log.records
        ]

    def ends(self, topic: str) -> list[int]:
        return [log.next for log in self.cluster.topics[ADDRESS.prefix + topic].partitions]

    def furthest(self, partition: int, name: str = "router") -> int:
        return max((one.position(partition, name) for one in self.fleet.alive), default=-1)

    async def say(self) -> None:
        """Messages for one partition, or all. The client repeats what it hears nothing of."""
        count = self.rng.choice(MANY)
        for partition in self.rng.choice((range(PARTITIONS), [self.rng.randrange(PARTITIONS)])):
            begin = len(self.sent)
            desk = f"desk-{partition}"
            names = [f"m{number}" for number in range(begin, begin + count)]
            self.sent += [Sent(desk, name, "message.receive", acknowledged=True, message=name) for name in names]
            self._talking.append(asyncio.create_task(self._send(desk, names, partition)))

    async def _send(self, desk: str, names: Sequence[str], partition: int) -> None:
        records = [encode(message(name, desk, self.cluster.now()), COMMANDS.name, partition) for name in names]
        while True:
            try:
                await self._client.append(records)
            except BrokerUnavailable:
                await asyncio.sleep(0.5)
            else:
                return

    async def join(self) -> None:
        if len(self.fleet.alive) < 4:
            await self.fleet.join()

    async def leave(self) -> None:
        if alive := [one for one in self.fleet.alive if not one.frozen]:
            leaving = asyncio.create_task(self.rng.choice(alive).stop())
            if self.rng.random() < 0.5:
                await asyncio.wait([leaving], timeout=30)

    async def kill(self) -> None:
        if alive := self.fleet.alive:
            self.fleet.kill(self.rng.choice(alive))

    async def freeze(self) -> None:
        """Past the session or not: whoever thaws finds that others have what it had, or that nobody noticed."""
        if alive := [one for one in self.fleet.alive if not one.frozen]:
            process = self.rng.choice(alive)
            self.fleet.freeze(process)
            asyncio.get_running_loop().call_later(self.rng.choice((0.5, 5, 9, 25)), process.thaw)

    async def spoil(self) -> None:
        """What becomes of the next batches for a partition of some topic."""
        topic = ADDRESS.prefix + self.rng.choice((COMMANDS.name, DESK.name, DELIVERIES.name))
        outcomes = [self.rng.choice(("refused", "lost", "repeated")) for _ in range(self.rng.choice((1, 1, 3)))]
        self.cluster.outcomes[TopicPartition(topic, self.rng.randrange(PARTITIONS))] = outcomes

    async def silence(self) -> None:
        """Log or documents do not answer for a while."""
        silent = self.rng.choice((self.cluster, self.fleet.store))
        silent.up = False
        await asyncio.sleep(self.rng.choice((0.3, 4.0, 12.0)))
        silent.up = True
        self.cluster.notify()


Act = Callable[[Campaign], Awaitable[None]]
ALL: tuple[Act, ...] = (
    Campaign.say, Campaign.say, Campaign.say, Campaign.say, Campaign.join, Campaign.join, Campaign.leave, Campaign.kill,
    Campaign.freeze, Campaign.spoil, Campaign.spoil, Campaign.silence,
)  # fmt: skip


def run_seed(seed: int, shells: Sequence[str] = tuple(sorted(SHELLS))) -> Result:
    """Run it and judge it. Nothing escapes: an error of the product is a result."""

    async def run() -> Result:
        # tasks of dead processes end in ways nobody hears of
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        campaign = Campaign(seed, shells)
        with pytest.MonkeyPatch.context() as monkeypatch:
            patch(monkeypatch, campaign.cluster)
            try:
                await campaign.run()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the seed's result
                campaign.result.error += "".join(format_exception(error)[-6:])
        return campaign.result

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(run())
