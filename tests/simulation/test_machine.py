"""The same world in Hypothesis' hands: it looks for a short sequence of steps and faults that breaks a promise.

Seeds find trouble; this shrinks it. Every rule is one act of the scheduler, a client or fate; what is left over at the
end is settled calmly and judged by the same checks.
"""

from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shared.broker import BrokerUnavailable
from shared.catalogue.commands import ApplyPolicy, PutAgent, SetPresence
from tests.simulation.clients.customers import Customers
from tests.simulation.clients.people import admin, staff
from tests.simulation.clients.staff import ACTS, Staff
from tests.simulation.clients.view import Nothing, View
from tests.simulation.pauses import Reached, Rest
from tests.simulation.policies import VARIANTS, policy
from tests.simulation.post import Post
from tests.simulation.roles import ROLES
from tests.simulation.run import judge
from tests.simulation.scheduler import Odds, Task
from tests.simulation.store_faults import Backup, back_up, lose, restore
from tests.simulation.world import World

DESK = "desk-1"
NAMES = [role.name for role in ROLES]
STEPS = (1, 2, 5, 20, 80)
LENGTHS = (1, 500, 5_000, 60_000, 1_000_000)


class SimulatedDesk(RuleBasedStateMachine):
    """One desk, three services. Nothing happens unless a rule says so."""

    @initialize(variant=st.integers(0, len(VARIANTS) - 1))
    def open(self, variant: int) -> None:
        self.rng = Random(0)
        # a chance too small to happen makes the worker's named steps places to stop at
        self.world = World(self.rng, ROLES, Odds(crash=1e-12))
        self.stack = self.world.patched()
        self.post = Post(self.world, self.rng)
        self.view = View(self.world, DESK)
        self.staff = Staff(self.view, self.rng)
        self.customers = Customers(self.view, self.post, policy(DESK, variant), self.rng)
        self.backups: list[Backup] = []
        for deciding in ROLES:
            self.world.start(deciding)
        self._send(self.post.send(ApplyPolicy(by=admin(DESK), desk=DESK, policy=policy(DESK, variant))))
        for who in ("amal", "layla"):
            role: Any = "lead" if who == "layla" else "agent"
            self._send(self.post.send(PutAgent(by=admin(DESK), agent=who, team="support", role=role)))
            self._send(self.post.send(SetPresence(by=staff(DESK, who), agent=who, state="ready")))

    def _send(self, sending: Any) -> None:
        """A client's request, to its end."""
        task = Task("client", sending)
        while not task.over:
            if isinstance(task.at, Rest):
                self.world.time.now = max(self.world.time.now, task.at.until)
            task.step()

    @rule(seed=st.integers(0, 50))
    def customer_writes(self, seed: int) -> None:
        self.rng.seed(seed)
        self.view.refresh()
        self._send(self.customers.write())

    @rule(act=st.sampled_from(list(ACTS)), seed=st.integers(0, 50))
    def somebody_works(self, act: Any, seed: int) -> None:
        self.rng.seed(seed)
        self.view.refresh()
        try:
            command = act(self.staff)
        except Nothing:
            return
        self._send(self.post.send(command))

    @rule(name=st.sampled_from(NAMES), steps=st.sampled_from(STEPS))
    def worker_steps(self, name: str, steps: int) -> None:
        for _ in range(steps):
            member = self.world.owners[name]
            if member.ready(self.world.time.now):
                self.world.turn(member)

    @rule(steps=st.sampled_from(STEPS))
    def zombies_step(self, steps: int) -> None:
        for zombie in list(self.world.zombies):
            for _ in range(steps):
                if not zombie.task.over and zombie.task.ready(self.world.time.now):
                    self.world.step(zombie.task)

    @rule(name=st.sampled_from(NAMES))
    def worker_dies(self, name: str) -> None:
        member = self.world.owners[name]
        member.kill()
        self.world.start(member.role)

    @rule(name=st.sampled_from(NAMES))
    def worker_is_only_believed_dead(self, name: str) -> None:
        member = self.world.owners[name]
        if member.loaded and len(self.world.zombies) < 2:
            member.left = 1_000_000
            self.world.zombies.append(member)
            self.world.start(member.role)

    @rule(name=st.sampled_from(NAMES))
    def log_does_not_answer(self, name: str) -> None:
        task = self.world.owners[name].task
        if isinstance(task.at, Reached) and task.at.port == "broker":
            self.world.step(task, BrokerUnavailable("silence"))

    @rule(name=st.sampled_from(NAMES), kept=st.integers(1, 5))
    def append_is_torn(self, name: str, kept: int) -> None:
        task = self.world.owners[name].task
        if isinstance(task.at, Reached) and task.at.name == "append":
            self.world.broker.torn = kept
            self.world.step(task)
            self.world.broker.torn = 0

    @rule(name=st.sampled_from(NAMES))
    def worker_stops_cleanly(self, name: str) -> None:
        self.world.owners[name].stopping = True

    @rule(length=st.sampled_from(LENGTHS))
    def time_passes(self, length: int) -> None:
        self.world.time.now += length
        for member in self.world.members():
            member.rouse(self.world.time.now)

    @rule(name=st.sampled_from(NAMES))
    def checkpoint_is_lost(self, name: str) -> None:
        lose(self.world.documents, f"{name}/{self.world.partition}")

    @rule()
    def checkpoints_are_backed_up(self) -> None:
        self.backups.append(back_up(self.world.documents))

    @precondition(lambda self: bool(self.backups))
    @rule()
    def everything_restarts_from_a_backup(self) -> None:
        """Stores set back while workers live on are none the product knows: so all of them begin anew."""
        restore(self.world.documents, self.backups[-1])
        for zombie in list(self.world.zombies):
            zombie.kill()
        self.world.zombies.clear()
        for member in list(self.world.owners.values()):
            member.kill()
            self.world.start(member.role)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.settle(60_000)
            found, _ = judge(self.world, self.post)
        finally:
            self.stack.close()
            for member in self.world.members():
                member.kill()
        assert [str(violation) for violation in found] == []


SimulatedDesk.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
TestSimulatedDesk = SimulatedDesk.TestCase
