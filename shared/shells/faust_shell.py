"""The default shell: a Faust app without tables, one agent per topic over raw bytes. Faust looks after the group; it holds
no state and decides nothing, so what is known to be lost in it (tables, typed values, early acknowledgements) is not used."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaConnectionError

from shared.broker import Record, WrongLog
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_lane import LOG_APPEND_TIME
from shared.clock import SECOND, Ms
from shared.logs import logger
from shared.shell import Member, Where
from shared.shells.faust_app import load, new_app
from shared.shells.faust_taken import Taken
from shared.shells.kafka_group import AHEAD, AHEAD_BYTES, Hint, KafkaGroup

if TYPE_CHECKING:
    import faust

TAKE = 500
AGAIN: Ms = SECOND // 2
LOOK: Ms = SECOND // 20
"""How often it is seen what workers are past, and whether the app lives."""
LOOK_FOR_ROOM: Ms = SECOND // 200
"""The same while nothing is fetched of a partition because its worker is far behind."""


class FaustCrashed(Exception):
    """The app crashed. Says with what error, in the library's own terms."""


class Unreached(Exception):
    """Nobody answered where the group was to be joined."""


class FaustShell:
    """A Shell over a Faust app of its own; what its agents take goes to the broker's tails."""

    def __init__(self, group: KafkaGroup, broker: KafkaBroker) -> None:
        self._group, self._broker = group, broker
        load()

    async def run(self, member: Member) -> None:
        # their tracebacks may quote records, and faults of ours are told elsewhere
        for library in ("faust", "mode", "aiokafka"):
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)
        while True:
            try:
                await self._join(member)
            except Unreached:
                logger("shell").warning("the log does not answer; trying again")
                await asyncio.sleep(AGAIN / SECOND)

    async def _join(self, member: Member) -> None:
        """Be a member with an app of its own. Raises what ended it; Unreached, if it never began."""
        with tempfile.TemporaryDirectory(prefix="sanad-faust-") as folder:
            app = new_app(self._group, Path(folder))
            membership = Membership(self._group, self._broker, member, app)
            app.on_partitions_revoked.connect(membership.revoked)  # type: ignore[arg-type]  # names, as Faust calls it
            app.on_partitions_assigned.connect(membership.assigned)  # type: ignore[arg-type]  # as above
            for topic in sorted(member.topics):
                _bring(app, self._group.theirs(topic), membership)
            starting = asyncio.create_task(app.start(), name="start of Faust")
            try:
                await membership.last(starting)
            finally:
                # a clean stop revokes nothing by itself
                await membership.let_go()
                starting.cancel()
                with suppress(Exception, asyncio.CancelledError):
                    await starting
                with suppress(Exception):
                    await app.stop()


