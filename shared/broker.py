"""The log port: partitioned durable append and ranged read. Adapters live in `brokers/`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.clock import Ms

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record still to be appended: to this partition explicitly, never by hash of the key.

    `decoded` is what the bytes say, for readers of the same process: they need not decode what was just encoded.
    """

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: Headers = ()
    decoded: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies and when the log took it (LogAppendTime, non-decreasing per partition)."""

    topic: str
    partition: int
    offset: int
    appended_at: Ms


@dataclass(slots=True)
class Record:
    """A record as read back. `decoded` is a cache: services of one process decode a record once, or never."""

    topic: str
    partition: int
    offset: int
    appended_at: Ms
    key: bytes | None
    value: bytes
    headers: Headers = ()
    decoded: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Offsets of a partition: the first one still kept and the one the next append will get."""

    first: int
    next: int


class BrokerUnavailable(Exception):
    """The log cannot take or give records now; the same call may work later. Nothing is known of its outcome."""


class WrongLog(Exception):
    """The topics are not those this desk was installed with, or lost what they had acknowledged: somebody must look.

    Never goes on silently, and no repeat of the call helps. The message says what is wrong and what to do.
    """


class NotLetIn(Exception):
    """An engine answers and does not let us in, or its address is none. Says which settings are to be looked at; no repeat of the call helps."""


class RecordTooLarge(Exception):
    """A record exceeds the broker's limit (1 MiB of key, value and headers); it will never be accepted."""


class OffsetOutOfRange(Exception):
    """The asked offset is below the first kept one: history is gone, loudly."""


MAX_RECORD_BYTES = 1 << 20


class Broker(Protocol):
    """Any number of topics with the same number of partitions. All calls are safe from one event loop."""

    @property
    def partitions(self) -> int:
        """Partitions of every topic, fixed at install."""

    async def append(self, records: Sequence[Outgoing]) -> list[Place]:
        """Append in order and return after the records are durable (fsync, or acks=all).

        All records of a call for one partition stay together in order. Raises RecordTooLarge before anything was
        appended; BrokerUnavailable when the outcome is unknown (some, all or none were appended).
        """

    async def read(self, topic: str, partition: int, start: int, limit: int = 500) -> list[Record]:
        """Up to `limit` durable records from offset `start`, contiguous, in order; [] only at the end.

        Fewer when they are large. Readers of one process may be given the same objects: only `decoded` may be set.
        Raises OffsetOutOfRange below the first kept offset.
        """

    async def wait(self, topic: str, partition: int, start: int, timeout: Ms) -> bool:
        """Wait until a record at offset `start` exists; False after `timeout`."""

    async def bounds(self, topic: str, partition: int) -> Bounds:
        """The partition's offsets now."""

    def end(self, topic: str, partition: int) -> int | None:
        """The offset after the last record as this process knows it, of a partition it reads: some seconds old at most,
        and nobody is asked. None: nobody can tell now."""

    async def trim(self, topic: str, partition: int, before: Ms) -> int:
        """Forget records the log took before `before`, as far as the log can part with them; returns the first kept
        offset. A log that forgets by itself (retention of the topic) does nothing."""

    async def topic_id(self, topic: str) -> str:
        """Identity of this incarnation of the topic; a re-created topic has another."""

    async def close(self) -> None:
        """Finish running appends and let go of all resources. Idempotent."""
