"""The workers of one partition: an owner per role, and the zombies of owners before it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from shared.checkpoints import Checkpoints
from shared.dead_letters import DeadLetters
from shared.fold import Fold
from shared.worker import Worker
from shared.worker_ports import STEPS, WorkerPorts
from tests.simulation.memory_broker import MemoryBroker
from tests.simulation.memory_documents import MemoryDocuments
from tests.simulation.meter import QuietMeter
from tests.simulation.pauses import Reached, Rest, pause
from tests.simulation.scheduler import Faults, Task
from tests.simulation.time import SkewedClock, Time

HALF = 0.5
PLACES = {name: Reached(name) for name in STEPS}


@dataclass(frozen=True, slots=True)
class Role:
    """What a worker of this name folds."""

    name: str
    topic: str
    fold: Callable[[int], Fold]


@dataclass(slots=True)
class Member:
    """A worker, alive or undead."""

    role: Role
    worker: Worker
    task: Task
    clock: SkewedClock
    stopping: bool = False
    left: int = -1
    """Steps a zombie still has; -1: an owner."""
    loaded: bool = False
    beside: list[Task] = field(default_factory=list)
    """What the worker spawned: it lives and dies with it."""

    def ready(self, now: int) -> bool:
        if self.task.ready(now):
            return True
        return bool(self.beside) and any(task.ready(now) for task in self.beside)

    def next_task(self, now: int, rng: Random) -> Task:
        """Which of its tasks goes on: the loop, or a checkpoint being stored beside it."""
        if not self.beside:
            return self.task
        self.beside = [task for task in self.beside if not task.over]
        able = [task for task in (self.task, *self.beside) if task.ready(now)]
        return self.task if len(able) < 1 else able[0] if len(able) == 1 else rng.choice(able)

    def kill(self) -> None:
        for task in (self.task, *self.beside):
            task.kill()

    def rouse(self, now: int) -> None:
        """End a wait whose worker has something due: its patience is shorter than the jump of the world's time."""
        if isinstance(self.task.at, Rest) and any(at <= now for _, at in self.worker.fold.timers().values()):
            self.task.at = Rest(now)


@dataclass(slots=True)
class Stores:
    """What outlives every worker."""

    time: Time
    broker: MemoryBroker
    documents: MemoryDocuments
    checkpoints: Checkpoints
    dead_letters: DeadLetters
    meter: QuietMeter


def hire(role: Role, partition: int, stores: Stores, faults: Faults, skew: int) -> Member:
    """A new worker that loads and then turns until it is told to stop."""
    clock = SkewedClock(stores.time, skew)

    async def reach(name: str) -> None:
        # the worker's own named steps are places to die at; nothing else can happen there
        if faults.odds.crash:
            await pause(PLACES[name])

    def spawn(storing: Coroutine[Any, Any, bool]) -> Task:
        member.beside.append(Task(f"{role.name} storing", storing, fragile=True))
        return member.beside[-1]

    ports = WorkerPorts(
        stores.broker, stores.documents, stores.checkpoints, stores.dead_letters, clock, stores.meter, reach, spawn
    )
    worker = Worker(role.name, role.topic, partition, lambda: role.fold(partition), ports)
    member = Member(role, worker, None, clock)  # type: ignore[arg-type]  # its task begins below
    member.task = Task(role.name, _turn(member, faults), fragile=True)
    return member


async def _turn(member: Member, faults: Faults) -> None:
    await member.worker.load()
    member.loaded = True
    while not member.stopping:
        await member.worker.advance()
        if faults.draw("extra save", faults.odds.save):
            if faults.rng.random() < HALF:
                await member.worker.save_slice(now=True)
            else:
                member.worker._saver.hasten(member.worker.position - 1)
    await member.worker.save_slice(now=True)
