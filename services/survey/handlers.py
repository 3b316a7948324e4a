"""Which rule answers which fact of the desk."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.survey import rules
from services.survey.surveys import Surveys, Ticket, absorb, forget_ticket, part, remember_merge
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    CommandSettled,
    CustomersMerged,
    DeliveryReported,
    Fact,
    MessageSent,
    PolicyApplied,
    SpamMarked,
    StatusChanged,
    SurveyAnswerReceived,
    TicketMerged,
    TicketOpened,
    TicketRouted,
    TicketUnmerged,
    TimeReached,
)  # fmt: skip
from shared.clock import Ms
from shared.emissions import Emission


def decide(desk: Surveys, envelope: Envelope, at: Ms) -> Iterator[Emission]:
    """What is due first, then what this fact means."""
    yield from rules.run_due(desk, at)
    handle = HANDLERS.get(type(envelope.body))
    if handle is not None:
        yield from handle(desk, envelope.body, at)


def _time_reached(desk: Surveys, fact: TimeReached, at: Ms) -> Iterator[Emission]:
    """What is due was done before: every fact tells the time."""
    yield from ()


def _policy_applied(desk: Surveys, fact: PolicyApplied, at: Ms) -> Iterator[Emission]:
    desk.policy = fact.policy
    yield from ()


def _ticket_opened(desk: Surveys, fact: TicketOpened, at: Ms) -> Iterator[Emission]:
    desk.tickets.add(fact.ticket, Ticket(fact.customer, fact.team, str(fact.channel), fact.language))
    yield from ()


def _ticket_routed(desk: Surveys, fact: TicketRouted, at: Ms) -> Iterator[Emission]:
    if fact.ticket in desk.tickets:
        desk.tickets.change(fact.ticket).team = fact.team
    yield from ()


def _status_changed(desk: Surveys, fact: StatusChanged, at: Ms) -> Iterator[Emission]:
    if fact.status == "resolved":
        yield from rules.schedule(desk, fact, at)
    elif fact.status == "closed":
        forget_ticket(desk, fact.ticket)
    elif fact.former == "resolved":
        yield from rules.cancel(desk, fact.ticket, "reopened")


def _ticket_merged(desk: Surveys, fact: TicketMerged, at: Ms) -> Iterator[Emission]:
    yield from _mute(desk, fact.ticket, "merged")
    absorb(desk, fact.ticket, fact.into)


def _ticket_unmerged(desk: Surveys, fact: TicketUnmerged, at: Ms) -> Iterator[Emission]:
    part(desk, fact.ticket, fact.former_into)
    if fact.ticket in desk.tickets:
        desk.tickets.change(fact.ticket).muted = False
    yield from ()


def _spam_marked(desk: Surveys, fact: SpamMarked, at: Ms) -> Iterator[Emission]:
    if fact.spam:
        yield from _mute(desk, fact.ticket, "spam")
    elif fact.ticket in desk.tickets:
        desk.tickets.change(fact.ticket).muted = False


def _mute(desk: Surveys, ticket: str, cause: str) -> Iterator[Emission]:
    yield from rules.cancel(desk, ticket, cause)
    if ticket in desk.tickets:
        desk.tickets.change(ticket).muted = True


def _message_sent(desk: Surveys, fact: MessageSent, at: Ms) -> Iterator[Emission]:
    if fact.survey is not None:
        yield from rules.confirm(desk, fact.survey, fact.message, reminder=fact.reminder)


def _command_settled(desk: Surveys, fact: CommandSettled, at: Ms) -> Iterator[Emission]:
    key = desk.invitations.get(fact.command)
    if key is not None and fact.outcome != "done":
        yield from rules.refuse(desk, key, fact.reason or fact.outcome)


def _customers_merged(desk: Surveys, fact: CustomersMerged, at: Ms) -> Iterator[Emission]:
    remember_merge(desk, fact.customer, fact.into)
    yield from ()


def _delivery_reported(desk: Surveys, fact: DeliveryReported, at: Ms) -> Iterator[Emission]:
    key = desk.invitations.get(fact.message)
    if key is not None and fact.outcome == "failed" and fact.permanent:
        yield from rules.refuse(desk, key, "undeliverable")


HANDLERS: Mapping[type[Fact], Callable[[Surveys, Any, Ms], Iterator[Emission]]] = {
    TimeReached: _time_reached,
    PolicyApplied: _policy_applied,
    TicketOpened: _ticket_opened,
    TicketRouted: _ticket_routed,
    StatusChanged: _status_changed,
    TicketMerged: _ticket_merged,
    TicketUnmerged: _ticket_unmerged,
    SpamMarked: _spam_marked,
    MessageSent: _message_sent,
    DeliveryReported: _delivery_reported,
    CommandSettled: _command_settled,
    CustomersMerged: _customers_merged,
    SurveyAnswerReceived: rules.count,
}
