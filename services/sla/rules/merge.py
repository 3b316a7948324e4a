"""Tickets that become one and apart again: waits move, the strictest clock holds, nothing is judged twice."""

from collections.abc import Iterator

from services.sla.rules.promises import hand_over
from services.sla.rules.settle import settle
from services.sla.rules.strictest import MERGED, UNMERGED, caps, loosen, rests, tighten
from services.sla.rules.waits import join, part_conversation, part_message
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Ticket
from shared.catalogue.facts import Fact
from shared.clock import Ms

SPLIT = "split"


def merge(clocks: Clocks, key: str, into: str, at: Ms) -> Iterator[Fact]:
    """The ticket's targets are cancelled; its host owes what either owed, by the earlier deadline."""
    ticket = clocks.tickets.change(key)
    left, due = rests(clocks, key, at), caps(clocks, key, at)
    ticket.remember(merged=into, lent=join(ticket.past.lent, ticket.waits))
    if into not in clocks.tickets:
        yield from settle(clocks, key, MERGED, at)
        return
    host = clocks.tickets.change(into)
    host.remember(absorbed=(*host.past.absorbed, key))
    host.waits, ticket.waits = join(host.waits, ticket.waits), ()
    host.remember(caps=(*host.past.caps, *due) if host.waits else ())
    hand_over(ticket, host)
    yield from settle(clocks, key, MERGED, at)
    yield from tighten(clocks, into, left, at)
    yield from settle(clocks, into, MERGED, at)


def unmerge(clocks: Clocks, key: str, former: str, at: Ms) -> Iterator[Fact]:
    """The ticket owes again what it owed, except what was answered meanwhile; its host owes its own alone."""
    ticket, host = clocks.tickets.change(key), clocks.tickets.get(host_of(clocks, former))
    if host is not None and _was_answered(ticket, host):
        ticket.replied = ticket.replied or host.replied
        ticket.remember(caps=())
    ticket.remember(merged=None, parted=former, parted_at=at, lent=())
    yield from settle(clocks, key, UNMERGED, at)
    yield from _release(clocks, former, key, at)


def move_conversation(clocks: Clocks, conversation: str, key: str, former: str, at: Ms) -> Iterator[Fact]:
    """The conversation's unanswered messages go along. A merge's own fact cancels the clocks it leaves behind."""
    if key not in clocks.tickets or former not in clocks.tickets:
        return
    ticket, source = clocks.tickets.change(key), clocks.tickets.change(former)
    source.waits, moved = part_conversation(source.waits, conversation)
    ticket.waits = join(ticket.waits, moved)
    # an undone merge moves conversations at the very time it is told, before or after its own fact
    undone = ticket.past.merged is not None or ticket.past.parted_at == at
    if moved and not undone:
        source.remember(lent=join(source.past.lent, moved))
    yield from settle(clocks, key, UNMERGED if undone else MERGED, at)
    if undone:
        yield from _release(clocks, former, key, at)


def move_message(clocks: Clocks, message: str, conversation: str, key: str, former: str, at: Ms) -> Iterator[Fact]:
    """A split: whoever got the message owes its answer, if nobody has answered it before."""
    if key not in clocks.tickets or former not in clocks.tickets:
        return
    ticket, source = clocks.tickets.change(key), clocks.tickets.change(former)
    source.waits, moved = part_message(source.waits, message, conversation)
    ticket.waits = join(ticket.waits, moved)
    yield from settle(clocks, key, SPLIT, at)
    yield from settle(clocks, former, SPLIT, at)


def forget(clocks: Clocks, key: str) -> None:
    """A closed ticket never opens again: a later message opens a follow-up. What it absorbed goes with it."""
    for gone in [*family(clocks, key)]:
        clocks.set_timer(gone, None)
        clocks.tickets.remove(gone)


def host_of(clocks: Clocks, key: str | None) -> str | None:
    """Where a ticket lives on: itself, or what it was merged into, however often."""
    ticket = clocks.tickets.get(key)
    while ticket is not None and ticket.past.merged is not None:
        key = ticket.past.merged
        ticket = clocks.tickets.get(key)
    return key if ticket is not None else None


def family(clocks: Clocks, key: str) -> Iterator[str]:
    """The ticket and all that live on in it, however often they were merged."""
    ahead = [key]
    while ahead:
        key = ahead.pop()
        if key in clocks.tickets:
            yield key
            ahead += reversed(clocks.tickets[key].past.absorbed)


def _was_answered(ticket: Ticket, host: Ticket) -> bool:
    """The ticket's unanswered messages went to its host, and nobody waits for an answer to them any more; one that has
    moved back before is its own again."""
    waiting = {*ticket.waits[1::2], *host.waits[1::2]}
    return bool(ticket.past.lent) and waiting.isdisjoint(ticket.past.lent[1::2])


def _release(clocks: Clocks, host: str, key: str, at: Ms) -> Iterator[Fact]:
    if host in clocks.tickets:
        row = clocks.tickets.change(host)
        row.remember(absorbed=tuple(absorbed for absorbed in row.past.absorbed if absorbed != key))
        yield from loosen(clocks, host, {*family(clocks, key)}, at)
        yield from settle(clocks, host, UNMERGED, at)
