"""Whatever happens, the desk keeps its promises. `World.send` looks at all of them after every command."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode
from shared.catalogue.commands import ReportDelivery, Tick
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, MessageReceived, MessageRestored, MessageSetAside, WorkAssigned
from shared.catalogue.topics import DESK
from shared.decider import Decider
from tests.unit.router.chance import Chance
from tests.unit.router.driving import DESK_ID, World
from tests.unit.router.examining import portrait, reloaded

pytestmark = pytest.mark.slow

DAYS = settings(max_examples=15)


def spent(seed: int, steps: int) -> World:
    day = Chance(seed)
    for _ in range(steps):
        day.step()
    return day.world


def facts_of(world: World) -> list[Envelope]:
    facts = [output for output in world.published if output.topic == DESK.name]
    return [decode(Record(DESK.name, 0, n, 0, each.key, each.value, each.headers)) for n, each in enumerate(facts)]


@given(seed=some.integers(0, 10**9))
@DAYS
def test_seq_is_dense_and_every_group_is_marked(seed: int) -> None:
    facts = facts_of(spent(seed, 60))
    assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
    last_of = {fact.position: fact.seq for fact in facts}
    assert all(fact.last is (last_of[fact.position] == fact.seq) for fact in facts)


@given(seed=some.integers(0, 10**9))
@DAYS
def test_every_command_has_one_outcome_and_every_message_too(seed: int) -> None:
    world = spent(seed, 60)
    settled = Counter(fact.command for fact in world.facts if isinstance(fact, CommandSettled))
    commands = {decode(record).id: decode(record).body for record in world.records}
    silent = (ReportDelivery, Tick)
    expected = {name for name, body in commands.items() if not hasattr(body, "sender") and not isinstance(body, silent)}
    assert settled == dict.fromkeys(expected, 1)
    outcomes = Counter(fact.message for fact in world.facts if isinstance(fact, MessageReceived | MessageSetAside))
    restored = Counter(fact.message for fact in world.facts if isinstance(fact, MessageRestored))
    messages = {body.message for body in commands.values() if hasattr(body, "sender")}
    assert outcomes - restored == dict.fromkeys(messages, 1)


@given(seed=some.integers(0, 10**9))
@DAYS
def test_automatic_assignment_never_exceeds_capacity(seed: int) -> None:
    world = spent(seed, 60)
    chosen = [fact for fact in world.facts if isinstance(fact, WorkAssigned) and fact.how == "automatic"]
    for fact in chosen:
        assert not fact.forced
        told = {candidate.agent: candidate for candidate in fact.why.candidates}
        assert told[fact.agent].excluded is None
        assert told[fact.agent].load + fact.weight <= told[fact.agent].capacity


@given(seed=some.integers(0, 10**9))
@DAYS
def test_epochs_of_an_item_rise(seed: int) -> None:
    epochs: dict[str, int] = {}
    for fact in spent(seed, 60).facts:
        if isinstance(fact, WorkAssigned):
            assert fact.epoch > epochs.get(fact.work, 0)
            epochs[fact.work] = fact.epoch


@given(seed=some.integers(0, 10**9), restart_at=some.integers(0, 80))
@DAYS
def test_the_same_log_gives_the_same_facts_wherever_a_worker_starts(seed: int, restart_at: int) -> None:
    world = spent(seed, 60)
    decider: Decider[Desk] = Decider(LOGIC, 0)
    outputs: list[object] = []
    for number, record in enumerate(world.replay()):
        if number == restart_at:
            decider = reloaded(decider)
        outputs += decider.apply(record)
    assert outputs == world.published


@given(seed=some.integers(0, 10**9))
@DAYS
def test_a_desk_is_what_its_facts_say(seed: int) -> None:
    world = spent(seed, 60)
    fresh: Decider[Desk] = Decider(LOGIC, 0)
    facts = (output for output in world.published if output.topic == DESK.name)
    for number, fact in enumerate(facts):
        fresh.recover(Record(DESK.name, 0, number, 0, fact.key, fact.value, fact.headers))
    again, before = portrait(fresh.states[DESK_ID]), portrait(world.desk)
    again["rest"] = before["rest"] = None
    assert again == before


@given(seed=some.integers(0, 10**9))
@DAYS
def test_no_timer_stays_due(seed: int) -> None:
    world = spent(seed, 60)
    world.wait(0)
    for _ in range(200):
        due = world.decider.timers().get(DESK_ID)
        if due is None or due[1] > world.at:
            break
        world.tick()
    else:
        raise AssertionError("a timer stays due")
    assert not world.desk.floor.unsettled


def test_nothing_is_published_but_records() -> None:
    assert all(isinstance(output, Outgoing) for output in spent(7, 80).published)
