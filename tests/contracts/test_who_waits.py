"""The desk's queue and the clocks say the same of a ticket: since when its customer waits for an answer."""

import pytest

from services.router.desk.work import Ticket
from services.sla.app import LOGIC
from services.sla.rules.waits import oldest
from services.sla.store.clocks import Clocks
from shared.broker import Record
from shared.catalogue.codec import decode
from shared.catalogue.commands import ReportDelivery
from shared.catalogue.facts import ConversationMoved, MessageMoved
from shared.catalogue.topics import DESK
from shared.decider import Decider
from shared.policy.terms import Status
from tests.unit.router.chance import Chance
from tests.unit.router.driving import DESK_ID, SYSTEM, World

pytestmark = pytest.mark.slow

STEPS = 120
SEEDS = range(12)


def records_of(world: World) -> list[Record]:
    """Everything the desk has said."""
    said = (output for output in world.published if output.topic == DESK.name)
    return [Record(DESK.name, 0, at, 0, fact.key, fact.value, fact.headers) for at, fact in enumerate(said)]


def clocks_of(world: World) -> Clocks:
    """What sla makes of it."""
    fold: Decider[Clocks] = Decider(LOGIC, 0)
    for record in records_of(world):
        fold.apply(record)
    return fold.states[DESK_ID]


def regrouped(world: World) -> set[str]:
    """Tickets whose messages were moved: after that the desk's one time per ticket can only be near the truth."""
    facts = [decode(record).body for record in records_of(world)]
    moves = [fact for fact in facts if isinstance(fact, ConversationMoved | MessageMoved)]
    return {ticket for fact in moves for ticket in (fact.ticket, fact.former_ticket)}


def differing(world: World) -> dict[str, bool]:
    """Of every live ticket whether the two differ."""
    clocks, rows = clocks_of(world), world.desk.tickets
    live = {key: rows[key] for key in rows if not _gone(rows[key])}
    return {key: row.waiting_since != oldest(clocks.tickets[key].waits) for key, row in live.items()}


def _gone(row: Ticket) -> bool:
    return row.merged_into is not None or row.status is Status.CLOSED


def reply_and_lose(day: Chance, number: int) -> None:
    """Somebody writes again, or one of the replies there are turns out undeliverable: all others stand."""
    rows = day.world.desk.conversations
    sent = [(place, message) for place in rows for message in rows[place].replies]
    if day.often(0.6) or not sent:
        day.world.update(day.ticket, "lena", reply={"text": "one more thing"}, status=day.maybe(Status.PENDING, 0.5))
        return
    place, message = day.one(sent)
    day.world.send(
        ReportDelivery(
            by=SYSTEM, delivery=f"lost{number}", message=message, conversation=place, outcome="failed", permanent=True
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_the_queue_and_the_clocks_agree_when_replies_are_lost_while_others_stand(seed: int) -> None:
    day = Chance(seed)
    for number in range(STEPS):
        day.step()
        reply_and_lose(day, number)
    apart = regrouped(day.world)
    assert [key for key, differs in differing(day.world).items() if differs and key not in apart] == []


def test_the_queue_and_the_clocks_agree_on_who_waits_since_when() -> None:
    different = moved = 0
    for seed in SEEDS:
        day = Chance(seed)
        for _ in range(STEPS):
            day.step()
        differ, apart = differing(day.world), regrouped(day.world)
        assert [key for key, differs in differ.items() if differs and key not in apart] == [], seed
        different, moved = different + sum(differ.values()), moved + len(apart)
    assert moved
    assert different <= moved / 4  # of one day two may have been moved, and one of them differ
