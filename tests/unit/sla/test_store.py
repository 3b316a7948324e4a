"""Rows and timers: they come back from a checkpoint as they were, and stay small."""

import gc
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.app import build
from services.sla.evolve import evolve
from services.sla.handlers.decide import decide
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import NO_PAST, PARTS, READ, Clock, Past, Ticket
from services.sla.targets import TARGETS
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact, PolicyApplied, TargetFact
from shared.catalogue.topics import DESK
from shared.clock import HOUR, Ms
from shared.decider import Decider
from shared.ids import named_id
from shared.policy.terms import Status
from shared.tables import Shape
from shared.tables.pack import Pack
from tests.unit.sla.driving import DESK_ID, ORGANISATION, Sla, opened, received, saved
from tests.unit.sla.policies import MONDAY, plain, policy

TIMES = st.integers(0, 2**41)
WAITS = st.lists(st.tuples(TIMES, st.integers(0, 2**64 - 1)), max_size=3).map(lambda pairs: sum(pairs, ()))
CLOCKS = st.builds(
    Clock, target=st.sampled_from([target.name for target in TARGETS]), cycle=st.integers(1, 9), wait=TIMES,
    mark=TIMES, elapsed=TIMES, due=st.none() | TIMES, state=st.sampled_from(["running", "paused", "met"]),
    warned=st.integers(0, 7),
)  # fmt: skip
PASTS = st.builds(
    Past, waits=WAITS, answers=st.lists(st.tuples(TIMES, st.integers(0, 2**32), TIMES)).map(tuple), opening=st.booleans(),
    updated=st.none() | TIMES, updated_before=st.none() | TIMES,
    caps=st.lists(st.tuples(st.text(max_size=3), TIMES)).map(tuple),
    leads=st.lists(st.tuples(st.text(max_size=3), st.just("update"), TIMES, TIMES), max_size=2).map(tuple), spam=st.booleans(), merged=st.none() | st.just("host"), parted=st.none() | st.just("host"), parted_at=TIMES,
    absorbed=st.lists(st.text(max_size=3)).map(tuple),
    tasks=st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9), TIMES)).map(tuple),
    promised=st.integers(0, 9), late=st.lists(st.tuples(st.just("update"), TIMES), max_size=1).map(tuple),
)  # fmt: skip
TICKETS = st.builds(
    Ticket, slot=st.integers(0, 999), status=st.sampled_from(Status), since=TIMES,
    profile=st.lists(st.text(max_size=3), min_size=9, max_size=9).map(tuple), edition=st.integers(1, 9),
    replied=st.booleans(), waits=WAITS, clocks=st.lists(CLOCKS, max_size=4).map(tuple), timer=st.none() | TIMES,
    past=st.just(NO_PAST) | PASTS,
)  # fmt: skip


@pytest.mark.slow
@given(st.lists(TICKETS, min_size=1, max_size=5))
def test_tickets_come_back_from_their_json_as_they_were(tickets: list[Ticket]) -> None:
    shape = Shape(Ticket, {**READ, "profile": tuple}, PARTS)
    pack = Pack.of(shape, [str(place) for place in range(len(tickets))], tickets)
    again = Pack.read(shape, pack.dump())
    assert [*again.rows()] == [*map(again.row, range(len(tickets)))] == [*map(pack.row, range(len(tickets)))] == tickets
    assert [shape.restore(orjson.loads(orjson.dumps(ticket))) for ticket in tickets] == tickets


def test_a_past_as_checkpoints_once_had_it_is_read() -> None:
    saved = orjson.loads(orjson.dumps(Past(updated=9, promised=1)))
    saved |= {"answers": [7], "tasks": {"call": [1, 60_000]}, "late": {"update": 5}}
    del saved["updated_before"]
    past = READ["past"](saved)
    assert past == Past(
        answers=((9, 7, 0),), updated=9, promised=1, tasks=(("call", 1, 60_000),), late=(("update", 5),)
    )  # fmt: skip
    assert READ["past"](orjson.loads(orjson.dumps(past))) == past
    assert READ["past"](None) is NO_PAST


