"""What a decision costs grows no faster than the logarithm of what waits (R10), counted in lines run, not in time."""

from collections.abc import Callable
from functools import partial

import pytest

from shared.broker import Record
from shared.catalogue.commands import PutAgent, SetPresence, Tick, UpdateTicket
from shared.catalogue.values import Skill
from shared.policy.terms import Status
from tests.unit.router.driving import DESK_ID, LEAD, SYSTEM, World
from tests.unit.steps import steps_of

pytestmark = pytest.mark.slow

FEW, MANY = 50, 1_000


def crowd(world: World, waiting: int) -> World:
    """So many customers wait; nobody looks at each command, for that would take its time."""
    for n in range(waiting):
        world.decider.apply(world.record(world.message(f"customer{n}", "card" if n % 3 else "fraud")))
    return world


def cost(world: World, act: Callable[[World], object]) -> int:
    return min(steps_of(lambda: act(world)) for _ in range(3))


def arrive(world: World, words: str = "card") -> object:
    return world.decider.apply(world.record(world.message(f"late{world.at}", words)))


def resolve(world: World) -> object:
    ticket = next(work for work, row in world.desk.tickets.items() if row.holding == "held")
    return world.decider.apply(world.record(UpdateTicket(by=LEAD, ticket=ticket, status=Status.RESOLVED)))


@pytest.mark.parametrize("act", [arrive, resolve])
def test_a_crowd_makes_no_decision_dearer(act: Callable[[World], object]) -> None:
    costs = []
    for waiting in (FEW, MANY):
        world = World()
        for n in range(5):
            world.agent(f"agent{n}", "cards", skills={"fraud": 5}, capacity=4)
        costs.append(cost(crowd(world, waiting), act))
    assert costs[1] <= 1.3 * costs[0] + 60


def hire(world: World, name: str, team: str) -> None:
    for command in (
        PutAgent(by=LEAD, agent=name, team=team),
        SetPresence(by=LEAD, agent=name, state="ready"),
    ):
        world.decider.apply(world.record(command))


@pytest.mark.parametrize(("team", "words"), [("cards", "card"), ("front", ()), ("billing", "bill")])
def test_many_colleagues_make_no_decision_dearer(team: str, words: str) -> None:
    costs = []
    for agents in (20, 300):
        world = World()
        for n in range(agents):
            hire(world, f"agent{n:03}", team)
        costs.append(cost(world, partial(arrive, words=words)))
    assert costs[1] <= 1.3 * costs[0] + 60


def test_people_of_other_skills_cost_little_each() -> None:
    """A desk where no two people are alike is the worst there is: one look at each kind of person, no more."""
    costs = []
    for agents in (10, 100):
        world = World()
        for n in range(agents):
            skills = (Skill(id="fraud", level=5), Skill(id=f"skill{n}"))
            world.decider.apply(world.record(PutAgent(by=LEAD, agent=f"agent{n:03}", team="cards", skills=skills)))
            world.decider.apply(world.record(SetPresence(by=LEAD, agent=f"agent{n:03}", state="ready")))
        costs.append(cost(world, partial(arrive, words="fraud")))
    assert (costs[1] - costs[0]) / 90 < 40


def test_a_tick_with_nothing_due_costs_the_same_whatever_waits() -> None:
    costs = [cost(crowd(World(), waiting), lambda world: world.decider.apply(tick_of(world))) for waiting in (FEW, 500)]
    assert costs[1] <= costs[0] + 20


def tick_of(world: World) -> Record:
    return world.record(Tick(by=SYSTEM, desk=DESK_ID, due=world.at))


def test_asking_for_the_next_timer_costs_nothing() -> None:
    world = crowd(World(), 300)
    world.decider.timers()
    assert cost(world, lambda world: world.decider.timers()) < 60
