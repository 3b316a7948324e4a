"""One simulated installation: a log, stores, workers that die and haunt, clients that repeat themselves; time by hand."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

from shared import checkpoint_chunks, checkpoints, decider, saving, ticks
from shared.checkpoints import Checkpoints, TornCheckpoint
from shared.clock import MINUTE
from shared.dead_letters import COLLECTIONS as LETTERS
from shared.dead_letters import DeadLetters
from shared.tables import table
from tests.simulation.crew import Member, Role, Stores, hire
from tests.simulation.memory_broker import MemoryBroker
from tests.simulation.memory_documents import MemoryDocuments
from tests.simulation.meter import QuietMeter
from tests.simulation.pauses import Reached, Rest, pause
from tests.simulation.scheduler import CALM, Faults, Odds, Task
from tests.simulation.store_faults import Backup, back_up, lose, restore, tear
from tests.simulation.time import SkewedClock, Time

BATCHES = (1, 2, 3, 7, 50, 200)
THREAD = Reached("thread")
MOST_ZOMBIES = 2
BURST = 6
MOST_TIMERS = 40


@contextmanager
def _standing_in(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """What the module finds under the name while the world turns."""
    former = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, former)


class Stuck(Exception):
    """The world does not come to rest: somebody works for ever, or a lag does not fall (L1)."""


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    await pause(THREAD)
    return function(*arguments)


class World:
    """Everything is public to the checks, nothing to the product."""

    def __init__(self, rng: Random, roles: Sequence[Role], odds: Odds, partitions: int = 1) -> None:
        self.rng, self.roles = rng, roles
        self.faults = Faults(rng, odds)
        self.time = Time(lambda: rng.choice(BATCHES))
        self.broker = MemoryBroker(self.time, partitions)
        self.documents = MemoryDocuments((*checkpoints.COLLECTIONS, *LETTERS))
        self.meter = QuietMeter()
        self.partition = rng.randrange(partitions)
        self.owners: dict[str, Member] = {}
        self.zombies: list[Member] = []
        self.clients: list[Task] = []
        self.steps = 0
        self.settled_at = 0
        """Up to when everything due is known to be done; 0: not known, there was too much of it."""
        self._backups: list[Backup] = []
        self._clock = SkewedClock(self.time)
        self.dead_letters = DeadLetters(self.documents, self._clock)
        self._ids = 0

    def patched(self) -> ExitStack:
        """Threads run in line, ids of ticks repeat by seed, tables save in small buckets and rest at once, nobody writes logs."""
        inline = SimpleNamespace(to_thread=_in_thread)
        silent = SimpleNamespace(warning=lambda *_, **__: None)
        stack = ExitStack()
        for module in (checkpoints, checkpoint_chunks):
            stack.enter_context(_standing_in(module, "asyncio", inline))
        stack.enter_context(_standing_in(checkpoints, "logger", lambda _: silent))
        stack.enter_context(_standing_in(ticks, "random_id", self.next_id))
        stack.enter_context(_standing_in(table, "BUCKET", 2))
        stack.enter_context(_standing_in(decider, "REST_EVERY", 1))
        stack.enter_context(_standing_in(saving, "SAVE_AT_LEAST", 10 * MINUTE))
        return stack

    def next_id(self) -> str:
        """A fresh id, the same at every run of the seed."""
        self._ids += 1
        return f"00000000-0000-4000-8000-{self._ids:012d}"

    def start(self, role: Role) -> Member:
        """A new owner of the role. Checkpoints come through an object of its own: it is another process."""
        place = f"{role.name}/{self.partition}"
        if self.faults.draw("checkpoint meddled with", self.faults.odds.spoil):
            self._spoil(place)
        stores = Stores(
            self.time, self.broker, self.documents, Checkpoints(self.documents), self.dead_letters, self.meter
        )
        skew = self.rng.choice((0, 0, -1_500, 40, 2_500)) if self.faults.odds is not CALM else 0
        member = self.owners[role.name] = hire(role, self.partition, stores, self.faults, skew)
        return member

    def _spoil(self, place: str) -> None:
        kind = self.rng.choice(("lost", "old", "torn"))
        if kind == "lost":
            lose(self.documents, place)
        elif kind == "old" and self._backups:
            restore(self.documents, self.rng.choice(self._backups))
        elif not tear(self.documents, place, self.rng):
            return
        self.faults.counts[f"checkpoint {kind}"] += 1

    def step(self, task: Task, error: Exception | None = None) -> None:
        """One step of one task; an error the product lets out is the caller's."""
        self.steps += 1
        task.step(error)

    def turn(self, member: Member) -> None:
        """One step of a worker, with what the odds add to it."""
        faults, task = self.faults, member.next_task(self.time.now, self.rng)
        if member.left >= 0:
            member.left -= 1
            if member.left < 0:
                self._bury(member)
                return
        if faults.most and self.rng.random() < faults.most:
            if faults.crashes(task):
                self.crash(member)
                return
            if faults.tears(task):
                self.broker.torn = self.rng.randint(1, 6)
            if member.left < 0 and faults.stops():
                member.stopping = True
            self._advance(member, task, faults.error(task))
        else:
            self._advance(member, task, None)

    def _advance(self, member: Member, task: Task, error: Exception | None) -> None:
        try:
            self.step(task, error)
        except TornCheckpoint:
            # the operator drops it, as the message says
            lose(self.documents, f"{member.role.name}/{self.partition}")
            task.over = True
        self.broker.torn = 0
        if member.task.over and member.left < 0:
            member.kill()
            self._maybe_back_up()
            self.start(member.role)

    def crash(self, member: Member) -> None:
        """The owner's process dies; or is only believed dead, and goes on beside its successor."""
        if member.left >= 0:
            self._bury(member)
            return
        if member.loaded and len(self.zombies) < MOST_ZOMBIES and self.faults.draw("zombie", self.faults.odds.zombie):
            member.left = self.rng.randint(1, 60)
            self.zombies.append(member)
        else:
            member.kill()
        self._maybe_back_up()
        self.start(member.role)

    def _bury(self, member: Member) -> None:
        member.kill()
        if member in self.zombies:
            self.zombies.remove(member)

    def _maybe_back_up(self) -> None:
        if len(self._backups) < 4 and self.faults.odds.spoil:
            self._backups.append(back_up(self.documents))

    def end(self) -> None:
        """Everybody stops where they are."""
        for member in self.members():
            member.kill()
        for client in self.clients:
            client.kill()

    def members(self) -> list[Member]:
        return [*self.owners.values(), *(zombie for zombie in self.zombies if not zombie.task.over)]

    def run(self, steps: int) -> None:
        """Let the seed decide, until all clients are done or the steps are used up."""
        for role in self.roles:
            self.start(role)
        for _ in range(steps):
            if all(client.over for client in self.clients):
                return
            self._any_step()

    def _any_step(self) -> None:
        now = self.time.now
        members = [member for member in self.members() if member.ready(now)]
        clients = [client for client in self.clients if client.ready(now)]
        if not members and not clients:
            self._let_time_pass()
            return
        chosen = int(self.rng.random() * (len(members) + len(clients)))
        if chosen < len(members):
            self._burst(members[chosen])
        else:
            client = clients[chosen - len(members)]
            self.step(client, self.faults.client_error(client))
        if self.rng.random() < 0.2:
            self.time.now += self.rng.randint(1, 20)

    def _burst(self, member: Member) -> None:
        """A few steps of one worker before anybody else's turn; sometimes one only."""
        for _ in range(int(self.rng.random() * BURST) + 1):
            self.turn(member)
            if not member.ready(self.time.now):
                return

    def _let_time_pass(self) -> None:
        """To the next moment at which anything can happen. Waiting in vain for records is skipped."""
        now = self.time.now
        due = [at for member in self.members() for _, at in member.worker.fold.timers().values()]
        rests = [task.at for task in self._tasks() if isinstance(task.at, Rest)]
        overdue = any(at <= now for at in due)
        moments = [rest.until for rest in rests if overdue or rest.ready is None] + [at for at in due if at > now]
        self.time.now = max(now + 1, min(moments, default=now))
        for member in self.members():
            member.rouse(self.time.now)

    def _tasks(self) -> list[Task]:
        tasks = [task for member in self.members() for task in (member.task, *member.beside)] + self.clients
        return [task for task in tasks if not task.over]

    def settle(self, horizon: int = 0) -> None:
        """No more faults; all that is in the logs is applied, all timers up to the horizon have fired."""
        self.faults.end()
        self.time.calm = True
        for zombie in list(self.zombies):
            self._bury(zombie)
        for role in self.roles:
            member = self.owners.get(role.name)
            if member is None or member.task.over:
                self.start(role)
                continue
            member.stopping = False
            member.clock.skew = 0
        end = self.time.now + horizon
        self._drain()
        for _ in range(MOST_TIMERS):
            timers = (member.worker.fold.timers() for member in self.owners.values())
            due = min((at for desks in timers for _, at in desks.values()), default=end + 1)
            if due > end:
                self.time.now = self.settled_at = max(end, self.time.now)
                self._drain()
                return
            # a timer may have been asked for already: the next asking comes with its back-off
            self.time.now = max(self.time.now + 1_000, due)
            self._drain()

    def _drain(self) -> None:
        for _ in range(20_000):
            ready = [task for task in self._tasks() if task.ready(self.time.now)]
            if not ready:
                if self.idle():
                    return
                self._let_time_pass()
                continue
            task = self.rng.choice(ready)
            self.step(task)
            for member in [member for member in self.owners.values() if member.task is task and task.over]:
                self.start(member.role)
        due = {name: dict(member.worker.fold.timers()) for name, member in self.owners.items()}
        raise Stuck(f"no rest: lag {self.lag()}, due {due} at {self.time.now}")

    def idle(self) -> bool:
        """Everybody waits at the end of their log, clients are done, nothing is due."""
        if any(not client.over for client in self.clients) or any(self.lag().values()):
            return False
        for member in self.owners.values():
            if (
                not member.loaded
                or not isinstance(member.task.at, Rest)
                or any(not task.over for task in member.beside)
            ):
                return False
            if any(at <= self.time.now for _, at in member.worker.fold.timers().values()):
                return False
        return True

    def lag(self) -> dict[str, int]:
        return {
            name: len(self.broker.log(member.role.topic, self.partition)) - member.worker.position
            for name, member in self.owners.items()
        }

    @property
    def counts(self) -> Counter[str]:
        return self.faults.counts
