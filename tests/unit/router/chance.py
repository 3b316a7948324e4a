"""A day at a desk by chance: commands that make sense most of the time, drawn from what the desk knows by then."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from shared.broker import Record
from shared.catalogue.codec import decode
from shared.catalogue.commands import (
    AcceptOffer,
    BlockContactPoint,
    CompleteTask,
    DeclineOffer,
    EscalateTicket,
    InviteToSurvey,
    LinkContactPoint,
    LinkTickets,
    MergeCustomers,
    MergeTickets,
    OpenTask,
    OpenTicket,
    PlanShifts,
    PutAgent,
    PutCustomer,
    ReleaseWork,
    RemoveAgent,
    Reply,
    ReportDelivery,
    RestoreMessage,
    SetPresence,
    SplitTicket,
    TakeWork,
    Tick,
    TransferWork,
    UnlinkContactPoint,
    UnlinkTickets,
    UnmergeTicket,
)
from shared.catalogue.values import FollowUp, Principal, Span, Thread
from shared.clock import DAY, HOUR, MINUTE, SECOND
from shared.policy.terms import Channel, Priority, Status, TicketType
from tests.unit.router.driving import ADMIN, DESK_ID, LEAD, SYSTEM, World, contact, principal
from tests.unit.router.policies import changed, policy

AGENTS = [f"agent{n}" for n in range(6)]
CUSTOMERS = ["sara", "omar", "nora", "boss@client.example", "x@vip.example"]
TEAMS = ["front", "cards", "billing", "asked", "pulled", "experts"]
WORDS = ["fraud", "card", "bill", "offer", "pull"]
CHANNELS = [Channel.EMAIL, Channel.WHATSAPP]
Some = TypeVar("Some")


def told_by(record: Record) -> set[str]:
    """The names by which a repeat is known: the command's, and the message's it brings."""
    envelope = decode(record)
    return {envelope.id, getattr(envelope.body, "message", envelope.id)}


class Chance:
    """One seed's day."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.world = World()
        for name in AGENTS:
            self.hire(name)

    def step(self) -> None:
        """One thing happens."""
        happenings = [happening for happening, often in HAPPENINGS for _ in range(often)]
        self.random.choice(happenings)(self)

    def hire(self, name: str) -> None:
        levels = {skill: self.random.randint(1, 5) for skill in ("fraud", "language:ar") if self.often(0.7)}
        self.world.agent(
            name, self.one(TEAMS), secondary=tuple(self.random.sample(TEAMS, self.random.randint(0, 3))),
            skills=levels, capacity=self.one([None, 5, 4, 1, 0]), role=self.one(["agent", "agent", "lead"]),
        )  # fmt: skip

    # Drawing.

    def one(self, choices: Sequence[Some]) -> Some:
        return self.random.choice(choices)

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, value: Some, share: float = 0.3) -> Some | None:
        return value if self.often(share) else None

    @property
    def tickets(self) -> list[str]:
        return [*self.world.desk.tickets] or ["nothing"]

    @property
    def work(self) -> list[str]:
        return [*self.tickets, *self.world.desk.tasks]

    @property
    def ticket(self) -> str:
        return self.one(self.tickets)

    def somebody(self) -> Principal:
        name = self.one(AGENTS)
        row = self.world.desk.agents.get(name)
        return self.one([LEAD, LEAD, ADMIN, SYSTEM, principal(name, "lead" if row and row.leads else "agent")])

    def conversation(self) -> str:
        row = self.world.desk.tickets.get(self.ticket)
        return self.one(row.conversations) if row and row.conversations else "nowhere"

    # Happening.

    def writes(self) -> None:
        self.world.mail(
            self.one(CUSTOMERS), tuple(word for word in WORDS if self.often(0.25)), channel=self.one(CHANNELS),
            account=self.one(["mail", "phone", "web", "gone"]), thanks=self.often(0.1),
            automatic=self.maybe("list", 0.05), spam=self.maybe("score", 0.05), opt_out=self.often(0.03),
            copied=tuple(contact(name) for name in self.random.sample(CUSTOMERS, self.random.randint(0, 2))),
            language=self.one(["ar", "en", None]), sent_at=self.world.at - self.random.randint(-SECOND, 10 * DAY),
        )  # fmt: skip

    def replies(self) -> None:
        follow_up = FollowUp(ticket=self.ticket, number=1, team=self.one(TEAMS), owner=self.maybe(self.one(AGENTS)))
        place = self.conversation()
        row = self.world.desk.conversations.get(place)
        self.world.mail(
            self.one(CUSTOMERS), thread=self.maybe(Thread(conversation=place, follow_up=self.maybe(follow_up)), 0.8),
            thanks=self.often(0.2), automatic=self.maybe("auto", 0.1), quoted=row.messages[:1] if row else (),
        )  # fmt: skip

    def repeats(self) -> None:
        """A record is appended a second time: what had an outcome in the last eight days has no other."""
        record = self.one(self.world.records)
        body, name = decode(record).body, decode(record).id
        named = [each for each in self.world.records if told_by(each) & {name, getattr(body, "message", name)}]
        if named[0].appended_at > self.world.at - 8 * DAY and not isinstance(body, Tick | ReportDelivery):
            again = self.world.send(body, name)
            assert again.facts == [], (body, again.facts)

    def updates(self) -> None:
        hold = self.often(0.15)
        statuses = [Status.OPEN, Status.PENDING, Status.RESOLVED, Status.RESOLVED, Status.CLOSED]
        at = self.world.at
        fields: dict[str, Any] = {
            "reply": self.maybe({"text": "x"}), "note": self.maybe("n"),
            "seen": self.maybe(self.random.randint(0, self.world.desk.seq), 0.2),
            "status": Status.ON_HOLD if hold else self.maybe(self.one(statuses), 0.7),
            "hold_reason": self.one(["supplier", "snoozed"]) if hold else None,
            "until": self.maybe(at + self.random.randint(0, 20 * DAY), 0.4) if hold else None,
            "owner": self.maybe(self.one([*AGENTS, "nobody", ""]), 0.2), "team": self.maybe(self.one(TEAMS), 0.15),
            "priority": self.maybe(self.one([*Priority]), 0.2), "category": self.maybe("cards", 0.1),
            "ticket_type": self.maybe(TicketType.PROBLEM, 0.1), "add_tags": ("a",) if self.often(0.1) else (),
            "remove_tags": ("a", "fraud") if self.often(0.1) else (), "spam": self.maybe(self.often(0.4), 0.1),
            "promise": self.maybe({"due_at": at + self.random.randint(0, 2 * DAY)}, 0.1),
        }  # fmt: skip
        self.world.update(self.ticket, self.somebody(), **fields)

    def opens_by_hand(self) -> None:
        point = contact(self.one(CUSTOMERS)).id
        self.world.send(
            OpenTicket(
                by=self.somebody(), desk=DESK_ID, subject="x", contact=self.maybe(point, 0.6),
                customer=self.maybe(point, 0.2), account=self.maybe(self.one(["web", "phone", "gone"])),
                reply=self.maybe(Reply(text="x"), 0.5), note=self.maybe("n"), owner=self.maybe(self.one(AGENTS)),
                team=self.maybe(self.one(TEAMS)), category=self.maybe("cards"),
            )
        )  # fmt: skip

    def moves_work(self) -> None:
        work = self.one(self.work)
        row = self.world.desk.work(work)
        epoch = row.epoch if row else 1
        who = principal(row.agent) if row and row.agent and self.often(0.7) else self.somebody()
        said = {"by": who, "work": work, "epoch": epoch if self.often(0.8) else 0}
        team, agent = self.maybe(self.one(TEAMS), 0.5), self.maybe(self.one(AGENTS), 0.5)
        self.world.send(
            self.one(
                [
                    TakeWork(by=self.somebody(), work=work, agent=self.maybe(self.one(AGENTS))),
                    TransferWork.model_validate({**said, "team": team, "agent": agent}),
                    ReleaseWork.model_validate(said),
                    AcceptOffer.model_validate(said),
                    AcceptOffer.model_validate(said),
                    DeclineOffer.model_validate(said),
                ]
            )
        )

    def opens_task(self) -> None:
        self.world.send(
            OpenTask(
                by=self.somebody(), task=f"task{self.random.randint(0, 500)}",
                purpose=self.one(["call_back", "follow_up", "promise", "low_score", "assist"]),
                due_at=self.world.at + self.random.randint(-DAY, DAY), ticket=self.maybe(self.ticket, 0.5),
                team=self.maybe(self.one(TEAMS)), owner=self.maybe(self.one(AGENTS), 0.5),
            )
        )  # fmt: skip

    def completes_task(self) -> None:
        self.world.send(CompleteTask(by=self.somebody(), task=self.one([*self.world.desk.tasks, "nothing"])))

    def comes_and_goes(self) -> None:
        name = self.one(AGENTS)
        if self.often(0.6):
            self.world.ready(name, *self.random.sample(CHANNELS, self.random.randint(0, 2)))
            return
        reason = self.one(["break", "meeting", "offline", "disconnected"])
        until = self.maybe(self.world.at + self.random.randint(1, HOUR))
        by = SYSTEM if reason == "disconnected" else principal(name)
        self.world.send(SetPresence(by=by, agent=name, state="not_ready", reason=reason, until=until))

    def changes_staff(self) -> None:
        name, at = self.one(AGENTS), self.world.at
        shifts = tuple(
            Span(start=at + n * DAY, end=at + n * DAY + self.random.randint(1, DAY)) for n in range(3)
        )  # fmt: skip
        team, capacity = self.maybe(self.one(TEAMS)), self.maybe(self.random.randint(0, 8))
        self.world.send(
            self.one(
                [
                    RemoveAgent(by=ADMIN, agent=name),
                    PutAgent(by=ADMIN, agent=name, team=team, capacity=capacity),
                    PlanShifts(by=LEAD, agent=name, shifts=shifts),
                ]
            )
        )
        if name not in self.world.desk.agents:
            self.hire(name)

    def regroups(self) -> None:
        ticket, other = self.ticket, self.ticket
        rows = self.world.desk.conversations
        row = self.world.desk.tickets.get(ticket)
        messages = [message for each in (row.conversations if row else ()) for message in rows[each].messages]
        merged = [each for each in self.world.desk.tickets if self.world.desk.tickets[each].merged_into] or ["nothing"]
        escalation = {
            "by": SYSTEM, "ticket": ticket, "target": "first_reply", "cycle": 1, "cause": "breach",
            "raise_priority": self.maybe(Priority.HIGH), "raise_tier": self.often(0.5),
            "to_team": self.maybe(self.one(TEAMS)),
        }  # fmt: skip
        self.world.send(
            self.one(
                [
                    MergeTickets(by=LEAD, ticket=ticket, into=other),
                    UnmergeTicket(by=LEAD, ticket=self.one(merged)),
                    SplitTicket(by=LEAD, ticket=ticket, messages=(self.one(messages or ["nothing"]),)),
                    LinkTickets(by=LEAD, ticket=ticket, other=other, kind="incident_of"),
                    UnlinkTickets(by=LEAD, ticket=ticket, other=other, kind="incident_of"),
                    EscalateTicket.model_validate(escalation),
                ]
            )
        )

    def knows_customers(self) -> None:
        customers = [row.customer for row in self.world.desk.tickets.values()] or ["somebody"]
        who, point = self.one(customers), contact(self.one(CUSTOMERS))
        self.world.send(
            self.one(
                [
                    PutCustomer(by=LEAD, customer=who, tier="vip"),
                    LinkContactPoint(by=LEAD, customer=who, contact=point),
                    UnlinkContactPoint(by=LEAD, customer=who, contact=point.id),
                    MergeCustomers(by=LEAD, customer=who, into=self.one(customers)),
                    BlockContactPoint(by=LEAD, contact=point.id, blocked=self.often(0.2)),
                ]
            )
        )

    def hears_of_it(self) -> None:
        ticket, place = self.ticket, self.conversation()
        row, conversation = self.world.desk.tickets.get(ticket), self.world.desk.conversations.get(place)
        messages = [*(conversation.messages if conversation else ()), "nothing"]
        self.world.send(
            self.one(
                [
                    InviteToSurvey(
                        by=SYSTEM, survey="s", kind="csat", ticket=ticket, customer="somebody", language="en",
                        resolution=row.resolution if row else 1,
                    ),
                    ReportDelivery(
                        by=SYSTEM, delivery=f"d{self.random.randint(0, 10)}", message=self.one(messages),
                        conversation=place, outcome="failed", permanent=self.often(0.7),
                    ),
                    RestoreMessage(by=LEAD, message=self.one([*self.world.desk.asides, "nothing"])),
                ]
            )
        )  # fmt: skip

    def changes_policy(self) -> None:
        other = changed("{name: Experts, tier: 2}", "{name: Experts, tier: 2, mode: offer}")
        self.world.apply(self.one([policy(), other]))

    def waits(self) -> None:
        self.world.wait(self.one([SECOND, MINUTE, HOUR, DAY, 5 * DAY]))

    def restarts(self) -> None:
        self.world.restart()


HAPPENINGS: Sequence[tuple[Callable[[Chance], None], int]] = (
    (Chance.writes, 25),
    (Chance.replies, 10),
    (Chance.repeats, 4),
    (Chance.updates, 20),
    (Chance.opens_by_hand, 4),
    (Chance.moves_work, 12),
    (Chance.opens_task, 5),
    (Chance.completes_task, 2),
    (Chance.comes_and_goes, 8),
    (Chance.changes_staff, 2),
    (Chance.regroups, 6),
    (Chance.knows_customers, 3),
    (Chance.hears_of_it, 3),
    (Chance.changes_policy, 1),
    (Chance.waits, 4),
    (Chance.restarts, 1),
)
"""What happens, and how often among a hundred."""
