"""Tickets opened by hand, for tests: by whom, for whom, and the words that never show up in a fact."""

from typing import Any

from shared.catalogue.commands import OpenTicket, Reply
from shared.catalogue.values import Principal
from shared.policy.terms import Status
from tests.unit.router.driving import DESK_ID, LEAD, Outcome, World, contact, principal

AMAL = principal("amal")
HELLO = Reply(text="We have seen that your card was charged twice.")


def open_ticket(world: World, by: Principal = LEAD, command_id: str | None = None, **fields: Any) -> Outcome:
    return world.send(OpenTicket(by=by, desk=DESK_ID, subject="Charged twice", **fields), command_id)


def met(world: World, name: str = "sara") -> str:
    """The contact point of somebody who has written before; their ticket then is closed."""
    ticket = world.mail(name).ticket
    world.update(ticket, status=Status.RESOLVED)
    world.update(ticket, status=Status.CLOSED)
    return contact(name).id
