"""Agents and leads: every command the desk knows, on tickets that may have moved meanwhile, by people who may not."""

from collections.abc import Callable
from random import Random
from typing import Any

from shared.catalogue.commands import (
    AcceptOffer,
    BlockContactPoint,
    Command,
    CompleteTask,
    DeclineOffer,
    LinkContactPoint,
    LinkTickets,
    MergeCustomers,
    MergeTickets,
    OpenTask,
    OpenTicket,
    PlanShifts,
    Promise,
    PutAgent,
    PutCustomer,
    ReleaseWork,
    RemoveAgent,
    Reply,
    RestoreMessage,
    SetPresence,
    SplitTicket,
    SwitchRules,
    TakeWork,
    Tick,
    TransferWork,
    UnlinkContactPoint,
    UnlinkTickets,
    UnmergeTicket,
    UpdateTicket,
)
from shared.catalogue.rule_sets import SHIPPED
from shared.catalogue.values import Principal, Span
from shared.clock import HOUR, MINUTE, SECOND
from shared.policy.terms import Priority, Status, TicketType
from tests.simulation.clients.people import AGENTS, CONTACTS, LEAD, SEATS, SKILLS, admin, contact, principal, staff
from tests.simulation.clients.view import Nothing, View

TEAMS = ("support", "billing", "experts")
REASONS = ("break", "prayer", "meeting", "offline", "disconnected", "nonsense")


