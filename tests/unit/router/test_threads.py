"""Who may join a conversation, and where unthreaded messages go (domain: "A ticket's life")."""

import pytest

from shared.catalogue.commands import LinkContactPoint, SplitTicket
from shared.catalogue.facts import (
    ConversationOpened,
    MessageReceived,
    OwnerChanged,
    ParticipantJoined,
    TicketOpened,
    TicketsLinked,
    WorkAssigned,
)
from shared.catalogue.values import FollowUp, Thread
from shared.clock import DAY
from shared.policy.terms import Channel, Priority, Status
from tests.unit.router.driving import LEAD, World, contact
from tests.unit.router.policies import changed

CHAT = {"channel": Channel.WHATSAPP, "account": "phone"}


def conversation_of(world: World, ticket: str) -> str:
    return world.desk.tickets[ticket].conversations[0]


def test_the_requester_joins_their_thread() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    received = world.answer(ticket, "sara").one(MessageReceived)
    assert (received.ticket, received.conversation, received.first) == (ticket, conversation_of(world, ticket), False)


def test_a_stranger_in_a_verified_thread_opens_a_linked_ticket_of_their_own() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    outcome = world.answer(ticket, "stranger")
    link = outcome.one(TicketsLinked)
    assert outcome.ticket != ticket
    assert (link.ticket, link.other, link.kind) == (outcome.ticket, ticket, "child_of")
    assert outcome.one(MessageReceived).ticket == outcome.ticket
    assert outcome.one(TicketOpened).customer != world.desk.tickets[ticket].customer


def test_whom_the_requester_copies_becomes_a_participant() -> None:
    world = World()
    outcome = world.mail("sara", copied=(contact("colleague"),))
    joined = outcome.one(ParticipantJoined)
    assert (joined.contact, joined.how) == (contact("colleague").id, "copied_by_requester")
    assert world.answer(outcome.ticket, "colleague").one(MessageReceived).ticket == outcome.ticket


def test_copying_somebody_later_counts_as_well() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.answer(ticket, "sara", copied=(contact("colleague"),)).one(ParticipantJoined).contact


def test_nobody_joins_twice() -> None:
    world = World()
    ticket = world.mail("sara", copied=(contact("colleague"), contact("colleague"), contact("sara"))).ticket
    again = world.answer(ticket, "sara", copied=(contact("colleague"),))
    assert again.of(ParticipantJoined) == []
    assert len(world.desk.conversations[conversation_of(world, ticket)].participants) == 1


def test_a_participant_cannot_let_others_in() -> None:
    world = World()
    ticket = world.mail("sara", copied=(contact("colleague"),)).ticket
    assert world.answer(ticket, "colleague", copied=(contact("friend"),)).of(ParticipantJoined) == []
    assert world.answer(ticket, "friend").one(TicketsLinked).other == ticket


def test_our_own_address_among_the_copied_is_nobody() -> None:
    world = World()
    outcome = world.mail("sara", copied=(contact("help@acme.example"),))
    assert outcome.of(ParticipantJoined) == []


def test_a_mail_copied_to_a_crowd_brings_no_more_participants_than_the_policy_allows() -> None:
    rules = changed("rules:\n", "limits: {participants: 3}\nrules:\n")
    world = World(rules)
    outcome = world.mail("sara", copied=tuple(contact(f"friend{n}") for n in range(10)))
    assert len(outcome.of(ParticipantJoined)) == 3


def test_a_crowd_never_exceeds_the_facts_of_one_command() -> None:
    rules = changed("rules:\n", "limits: {participants: 200}\nrules:\n")
    world = World(rules)
    outcome = world.mail("sara", copied=tuple(contact(f"friend{n}") for n in range(190)))
    assert 50 <= len(outcome.of(ParticipantJoined)) < 90
    assert outcome.ticket in world.desk.tickets


def test_another_address_of_the_same_customer_joins() -> None:
    world = World()
    outcome = world.mail("sara")
    customer = outcome.one(TicketOpened).customer
    world.send(LinkContactPoint(by=LEAD, customer=customer, contact=contact("sara@home.example")))
    assert world.answer(outcome.ticket, "sara@home.example").one(MessageReceived).ticket == outcome.ticket


