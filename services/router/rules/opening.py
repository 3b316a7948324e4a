"""`open_ticket`: somebody tells a person or a program of a problem, or the desk has one of its own.

No customer waits until one writes: nothing is acknowledged, and the clocks of replies have not begun.
"""

from services.router.desk.desk import Desk
from services.router.desk.needs import as_skills
from services.router.rules.customers import register
from services.router.rules.opening_checks import Opening, check
from services.router.rules.rejected import Made, Rejected, Rule
from services.router.rules.sending import note, reply
from services.router.rules.work import assign, queue, touch
from shared.catalogue.commands import OpenTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import ConversationOpened, FieldsChanged, TicketOpened
from shared.clock import Ms
from shared.ids import first_conversation_id


def open_by_hand(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Classified, numbered, said what there is to say, and given to whoever was named or can help."""
    command: OpenTicket = envelope.body
    if desk.policy is None:
        raise Rejected("no_policy")
    opening = check(desk, desk.policy, envelope.id, command, at)
    if opening.contact is not None:
        yield from register(desk, opening.contact, command.language)
    yield _opened(desk, opening, at)
    if opening.contact is not None:
        yield ConversationOpened(
            conversation=first_conversation_id(opening.ticket), ticket=opening.ticket, customer=opening.customer,
            contact=opening.contact, channel=opening.account.channel, account=opening.account.id,
        )  # fmt: skip
    if command.fields:
        yield FieldsChanged(ticket=opening.ticket, names=tuple(command.fields), command=envelope.id)
    made = yield from _say(desk, envelope.id, command, opening.ticket)
    if opening.owner is not None:
        yours = opening.owner == command.by.id
        yield from assign(desk, opening.ticket, opening.owner, at, "taken" if yours else "given")
    else:
        yield from queue(desk, opening.ticket, at, "opened")
    return {"ticket": opening.ticket, "number": str(desk.tickets[opening.ticket].number), **made}


def _opened(desk: Desk, opening: Opening, at: Ms) -> TicketOpened:
    what, account = opening.what, opening.account
    return TicketOpened(
        ticket=opening.ticket, number=desk.numbers + 1, customer=opening.customer,
        conversation=first_conversation_id(opening.ticket) if opening.contact is not None else None,
        channel=account.channel, account=account.id, brand=what.brand, ticket_type=what.ticket_type,
        category=what.category, priority=what.priority, team=what.team, tier=desk.team(what.team).tier,
        skills=as_skills(what.needs), tags=what.tags, language=what.language, customer_tier=what.customer_tier,
        since=at, rule=what.rule, policy_version=desk.policy_version, cause="agent",
    )  # fmt: skip


def _say(desk: Desk, command_id: str, command: OpenTicket, ticket: str) -> Rule:
    """What goes out to the customer, and what stays inside. A reply is a touch; a note only says what it is about."""
    made: Made = {}
    if command.reply is not None:
        made |= yield from reply(desk, command_id, command.by, command.reply, first_conversation_id(ticket))
        yield from touch(desk, ticket, command.by.id)
    if command.note is not None:
        made |= yield from note(command_id, command.by, ticket)
    return made