def test_a_merged_deadline_as_checkpoints_once_had_it_holds_until_the_last_ticket_leaves() -> None:
    saved = orjson.loads(orjson.dumps(Past(absorbed=("one", "other"))))
    del saved["caps"], saved["leads"]
    assert READ["past"](saved | {"cap": 9}).caps == (("one", 9), ("other", 9))
    assert READ["past"](saved | {"cap": None}) == Past(absorbed=("one", "other"))


def test_tickets_with_the_same_past_have_futures_of_their_own() -> None:
    tickets = Clocks(DESK_ID, ORGANISATION).tickets
    for key in ("one", "other"):
        tickets.add(key, Ticket(0, Status.NEW, MONDAY, (), 1, past=Past(promised=1)))
    for bucket in tickets.freeze():
        tickets.write(bucket)
    tickets.change("one").remember(promised=2, tasks=(("call", 2, MONDAY),))
    assert [ticket.past for ticket in tickets.values()] == [
        Past(promised=2, tasks=(("call", 2, MONDAY),)), Past(promised=1),
    ]  # fmt: skip


def test_a_restart_changes_nothing_that_is_saved_or_asked_for() -> None:
    sla = Sla(MONDAY).policy(policy()).open().open("other").later(HOUR).reply().promise("call", MONDAY + 9 * HOUR)
    again = saved(sla.fold)
    assert again.timers() == sla.fold.timers()
    state, restored = sla.state, again.states[DESK_ID]
    assert dict(restored.tickets.items()) == dict(state.tickets.items())
    assert restored.rest() == state.rest()
    assert min(restored._heap) == min(state._heap)


def test_tickets_alike_share_one_profile_also_after_a_restart() -> None:
    sla = Sla(MONDAY).policy(policy()).open().open("other")
    for state in (sla.state, saved(sla.fold).states[DESK_ID]):
        one, other = state.tickets.values()
        assert one.profile is other.profile


def test_a_save_in_the_middle_of_work_is_of_one_moment() -> None:
    sla = Sla(MONDAY).policy(plain()).open().open("other")
    chunks = sla.fold.save()
    before = Sla(MONDAY).policy(plain()).open().open("other").fold.save()
    sla.later(HOUR).reply().turn(Status.CLOSED, "other")
    assert dict(chunks) == dict(before)


def test_the_service_is_one_consumer_of_the_desks_facts() -> None:
    service = build(None)  # type: ignore[arg-type]  # sla touches no port
    (consumer,) = service.consumers
    assert (service.name, consumer.name, consumer.topic) == ("sla", "sla", DESK.name)
    assert isinstance(consumer.fold(3), Decider)
    assert not service.loops
    assert not service.routes


def feed(clocks: Clocks, fact: Fact, at: Ms) -> None:
    for said in decide(clocks, Envelope("x", "router", at, ORGANISATION, DESK_ID, "c", "c", fact, 1), at):
        if isinstance(said, TargetFact):
            evolve(clocks, said, at)


def memory_of_tickets(count: int) -> tuple[int, int]:
    """How many tickets a desk then has, and the bytes `count` of them take."""
    clocks = Clocks(DESK_ID, ORGANISATION)
    feed(clocks, PolicyApplied(desk=DESK_ID, version=1, policy=plain("8h", "office", "resolution")), MONDAY)
    tickets = [named_id("ticket", number) for number in range(count)]
    feed(clocks, opened("warm", MONDAY), MONDAY)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number, ticket in enumerate(tickets):
        since = MONDAY + number
        feed(clocks, opened(ticket, since), since)
        feed(clocks, received(ticket, f"{ticket}-1", since), since)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return len(clocks.tickets), after - before


@pytest.mark.slow
def test_a_ticket_with_two_clocks_takes_less_than_eight_hundred_bytes() -> None:
    """A hundred thousand open ones stay below 80 MiB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:  # here other tests' threads may be at work
        count, size = alone.submit(memory_of_tickets, 4_000).result()
    assert count == 4_001
    assert size / 4_000 < 800
