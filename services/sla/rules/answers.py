"""What people wrote since the customer's last question: which of it arrived, and since when an update is owed."""

from services.sla.rules.plan import Terms
from services.sla.rules.timing import elapsed_by
from services.sla.rules.waits import MOST
from services.sla.store.ticket import BREACHED, Ticket
from shared.catalogue.values import TargetName
from shared.clock import Ms

UPDATE: TargetName = "update"
JUDGED = -1
"""Instead of what had run of an update: it was late, or none was owed."""


def answer(ticket: Ticket, reply: int, at: Ms, terms: Terms | None) -> None:
    """The customer hears from a person. `terms` are those of updates. Only on a row that `change` returned."""
    past = ticket.past
    said = at, reply, _ran(ticket, at, terms)
    before = past.updated_before if past.answers else past.updated
    ticket.remember(answers=(*past.answers, said)[-MOST:], updated=at, updated_before=before)


def was_given(ticket: Ticket, reply: int) -> bool:
    """Whether this reply is among them, and arrived as far as we know."""
    return any(mark == reply for _, mark, _ in ticket.past.answers)


def take_back(ticket: Ticket, reply: int) -> None:
    """This one never arrived: what had run until then runs on, since the one before unless that is judged already.
    Only on a row that `change` returned."""
    past, answers = ticket.past, [*ticket.past.answers]
    place = [mark for _, mark, _ in answers].index(reply)
    _, _, ran = answers.pop(place)
    if place < len(answers):
        at, mark, more = answers[place]
        answers[place] = at, mark, JUDGED if JUDGED in {ran, more} else ran + more
        ticket.remember(answers=(*answers,))
        return
    before = answers[-1][0] if answers else past.updated_before
    before = None if ran == JUDGED or past.updated is None else before
    if before is not None and past.updated is not None:
        _run_on(ticket, past.updated, before, ran)
    ticket.remember(answers=(*answers,), updated=before)


def _ran(ticket: Ticket, at: Ms, terms: Terms | None) -> Ms:
    """What has run of the update by `at`; nothing where its clock stood for an earlier one."""
    past, clock = ticket.past, ticket.clock(UPDATE)
    if past.updated is None:
        return JUDGED
    if clock is None or terms is None or clock.wait != past.counted(UPDATE, past.updated):
        return 0
    return JUDGED if clock.state == BREACHED else elapsed_by(clock, at, terms)


def _run_on(ticket: Ticket, updated: Ms, before: Ms, ran: Ms) -> None:
    """The clock goes on with the update that the lost reply had ended."""
    past, clock = ticket.past, ticket.clock(UPDATE)
    if clock is not None and clock.wait == past.counted(UPDATE, updated):
        clock.wait, clock.elapsed = past.counted(UPDATE, before), clock.elapsed + ran
