"""A checkpoint is a cache: loaded, or lost and made good from the facts, the desk goes on the same."""

import gc
import tracemalloc
from dataclasses import fields as fields_of
from itertools import product
from typing import Any

import orjson
import pytest

from services.router.app import LOGIC
from services.router.desk.conversations import CONVERSATION, SET_ASIDE
from services.router.desk.desk import Desk
from services.router.desk.people import AGENT, CONTACT_POINT, CUSTOMER
from services.router.desk.work import TASK, TICKET
from shared.broker import Outgoing, Record
from shared.catalogue.commands import (
    BlockContactPoint,
    DeclineOffer,
    MergeTickets,
    PlanShifts,
    PutCustomer,
    UnlinkContactPoint,
)
from shared.catalogue.facts import TicketOpened, WorkOffered
from shared.catalogue.topics import DESK
from shared.catalogue.values import Span
from shared.clock import DAY, HOUR, MINUTE
from shared.decider import Decider
from shared.policy.terms import Status
from shared.tables import Shape
from shared.tables.pack import Pack
from tests.unit.router.driving import DESK_ID, LEAD, World, contact, principal
from tests.unit.router.examining import portrait, reloaded, saved
from tests.unit.router.policies import changed


def busy() -> World:
    """A desk with a bit of everything."""
    world = World(changed("billing: {name: Billing, ", "billing: {name: Billing, reopen_window: 10m, "))
    world.agent("amal", "cards", skills={"fraud": 5}, secondary=("front", "asked"))
    world.agent("omar", "front", role="lead")
    world.send(PlanShifts(by=LEAD, agent="omar", shifts=(Span(start=world.at, end=world.at + DAY),)))
    sara = world.mail("sara", "fraud", copied=(contact("friend"),)).one(TicketOpened)
    world.send(PutCustomer(by=LEAD, customer=sara.customer, tier="vip"))
    world.update(sara.ticket, "amal", reply={"text": "x"}, status=Status.PENDING, promise={"due_at": world.at + HOUR})
    offered = world.mail("nora", "offer").one(WorkOffered)
    world.send(DeclineOffer(by=principal("amal"), work=offered.work, epoch=offered.epoch))
    first, second = world.mail("dana").ticket, world.mail("dana").ticket
    world.send(MergeTickets(by=LEAD, ticket=second, into=first))
    short = world.mail("short", "bill").ticket
    world.update(short, status=Status.RESOLVED)
    hold = world.mail("hold").ticket
    world.update(hold, status=Status.ON_HOLD, hold_reason="supplier")
    world.mail("noise", spam="score")
    world.mail("stop", opt_out=True)
    world.send(BlockContactPoint(by=LEAD, contact=contact("pest").id, blocked=True))
    recycled = world.mail("recycled").one(TicketOpened)
    world.send(UnlinkContactPoint(by=LEAD, customer=recycled.customer, contact=contact("recycled").id))
    world.mail("late", "card")
    world.away("omar", "break")
    world.wait(15 * MINUTE)
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return busy()


def test_a_busy_desk_has_rows_in_every_table(world: World) -> None:
    assert [name for name, table in world.desk.tables().items() if not len(table)] == []


def test_what_was_saved_comes_back(world: World) -> None:
    assert portrait(reloaded(world.decider).states[DESK_ID]) == portrait(world.desk)


def test_what_came_back_saves_the_same(world: World) -> None:
    assert saved(reloaded(world.decider)) == saved(world.decider)


def own_facts(world: World) -> list[Record]:
    facts = [output for output in world.published if output.topic == DESK.name]
    return [Record(DESK.name, 0, n, 0, fact.key, fact.value, fact.headers) for n, fact in enumerate(facts)]


def recovered(world: World) -> tuple[Decider[Desk], int]:
    """A worker without a checkpoint, and the offset it goes on from."""
    fresh: Decider[Desk] = Decider(LOGIC, 0)
    position = 0
    for record in own_facts(world):
        position = fresh.recover(record) or position
    return fresh, position


def test_a_lost_checkpoint_is_made_good_from_the_facts(world: World) -> None:
    fresh, position = recovered(world)
    again, before = portrait(fresh.states[DESK_ID]), portrait(world.desk)
    # whether there may be something to assign is a hint: looking once more finds nothing
    again["rest"] = before["rest"] = None
    assert again == before
    assert position == len(world.records)


def tail(decider: Decider[Desk], records: list[Record]) -> list[Outgoing]:
    outputs = [output for record in records for output in decider.apply(record)]
    assert all(isinstance(output, Outgoing) for output in outputs)
    return [output for output in outputs if isinstance(output, Outgoing)]


