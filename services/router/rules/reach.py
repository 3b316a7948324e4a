"""Addresses that take no mail: the desk writes nothing there by itself until somebody is heard from one, or reached."""

from services.router.desk.desk import Desk
from services.router.rules.rejected import Part
from shared.catalogue.facts import ContactPointUnreachable
from shared.catalogue.rule_sets import DEAD_ADDRESSES


def is_unreachable(desk: Desk, contact: str) -> bool:
    """Whether mail to this contact point came back for good, and nothing was heard from it since."""
    row = desk.contacts.get(contact)
    return desk.in_force(DEAD_ADDRESSES) and row is not None and row.unreachable


def lose(desk: Desk, contact: str, code: str) -> Part:
    """It takes no mail."""
    if desk.in_force(DEAD_ADDRESSES) and not is_unreachable(desk, contact):
        yield ContactPointUnreachable(contact=contact, unreachable=True, code=code)


def find_again(desk: Desk, contact: str) -> Part:
    """It does after all."""
    if is_unreachable(desk, contact):
        yield ContactPointUnreachable(contact=contact, unreachable=False)
