"""Tickets that become one and apart again: waits move, the strictest clock holds, nothing is judged twice."""

from collections.abc import Iterator

from services.sla.rules.promises import hand_over
from services.sla.rules.recount import replanned
from services.sla.rules.settle import settle
from services.sla.rules.timing import due_at, elapsed_by
from services.sla.rules.waits import join, part_conversation, part_message
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Ticket
from services.sla.targets import TARGETS
from shared.catalogue.facts import Fact
from shared.clock import Ms

MERGED, UNMERGED, SPLIT = "merged", "unmerged", "split"


def merge(clocks: Clocks, key: str, into: str, at: Ms) -> Iterator[Fact]:
    """The ticket's targets are cancelled; its host owes what either owed, by the earlier deadline."""
    ticket = clocks.tickets.change(key)
    left, cap = _left(clocks, ticket, at), _reply_due(ticket)
    ticket.remember(merged=into, lent=join(ticket.past.lent, ticket.waits))
    if into not in clocks.tickets:
        yield from settle(clocks, key, MERGED, at)
        return
    host = clocks.tickets.change(into)
    host.remember(absorbed=(*host.past.absorbed, key))
    host.waits, ticket.waits = join(host.waits, ticket.waits), ()
    caps = [due for due in (cap, host.past.cap) if due is not None]
    host.remember(cap=min(caps, default=None) if host.waits else None)
    hand_over(ticket, host)
    yield from settle(clocks, key, MERGED, at)
    yield from _tighten(clocks, into, left, at)
    yield from settle(clocks, into, MERGED, at)


def unmerge(clocks: Clocks, key: str, former: str, at: Ms) -> Iterator[Fact]:
    """The ticket owes again what it owed, except what was answered meanwhile; its host owes its own alone."""
    ticket, host = clocks.tickets.change(key), clocks.tickets.get(host_of(clocks, former))
    ticket.replied = ticket.replied or (host is not None and host.replied and _was_answered(ticket, host))
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
        row.remember(cap=None, absorbed=tuple(absorbed for absorbed in row.past.absorbed if absorbed != key))
        yield from settle(clocks, host, UNMERGED, at)


def _reply_due(ticket: Ticket) -> Ms | None:
    """The deadline by which the customer was to hear, if one is running."""
    clocks = (ticket.clock(target.name) for target in TARGETS if not target.pause)
    return next((clock.due for clock in clocks if clock is not None and clock.running), None)


def _left(clocks: Clocks, ticket: Ticket, at: Ms) -> dict[str, Ms]:
    """What remains of each clock that can pause, in its own calendar."""
    plan = clocks.plan(ticket)
    left: dict[str, Ms] = {}
    for target in TARGETS:
        clock, terms = ticket.clock(target.name), plan.get(target.name)
        if target.pause and clock is not None and clock.open and terms is not None:
            left[target.name] = (terms.budget or 0) - elapsed_by(clock, at, terms)
    return left


def _tighten(clocks: Clocks, key: str, left: dict[str, Ms], at: Ms) -> Iterator[Fact]:
    """The host's clocks have no more left than the merged ticket's had."""
    ticket = clocks.tickets[key]
    for name, rest in left.items():
        clock, terms = ticket.clock(name), clocks.plan(ticket).get(name)
        if clock is None or terms is None or not clock.open:
            continue
        run = (terms.budget or 0) - rest
        if run > elapsed_by(clock, at, terms):
            due = due_at(clock.wait, at, run, terms) if clock.running else None
            yield replanned(key, clock, terms, due, run, MERGED)
