"""One fact of the desk in, what it does to the clocks out. HANDLERS says who knows each fact; the others only tell time."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.sla.handlers import desk, messages, tickets
from services.sla.handlers.desk import BY_TICK
from services.sla.rules.judge import bring_up, judge
from services.sla.store.clocks import Clocks
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    ConversationMoved,
    DeliveryReported,
    Fact,
    MessageMoved,
    MessageReceived,
    MessageSent,
    PolicyApplied,
    SpamMarked,
    StatusChanged,
    TaskCompleted,
    TaskOpened,
    TicketCategorised,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketUnmerged,
    TimeReached,
)
from shared.clock import Ms
from shared.emissions import Emission

BESIDE = 40
"""Passed moments judged beside another fact: what that fact itself does must fit in as well (R10)."""
NAMES = ("ticket", "into", "former_ticket", "former_into")
"""Fields in which a fact names the tickets it is about."""


def decide(clocks: Clocks, envelope: Envelope, at: Ms) -> Iterator[Emission]:
    """Judge what has passed before `at`, then apply the fact."""
    fact, wanted = envelope.body, next_timer(clocks)
    clocks.effect, clocks.time, clocks.spent, clocks.visits = at, at, 0, 0
    ticking = isinstance(fact, TimeReached | PolicyApplied)
    yield from judge(clocks, at, BY_TICK if ticking else BESIDE)
    handler = HANDLERS.get(type(fact))
    if handler is not None:
        for name in NAMED[type(fact)]:
            yield from bring_up(clocks, getattr(fact, name), at)
        yield from handler(clocks, fact, at)
    if clocks.behind and (ticking or clocks.spent or clocks.visits):
        # a tick is not repeated at once for the due time it was asked under before
        clocks.asked = at if at != wanted else at - 1
    clocks.tidy()


def next_timer(clocks: Clocks) -> Ms | None:
    """When a tick is wanted: one past the next moment, or at once while a slice of work is left."""
    if clocks.behind:
        return clocks.asked
    return None if clocks.earliest is None else clocks.earliest + 1


def broken(clocks: Clocks, envelope: Envelope) -> Iterator[Emission]:
    """A fact one of our rules fails on changes no clock; it is kept as a dead letter."""
    return iter(())


HANDLERS: Mapping[type[Fact], Callable[[Clocks, Any, Ms], Iterator[Emission]]] = {
    PolicyApplied: desk.policy_applied,
    TimeReached: desk.time_reached,
    TicketOpened: tickets.opened,
    StatusChanged: tickets.status_changed,
    TicketPrioritised: tickets.prioritised,
    TicketCategorised: tickets.categorised,
    TicketRouted: tickets.routed,
    SpamMarked: tickets.spam_marked,
    TicketMerged: tickets.merged,
    TicketUnmerged: tickets.unmerged,
    MessageReceived: messages.received,
    MessageSent: messages.sent,
    MessageMoved: messages.message_moved,
    ConversationMoved: messages.conversation_moved,
    DeliveryReported: messages.delivery_reported,
    TaskOpened: desk.task_opened,
    TaskCompleted: desk.task_completed,
}
NAMED = {kind: tuple(name for name in NAMES if name in kind.model_fields) for kind in HANDLERS}
