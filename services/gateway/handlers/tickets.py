"""Tickets. Sets (tags, links, form fields) are one field per member, so that no fact needs the document it changes."""

from typing import Any

from services.gateway.handlers.projection import Line, Rows
from services.gateway.handlers.work import show_burdens
from services.gateway.store import TICKETS
from shared.catalogue.facts import (
    FieldsChanged,
    OwnerChanged,
    SpamMarked,
    StatusChanged,
    SubStatusChanged,
    TicketCategorised,
    TicketEscalated,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketsLinked,
    TicketsUnlinked,
    TicketTagged,
    TicketUnmerged,
)
from shared.clock import Ms
from shared.policy.terms import Status

AWAITING = {Status.PENDING: "customer", Status.RESOLVED: "nobody", Status.CLOSED: "nobody"}


def ticket_opened(line: Line, fact: TicketOpened, at: Ms) -> None:
    fields = fact.model_dump(mode="json", exclude={"ticket", "tags", "conversation"})
    tags = {f"tag:{tag}": True for tag in fact.tags}
    awaiting = "agent"
    if fact.cause == "agent":
        # its subject line is kept under its own id; as its own customer it is nobody's
        awaiting, fields["opening"] = "nobody", fact.ticket
        fields["customer"] = fact.customer if fact.customer != fact.ticket else None
    line.sheet.write(
        TICKETS.name, fact.ticket, **fields, **tags, opened_at=at, status=Status.NEW, status_since=at, awaiting=awaiting
    )


def status_changed(line: Line, fact: StatusChanged, at: Ms) -> None:
    fields: dict[str, Any] = {}
    if fact.status == Status.RESOLVED:
        fields = {"resolution": fact.resolution, "resolution_cause": fact.cause}
    if fact.status != fact.former:
        fields["sub_status"] = None
    if fact.reopens:
        fields["reopens"] = fact.reopens
    if fact.status in AWAITING:
        fields["awaiting"] = AWAITING[fact.status]
    line.sheet.patch(
        TICKETS.name, fact.ticket,
        status=fact.status, status_since=at, status_cause=fact.cause, hold_reason=fact.hold_reason, until=fact.until,
        **fields,
    )  # fmt: skip
    show_burdens(line, line.holdings.weigh(fact.ticket, fact.status))


def sub_status_changed(line: Line, fact: SubStatusChanged, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, sub_status=fact.sub_status)


def ticket_prioritised(line: Line, fact: TicketPrioritised, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, priority=fact.priority)


def ticket_categorised(line: Line, fact: TicketCategorised, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, ticket_type=fact.ticket_type, category=fact.category)


def ticket_tagged(line: Line, fact: TicketTagged, at: Ms) -> None:
    tags = {f"tag:{tag}": True for tag in fact.added} | {f"tag:{tag}": None for tag in fact.removed}
    line.sheet.patch(TICKETS.name, fact.ticket, **tags)


def fields_changed(line: Line, fact: FieldsChanged, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, **{f"field:{name}": fact.command for name in fact.names})


def ticket_routed(line: Line, fact: TicketRouted, at: Ms) -> None:
    skills = [skill.model_dump() for skill in fact.skills]
    line.sheet.patch(TICKETS.name, fact.ticket, team=fact.team, tier=fact.tier, skills=skills)


def owner_changed(line: Line, fact: OwnerChanged, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, owner=fact.owner)


def spam_marked(line: Line, fact: SpamMarked, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, spam=fact.spam)


def ticket_merged(line: Line, fact: TicketMerged, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, merged_into=fact.into, awaiting="nobody")
    line.sheet.patch(TICKETS.name, fact.into, merged_since=fact.since, **{f"merged:{fact.ticket}": True})


def ticket_unmerged(line: Line, fact: TicketUnmerged, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, merged_into=None)
    line.sheet.patch(TICKETS.name, fact.former_into, merged_since=None, **{f"merged:{fact.ticket}": None})


def tickets_linked(line: Line, fact: TicketsLinked | TicketsUnlinked, at: Ms) -> None:
    linked = True if isinstance(fact, TicketsLinked) else None
    line.sheet.patch(TICKETS.name, fact.ticket, **{f"link:{fact.kind}:{fact.other}": linked})
    line.sheet.patch(TICKETS.name, fact.other, **{f"linked:{fact.kind}:{fact.ticket}": linked})


def ticket_escalated(line: Line, fact: TicketEscalated, at: Ms) -> None:
    line.sheet.patch(TICKETS.name, fact.ticket, escalated_at=at)


ROWS: Rows = {
    TicketOpened: ticket_opened,
    StatusChanged: status_changed,
    SubStatusChanged: sub_status_changed,
    TicketPrioritised: ticket_prioritised,
    TicketCategorised: ticket_categorised,
    TicketTagged: ticket_tagged,
    FieldsChanged: fields_changed,
    TicketRouted: ticket_routed,
    OwnerChanged: owner_changed,
    SpamMarked: spam_marked,
    TicketMerged: ticket_merged,
    TicketUnmerged: ticket_unmerged,
    TicketsLinked: tickets_linked,
    TicketsUnlinked: tickets_linked,
    TicketEscalated: ticket_escalated,
}
