"""What every strategy promises, and what each of them is for."""

import ast
import inspect
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.router import strategies
from services.router.desk.crews import CLOSEST
from services.router.strategies import STRATEGIES
from shared.catalogue.facts import WorkAssigned
from shared.clock import MINUTE
from shared.policy.terms import Status, Strategy
from tests.unit.router.driving import World
from tests.unit.router.policies import changed

EVERY = pytest.mark.parametrize("strategy", list(STRATEGIES))


@dataclass(frozen=True)
class Seat:
    load: int
    capacity: int
    turn: int
    idle_since: int


SEATS = some.builds(
    Seat, some.integers(0, 50), some.integers(0, 20), some.integers(0, 10**6), some.integers(0, 2 * 10**12)
)


def world_of(strategy: Strategy, agents: int = 3, capacity: int = 4) -> World:
    world = World(changed("front: {name: Front,", f"front: {{name: Front, strategy: {strategy},"))
    for n in range(agents):
        world.agent(f"agent{n}", capacity=capacity)
    return world


def test_every_strategy_a_policy_can_name_is_there() -> None:
    assert set(STRATEGIES) == set(Strategy)


@EVERY
@given(seat=SEATS)
def test_a_score_is_two_whole_numbers_and_only_the_seats(strategy: Strategy, seat: Seat) -> None:
    score = STRATEGIES[strategy](seat)
    assert score == STRATEGIES[strategy](Seat(seat.load, seat.capacity, seat.turn, seat.idle_since))
    assert [type(part) for part in score] == [int, int]


@EVERY
def test_a_strategy_looks_at_nothing_but_the_seat(strategy: Strategy) -> None:
    assert len(inspect.signature(STRATEGIES[strategy]).parameters) == 1
    imported = [node for node in ast.walk(ast.parse(inspect.getsource(strategies))) if isinstance(node, ast.Import)]
    assert imported == []


@EVERY
def test_among_equals_the_lower_id_goes_first(strategy: Strategy) -> None:
    world = World(changed("front: {name: Front,", f"front: {{name: Front, strategy: {strategy},"))
    world.mail("sara")
    at = world.at
    for name in ("zainab", "amal"):
        world.agent(name, ready=False)
    world.away("amal", "meeting")
    for name in ("zainab", "amal"):
        world.at = at  # both became ready in the same millisecond
        world.ready(name)
    assert len(world.holders()) == 1


@EVERY
def test_everybody_gets_work_and_nobody_too_much(strategy: Strategy) -> None:
    world = world_of(strategy)
    for n in range(9):
        world.mail(f"customer{n}")
    loads = sorted(seat.load for seat in world.desk.floor.seats.values())
    assert loads == [4, 4, 4]


@EVERY
def test_with_room_for_all_the_work_is_spread(strategy: Strategy) -> None:
    world = world_of(strategy, agents=4, capacity=12)
    assignees = [world.mail(f"customer{n}").assignee for n in range(8)]
    assert sorted(assignees[:4], key=str) == ["agent0", "agent1", "agent2", "agent3"]
    assert sorted(assignees[4:], key=str) == ["agent0", "agent1", "agent2", "agent3"]


def test_least_loaded_compares_shares_not_numbers() -> None:
    world = World()
    world.agent("small", capacity=4)
    world.agent("large", capacity=12)
    assert [world.mail(f"customer{n}").assignee for n in range(4)] == ["large", "small", "large", "large"]


def test_least_loaded_counts_what_weighs() -> None:
    world = World()
    world.agent("amal", capacity=12)
    tickets = [world.mail(f"customer{n}").ticket for n in range(3)]
    world.agent("omar", capacity=12)
    for ticket in tickets:
        world.update(ticket, "amal", status=Status.PENDING)
    assert world.mail("nora").assignee == "omar"
    assert world.mail("dana").assignee == "amal"


def test_longest_idle_starts_anew_when_somebody_comes_back() -> None:
    world = world_of(Strategy.LONGEST_IDLE, agents=2, capacity=12)
    world.away("agent0")
    world.wait(MINUTE)
    world.ready("agent0")
    assert world.mail("sara").assignee == "agent1"


def test_longest_idle_does_not_care_how_much_somebody_has() -> None:
    world = world_of(Strategy.LONGEST_IDLE, agents=1, capacity=12)
    world.mail("sara")
    world.mail("omar")
    world.wait(MINUTE)
    world.agent("fresh", capacity=12)
    assert world.mail("nora").assignee == "agent0"


def test_round_robin_goes_on_where_it_was_after_a_break() -> None:
    world = world_of(Strategy.ROUND_ROBIN, agents=3, capacity=12)
    assert [world.mail(f"a{n}").assignee for n in range(2)] == ["agent0", "agent1"]
    world.away("agent2")
    assert [world.mail(f"b{n}").assignee for n in range(2)] == ["agent0", "agent1"]
    world.ready("agent2")
    assert [world.mail(f"c{n}").assignee for n in range(3)] == ["agent2", "agent0", "agent1"]


def test_the_turn_survives_a_restart() -> None:
    world = world_of(Strategy.ROUND_ROBIN, agents=3, capacity=12)
    world.mail("sara")
    world.restart()
    assert world.mail("omar").assignee == "agent1"


def test_the_reason_says_who_goes_first_whatever_their_score() -> None:
    for colleagues in (0, CLOSEST):
        world = World()
        world.agent("amal")
        world.agent("badr", "cards", secondary=("front",))
        for number in range(colleagues):
            world.agent(f"other{number}", "cards", secondary=("front",))
        world.mail("sara")
        why = world.mail("omar").one(WorkAssigned).why
        assert why.candidates[0].agent == "amal"
        assert [(each.rank, each.score > 0) for each in why.candidates] == [
            (0, True),
            *[(1, False)] * (len(why.candidates) - 1),
        ]
