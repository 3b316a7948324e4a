"""People an agent copies into a conversation (domain: "A ticket's life")."""

from typing import Any

import pytest

from services.ingest.channels.table import CHANNELS
from services.router.rules.copying import ANSWERED_BY_MAIL
from shared.catalogue.commands import BlockContactPoint, MergeTickets, Reply
from shared.catalogue.commands.tickets import MOST_COPIES
from shared.catalogue.facts import MessageReceived, MessageSent, ParticipantJoined, TicketsLinked
from shared.catalogue.rule_sets import AGENTS_COPY
from shared.catalogue.values import Contact
from shared.ids import first_conversation_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from tests.unit.router.driving import LEAD, Outcome, World, contact
from tests.unit.router.opened import AMAL, met, open_ticket
from tests.unit.router.policies import changed

PHONE = Contact(id="phone", kind="phone", address="+970599123456")
FEW = changed("rules:\n", "limits: {participants: 2}\nrules:\n")
CROWD = changed("rules:\n", "limits: {participants: 200}\nrules:\n")


def open_world(rules: Policy | None = None) -> World:
    world = World(rules)
    world.agent("amal")
    world.switch(AGENTS_COPY)
    return world


@pytest.fixture
def world() -> World:
    return open_world()


def reply(world: World, ticket: str, *cc: str | Contact, **more: Any) -> Outcome:
    copied = [one if isinstance(one, Contact) else contact(one) for one in cc]
    return world.update(ticket, "amal", reply={"text": "x", "cc": copied, **more})


def test_whom_an_agent_copies_takes_part_and_gets_the_reply(world: World) -> None:
    ticket = world.mail("sara").ticket
    outcome = reply(world, ticket, "bank")
    joined = outcome.one(ParticipantJoined)
    assert (joined.contact, joined.how) == (contact("bank").id, "copied_by_agent")
    assert joined.conversation == outcome.one(MessageSent).conversation
    assert (outcome.deliveries[0].to, outcome.deliveries[0].copied) == (contact("sara").id, (contact("bank").id,))


def test_later_replies_are_copied_to_everybody_who_takes_part(world: World) -> None:
    ticket = world.mail("sara", copied=(contact("husband"),)).ticket
    reply(world, ticket, "bank")
    assert reply(world, ticket).deliveries[0].copied == (contact("husband").id, contact("bank").id)


def test_whom_an_agent_copied_joins_the_conversation_by_answering(world: World) -> None:
    ticket = world.mail("sara").ticket
    reply(world, ticket, "bank")
    answered = world.answer(ticket, "bank").one(MessageReceived)
    assert (answered.ticket, answered.conversation) == (ticket, world.desk.tickets[ticket].conversations[0])


def test_to_be_copied_lets_nobody_into_other_conversations_and_lets_nobody_else_in(world: World) -> None:
    ticket, other = world.mail("sara").ticket, world.mail("omar").ticket
    reply(world, ticket, "bank")
    assert world.answer(other, "bank").one(TicketsLinked).other == other
    assert world.answer(ticket, "bank", copied=(contact("friend"),)).of(ParticipantJoined) == []
    assert world.answer(ticket, "friend").one(TicketsLinked).other == ticket


def test_nobody_joins_twice_and_the_customer_is_no_participant(world: World) -> None:
    ticket = world.mail("sara", copied=(contact("husband"),)).ticket
    outcome = reply(world, ticket, "sara", "husband", "bank", "bank")
    assert [joined.contact for joined in outcome.of(ParticipantJoined)] == [contact("bank").id]
    assert outcome.deliveries[0].copied == (contact("husband").id, contact("bank").id)
    assert reply(world, ticket, "bank", "sara").of(ParticipantJoined) == []


@pytest.mark.parametrize("address", ["help@acme.example", "HELP@acme.example", "help+c.abc@acme.example"])
def test_a_mailbox_of_the_desk_cannot_be_copied(world: World, address: str) -> None:
    outcome = reply(world, world.mail("sara").ticket, "bank", address)
    assert (outcome.refusal, outcome.of(ParticipantJoined), outcome.deliveries) == ("own_address", [], [])


