"""Since when a ticket's customers wait, wherever messages and conversations are moved to.

The desk keeps one time per ticket; sla keeps every unanswered message. Both mean the same: the oldest message of a
customer that no person has answered since, and that was not given up by resolving without a word.
"""

from collections.abc import Iterator

from services.router.desk.desk import Desk
from services.router.desk.work import Ticket
from shared.clock import Ms

MOST_ANSWERS = 32
"""Replies remembered since the last wait, the newest of them; as many as sla remembers."""


def earliest(*waits: Ms | None) -> Ms | None:
    """The oldest of several waits; None where nobody waits."""
    return min((since for since in waits if since is not None), default=None)


def lay_aside(ticket: Ticket) -> None:
    """Nobody waits any more; since when they did is kept, in case all that answered them turns out undeliverable."""
    if ticket.waiting_since is not None:
        ticket.answered_since, ticket.waiting_since, ticket.answers = ticket.waiting_since, None, ()


def family(desk: Desk, ticket: str) -> Iterator[str]:
    """The ticket and all that live on in it: each knows what answered it before."""
    yield ticket
    for absorbed in desk.tickets[ticket].absorbed:
        yield from family(desk, absorbed)


def move_wait(desk: Desk, former: Ticket, now: Ticket, moved: tuple[Ms, ...]) -> None:
    """Messages that nobody has answered, sent at these times, have left `former` for `now`: who waits where?"""
    since = former.waiting_since
    if since is None:
        return
    now.waiting_since = earliest(now.waiting_since, *(when for when in moved if when >= since))
    former.waiting_since = earliest(*(when for when in _waiting(desk, former) if when >= since))


def _waiting(desk: Desk, ticket: Ticket) -> Iterator[Ms]:
    for conversation in ticket.conversations:
        yield from desk.conversations[conversation].unanswered