class Membership:
    """What the group says, told to the member; and what agents took, given to the tails and acknowledged once applied."""

    def __init__(self, group: KafkaGroup, broker: KafkaBroker, member: Member, app: "faust.App") -> None:
        self._group, self._broker, self._member, self._app = group, broker, member, app
        self._taken: dict[Where, Taken] = {}
        """What is ours, with the events workers are not past."""
        self._full: set[Where] = set()
        self._joined = False
        self._hint = Hint()
        self._faults: list[BaseException] = []

    async def last(self, starting: "asyncio.Task[Any]") -> None:
        """Acknowledge what workers are past until cancelled. Raises what went wrong; a crashed app is no app."""
        while True:
            await asyncio.sleep((LOOK_FOR_ROOM if self._full else LOOK) / SECOND)
            fault = starting.exception() if starting.done() else None
            if fault is not None or self._app.crashed:
                fault = fault or self._app.crash_reason
                if not self._joined and isinstance(fault, KafkaConnectionError):
                    raise Unreached
                raise FaustCrashed(type(fault).__name__)
            if self._faults:
                raise self._faults[0]
            self._broker.check()
            self._acknowledge()
            self._make_room()

    def took(self, events: Sequence[Any]) -> None:
        """A batch of one topic. Raises WrongLog."""
        shares: dict[Where, list[Any]] = {}
        for event in events:
            message = event.message
            shares.setdefault((self._group.ours(message.topic), message.partition), []).append(event)
        for where, share in shares.items():
            # what was taken for an owner of before is acknowledged by nobody: it comes again, to whoever has it now
            if where in self._taken:
                self._taken[where].extend(share)
                for run in _runs([_record(event, where[0]) for event in share]):
                    self._broker.take(run)
        self._make_room()

    async def revoked(self, _app: "faust.App", revoked: Collection[Any], **_: Any) -> None:
        """Faust asks before anybody else may have them."""
        try:
            self._acknowledge()
            with suppress(Exception):  # a hint for who looks from outside
                await self._hint.give(self._app.consumer.commit)
            await self._give_up([(self._group.ours(where.topic), where.partition) for where in revoked])
        except Exception as fault:  # noqa: BLE001 - Faust would only log it
            self._faults.append(fault)

    async def assigned(self, _app: "faust.App", assigned: Collection[Any], **_: Any) -> None:
        """All that is ours now, also what was before."""
        self._joined = True
        try:
            places = [(self._group.ours(where.topic), where.partition) for where in sorted(assigned)]
            for topic, partition in places:
                self._taken.setdefault((topic, partition), Taken())
                self._broker.feed(topic, partition)
            await self._member.assigned(places)
            logger("shell").info("partitions assigned", count=len(places))
        except Exception as fault:  # noqa: BLE001 - as above
            self._faults.append(fault)

    async def let_go(self) -> None:
        """Everything, before the app leaves the group."""
        self._acknowledge()
        await self._give_up(list(self._taken))

    async def _give_up(self, places: Collection[Where]) -> None:
        for where in places:
            self._taken.pop(where, None)
            self._full.discard(where)
        await self._member.revoked(places)
        for topic, partition in places:
            self._broker.leave(topic, partition)

    def _acknowledge(self) -> None:
        """What Faust commits by itself, a little later: a hint for who looks from outside."""
        for where, taken in self._taken.items():
            position = self._member.position(*where)
            if position is not None:
                taken.acknowledge(position)

    def _make_room(self) -> None:
        """Nothing more of a partition is fetched while its worker is far behind what it was given.

        Faust is told that buffers are full. Of a partition that is paused it throws away what it has fetched, and all of
        that would be fetched a second time. It is told at every look, for it may say of its own buffers that they are not.
        """
        share = AHEAD_BYTES // max(1, sum(bool(taken.events) for taken in self._taken.values()))
        full = {where for where, taken in self._taken.items() if len(taken.events) >= AHEAD or taken.size > share}
        for where in self._theirs(full):
            self._app.consumer.on_buffer_full(where)
        for where in self._theirs(self._full - full):
            self._app.consumer.on_buffer_drop(where)
        self._full = full

    def _theirs(self, places: Iterable[Where]) -> set[Any]:
        from faust.types import TP

        return {TP(self._group.theirs(topic), partition) for topic, partition in places}


def _bring(app: "faust.App", topic: str, membership: Membership) -> None:
    """An agent that takes and never acknowledges; whatever escapes it ends the app."""
    source = app.topic(
        topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", internal=False
    )

    async def bring(stream: Any) -> None:
        stream.enable_acks = False
        events: AsyncIterator[Any] = stream.events()
        coming: list[Any] = []
        async for event in events:
            coming.append(event)
            # `noack_take` has a timer that rings fifty times a second; here nobody waits for what is not there yet
            if stream.channel.queue.empty() or len(coming) >= TAKE:
                membership.took(coming)
                coming = []

    app.agent(source, name=f"bring-{topic}", concurrency=1)(bring)


def _runs(records: Sequence[Record]) -> Iterable[list[Record]]:
    """Contiguous ones: after a rebalance an older run may come again behind a newer one."""
    run: list[Record] = []
    for record in records:
        if run and record.offset != run[-1].offset + 1:
            yield run
            run = []
        run.append(record)
    if run:
        yield run


def _record(event: Any, topic: str) -> Record:
    """As the port has it. Raises WrongLog where times are not the log's."""
    message = event.message
    if message.timestamp_type != LOG_APPEND_TIME:
        raise WrongLog(f"topic {topic} does not keep the log's own time; put it right: python -m services topics")
    appended_at = round(message.timestamp * SECOND)
    headers = tuple(message.headers or ())
    return Record(topic, message.partition, message.offset, appended_at, message.key, message.value or b"", headers)