def test_unthreaded_mail_opens_a_new_ticket() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.mail("sara").ticket != ticket


def test_a_quoted_message_of_theirs_picks_the_ticket() -> None:
    world = World()
    first, second = world.mail("sara"), world.mail("sara")
    outcome = world.mail("sara", quoted=(first.one(MessageReceived).message,))
    assert outcome.one(MessageReceived).ticket == first.ticket != second.ticket


def test_a_quoted_reply_or_acknowledgement_of_ours_picks_the_ticket_too() -> None:
    world = World()
    first = world.mail("sara")
    world.mail("sara")
    sent = world.update(first.ticket, reply={"text": "hello"}).deliveries[0]
    for message in (sent.message, first.deliveries[0].message):
        assert world.mail("sara", quoted=(message,)).one(MessageReceived).ticket == first.ticket


def test_quoting_somebody_elses_message_leads_nowhere() -> None:
    world = World()
    theirs = world.mail("sara").one(MessageReceived)
    outcome = world.mail("stranger", quoted=(theirs.message,))
    assert outcome.ticket != theirs.ticket
    assert outcome.of(TicketsLinked) == []


def test_a_chat_goes_on_with_the_running_ticket_of_its_account() -> None:
    world = World()
    first = world.mail("sara", **CHAT)
    received = world.mail("sara", **CHAT).one(MessageReceived)
    assert (received.ticket, received.conversation) == (first.ticket, conversation_of(world, first.ticket))


def test_a_chat_does_not_join_what_was_written_elsewhere() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.mail("sara", **CHAT).ticket != ticket


def test_a_chat_prefers_an_open_ticket_to_a_later_resolved_one() -> None:
    world = World()
    first = world.mail("sara", **CHAT).ticket
    message = world.mail("sara", **CHAT).one(MessageReceived).message
    later = world.send(SplitTicket(by=LEAD, ticket=first, messages=(message,))).ticket
    assert world.mail("sara", **CHAT).one(MessageReceived).ticket == later
    world.update(later, status=Status.RESOLVED)
    assert world.mail("sara", **CHAT).one(MessageReceived).ticket == first


def test_a_chat_within_the_reopen_window_reopens() -> None:
    world = World()
    ticket = world.mail("sara", **CHAT).ticket
    world.update(ticket, status=Status.RESOLVED)
    assert world.mail("sara", **CHAT).one(MessageReceived).ticket == ticket
    assert world.desk.tickets[ticket].status is Status.OPEN


def test_a_chat_after_the_window_is_a_new_ticket() -> None:
    world = World()
    ticket = world.mail("sara", "card", **CHAT).ticket
    world.update(ticket, status=Status.RESOLVED)
    world.wait(DAY)
    assert world.mail("sara", **CHAT).ticket != ticket


def test_a_customer_with_too_many_tickets_adds_to_the_latest() -> None:
    world = World(changed("rules:\n", "limits: {open_tickets_per_customer: 3}\nrules:\n"))
    tickets = [world.mail("sara").ticket for _ in range(3)]
    assert world.mail("sara").one(MessageReceived).ticket == tickets[-1]
    elsewhere = world.mail("sara", channel=Channel.WEBFORM, account="web")
    assert elsewhere.one(MessageReceived).ticket == tickets[-1]
    assert elsewhere.one(ConversationOpened).account == "web"


def test_too_many_tickets_are_no_way_into_a_conversation_others_take_part_in() -> None:
    """Whoever writes without our reference may not be who they say: no MAC, no participants."""
    world = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    first = world.mail("sara", copied=(contact("colleague"),))
    forged = world.mail("sara", copied=(contact("thief"),))
    received = forged.one(MessageReceived)
    assert received.ticket == first.ticket
    assert received.conversation != conversation_of(world, first.ticket)
    assert forged.of(ParticipantJoined) == []
    assert world.update(first.ticket, reply={"text": "x"}).deliveries[0].copied == ()


@pytest.mark.parametrize("quoting", [False, True])
def test_whom_a_mail_without_our_reference_copies_does_not_join_what_is_there(quoting: bool) -> None:
    world = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    first = world.mail("sara")
    quoted = (first.one(MessageReceived).message,) if quoting else ()
    forged = world.mail("sara", copied=(contact("thief"),), quoted=quoted)
    assert forged.one(MessageReceived).ticket == first.ticket
    assert forged.of(ParticipantJoined) == []


