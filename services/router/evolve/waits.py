"""Since when a ticket's customers wait, wherever messages and conversations are moved to.

The desk keeps one time per ticket, and its conversations the unanswered messages it comes from; sla keeps them by ticket.
Both mean the same: the oldest message of a customer that no person has answered since, and that was not given up by
resolving without a word.
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


def lay_aside(desk: Desk, ticket: Ticket) -> None:
    """Nobody waits any more; since when they did is kept, in case all that answered them turns out undeliverable."""
    if ticket.waiting_since is None:
        return
    ticket.answered_since, ticket.waiting_since, ticket.answers = ticket.waiting_since, None, ()
    for conversation in ticket.conversations:
        if desk.conversations.value(conversation, "unanswered"):
            desk.conversations.change(conversation).unanswered = ()


def wait_again(desk: Desk, ticket: str, host: Ticket) -> None:
    """Nothing that answered the ticket, which lives on in `host`, arrived: its customer waits as before."""
    row = desk.tickets.change(ticket)
    since, row.answered_since = row.answered_since, None
    if since is None:
        return
    host.waiting_since = earliest(since, host.waiting_since)
    theirs = {*desk.family(ticket)}
    for each in host.conversations:
        if desk.conversations.value(each, "home") in theirs:
            conversation = desk.conversations.change(each)
            conversation.unanswered = tuple(when for when in conversation.sent if when >= since)


def move_wait(desk: Desk, former: Ticket, now: Ticket, moved: tuple[Ms, ...]) -> None:
    """Messages that nobody has answered, sent at these times, have left `former` for `now`: who waits where?"""
    now.waiting_since = earliest(now.waiting_since, *moved)
    if moved:
        former.waiting_since = earliest(*_waiting(desk, former))


def _waiting(desk: Desk, ticket: Ticket) -> Iterator[Ms]:
    for conversation in ticket.conversations:
        yield from desk.conversations.value(conversation, "unanswered")
