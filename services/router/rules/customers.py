"""Who a person is to the desk: registered on first contact, linked, merged, blocked."""

from services.router.desk.desk import Desk
from services.router.rules.access import allow
from services.router.rules.rejected import Part, Rejected, Rule
from shared.catalogue.commands import (
    BlockContactPoint,
    LinkContactPoint,
    MergeCustomers,
    PutCustomer,
    UnlinkContactPoint,
)  # fmt: skip
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    ContactPointBlocked,
    ContactPointLinked,
    ContactPointUnlinked,
    CustomerChanged,
    CustomerRegistered,
    CustomersMerged,
)  # fmt: skip
from shared.clock import Ms
from shared.ids import named_id


def owner_of(desk: Desk, contact: str) -> str:
    """The customer behind a contact point.

    As long as nothing is known of them, they are their contact point: no row is needed for the many who write once. A
    number that was taken from somebody is recycled, so the next stranger behind it is another person.
    """
    row = desk.contacts.get(contact)
    if row is None:
        return desk.person(contact)
    if row.customer:
        return desk.person(row.customer)
    return desk.person(named_id(contact, "customer", row.renewals) if row.renewals else contact)


def register(desk: Desk, contact: str, language: str | None) -> Part:
    """A person we had not met; the desk remembers a million such meetings, then meets the oldest anew."""
    customer = owner_of(desk, contact)
    row = desk.contacts.get(contact)
    if not is_known(desk, customer) and not (row is not None and row.customer):
        yield CustomerRegistered(customer=customer, contact=contact, language=language)


def is_known(desk: Desk, customer: str) -> bool:
    """Whether the desk has met this person, or knows something of them."""
    return customer in desk.memories["met"] or customer in desk.customers or bool(desk.tickets_of(customer))


def find_customer(desk: Desk, customer: str | None, contact: str | None) -> str | None:
    """Whom these name; None where neither is given. Raises Rejected("no_such_customer"), ("no_such_contact"), and
    ("belongs_to_another") where they are not the same person's."""
    if contact is None:
        person = desk.person(customer) if customer is not None else None
        if person is not None and not is_known(desk, person):
            raise Rejected("no_such_customer")
        return person
    person = owner_of(desk, contact)
    if contact not in desk.contacts and not is_known(desk, person):
        raise Rejected("no_such_contact")
    if customer is not None and desk.person(customer) != person:
        raise Rejected("belongs_to_another")
    return person


def contact_of(desk: Desk, customer: str) -> str | None:
    """Where the customer was last in touch, as far as their open tickets tell; else the contact point that they are."""
    for ticket in reversed(desk.tickets_of(customer)):
        for conversation in reversed(desk.tickets[ticket].conversations):
            if owner_of(desk, contact := desk.conversations[conversation].contact) == customer:
                return contact
    return customer if customer in desk.memories["met"] and owner_of(desk, customer) == customer else None


def put_customer(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """What is known of a customer; the tier counts from the next ticket on, for queue keys are constants."""
    command: PutCustomer = envelope.body
    allow(desk, command.by, "customer.put")
    if command.tier is not None and (desk.policy is None or command.tier not in desk.policy.tiers):
        raise Rejected("unknown_tier")
    customer = desk.person(command.customer)
    row = desk.customers.get(customer)
    yield CustomerChanged(
        customer=customer,
        tier=command.tier if command.tier is not None else row.tier if row else None,
        account=command.account if command.account is not None else row.account if row else None,
        language=command.language if command.language is not None else row.language if row else None,
    )
    return {"customer": customer}


def link_contact(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """An address or number belongs to this customer; whose it was must let it go first."""
    command: LinkContactPoint = envelope.body
    allow(desk, command.by, "customer.put")
    customer = desk.person(command.customer)
    row = desk.contacts.get(command.contact.id)
    owner = owner_of(desk, command.contact.id)
    taken = (row is not None and row.customer is not None) or bool(desk.tickets_of(owner))
    if taken and owner != customer:
        raise Rejected("belongs_to_another")
    yield ContactPointLinked(customer=customer, contact=command.contact.id)
    return {}


def unlink_contact(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The next message from there is somebody else's."""
    command: UnlinkContactPoint = envelope.body
    allow(desk, command.by, "customer.put")
    customer = desk.person(command.customer)
    if owner_of(desk, command.contact) != customer:
        raise Rejected("not_linked")
    yield ContactPointUnlinked(customer=customer, contact=command.contact)
    return {}


def merge_customers(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Two records are one person: tickets and contact points of the first are the second's."""
    command: MergeCustomers = envelope.body
    allow(desk, command.by, "customer.merge")
    customer, into = desk.person(command.customer), desk.person(command.into)
    if customer == into:
        raise Rejected("same_customer")
    yield CustomersMerged(customer=customer, into=into)
    return {"customer": into}


def block_contact(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Messages from there are set aside from now on, or no longer; to say it twice changes nothing."""
    command: BlockContactPoint = envelope.body
    allow(desk, command.by, "contact.block")
    row = desk.contacts.get(command.contact)
    if (row is not None and row.blocked) != command.blocked:
        yield ContactPointBlocked(contact=command.contact, blocked=command.blocked)
    return {}
