"""The facts tests speak in, with what does not matter filled in."""

from typing import Any

from shared.catalogue.facts import (
    AgentConfigured,
    ConversationOpened,
    CustomerRegistered,
    MessageReceived,
    MessageSent,
    StatusChanged,
    TaskOpened,
    TicketOpened,
    WorkAssigned,
    WorkOffered,
    WorkQueued,
)
from shared.catalogue.values import Why
from shared.policy.terms import Channel, Priority, Status, TicketType, WorkKind
from tests.unit.gateway.world import NOW

WHY = Why(rule="best", strategy="least_loaded", policy_version=1, waited=0)


def opened(ticket: str = "t1", number: int = 1024, **more: Any) -> TicketOpened:
    usual: dict[str, Any] = {
        "customer": "c1", "conversation": "v1", "channel": Channel.EMAIL, "account": "mail",
        "ticket_type": TicketType.QUESTION, "category": "cards", "priority": Priority.NORMAL, "team": "first",
        "since": NOW, "rule": "any", "policy_version": 1, "cause": "message",
    }  # fmt: skip
    return TicketOpened(ticket=ticket, number=number, **{**usual, **more})


def registered(customer: str = "c1", contact: str = "p1") -> CustomerRegistered:
    return CustomerRegistered(customer=customer, contact=contact, language="ar")


def conversation(conversation: str = "v1", ticket: str = "t1", customer: str = "c1") -> ConversationOpened:
    return ConversationOpened(
        conversation=conversation, ticket=ticket, customer=customer, contact="p1", channel=Channel.EMAIL, account="mail"
    )


def received(message: str = "m1", conversation: str = "v1", ticket: str = "t1", **more: Any) -> MessageReceived:
    usual: dict[str, Any] = {
        "contact": "p1", "customer": "c1", "author_kind": "customer", "channel": Channel.EMAIL, "account": "mail",
        "sent_at": NOW, "assurance": "channel",
    }  # fmt: skip
    return MessageReceived(message=message, conversation=conversation, ticket=ticket, **{**usual, **more})


def sent(message: str = "r1", conversation: str = "v1", ticket: str = "t1", **more: Any) -> MessageSent:
    usual: dict[str, Any] = {"by": "sara", "author_kind": "agent", "channel": Channel.EMAIL}
    return MessageSent(
        message=message, delivery=f"d-{message}", conversation=conversation, ticket=ticket, **{**usual, **more}
    )


def queued(work: str = "t1", ticket: str | None = "t1", kind: WorkKind = WorkKind.TICKET, **more: Any) -> WorkQueued:
    usual: dict[str, Any] = {
        "team": "first", "channel": Channel.EMAIL, "priority": Priority.NORMAL, "waiting_since": NOW, "head_start": 100,
        "cause": "opened",
    }  # fmt: skip
    return WorkQueued(work=work, ticket=ticket, kind=kind, **{**usual, **more})


def assigned(work: str = "t1", ticket: str | None = "t1", agent: str = "sara", **more: Any) -> WorkAssigned:
    usual: dict[str, Any] = {"epoch": 1, "how": "automatic", "weight": 2, "why": WHY}
    return WorkAssigned(work=work, ticket=ticket, agent=agent, **{**usual, **more})


def offered(work: str = "t1", ticket: str | None = "t1", agent: str = "sara", **more: Any) -> WorkOffered:
    usual: dict[str, Any] = {"epoch": 1, "until": NOW + 30_000, "weight": 2, "why": WHY}
    return WorkOffered(work=work, ticket=ticket, agent=agent, **{**usual, **more})


def status(status: Status, ticket: str = "t1", former: Status = Status.OPEN, **more: Any) -> StatusChanged:
    return StatusChanged(ticket=ticket, former=former, status=status, **{"cause": "asked", **more})


def task(task: str = "k1", ticket: str | None = "t1", **more: Any) -> TaskOpened:
    usual: dict[str, Any] = {"purpose": "call_back", "team": "first", "owner": "sara", "due_at": NOW, "by": "sara"}
    return TaskOpened(task=task, ticket=ticket, **{**usual, **more})


def agent(agent: str = "sara", role: str = "agent", **more: Any) -> AgentConfigured:
    return AgentConfigured(agent=agent, role=role, **{"language": "ar", "capacity": 12, "team": "first", **more})


def intake(ticket: str = "t1", number: int = 1024) -> list[Any]:
    """What the first message of a new customer causes."""
    return [
        registered(), opened(ticket, number), conversation(ticket=ticket), received(ticket=ticket, first=True),
        queued(ticket, ticket), assigned(ticket, ticket),
    ]  # fmt: skip
