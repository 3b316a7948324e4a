"""What facts about customers and contact points do to the desk."""

from services.router.desk.desk import Desk
from services.router.desk.people import Customer
from services.router.evolve.messages import contact_row
from shared.catalogue.facts import (
    ContactPointBlocked,
    ContactPointLinked,
    ContactPointUnlinked,
    ContactPointUnreachable,
    CustomerChanged,
    CustomerRegistered,
    CustomersMerged,
)  # fmt: skip
from shared.clock import Ms


def registered(desk: Desk, fact: CustomerRegistered, at: Ms) -> None:
    desk.memories["met"].add(fact.customer, at)


def _row(desk: Desk, customer: str) -> Customer:
    return desk.customers.change(customer) if customer in desk.customers else desk.customers.add(customer, Customer())


def changed(desk: Desk, fact: CustomerChanged, at: Ms) -> None:
    row = _row(desk, fact.customer)
    row.tier, row.account, row.language = fact.tier, fact.account, fact.language


def merged(desk: Desk, fact: CustomersMerged, at: Ms) -> None:
    _row(desk, fact.customer).into = fact.into
    for ticket in desk.tickets_of(fact.customer):
        desk.abandon(ticket, fact.customer)
        desk.tickets.change(ticket).customer = fact.into
        desk.adopt(ticket, fact.into)


def linked(desk: Desk, fact: ContactPointLinked, at: Ms) -> None:
    contact_row(desk, fact.contact).customer = fact.customer


def unlinked(desk: Desk, fact: ContactPointUnlinked, at: Ms) -> None:
    row = contact_row(desk, fact.contact)
    row.customer = None
    row.renewals += 1


def blocked(desk: Desk, fact: ContactPointBlocked, at: Ms) -> None:
    contact_row(desk, fact.contact).blocked = fact.blocked


def unreachable(desk: Desk, fact: ContactPointUnreachable, at: Ms) -> None:
    contact_row(desk, fact.contact).unreachable = fact.unreachable
