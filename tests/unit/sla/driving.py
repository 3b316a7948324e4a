"""Drives sla as the worker does: encoded facts of one desk in, encoded facts and commands out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.sla.app import LOGIC
from services.sla.store.clocks import Clocks
from services.sla.store.ticket import Clock
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import EscalateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    ConversationMoved,
    DeliveryReported,
    Fact,
    MessageMoved,
    MessageReceived,
    MessageSent,
    PolicyApplied,
    SpamMarked,
    StatusChanged,
    TargetBreached,
    TargetCancelled,
    TargetFact,
    TargetMet,
    TaskCompleted,
    TaskOpened,
    TicketCategorised,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketUnmerged,
    TimeReached,
)
from shared.catalogue.topics import COMMANDS, DESK, SLA
from shared.catalogue.values import TaskPurpose
from shared.clock import Ms
from shared.decider import Decider
from shared.ids import fact_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel, Priority, Status, TicketType

DESK_ID, ORGANISATION = "support", "acme"
Some = TypeVar("Some", bound=Fact)
Verdict = tuple[str, str, int, str]
"""Ticket, target, cycle, outcome."""


def record_of(fact: Fact, at: Ms, seq: int) -> Record:
    envelope = Envelope(
        fact_id(DESK_ID, DESK.name, seq), "router", at, ORGANISATION, DESK_ID, "c", "c", fact, seq, seq - 1, last=True
    )
    sent = encode(envelope, DESK.name, 0)
    return Record(DESK.name, 0, seq - 1, at, sent.key, sent.value, sent.headers)


def opened(ticket: str, since: Ms, **fields: Any) -> TicketOpened:
    given: dict[str, Any] = {
        "number": 1, "customer": "customer", "conversation": f"{ticket}-talk", "channel": Channel.WEBFORM,
        "account": "web", "ticket_type": TicketType.QUESTION, "category": "general", "priority": Priority.NORMAL,
        "team": "front", "rule": "default", "policy_version": 1, "cause": "message", "brand": "main",
    }  # fmt: skip
    return TicketOpened(ticket=ticket, since=since, **{**given, **fields})


def received(ticket: str, message: str, sent_at: Ms, **fields: Any) -> MessageReceived:
    given: dict[str, Any] = {
        "conversation": f"{ticket}-talk", "contact": "contact", "customer": "customer", "author_kind": "customer",
        "channel": Channel.WEBFORM, "account": "web", "assurance": "none",
    }  # fmt: skip
    return MessageReceived(message=message, ticket=ticket, sent_at=sent_at, **{**given, **fields})


def sent(ticket: str, message: str, **fields: Any) -> MessageSent:
    given: dict[str, Any] = {
        "delivery": f"{message}-delivery", "conversation": f"{ticket}-talk", "by": "agent", "author_kind": "agent",
        "channel": Channel.WEBFORM,
    }  # fmt: skip
    return MessageSent(message=message, ticket=ticket, **{**given, **fields})


@dataclass
class Sla:
    """A desk whose time is `now`; each deed is one fact at that time."""

    now: Ms
    fold: Decider[Clocks] = field(default_factory=lambda: Decider(LOGIC, 0))
    log: list[Record] = field(default_factory=list)
    facts: list[tuple[Ms, Fact]] = field(default_factory=list)
    asked: list[tuple[str, EscalateTicket]] = field(default_factory=list)
    slices: list[int] = field(default_factory=list)
    outputs: list[Outgoing] = field(default_factory=list)
    status: dict[str, Status] = field(default_factory=dict)
    messages: int = 0

    def tell(self, fact: Fact) -> "Sla":
        self.log.append(record_of(fact, self.now, len(self.log) + 1))
        self.take(self.log[-1])
        return self

    def take(self, record: Record) -> None:
        outputs = [output for output in self.fold.apply(record) if isinstance(output, Outgoing)]
        self.outputs += outputs
        envelopes = [decode(as_record(output)) for output in outputs]
        said = [envelope for envelope in envelopes if isinstance(envelope.body, TargetFact)]
        self.facts += [(envelope.time, envelope.body) for envelope in said]
        self.slices.append(len(said))
        self.asked += [
            (envelope.id, envelope.body) for envelope in envelopes if isinstance(envelope.body, EscalateTicket)
        ]

    def at(self, moment: Ms) -> "Sla":
        """Time passes; the worker ticks whenever the timer is due, as it would."""
        for _ in range(5_000):
            wanted = self.wanted
            if wanted is None or wanted > moment:
                break
            self.now = max(self.now, wanted)
            self.tick()
            assert self.wanted != wanted, "a tick is not repeated at once for the same due time"
        self.now = moment
        return self

    def later(self, length: Ms) -> "Sla":
        return self.at(self.now + length)

    def silently(self, moment: Ms) -> "Sla":
        """Time passes and nobody ticks."""
        self.now = moment
        return self

    def tick(self) -> "Sla":
        return self.tell(TimeReached(desk=DESK_ID, due=self.now))

    @property
    def wanted(self) -> Ms | None:
        return self.fold.timers().get(DESK_ID, ("", None))[1]

    @property
    def state(self) -> Clocks:
        return self.fold.states[DESK_ID]

    def policy(self, policy: Policy, version: int = 1) -> "Sla":
        return self.tell(PolicyApplied(desk=DESK_ID, version=version, policy=policy))

    def open(self, ticket: str = "t", since: Ms | None = None, **fields: Any) -> "Sla":
        since = self.now if since is None else since
        self.status[ticket] = Status.NEW
        return self.tell(opened(ticket, since, **fields)).write(ticket, since, first=True)

    def open_by_agent(self, ticket: str = "t") -> "Sla":
        self.status[ticket] = Status.NEW
        return self.tell(opened(ticket, self.now, cause="agent"))

    def write(self, ticket: str = "t", sent_at: Ms | None = None, message: str | None = None, **fields: Any) -> "Sla":
        self.messages += 1
        sent_at = self.now if sent_at is None else sent_at
        return self.tell(received(ticket, message or f"m{self.messages}", sent_at, **fields))

    def reply(self, ticket: str = "t", message: str | None = None, **fields: Any) -> "Sla":
        self.messages += 1
        return self.tell(sent(ticket, message or f"m{self.messages}", **fields))

    def bounce(self, message: str, ticket: str = "t", **fields: Any) -> "Sla":
        given: dict[str, Any] = {"outcome": "failed", "permanent": True, **fields}
        return self.tell(DeliveryReported(message=message, delivery=f"{message}-delivery", ticket=ticket, **given))

    def turn(self, status: Status, ticket: str = "t", cause: str = "asked") -> "Sla":
        former, self.status[ticket] = self.status.get(ticket, Status.NEW), status
        return self.tell(StatusChanged(ticket=ticket, former=former, status=status, cause=cause))

    def spam(self, spam: bool, ticket: str = "t") -> "Sla":
        return self.tell(SpamMarked(ticket=ticket, spam=spam))

    def route(self, team: str, ticket: str = "t") -> "Sla":
        return self.tell(TicketRouted(ticket=ticket, former_team="front", team=team, tier=1, cause="asked"))

    def prioritise(self, priority: Priority, ticket: str = "t") -> "Sla":
        return self.tell(
            TicketPrioritised(ticket=ticket, former=Priority.NORMAL, priority=priority, cause="asked")
        )  # fmt: skip

    def categorise(self, category: str, kind: TicketType = TicketType.QUESTION, ticket: str = "t") -> "Sla":
        return self.tell(TicketCategorised(ticket=ticket, ticket_type=kind, category=category))

    def merge(self, ticket: str, into: str) -> "Sla":
        return self.tell(TicketMerged(ticket=ticket, into=into, since=self.now))

    def unmerge(self, ticket: str, former: str) -> "Sla":
        return self.tell(TicketUnmerged(ticket=ticket, former_into=former))

    def move(self, conversation: str, ticket: str, former: str) -> "Sla":
        return self.tell(ConversationMoved(conversation=conversation, ticket=ticket, former_ticket=former))

    def split(self, message: str, ticket: str, former: str, since: Ms) -> "Sla":
        """What a split says: a ticket of its own, and the message that moved there."""
        self.tell(opened(ticket, since, cause="split"))
        moved = MessageMoved(
            message=message, ticket=ticket, conversation=f"{ticket}-talk", former_ticket=former,
            former_conversation=f"{former}-talk",
        )  # fmt: skip
        return self.tell(moved)

    def promise(self, task: str, due: Ms, ticket: str | None = "t", purpose: TaskPurpose = "promise") -> "Sla":
        return self.tell(
            TaskOpened(task=task, purpose=purpose, ticket=ticket, team="front", owner="agent", due_at=due, by="agent")
        )

    def complete(self, task: str, ticket: str | None = "t") -> "Sla":
        return self.tell(TaskCompleted(task=task, ticket=ticket, by="agent"))

    def said(self, kind: type[Some], target: str | None = None, ticket: str | None = None) -> list[Some]:
        return [
            fact
            for _, fact in self.facts
            if isinstance(fact, kind)
            and target in {None, getattr(fact, "target", None)}
            and ticket in {None, getattr(fact, "ticket", None)}
        ]

    def story(self, target: str, ticket: str = "t") -> list[str]:
        """What happened to one target, in a word each."""
        return [fact.TYPE.split(".")[2] for fact in self.said(TargetFact, target, ticket)]

    def verdicts(self) -> list[Verdict]:
        return verdicts(fact for _, fact in self.facts)

    def clock(self, target: str, ticket: str = "t") -> Clock:
        clock = self.state.tickets[ticket].clock(target)
        assert clock is not None
        return clock

    def due(self, target: str, ticket: str = "t") -> Ms | None:
        return self.clock(target, ticket).due


def as_record(output: Outgoing) -> Record:
    return Record(output.topic, output.partition, 0, 0, output.key, output.value, output.headers)


def verdicts(facts: Iterable[Fact]) -> list[Verdict]:
    return [
        (fact.ticket, fact.target, fact.cycle, fact.TYPE.split(".")[2])
        for fact in facts
        if isinstance(fact, TargetMet | TargetBreached | TargetCancelled)
    ]


def replayed(log: Iterable[Record], fold: Decider[Clocks] | None = None) -> Iterator[Outgoing]:
    """What a fold says to this log, record by record."""
    fold = fold or Decider(LOGIC, 0)
    for record in log:
        yield from (output for output in fold.apply(record) if isinstance(output, Outgoing))


def saved(fold: Decider[Clocks]) -> Decider[Clocks]:
    """The same fold after a checkpoint and a restart."""
    again = Decider(LOGIC, 0)
    again.load({name: content for name, content in fold.save() if content is not None})
    return again


TOPICS = (SLA.name, COMMANDS.name)