def test_the_tail_is_decided_the_same_from_a_checkpoint_or_from_facts() -> None:
    world = busy()
    from_checkpoint, (from_facts, _) = reloaded(world.decider), recovered(world)
    start, sent = len(world.records), len(world.published)
    world.mail("sara")
    world.ready("omar")
    world.wait(3 * DAY)
    world.mail("nora", "offer")
    world.wait(10 * DAY)
    expected = world.published[sent:]
    replayed = list(world.replay())[start:]
    assert tail(from_checkpoint, replayed) == expected
    assert tail(from_facts, replayed) == expected


@pytest.mark.parametrize("every", [1, 3, 10])
def test_restarts_at_any_time_change_nothing(every: int) -> None:
    world = busy()
    decider: Decider[Desk] = Decider(LOGIC, 0)
    outputs: list[Outgoing] = []
    for number, record in enumerate(world.replay()):
        if number % every == 0:
            decider = reloaded(decider)
        outputs += tail(decider, [record])
    assert outputs == world.published


def test_a_save_shows_the_moment_it_began() -> None:
    world = busy()
    before = saved(world.decider)
    world.decider.unsaved()
    chunks = world.decider.save()
    world.mail("sara")
    world.update(next(iter(world.desk.tickets)), add_tags=("late",))
    assert dict(chunks) == before


def test_a_second_save_writes_only_what_changed() -> None:
    world = busy()
    saved(world.decider)
    second = dict(world.decider.save())
    assert [name for name, content in second.items() if content is not None] == [f"{DESK_ID}/rest"]
    world.mail("somebody")
    third = {name for name, content in dict(world.decider.save()).items() if content is not None}
    assert {f"{DESK_ID}/tickets/0", f"{DESK_ID}/conversations/0", f"{DESK_ID}/rest"} <= third


def test_the_policy_comes_back_as_it_was(world: World) -> None:
    again = reloaded(world.decider).states[DESK_ID]
    assert again.policy == world.desk.policy
    assert again.own_addresses == world.desk.own_addresses == {"help@acme.example"}


def test_a_desk_without_policy_is_saved_too() -> None:
    world = World.without_policy()
    world.mail("sara")
    assert portrait(reloaded(world.decider).states[DESK_ID]) == portrait(world.desk)


SHAPES: dict[str, Shape[Any]] = {
    "tickets": TICKET, "tasks": TASK, "conversations": CONVERSATION, "customers": CUSTOMER, "contacts": CONTACT_POINT,
    "agents": AGENT, "asides": SET_ASIDE,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_field_of_a_row_has_its_own_type_again(world: World, name: str) -> None:
    table = world.desk.tables()[name]
    shape, keys, rows = SHAPES[name], [*table], [*table.values()]
    again = [*Pack.read(shape, Pack.of(shape, keys, rows).dump()).rows()]
    single = [shape.restore(orjson.loads(orjson.dumps(row))) for row in rows]
    assert again == single == rows
    for row, *others in zip(rows, again, single, strict=True):
        for field, other in product(fields_of(row), others):
            assert type(getattr(other, field.name)) is type(getattr(row, field.name)), field.name


def test_who_writes_again_wakes_none_of_their_other_tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for _ in range(5):
        world.mail("sara")
    saved(world.decider)
    make, woken = TICKET.row, []

    def counted(**fields: Any) -> Any:
        woken.append(fields["number"])
        return make(**fields)

    once_more = world.record(world.message("sara"))
    monkeypatch.setattr(TICKET, "row", counted)
    world.decider.apply(once_more)
    assert len(world.desk.tickets) == 6
    assert woken == []


@pytest.mark.slow
def test_a_hundred_thousand_waiting_tickets_fit_into_150_mib() -> None:
    """Counted on some thousands: tickets with their customers, conversations, places in the queue; not what is made once."""
    world = World()
    first, more = ([world.record(world.message(f"{part}{n}")) for n in range(3_000)] for part in ("customer", "other"))
    traced(world.decider, first)
    assert traced(world.decider, more) / 3_000 < 150 * 1024 * 1024 / 100_000


def traced(decider: Decider[Desk], records: list[Record]) -> int:
    """Bytes that are there after folding these records and letting go of them."""
    gc.collect()
    tracemalloc.start()
    for record in records:
        # a record as read: its decoded body dies with it
        decider.apply(
            Record(record.topic, 0, record.offset, record.appended_at, record.key, record.value, record.headers)
        )
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size