class Staff:
    """Makes one command at a time, or none where there is nothing to act on."""

    def __init__(self, view: View, rng: Random) -> None:
        self.view, self.rng = view, rng

    def somebody(self) -> Principal:
        """Mostly whoever may do anything; the others are often refused."""
        return staff(self.view.desk, LEAD if self.rng.random() < 0.6 else self.rng.choice(SEATS))

    def command(self) -> Command | None:
        act = self.rng.choices(list(ACTS), list(ACTS.values()))[0]
        try:
            return act(self)
        except Nothing:
            return None

    def maybe(self, value: Any, chance: float) -> Any:
        return value if self.rng.random() < chance else None

    def update(self) -> Command:
        rng, ticket = self.rng, self.view.any_ticket(self.rng)
        now = self.view.world.time.now
        status = self.maybe(
            rng.choice((Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.RESOLVED)), 0.5
        )
        return UpdateTicket(
            by=self.somebody(), ticket=ticket.id, seen=self.maybe(ticket.seq, 0.6), status=status,
            reply=self.maybe(self.reply(), 0.4), note=self.maybe("…", 0.1),
            hold_reason=self.maybe("snoozed", 0.9) if status == Status.ON_HOLD else None,
            until=self.maybe(now + rng.choice((MINUTE, HOUR, -MINUTE)), 0.8) if status == Status.ON_HOLD else None,
            resolution_cause=self.maybe(rng.choice(("solved", "duplicate")), 0.7) if status == Status.RESOLVED else None,
            sub_status=self.maybe(rng.choice(("papers", "checked", "")), 0.2),
            owner=self.maybe(rng.choice((*SEATS, "")), 0.1), team=self.maybe(rng.choice(TEAMS), 0.08),
            priority=self.maybe(rng.choice(list(Priority)), 0.1), ticket_type=self.maybe(TicketType.COMPLAINT, 0.05),
            category=self.maybe("billing", 0.05), add_tags=("vip",) if rng.random() < 0.1 else (),
            remove_tags=("vip",) if rng.random() < 0.05 else (), fields={"order": "…"} if rng.random() < 0.05 else {},
            promise=self.maybe(Promise(due_at=now + rng.choice((10 * SECOND, 10 * MINUTE))), 0.08),
            spam=self.maybe(rng.random() < 0.7, 0.05),
        )  # fmt: skip

    def open_ticket(self) -> Command:
        rng, view = self.rng, self.view
        return OpenTicket(
            by=self.somebody(), desk=view.desk, subject="…", customer=self.maybe(view.any(rng, view.customers), 0.4),
            contact=self.maybe(contact(view.desk, rng.randrange(CONTACTS)).id, 0.5), reply=self.maybe(self.reply(), 0.5),
            note=self.maybe("…", 0.3), owner=self.maybe(rng.choice(SEATS), 0.2), team=self.maybe(rng.choice(TEAMS), 0.3),
            category=self.maybe("billing", 0.2), tags=("vip",) if rng.random() < 0.1 else (),
        )  # fmt: skip

    def reply(self) -> Reply:
        """Perhaps copied to people who write to the desk themselves."""
        view, rng = self.view, self.rng
        copied = tuple(contact(view.desk, rng.randrange(CONTACTS)) for _ in range(rng.choice((0, 0, 0, 1, 2))))
        return Reply(text="…", cc=copied)

    def resolve(self) -> Command:
        ticket = self.view.any_ticket(self.rng)
        return UpdateTicket(
            by=self.somebody(), ticket=ticket.id, status=Status.RESOLVED, reply=self.maybe(Reply(text="…"), 0.5),
            resolution_cause="solved",
        )  # fmt: skip

    def offer(self) -> Command:
        """Answer an offer as whoever has it, or with an old epoch, or as somebody else."""
        offers = [held for held in self.view.work.values() if held.offered and held.agent]
        held = self.view.any(self.rng, offers or list(self.view.work.values()))
        who = held.agent if held.agent and self.rng.random() < 0.85 else self.rng.choice(SEATS)
        kind = AcceptOffer if self.rng.random() < 0.7 else DeclineOffer
        return kind(by=staff(self.view.desk, who), work=held.id, epoch=max(0, held.epoch - (self.rng.random() < 0.15)))

    def take(self) -> Command:
        held = self.view.any_work(self.rng)
        return TakeWork(by=self.somebody(), work=held.id, agent=self.maybe(self.rng.choice(AGENTS), 0.2))

    def transfer(self) -> Command:
        held, rng = self.view.any_work(self.rng), self.rng
        to = {"team": rng.choice(TEAMS)} if rng.random() < 0.5 else {"agent": rng.choice(SEATS)}
        return TransferWork(by=self.somebody(), work=held.id, epoch=self.maybe(held.epoch, 0.5), **to)

    def release(self) -> Command:
        held = self.view.any_work(self.rng)
        return ReleaseWork(
            by=staff(self.view.desk, held.agent or "amal"), work=held.id, epoch=self.maybe(held.epoch, 0.5)
        )

    def merge(self) -> Command:
        ticket, into = self.view.any_ticket(self.rng), self.view.any_ticket(self.rng)
        return MergeTickets(by=self.somebody(), ticket=ticket.id, into=into.id)

    def unmerge(self) -> Command:
        return UnmergeTicket(
            by=self.somebody(), ticket=self.view.any(self.rng, self.view.merged or list(self.view.tickets))
        )

    def split(self) -> Command:
        ticket = self.view.any_ticket(self.rng)
        if not ticket.messages:
            raise Nothing
        return SplitTicket(
            by=self.somebody(), ticket=ticket.id, messages=tuple(ticket.messages[-self.rng.randint(1, 2) :])
        )

    def link(self) -> Command:
        ticket, other = self.view.any_ticket(self.rng), self.view.any_ticket(self.rng)
        return LinkTickets(by=self.somebody(), ticket=ticket.id, other=other.id, kind="child_of")

    def unlink(self) -> Command:
        link = self.view.any(self.rng, self.view.links)
        return UnlinkTickets(by=self.somebody(), ticket=link.ticket, other=link.other, kind=link.kind)

    def open_task(self) -> Command:
        rng, ticket = self.rng, self.view.any_ticket(self.rng)
        now = self.view.world.time.now
        return OpenTask(
            by=self.somebody(), task=self.view.world.next_id(), ticket=self.maybe(ticket.id, 0.7),
            purpose=rng.choice(("call_back", "follow_up", "promise", "low_score", "assist")),
            due_at=now + rng.choice((-MINUTE, 20 * SECOND, 5 * MINUTE)), owner=self.maybe(rng.choice(SEATS), 0.4),
            team=self.maybe(rng.choice(TEAMS), 0.3),
        )  # fmt: skip

    def complete_task(self) -> Command:
        task = self.view.any(self.rng, [held for held in self.view.work.values() if held.task])
        return CompleteTask(by=self.somebody(), task=task.id, result="…")

    def presence(self) -> Command:
        rng, who = self.rng, self.rng.choice(SEATS)
        now = self.view.world.time.now
        if rng.random() < 0.65:
            return SetPresence(by=staff(self.view.desk, who), agent=who, state="ready")
        by = principal(self.view.desk, "gateway", "system") if rng.random() < 0.3 else staff(self.view.desk, who)
        until = self.maybe(now + rng.choice((10 * SECOND, 4 * MINUTE, -1)), 0.3)
        return SetPresence(by=by, agent=who, state="not_ready", reason=rng.choice(REASONS), until=until)

    def shifts(self) -> Command:
        now, who = self.view.world.time.now, self.rng.choice(SEATS)
        end = now + self.rng.choice((5 * SECOND, 3 * MINUTE, 8 * HOUR))
        return PlanShifts(by=admin(self.view.desk), agent=who, shifts=(Span(start=now - HOUR, end=end),))

    def seat(self) -> Command:
        rng, who = self.rng, self.rng.choice(SEATS)
        if rng.random() < 0.15:
            return RemoveAgent(by=admin(self.view.desk), agent=who)
        return PutAgent(
            by=admin(self.view.desk), agent=who, capacity=self.maybe(rng.randint(0, 8), 0.6),
            team=self.maybe(rng.choice(TEAMS), 0.3), skills=self.maybe(rng.choice(SKILLS), 0.3),
        )  # fmt: skip

    def customer(self) -> Command:
        rng, view = self.rng, self.view
        someone, other = view.any(rng, view.customers), view.any(rng, view.customers)
        point = contact(view.desk, rng.randrange(CONTACTS))
        by = self.somebody()
        return rng.choice(
            (
                PutCustomer(by=by, customer=someone, tier=rng.choice(("vip", "standard", "none"))),
                LinkContactPoint(by=by, customer=someone, contact=point),
                UnlinkContactPoint(by=by, customer=someone, contact=point.id),
                MergeCustomers(by=by, customer=someone, into=other),
                BlockContactPoint(by=by, contact=point.id, blocked=rng.random() < 0.4),
            )
        )

    def restore(self) -> Command:
        message = self.view.any(self.rng, self.view.asides)
        return RestoreMessage(by=self.somebody(), message=message)

    def tick(self) -> Command:
        """Nobody asked for it: early, late, or long past."""
        due = self.view.world.time.now + self.rng.choice((-DAY_BACK, -1, 0, 1, MINUTE))
        return Tick(by=principal(self.view.desk, "router", "system"), desk=self.view.desk, due=due)

    def switch(self) -> Command:
        return SwitchRules(
            by=admin(self.view.desk),
            desk=self.view.desk,
            rules=self.rng.choice(("trial", *SHIPPED)),
            on=self.rng.random() < 0.5,
        )


DAY_BACK = 24 * HOUR
ACTS: dict[Callable[[Staff], Command], int] = {
    Staff.update: 30, Staff.open_ticket: 4, Staff.resolve: 16, Staff.offer: 16, Staff.take: 8, Staff.transfer: 6, Staff.release: 4,
    Staff.merge: 4, Staff.unmerge: 2, Staff.split: 3, Staff.link: 2, Staff.unlink: 2, Staff.open_task: 4, Staff.complete_task: 6,
    Staff.presence: 12, Staff.shifts: 2, Staff.seat: 4, Staff.customer: 5, Staff.restore: 2, Staff.tick: 4, Staff.switch: 1,
}  # fmt: skip
"""What people do, by how often."""
