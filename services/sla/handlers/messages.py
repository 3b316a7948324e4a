"""What is written, to and fro, and whether it arrived."""

from collections.abc import Iterator
from zlib import crc32

from services.sla.rules.answers import UPDATE, answer, take_back, was_given
from services.sla.rules.merge import family, host_of, move_conversation, move_message
from services.sla.rules.settle import settle
from services.sla.rules.waits import join, mark, set_aside
from services.sla.store.clocks import Clocks
from services.sla.targets import REPLY
from shared.catalogue.facts import ConversationMoved, DeliveryReported, Fact, MessageMoved, MessageReceived, MessageSent
from shared.clock import Ms

MESSAGE, FAILED = "message", "delivery_failed"


def received(clocks: Clocks, fact: MessageReceived, at: Ms) -> Iterator[Fact]:
    """The customer waits for an answer: not after thanks alone, nor when a machine or a third party wrote."""
    if fact.ticket not in clocks.tickets or fact.author_kind != "customer" or fact.automatic or fact.thanks:
        return
    ticket = clocks.tickets.change(fact.ticket)
    sent_at = min(fact.sent_at, at)
    sent_at = ticket.since if sent_at == ticket.since else sent_at
    ticket.waits = join(ticket.waits, (sent_at, mark(fact.message, fact.conversation)))
    yield from settle(clocks, fact.ticket, MESSAGE, at)


def sent(clocks: Clocks, fact: MessageSent, at: Ms) -> Iterator[Fact]:
    """A person's public reply answers all that was unanswered; it is remembered in case it never arrives."""
    if fact.ticket not in clocks.tickets or fact.author_kind != "agent" or fact.automatic:
        return
    ticket = clocks.tickets.change(fact.ticket)
    reply = crc32(fact.message.encode())
    set_aside(ticket)
    # what was asked is answered now; it may have been set aside before, by resolving without a word
    ticket.replied = ticket.replied or bool(ticket.past.waits)
    answer(ticket, reply, at, clocks.plan(ticket).get(UPDATE))
    yield from settle(clocks, fact.ticket, REPLY, at)


def delivery_reported(clocks: Clocks, fact: DeliveryReported, at: Ms) -> Iterator[Fact]:
    """A reply that can never arrive was none: an update is owed since the one before, and when there is no other one,
    the customer waits as before, in whatever ticket their message is by now."""
    home, reply = host_of(clocks, fact.ticket), crc32(fact.message.encode())
    if fact.outcome != "failed" or not fact.permanent or home is None:
        return
    for key in family(clocks, home):
        if was_given(clocks.tickets[key], reply):
            ticket = clocks.tickets.change(key)
            take_back(ticket, reply)
            if not ticket.past.answers:
                ticket.replied = ticket.replied and not ticket.past.opening
                host = clocks.tickets.change(home)
                host.waits = join(ticket.past.waits, host.waits)
                ticket.remember(waits=())
    yield from settle(clocks, home, FAILED, at)


def conversation_moved(clocks: Clocks, fact: ConversationMoved, at: Ms) -> Iterator[Fact]:
    yield from move_conversation(clocks, fact.conversation, fact.ticket, fact.former_ticket, at)


def message_moved(clocks: Clocks, fact: MessageMoved, at: Ms) -> Iterator[Fact]:
    yield from move_message(clocks, fact.message, fact.conversation, fact.ticket, fact.former_ticket, at)
