"""Whom a reply copies: they take part from then on, as those do whom the requester copied, and see nothing of before."""

from services.router.desk.conversations import Conversation
from services.router.desk.desk import Desk
from services.router.rules.rejected import Part, Rejected
from shared.catalogue.commands import Reply
from shared.catalogue.facts import ParticipantJoined
from shared.catalogue.rule_sets import AGENTS_COPY
from shared.catalogue.values import Contact
from shared.policy.policy import Policy
from shared.policy.terms import Channel

ANSWERED_BY_MAIL = frozenset({Channel.EMAIL, Channel.WEBFORM})
"""Channels whose replies can carry copies."""


def people_in(row: Conversation) -> tuple[str, ...]:
    """The requester, and who takes part."""
    return row.contact, *row.participants


def check_copies(desk: Desk, policy: Policy, reply: Reply, channel: Channel, people: tuple[str, ...]) -> None:
    """Raise Rejected with the first reason against those it copies. The conversation's own `people` get it anyway."""
    if not reply.cc:
        return
    if not desk.in_force(AGENTS_COPY):
        raise Rejected("rules_not_in_force")
    for contact in (newcomers := _newcomers(reply, people)):
        if channel not in ANSWERED_BY_MAIL or contact.kind != "email":
            raise Rejected("no_copies_here")
        if _is_ours(desk, contact.address):
            raise Rejected("own_address")
        known = desk.contacts.get(contact.id)
        if known is not None and known.blocked:
            raise Rejected("blocked_contact")
    if len(people) - 1 + len(newcomers) > policy.limits.participants:
        raise Rejected("too_many_participants")


def copy_in(desk: Desk, reply: Reply, conversation: str) -> Part:
    """They join before the reply goes out: it and all later ones are copied to them."""
    for contact in _newcomers(reply, people_in(desk.conversations[conversation])):
        yield ParticipantJoined(conversation=conversation, contact=contact.id, how="copied_by_agent")


def _newcomers(reply: Reply, people: tuple[str, ...]) -> list[Contact]:
    """Each once."""
    return [contact for key, contact in {each.id: each for each in reply.cc}.items() if key not in people]


def _is_ours(desk: Desk, address: str) -> bool:
    """A mailbox of the desk, also by what answers come back to (behind a plus): it would write to itself."""
    name, _, domain = address.casefold().rpartition("@")
    return not desk.own_addresses.isdisjoint({f"{name}@{domain}", f"{name.partition('+')[0]}@{domain}"})
