"""What a worker is given."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.broker import Broker, Record
from shared.checkpoints import Checkpoints
from shared.clock import Clock, Ms
from shared.dead_letters import DeadLetters
from shared.documents import Documents

Step = Callable[[str], Awaitable[None]]

STEPS = ("applied", "accompanied", "written", "published", "saving", "saved")
"""Between folding a run and publishing it; after what accompanies its facts; after its documents; after its facts;
before a checkpoint is stored; after it was."""


READING = "reading"
"""What does not answer when a log gives nothing (`WorkerMeter.retried`)."""


class Running(Protocol):
    """Work beside the loop. Awaiting it gives what comes of it, and raises what ends it."""

    def done(self) -> bool:
        """Whether it has ended."""

    def __await__(self) -> Generator[Any, Any, bool]: ...


Spawn = Callable[[Coroutine[Any, Any, bool]], Running]


class WorkerMeter(Protocol):
    """What a worker tells the metrics."""

    def applied(self, records: Sequence[Record], position: int) -> None:
        """A batch was folded and all its outputs are acknowledged."""

    def set_aside(self, reason: str) -> None:
        """A record became a dead letter."""

    def retried(self, what: str) -> None:
        """A store did not answer; the same work is tried again."""

    def saved(self, longest_pause: Ms) -> None:
        """A checkpoint is in place."""

    def broke(self) -> None:
        """A rule failed on a record, which is settled as broken and kept as a dead letter."""


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What a worker works with. `step` is called between the named steps; tests put crashes there.

    `spawn` lets a checkpoint be stored beside the loop, which goes on meanwhile.
    """

    broker: Broker
    documents: Documents
    checkpoints: Checkpoints
    dead_letters: DeadLetters
    clock: Clock
    meter: WorkerMeter
    step: Step
    spawn: Spawn = asyncio.create_task