def test_a_blocked_address_cannot_be_copied_until_it_is_no_longer(world: World) -> None:
    ticket = world.mail("sara").ticket
    blocked = BlockContactPoint(by=LEAD, contact=contact("bank").id, blocked=True)
    world.send(blocked)
    outcome = reply(world, ticket, "bank")
    assert (outcome.refusal, outcome.deliveries) == ("blocked_contact", [])
    world.send(blocked.model_copy(update={"blocked": False}))
    assert reply(world, ticket, "bank").deliveries[0].copied == (contact("bank").id,)


def test_no_more_take_part_than_the_policy_allows() -> None:
    world = open_world(FEW)
    ticket = world.mail("sara", copied=(contact("husband"),)).ticket
    assert reply(world, ticket, "bank", "court").refusal == "too_many_participants"
    assert reply(world, ticket, "bank", "husband").refusal is None


def test_only_mail_is_copied(world: World) -> None:
    chat = world.mail("sara", channel=Channel.WHATSAPP, account="phone").ticket
    assert reply(world, chat, "bank").refusal == "no_copies_here"
    assert reply(world, world.mail("omar").ticket, PHONE).refusal == "no_copies_here"
    form = world.mail("mona", channel=Channel.WEBFORM, account="web").ticket
    assert reply(world, form, "bank").deliveries[0].copied == (contact("bank").id,)


def test_every_channel_that_is_answered_by_mail_can_be_copied() -> None:
    by_mail = {row.channel for row in CHANNELS if (row.replies_by or row.channel) is Channel.EMAIL}
    assert by_mail == ANSWERED_BY_MAIL


def test_nobody_is_copied_before_the_rules_are_in_force_or_after() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    assert reply(world, ticket, "bank").names == ["CommandSettled"]
    assert reply(world, ticket, "bank").refusal == "rules_not_in_force"
    assert reply(world, ticket).refusal is None
    world.switch(AGENTS_COPY)
    assert reply(world, ticket, "bank").refusal is None
    world.switch(AGENTS_COPY, on=False)
    assert reply(world, ticket, "court").refusal == "rules_not_in_force"
    assert reply(world, ticket).deliveries[0].copied == (contact("bank").id,)


def test_the_first_words_of_a_ticket_that_is_opened_by_hand_can_be_copied(world: World) -> None:
    point = met(world)
    said = Reply(text="x", cc=(contact("bank"), contact("sara")))
    outcome = open_ticket(world, AMAL, contact=point, reply=said)
    assert outcome.one(ParticipantJoined).conversation == first_conversation_id(outcome.ticket)
    assert (outcome.deliveries[0].to, outcome.deliveries[0].copied) == (point, (contact("bank").id,))
    ours = Reply(text="x", cc=(contact("help@acme.example"),))
    assert open_ticket(world, AMAL, contact=point, reply=ours).refusal == "own_address"
    assert open_ticket(world, AMAL, contact=point, account="phone", reply=said).refusal == "no_copies_here"


def test_they_stay_when_their_conversation_moves_to_another_ticket(world: World) -> None:
    ticket, into = world.mail("sara").ticket, world.mail("sara").ticket
    conversation = world.desk.tickets[ticket].conversations[0]
    reply(world, ticket, "bank")
    world.send(MergeTickets(by=LEAD, ticket=ticket, into=into))
    assert reply(world, into, conversation=conversation).deliveries[0].copied == (contact("bank").id,)


def test_everything_an_update_can_ask_for_fits_beside_as_many_copies_as_there_may_be() -> None:
    world = open_world(CROWD)
    for name in ("basim", "dina"):
        world.agent(name, "cards", skills={"fraud": 3})
    ticket = world.mail("sara", copied=tuple(contact(f"friend{n}") for n in range(50))).ticket
    outcome = world.update(
        ticket, team="cards", owner="basim", priority="urgent", category="billing", ticket_type="complaint",
        add_tags=("late",), fields={"order": "7"}, note="x", promise={"due_at": world.at + 60_000}, status="pending",
        reply={"text": "x", "cc": [contact(f"party{n}") for n in range(MOST_COPIES)]},
    )  # fmt: skip
    assert outcome.refusal is None
    assert len(outcome.of(ParticipantJoined)) == MOST_COPIES
    assert len(outcome.deliveries[0].copied) == 50 + MOST_COPIES


def test_a_copied_person_is_still_there_after_a_restart(world: World) -> None:
    ticket = world.mail("sara").ticket
    reply(world, ticket, "bank")
    world.restart()
    assert reply(world, ticket).deliveries[0].copied == (contact("bank").id,)
    assert reply(world, ticket, "court").refusal is None
