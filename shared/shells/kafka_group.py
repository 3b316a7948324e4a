"""What both shells need to be told of a group on Kafka."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.tail import TAILS_BYTES

AHEAD = 1_000
"""So many records of a partition are brought before the worker took the first of them."""
AHEAD_BYTES = TAILS_BYTES // 8
"""And through Faust so much of all partitions together: what was brought and not taken must be in the tails still, also
when the largest has given half of its own away. What is not is fetched a second time."""
POLL = 200
"""So many records Faust takes at once of what it has fetched: they come on top."""
SESSION = timedelta(seconds=15)
HEARTBEAT = timedelta(seconds=1)
"""By a heartbeat a member learns that others come or go: until then whoever waits for its partitions waits."""
UNFETCHED = timedelta(days=24)
"""So long a member may fetch nothing, which is for ever: its library would leave the group, and not come back before it
fetches again. But who has no partition any more fetches nothing. Whether a process still works is the engine's to judge."""
HINT = timedelta(seconds=1)
"""So long a commit is waited for: it is a hint for who looks from outside, checkpoints say where workers begin."""


@dataclass(frozen=True, slots=True)
class KafkaGroup:
    """A service's group. A `member` is a name that stays over restarts (the pod's): who comes back soon is given the
    same again without a rebalance, but who leaves for good is missed only after `session`."""

    address: KafkaAddress
    service: str
    member: str = ""
    session: timedelta = SESSION

    @property
    def name(self) -> str:
        return f"{self.address.prefix}sanad.{self.service}"

    def ours(self, topic: str) -> str:
        """The topic's name without the cluster's prefix."""
        return topic.removeprefix(self.address.prefix)

    def theirs(self, topic: str) -> str:
        """The topic's name on the cluster."""
        return self.address.prefix + topic


class Hint:
    """Commits of offsets: for who looks from outside, checkpoints say where workers begin. One at a time, and none is
    waited for long: libraries ask a group that does not answer for ever, and one that is cut off leaves an error behind
    that nobody hears."""

    def __init__(self) -> None:
        self._under_way: asyncio.Task[Any] | None = None

    async def give(self, commit: Callable[[], Coroutine[Any, Any, Any]]) -> bool:
        """Whether it was taken; what one still under way was asked for may be old by now. Raises what the commit raises."""
        if self._under_way is not None and not self._under_way.done():
            return False
        under_way = self._under_way = asyncio.create_task(commit(), name="commit")
        under_way.add_done_callback(_heard)
        done, _ = await asyncio.wait([under_way], timeout=HINT.total_seconds())
        if done:
            await under_way
        return bool(done)

    def end(self) -> None:
        """Nobody looks any more."""
        if self._under_way is not None:
            self._under_way.cancel()


def _heard(commit: "asyncio.Task[Any]") -> None:
    """How it ended is nobody's concern any more, and no error that nobody handled."""
    if not commit.cancelled():
        commit.exception()
