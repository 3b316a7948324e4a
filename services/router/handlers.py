"""When: one row per command and per fact, and the one way a command is decided."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.router.desk.desk import FACTS_PER_COMMAND, Desk
from services.router.evolve import customers as customers_evolve
from services.router.evolve import desk as desk_evolve
from services.router.evolve import messages as messages_evolve
from services.router.evolve import roster as roster_evolve
from services.router.evolve import tickets as tickets_evolve
from services.router.evolve import work as work_evolve
from services.router.rules import (
    arrival,
    customers,
    deliveries,
    opening,
    policy,
    presence,
    regroup,
    relate,
    roster,
    routing,
    surveys,
    tasks,
    update,
    work_commands,
)  # fmt: skip
from services.router.rules.assignment import assign_waiting
from services.router.rules.rejected import Made, Rejected, Rule
from services.router.rules.timers import FOR_THE_COMMAND, run_due
from shared.catalogue import commands, facts
from shared.catalogue.commands import Command
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, Fact
from shared.clock import Ms
from shared.emissions import Emission

UNSETTLED = (commands.ReceiveMessage, commands.Tick, commands.ReportDelivery)
"""Commands nobody waits for: their facts are their outcome."""


def decide(desk: Desk, envelope: Envelope, at: Ms) -> Iterator[Emission]:
    """What is due first, then the command, then whatever can be assigned; last the command's one outcome.

    A command or message the desk remembers has had its outcome: nothing follows.
    """
    command: Command = envelope.body
    if is_repeat(desk, envelope):
        return
    desk.facts_left = FACTS_PER_COMMAND
    yield from run_due(desk, at, 0 if isinstance(command, commands.Tick) else FOR_THE_COMMAND)
    made: Made = {}
    reason: str | None = None
    before = desk.seq
    try:
        stay_inside(desk, command)
        made = yield from DECIDE[type(command)](desk, envelope, at)
    except Rejected as rejected:
        if desk.seq != before:
            raise RuntimeError(f"{type(command).__name__} was refused after its first fact") from rejected
        reason = rejected.reason
    yield from assign_waiting(desk, at)
    if needs_outcome(command):
        yield settled(desk, envelope, reason, made)


def stay_inside(desk: Desk, command: Command) -> None:
    """Nobody commands another desk; what nobody waits for was appended by our own doors. Raises Rejected."""
    if needs_outcome(command) and (command.by.organisation, command.by.desk) != (desk.organisation, desk.id):
        raise Rejected("forbidden")


def needs_outcome(command: Command) -> bool:
    """Whether somebody waits for `command.settled`."""
    return not isinstance(command, UNSETTLED)


def is_repeat(desk: Desk, envelope: Envelope) -> bool:
    """Whether this command, or the message it brings, has been decided before.

    A message that opened a conversation is known as long as that lives, even when it has been forgotten by its id.
    """
    if isinstance(envelope.body, commands.ReceiveMessage):
        if envelope.body.message in desk.conversations:
            return True
        return envelope.body.message in desk.memories["heard"]
    return needs_outcome(envelope.body) and envelope.id in desk.memories["settled"]


def settled(desk: Desk, envelope: Envelope, reason: str | None, made: Made) -> CommandSettled:
    """The one outcome."""
    return CommandSettled(
        desk=desk.id, command=envelope.id, command_type=envelope.type, by=envelope.body.by.id, reason=reason,
        outcome="refused" if reason else "done", made=made,
    )  # fmt: skip


def broken(desk: Desk, envelope: Envelope) -> Iterator[Emission]:
    """A rule failed on this command: its sender is told, the state stays as it was."""
    if needs_outcome(envelope.body) and not is_repeat(desk, envelope):
        yield CommandSettled(
            desk=desk.id, command=envelope.id, command_type=envelope.type, by=envelope.body.by.id, outcome="internal",
            reason="internal",
        )  # fmt: skip


def evolve(desk: Desk, fact: Fact, at: Ms) -> None:
    """What a fact does to the desk; facts without a row are for others."""
    desk.count(fact, at)
    handler = EVOLVE.get(type(fact))
    if handler is not None:
        handler(desk, fact, at)


DECIDE: Mapping[type[Command], Callable[[Desk, Envelope, Ms], Rule]] = {
    commands.ReceiveMessage: arrival.receive,
    commands.RestoreMessage: arrival.restore,
    commands.ReportDelivery: deliveries.report_delivery,
    commands.OpenTicket: opening.open_by_hand,
    commands.UpdateTicket: update.update_ticket,
    commands.MergeTickets: regroup.merge,
    commands.UnmergeTicket: regroup.unmerge,
    commands.SplitTicket: relate.split,
    commands.LinkTickets: relate.link,
    commands.UnlinkTickets: relate.unlink,
    commands.EscalateTicket: routing.escalate,
    commands.TakeWork: work_commands.take,
    commands.TransferWork: work_commands.transfer,
    commands.ReleaseWork: work_commands.release,
    commands.AcceptOffer: work_commands.accept,
    commands.DeclineOffer: work_commands.decline,
    commands.OpenTask: tasks.open_task,
    commands.CompleteTask: tasks.complete_task,
    commands.PutAgent: roster.put_agent,
    commands.RemoveAgent: roster.remove_agent,
    commands.SetPresence: presence.set_presence,
    commands.PlanShifts: roster.plan_shifts,
    commands.PutCustomer: customers.put_customer,
    commands.LinkContactPoint: customers.link_contact,
    commands.UnlinkContactPoint: customers.unlink_contact,
    commands.MergeCustomers: customers.merge_customers,
    commands.BlockContactPoint: customers.block_contact,
    commands.ApplyPolicy: policy.apply_policy,
    commands.SwitchRules: policy.switch_rules,
    commands.Tick: policy.tick,
    commands.InviteToSurvey: surveys.invite_to_survey,
    commands.AnswerSurvey: surveys.answer_survey,
}

EVOLVE: Mapping[type[Fact], Callable[[Desk, Any, Ms], None]] = {
    facts.PolicyApplied: desk_evolve.policy_applied,
    facts.RulesSwitched: desk_evolve.rules_switched,
    facts.TimeReached: desk_evolve.time_reached,
    facts.CommandSettled: desk_evolve.command_settled,
    facts.CustomerRegistered: customers_evolve.registered,
    facts.CustomerChanged: customers_evolve.changed,
    facts.CustomersMerged: customers_evolve.merged,
    facts.ContactPointLinked: customers_evolve.linked,
    facts.ContactPointUnlinked: customers_evolve.unlinked,
    facts.ContactPointBlocked: customers_evolve.blocked,
    facts.ContactPointUnreachable: customers_evolve.unreachable,
    facts.ConversationOpened: messages_evolve.conversation_opened,
    facts.ConversationMoved: messages_evolve.conversation_moved,
    facts.ParticipantJoined: messages_evolve.participant_joined,
    facts.MessageReceived: messages_evolve.received,
    facts.MessageSetAside: messages_evolve.set_aside,
    facts.MessageRestored: messages_evolve.restored,
    facts.MessageSent: messages_evolve.sent,
    facts.MessageMoved: messages_evolve.moved,
    facts.DeliveryReported: messages_evolve.delivery_reported,
    facts.TicketOpened: tickets_evolve.opened,
    facts.StatusChanged: tickets_evolve.status_changed,
    facts.TicketPrioritised: tickets_evolve.prioritised,
    facts.TicketCategorised: tickets_evolve.categorised,
    facts.TicketTagged: tickets_evolve.tagged,
    facts.TicketRouted: tickets_evolve.routed,
    facts.OwnerChanged: tickets_evolve.owner_changed,
    facts.SpamMarked: tickets_evolve.spam_marked,
    facts.TicketMerged: tickets_evolve.merged,
    facts.TicketUnmerged: tickets_evolve.unmerged,
    facts.TicketsLinked: tickets_evolve.linked,
    facts.TicketsUnlinked: tickets_evolve.unlinked,
    facts.WorkQueued: work_evolve.queued,
    facts.WorkAssigned: work_evolve.assigned,
    facts.WorkOffered: work_evolve.offered,
    facts.OfferLapsed: work_evolve.lapsed,
    facts.WorkReleased: work_evolve.released,
    facts.WorkFinished: work_evolve.finished,
    facts.TaskOpened: work_evolve.task_opened,
    facts.AgentConfigured: roster_evolve.configured,
    facts.AgentRemoved: roster_evolve.removed,
    facts.PresenceChanged: roster_evolve.presence_changed,
    facts.ShiftsPlanned: roster_evolve.shifts_planned,
}
