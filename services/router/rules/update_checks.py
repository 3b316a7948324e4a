"""Everything that can refuse an `update_ticket`: all of it is looked at before the first fact (a macro is atomic)."""

from collections.abc import Collection, Mapping

from services.router.desk.desk import Desk
from services.router.desk.work import Ticket
from services.router.rules.access import allow, known_agent, known_team
from services.router.rules.copying import check_copies, people_in
from services.router.rules.rejected import Rejected
from services.router.rules.words import check_cause, check_words
from shared.catalogue.commands import UpdateTicket
from shared.catalogue.rule_sets import SUB_STATUSES
from shared.clock import Ms
from shared.ids import promise_id
from shared.policy.policy import Policy
from shared.policy.terms import Status

MOST_FIELDS = 100
NEW, OPEN, PENDING, ON_HOLD = Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD
RESOLVED, CLOSED = Status.RESOLVED, Status.CLOSED
LEGAL: Mapping[Status, frozenset[Status]] = {
    NEW: frozenset({NEW, OPEN, PENDING, ON_HOLD, RESOLVED}),
    OPEN: frozenset({OPEN, PENDING, ON_HOLD, RESOLVED}),
    PENDING: frozenset({OPEN, PENDING, ON_HOLD, RESOLVED}),
    ON_HOLD: frozenset({OPEN, PENDING, ON_HOLD, RESOLVED}),
    RESOLVED: frozenset({OPEN, RESOLVED, CLOSED}),
}
"""From a status to the statuses a person may set. Nothing comes back from closed; nobody makes a ticket new again."""


def check(desk: Desk, policy: Policy, command_id: str, command: UpdateTicket, row: Ticket, at: Ms) -> None:
    """Raise Rejected with the first reason against it."""
    allow(desk, command.by, "ticket.update", row)
    if command.spam is not None:
        allow(desk, command.by, "ticket.spam", row)
    _check_owner(desk, command, row)
    if command.team is not None:
        known_team(desk, command.team)
    known_category(policy, command.category)
    _check_words(policy, command, row)
    if command.promise is not None and command.promise.due_at <= at:
        raise Rejected("due_in_past")
    if command.promise is not None and promise_id(command_id) in desk.tasks:
        raise Rejected("already_exists")
    _check_status(policy, command, row, at)
    _check_sub_status(desk, policy, command, row)
    _check_reply(desk, policy, command, row)


def _check_words(policy: Policy, command: UpdateTicket, row: Ticket) -> None:
    """What goes into facts as it was given. A tag that is taken away was there before."""
    check_words((command.category, command.hold_reason, *command.add_tags, *command.fields))
    check_cause(command.resolution_cause)
    check_amounts(policy, {*row.tags} - {*command.remove_tags} | {*command.add_tags}, command.fields)


def known_category(policy: Policy, category: str | None) -> None:
    """Raise Rejected("unknown_category") where the policy has categories and not this one; none is fine."""
    if category is not None and policy.categories and category not in policy.categories:
        raise Rejected("unknown_category")


def check_amounts(policy: Policy, tags: Collection[str], fields: Collection[str]) -> None:
    """Raise Rejected("too_many_tags") or ("too_many_fields") for more than a ticket may have."""
    if len(tags) > policy.limits.tags:
        raise Rejected("too_many_tags")
    if len(fields) > MOST_FIELDS:
        raise Rejected("too_many_fields")


def _check_owner(desk: Desk, command: UpdateTicket, row: Ticket) -> None:
    if command.owner is None:
        return
    if not command.owner:
        allow(desk, command.by, "work.release", row)
        return
    allow(desk, command.by, "work.take" if command.owner == command.by.id else "work.give", row)
    known_agent(desk, command.owner)


def _check_status(policy: Policy, command: UpdateTicket, row: Ticket, at: Ms) -> None:
    status = command.status
    if status is not None and status not in LEGAL[row.status]:
        raise Rejected("illegal_status")
    if status is not ON_HOLD:
        if command.until is not None or command.hold_reason is not None:
            raise Rejected("until_without_hold")
        return
    if policy.hold_reasons and command.hold_reason is None:
        raise Rejected("hold_reason_needed")
    if policy.hold_reasons and command.hold_reason not in policy.hold_reasons:
        raise Rejected("unknown_hold_reason")
    if command.until is not None and command.until <= at:
        raise Rejected("until_in_past")
    end = held_until(policy, command, at)
    if command.until is not None and end is not None and command.until > end:
        raise Rejected("hold_too_long")


def _check_sub_status(desk: Desk, policy: Policy, command: UpdateTicket, row: Ticket) -> None:
    """To take one away is always fine."""
    if command.sub_status is not None and not desk.in_force(SUB_STATUSES):
        raise Rejected("rules_not_in_force")
    if not command.sub_status:
        return
    if command.sub_status not in policy.sub_statuses:
        raise Rejected("unknown_sub_status")
    if policy.sub_statuses[command.sub_status].status is not (command.status or row.status):
        raise Rejected("other_status")


def held_until(policy: Policy, command: UpdateTicket, at: Ms) -> Ms | None:
    """The latest end of the hold: as asked, within what its reason allows; None: until somebody ends it."""
    reason = policy.hold_reasons.get(command.hold_reason or "")
    longest = at + reason.longest if reason is not None and reason.longest is not None else None
    if longest is None:
        return command.until
    return longest if command.until is None or command.until > longest else command.until


def _check_reply(desk: Desk, policy: Policy, command: UpdateTicket, row: Ticket) -> None:
    if command.reply is None:
        return
    if command.seen is not None and row.heard > command.seen:
        raise Rejected("newer_messages")
    if command.reply.conversation is None:
        if not row.conversations:
            raise Rejected("no_conversation")
    elif command.reply.conversation not in row.conversations:
        raise Rejected("no_such_conversation")
    conversation = desk.conversations[conversation_for(desk, command, row)]
    check_copies(desk, policy, command.reply, conversation.channel, people_in(conversation))


def conversation_for(desk: Desk, command: UpdateTicket, row: Ticket) -> str:
    """The one named, else the one in which something was said last."""
    if command.reply is not None and command.reply.conversation is not None:
        return command.reply.conversation
    return latest_conversation(desk, row)


def latest_conversation(desk: Desk, row: Ticket) -> str:
    """Where something was said last; of equals the one that came to the ticket last."""
    said = (max(map(abs, desk.conversations[each].sent), default=0) for each in row.conversations)
    return max(zip(said, range(len(row.conversations)), row.conversations, strict=True))[2]
