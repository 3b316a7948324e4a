"""R10: a command yields a hundred facts at most, whatever is due beside it, and loses nothing of its own by that."""

from shared.catalogue.commands import MergeTickets, RemoveAgent, SplitTicket
from shared.catalogue.facts import MessageMoved, ParticipantJoined, StatusChanged, WorkReleased
from shared.clock import HOUR
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, LEAD, World, contact


def leaving(world: World, items: int) -> None:
    """A removed seat that still holds work: every command has a slice of it to do first."""
    world.agent("amal", capacity=1000)
    for number in range(items):
        world.mail(f"customer{number}")
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert world.desk.floor.seats["amal"].held


def many_conversations(world: World, count: int) -> str:
    """One ticket of sara's, merged of so many."""
    ticket = world.mail("sara").ticket
    for _ in range(count - 1):
        world.send(MergeTickets(by=LEAD, ticket=world.mail("sara").ticket, into=ticket))
    return ticket


def test_a_large_merge_fits_in_beside_a_seat_that_is_emptied() -> None:
    world = World()
    ticket, into = many_conversations(world, 40), world.mail("sara").ticket
    leaving(world, 120)
    outcome = world.send(MergeTickets(by=LEAD, ticket=ticket, into=into))
    assert (outcome.refusal, len(world.desk.tickets[into].conversations)) == (None, 41)
    assert outcome.of(WorkReleased) != []


def test_nobody_who_was_copied_is_lost_beside_a_seat_that_is_emptied() -> None:
    world = World()
    leaving(world, 120)
    copied = tuple(contact(f"friend{number}") for number in range(50))
    assert len(world.mail("sara", copied=copied).of(ParticipantJoined)) == 50


def test_a_tick_does_more_of_what_is_due() -> None:
    world = World()
    leaving(world, 120)
    assert len(world.tick().of(WorkReleased)) > 2 * len(world.mail("sara").of(WorkReleased))


def test_a_split_that_does_not_fit_is_refused() -> None:
    world = World()
    ticket = many_conversations(world, 40)
    rows = world.desk.conversations
    messages = tuple(rows[each].messages[0] for each in world.desk.tickets[ticket].conversations)
    assert world.send(SplitTicket(by=LEAD, ticket=ticket, messages=messages[:33])).refusal == "too_many_messages"
    leaving(world, 120)
    assert len(world.send(SplitTicket(by=LEAD, ticket=ticket, messages=messages[:32])).of(MessageMoved)) == 32


def test_what_is_due_goes_on_while_commands_come() -> None:
    world = World()
    world.agent("amal", capacity=1000)
    end = world.at + HOUR
    for number in range(30):
        ticket = world.mail(f"customer{number}").ticket
        world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=end)
    world.at = end
    ended = [len(world.mail("sara").of(StatusChanged)) for _ in range(10)]
    assert sum(ended) == 30 > ended[0] > 3