def test_another_address_of_the_customer_among_the_copied_is_nobody_else() -> None:
    world = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    first = world.mail("sara", copied=(contact("sara@home.example"),))
    customer = first.one(TicketOpened).customer
    world.send(LinkContactPoint(by=LEAD, customer=customer, contact=contact("sara@home.example")))
    assert world.mail("sara").one(MessageReceived).conversation == conversation_of(world, first.ticket)


def test_resolved_tickets_do_not_count_as_too_many() -> None:
    world = World(changed("rules:\n", "limits: {open_tickets_per_customer: 1}\nrules:\n"))
    world.update(world.mail("sara").ticket, status=Status.RESOLVED)
    assert world.mail("sara").one(TicketOpened).number == 2


def closed(world: World) -> tuple[str, str]:
    """A ticket long past its reopen window, and its conversation."""
    ticket = world.mail("sara").ticket
    conversation = conversation_of(world, ticket)
    world.update(ticket, status=Status.RESOLVED)
    world.wait(30 * DAY)
    assert ticket not in world.desk.tickets
    return ticket, conversation


def token(ticket: str, **fields: object) -> FollowUp:
    given = {"ticket": ticket, "number": 1, "team": "billing", "category": "billing", "priority": Priority.HIGH}
    return FollowUp.model_validate(given | fields)


def test_a_reply_after_the_window_opens_a_follow_up_as_its_token_says() -> None:
    world = World()
    ticket, conversation = closed(world)
    outcome = world.mail("sara", "card", thread=Thread(conversation=conversation, follow_up=token(ticket)))
    opened, link = outcome.one(TicketOpened), outcome.one(TicketsLinked)
    assert (opened.team, opened.category, opened.priority, opened.cause) == (
        "billing", "billing", Priority.HIGH, "follow_up",
    )  # fmt: skip
    assert (link.kind, link.other) == ("follow_up_of", ticket)


def test_a_follow_up_goes_back_to_its_owner() -> None:
    world = World()
    world.agent("amal")
    ticket, conversation = closed(world)
    outcome = world.mail(
        "sara", thread=Thread(conversation=conversation, follow_up=token(ticket, team="front", owner="amal"))
    )
    assigned = outcome.one(WorkAssigned)
    assert (assigned.agent, assigned.how) == ("amal", "returned")
    assert outcome.of(OwnerChanged) == []


def test_a_follow_up_of_somebody_who_left_waits_for_everybody() -> None:
    world = World()
    ticket, conversation = closed(world)
    follow_up = token(ticket, owner="gone", team="vanished")
    outcome = world.mail("sara", "card", thread=Thread(conversation=conversation, follow_up=follow_up))
    assert (outcome.one(TicketOpened).owner, outcome.one(TicketOpened).team) == (None, "billing")


def test_an_open_ticket_wins_over_the_token_of_its_former_life() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    thread = Thread(conversation=conversation_of(world, ticket), follow_up=token(ticket))
    assert world.mail("sara", thread=thread).one(MessageReceived).ticket == ticket


def test_a_closed_ticket_still_at_hand_is_followed_up_without_a_token() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 1h"))
    ticket = world.mail("sara").ticket
    conversation = conversation_of(world, ticket)
    world.update(ticket, status=Status.RESOLVED)
    world.wait(DAY)
    assert world.desk.tickets[ticket].status is Status.CLOSED
    outcome = world.mail("sara", thread=Thread(conversation=conversation))
    assert (outcome.one(TicketsLinked).kind, outcome.one(TicketsLinked).other) == ("follow_up_of", ticket)


def test_a_thread_nobody_knows_is_no_thread() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    outcome = world.mail("sara", thread=Thread(conversation="never-was"))
    assert outcome.ticket != ticket
    assert outcome.of(TicketsLinked) == []


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD])
def test_a_reply_makes_it_the_desks_turn_again(status: Status) -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=status, hold_reason="supplier" if status is Status.ON_HOLD else None)
    world.answer(ticket, "sara")
    assert world.desk.tickets[ticket].status is Status.OPEN
