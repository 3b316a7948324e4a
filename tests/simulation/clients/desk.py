"""Everybody around one desk: who sets it up, who writes to it, who works in it."""

from random import Random

from shared.catalogue.commands import ApplyPolicy, PutAgent, SetPresence, SwitchRules
from shared.catalogue.rule_sets import SHIPPED
from tests.simulation.clients.customers import Customers
from tests.simulation.clients.people import AGENTS, LEAD, SKILLS, admin, staff
from tests.simulation.clients.staff import Staff
from tests.simulation.clients.view import Nothing, View
from tests.simulation.pauses import Rest, pause
from tests.simulation.policies import VARIANTS, policy
from tests.simulation.post import Post
from tests.simulation.scheduler import Task
from tests.simulation.world import World

GAPS = (0, 0, 0, 20, 1_000, 5_000, 15_000, 70_000, 400_000)
TEAMS_OF = {"amal": "support", "basim": "support", "dina": "billing", "ehab": "experts", LEAD: "support"}


class DeskCrowd:
    """The clients of one desk, as tasks for the scheduler."""

    def __init__(self, world: World, post: Post, desk: str, rng: Random) -> None:
        self.world, self.post, self.desk, self.rng = world, post, desk, rng
        self.variant = rng.randrange(len(VARIANTS))
        self.view = View(world, desk)
        self.staff = Staff(self.view, rng)
        self.customers = Customers(self.view, post, policy(desk, self.variant), rng)

    def tasks(self, acts: int) -> list[Task]:
        """A third of the acts are customers', the others the staff's."""
        return [
            Task(f"{self.desk} staff", self._work(acts - acts // 3)),
            Task(f"{self.desk} customers", self._write(acts // 3)),
        ]

    async def _open(self) -> None:
        by = admin(self.desk)
        await self.post.send(ApplyPolicy(by=by, desk=self.desk, policy=policy(self.desk, self.variant)))
        for rules in SHIPPED:
            await self.post.send(SwitchRules(by=by, desk=self.desk, rules=rules, on=True))
        for who in (*AGENTS[: self.rng.choice((1, 1, 2, 3))], LEAD):
            await self.post.send(
                PutAgent(
                    by=by, agent=who, role="lead" if who == LEAD else "agent", team=TEAMS_OF[who],
                    secondary_teams=("support",) if self.rng.random() < 0.3 else (), skills=self.rng.choice(SKILLS),
                    capacity=self.rng.choice((None, 2, 3, 4, 5)),
                )
            )  # fmt: skip
            if self.rng.random() < 0.8:
                await self.post.send(SetPresence(by=staff(self.desk, who), agent=who, state="ready"))

    async def _work(self, acts: int) -> None:
        await self._open()
        for _ in range(acts):
            await self._rest()
            if self.rng.random() < 0.03:
                self.variant += 1
                new = policy(self.desk, self.variant)
                await self.post.send(ApplyPolicy(by=admin(self.desk), desk=self.desk, policy=new))
            elif (command := self.staff.command()) is not None:
                await self.post.send(command)

    async def _write(self, acts: int) -> None:
        for _ in range(acts):
            await self._rest()
            chance = self.rng.random()
            try:
                if chance < 0.1:
                    await self.customers.report()
                elif chance < 0.3:
                    await self.customers.answer()
                else:
                    await self.customers.write()
            except Nothing:
                await self.customers.write()

    async def _rest(self) -> None:
        await pause(Rest(self.world.time.now + self.rng.choice(GAPS)))
        self.view.refresh()
