"""What is asked of agents and customers."""

from typing import Annotated, Literal

from pydantic import Field

from shared.catalogue.commands.command import Command
from shared.catalogue.values import Contact, Id, Language, Role, Skill, Span
from shared.clock import Ms
from shared.policy.terms import Channel


class PutAgent(Command):
    """Add a seat or change it. None leaves a field as it is. The name and address stay out of facts."""

    TYPE = "sanad.agent.put.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    name: str | None = None
    email: str | None = None
    role: Role | None = None
    language: Language | None = None
    capacity: Annotated[int, Field(ge=0, le=1_000)] | None = None
    team: Id | None = None
    secondary_teams: tuple[Id, ...] | None = None
    skills: tuple[Skill, ...] | None = None


class RemoveAgent(Command):
    """The seat ends: not ready for ever, its work goes back to the queues, a slice at a time."""

    TYPE = "sanad.agent.remove.v1"
    SUBJECT = ("agent", "agent")

    agent: Id


class SetPresence(Command):
    """Ready on these channels (all when empty), or not ready for a reason, perhaps until a time."""

    TYPE = "sanad.agent.set_presence.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    state: Literal["ready", "not_ready"]
    channels: tuple[Channel, ...] = ()
    reason: str = ""
    until: Ms | None = None


class PlanShifts(Command):
    """The agent's coming shifts, replacing those planned before."""

    TYPE = "sanad.agent.plan_shifts.v1"
    SUBJECT = ("agent", "agent")

    agent: Id
    shifts: Annotated[tuple[Span, ...], Field(max_length=200)]


class PutCustomer(Command):
    """Change what is known of a customer. None leaves a field as it is."""

    TYPE = "sanad.customer.put.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    name: str | None = None
    tier: str | None = None
    account: str | None = None
    language: Language | None = None


class LinkContactPoint(Command):
    """This address or number belongs to this customer."""

    TYPE = "sanad.contact_point.link.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    contact: Contact


class UnlinkContactPoint(Command):
    """This address or number no longer belongs to this customer."""

    TYPE = "sanad.contact_point.unlink.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    contact: Id


class MergeCustomers(Command):
    """Two records are one person: `customer` becomes part of `into`."""

    TYPE = "sanad.customer.merge.v1"
    SUBJECT = ("customer", "customer")

    customer: Id
    into: Id


class BlockContactPoint(Command):
    """Set this sender's messages aside from now on, or no longer."""

    TYPE = "sanad.contact_point.block.v1"
    SUBJECT = ("contact", "contact")

    contact: Id
    blocked: bool
