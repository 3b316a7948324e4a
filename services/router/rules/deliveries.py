"""What became of what we sent."""

from services.router.desk.desk import Desk
from services.router.evolve.messages import report_name
from services.router.rules.reach import find_again, lose
from services.router.rules.rejected import Part, Rule
from services.router.rules.sending import is_known
from services.router.rules.work import PAUSED, open_again, return_to_owner, wake
from shared.catalogue.commands import ReportDelivery
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import DeliveryReported
from shared.clock import Ms
from shared.policy.terms import Status


def report_delivery(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """A report about something we sent into a conversation that still lives; of anything else nothing is known."""
    command: ReportDelivery = envelope.body
    conversation = desk.conversations.get(command.conversation)
    ours = conversation is not None and is_known(command.conversation, conversation, command.message)
    told = report_name(command.delivery, command.outcome, permanent=command.permanent) in desk.memories["settled"]
    if conversation is not None and ours and not told:
        answered = _is_answered_otherwise(desk, conversation.ticket, command.message)
        yield DeliveryReported(
            message=command.message, delivery=command.delivery, ticket=conversation.ticket, outcome=command.outcome,
            permanent=command.permanent, code=command.code,
        )  # fmt: skip
        yield from _reach(desk, conversation.contact, command)
        if command.outcome == "failed" and command.permanent and not answered:
            yield from _look_again(desk, conversation.ticket, command.message, at)
    return {}


def _reach(desk: Desk, contact: str, command: ReportDelivery) -> Part:
    """What it says of the address. A relay may have told that it took the mail only after the mail came back."""
    if command.outcome == "failed" and command.permanent and command.unreachable:
        yield from lose(desk, contact, command.code)
    came_back = report_name(command.delivery, "failed", permanent=True) in desk.memories["settled"]
    if command.outcome == "delivered" and not came_back:
        yield from find_again(desk, contact)


def _look_again(desk: Desk, ticket: str, message: str, at: Ms) -> Part:
    """A reply that never arrived was no reply: the ticket is open again, with its owner, and the customer still waits.

    A failed automatic message asks nobody's time.
    """
    row = desk.ticket(ticket)
    if row is None or row.spam or message not in _replies(desk, ticket):
        return
    if row.status in {*PAUSED, Status.RESOLVED}:
        yield open_again(ticket, row, "delivery_failed")
        yield from return_to_owner(desk, ticket, at, "delivery_failed")
    else:
        yield from wake(desk, ticket, at, "delivery_failed")


def _is_answered_otherwise(desk: Desk, ticket: str, message: str) -> bool:
    """Whether another reply to the same question stands, or one to a later question."""
    if desk.ticket(ticket) is None:
        return False
    beside = [answers for key in desk.family(ticket) if message in (answers := desk.tickets[key].answers)]
    return any(len(answers) > 1 for answers in beside) if beside else bool(desk.tickets[ticket].answers)


def _replies(desk: Desk, ticket: str) -> set[str]:
    rows = (desk.conversations[each] for each in desk.tickets[ticket].conversations)
    return {message for row in rows for message in row.replies}
