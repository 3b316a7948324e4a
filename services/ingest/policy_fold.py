"""`sanad.desk` into the view of policies: ingest learns a policy from `policy.applied` and nowhere else (R2)."""

import asyncio
from collections.abc import Iterator, Mapping

from services.ingest.backlog import Backlog
from services.ingest.policies import DeskDoor, Policies
from shared.broker import Broker, BrokerUnavailable, Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.facts import PolicyApplied
from shared.catalogue.topics import DESK
from shared.clock import SECOND, Clock, Ms
from shared.desks import DeskPlace
from shared.emissions import Output, Unreadable
from shared.policy.policy import Policy
from shared.service import Consumer, Loop

APPLIED = PolicyApplied.TYPE.encode()
POSITION = "position"
LOOK_EVERY: Ms = SECOND // 50


class PolicyFold:
    """A Fold of one partition of `sanad.desk`. It reads the headers of every fact and the body of policies only."""

    recovers_from: str | None = None

    def __init__(self, policies: Policies, backlog: Backlog, partition: int) -> None:
        self._policies, self._backlog, self._partition = policies, backlog, partition
        self._facts: dict[str, tuple[str, int, bytes]] = {}

    def apply(self, record: Record) -> list[Output]:
        self._policies.read_up_to[self._partition] = record.offset + 1
        headers = dict(record.headers)
        self._backlog.decided(self._partition, int(headers.get("ce_position", b"-1")))
        if headers.get("ce_type") != APPLIED:
            return []
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        known = self._facts.get(envelope.desk)
        if known is None or known[1] < envelope.seq:
            self._facts[envelope.desk] = (envelope.organisation, envelope.seq, record.value)
            self._open(envelope.desk, envelope.organisation, envelope.seq, envelope.body.policy)
        return []

    def _open(self, desk: str, organisation: str, seq: int, policy: Policy) -> None:
        self._policies.put(DeskDoor(DeskPlace(desk, organisation, self._partition), policy, seq))

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        yield POSITION, b"%d" % self._policies.read_up_to.get(self._partition, 0)
        for desk, (organisation, seq, fact) in list(self._facts.items()):
            yield f"{desk}/{organisation}/{seq}", fact

    def unsaved(self) -> None:
        """Every save gives every chunk."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        self._policies.read_up_to[self._partition] = int(chunks[POSITION])
        for name, fact in chunks.items():
            if name == POSITION:
                continue
            desk, organisation, seq = name.rsplit("/", 2)
            self._facts[desk] = (organisation, int(seq), fact)
            self._open(desk, organisation, int(seq), PolicyApplied.model_validate_json(fact).policy)

    def condemn(self, offset: int) -> None:
        """Nothing here fails half way."""

    def recover(self, own: Record) -> int | None:
        return None


def reading(policies: Policies, backlog: Backlog) -> Consumer:
    """Every door must know every policy, in whatever process it is."""

    def build(partition: int) -> PolicyFold:
        return PolicyFold(policies, backlog, partition)

    return Consumer("ingest.policies", DESK.name, build, beats=True, everywhere=True)


def opening(policies: Policies, broker: Broker, clock: Clock) -> Loop:
    """Wait until everything is read that was in the log when the process began, say so, and stay."""

    async def run() -> None:
        for partition in range(broker.partitions):
            there = await _end(broker, clock, partition)
            while policies.read_up_to.get(partition, 0) < there:
                await clock.sleep(LOOK_EVERY)
        policies.complete.set()
        await asyncio.Event().wait()

    return Loop("policies", run, everywhere=True)


async def _end(broker: Broker, clock: Clock, partition: int) -> int:
    """Where the partition ends, once the log says so."""
    while True:
        try:
            return (await broker.bounds(DESK.name, partition)).next
        except BrokerUnavailable:
            await clock.sleep(SECOND)
