"""Agents and customers. Names and addresses are joined from the text store when shown."""

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import AGENTS, CONTACT_POINTS, CUSTOMERS
from shared.catalogue.facts import (
    AgentConfigured,
    AgentRemoved,
    ContactPointBlocked,
    ContactPointLinked,
    ContactPointUnlinked,
    ContactPointUnreachable,
    CustomerChanged,
    CustomerRegistered,
    CustomersMerged,
    PresenceChanged,
    ShiftsPlanned,
)
from shared.clock import Ms


def agent_configured(line: Line, fact: AgentConfigured, at: Ms) -> None:
    line.sheet.patch(AGENTS.name, fact.agent, **fact.model_dump(mode="json", exclude={"agent"}), removed=False)


def agent_removed(line: Line, fact: AgentRemoved, at: Ms) -> None:
    line.sheet.patch(AGENTS.name, fact.agent, removed=True, removed_at=at, state="not_ready", channels=[])


def presence_changed(line: Line, fact: PresenceChanged, at: Ms) -> None:
    line.sheet.patch(
        AGENTS.name, fact.agent,
        state=fact.state, channels=list(fact.channels), reason=fact.reason, until=fact.until, state_since=at,
        state_cause=fact.cause,
    )  # fmt: skip


def shifts_planned(line: Line, fact: ShiftsPlanned, at: Ms) -> None:
    line.sheet.patch(AGENTS.name, fact.agent, shifts=[[shift.start, shift.end] for shift in fact.shifts])


def customer_registered(line: Line, fact: CustomerRegistered, at: Ms) -> None:
    line.sheet.write(CUSTOMERS.name, fact.customer, registered_at=at, language=fact.language)
    line.sheet.patch(CONTACT_POINTS.name, fact.contact, customer=fact.customer)


def customer_changed(line: Line, fact: CustomerChanged, at: Ms) -> None:
    line.sheet.patch(CUSTOMERS.name, fact.customer, tier=fact.tier, account=fact.account, language=fact.language)


def customers_merged(line: Line, fact: CustomersMerged, at: Ms) -> None:
    line.sheet.patch(CUSTOMERS.name, fact.customer, merged_into=fact.into)
    line.sheet.patch(CUSTOMERS.name, fact.into, **{f"merged:{fact.customer}": True})


def contact_point_linked(line: Line, fact: ContactPointLinked, at: Ms) -> None:
    line.sheet.patch(CONTACT_POINTS.name, fact.contact, customer=fact.customer)


def contact_point_unlinked(line: Line, fact: ContactPointUnlinked, at: Ms) -> None:
    line.sheet.patch(CONTACT_POINTS.name, fact.contact, customer=None)


def contact_point_blocked(line: Line, fact: ContactPointBlocked, at: Ms) -> None:
    line.sheet.patch(CONTACT_POINTS.name, fact.contact, blocked=fact.blocked)


def contact_point_unreachable(line: Line, fact: ContactPointUnreachable, at: Ms) -> None:
    line.sheet.patch(
        CONTACT_POINTS.name, fact.contact, unreachable=fact.unreachable, unreachable_code=fact.code or None
    )  # fmt: skip


ROWS: Rows = {
    AgentConfigured: agent_configured,
    AgentRemoved: agent_removed,
    PresenceChanged: presence_changed,
    ShiftsPlanned: shifts_planned,
    CustomerRegistered: customer_registered,
    CustomerChanged: customer_changed,
    CustomersMerged: customers_merged,
    ContactPointLinked: contact_point_linked,
    ContactPointUnlinked: contact_point_unlinked,
    ContactPointBlocked: contact_point_blocked,
    ContactPointUnreachable: contact_point_unreachable,
}
