"""A desk small enough to be obviously right: what proves the worker and the harness before any real rule runs.

It receives messages, once each; answers every third; says the time; and counts on the follower's side. A message whose
external id is "poison" breaks its rule half way, one with "poison at once" before its first fact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.catalogue.commands import ReceiveMessage, Tick
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    CommandSettled,
    Fact,
    MessageReceived,
    MessageSent,
    TargetMet,
    TargetStarted,
    TimeReached,
)
from shared.catalogue.topics import COMMANDS, DESK, SLA
from shared.catalogue.values import FollowUp
from shared.clock import MINUTE, Ms
from shared.decider import Decider, Logic
from shared.emissions import Emission
from shared.ids import named_id
from shared.policy.terms import Channel
from shared.tables import Shape, Table
from tests.simulation.crew import Role


@dataclass(slots=True)
class Seen:
    """A message, and when its reminder is due."""

    due: int
    slot: int = 0


SEEN = Shape(Seen)


class ToyDesk:
    """Messages by id; the earliest reminder."""

    def __init__(self, desk: str, organisation: str) -> None:
        self.desk, self.organisation = desk, organisation
        self.seen: Table[Seen] = Table(SEEN, resting=True)
        self.settled: dict[str, None] = {}
        self.reminded = 0

    def tables(self) -> Mapping[str, Table[Any]]:
        return {"seen": self.seen}

    def rest(self) -> dict[str, Any]:
        return {"reminded": self.reminded, "settled": list(self.settled)}

    def restore(self, rest: dict[str, Any]) -> None:
        self.reminded, self.settled = rest["reminded"], dict.fromkeys(rest["settled"])


def _open(desk: str, organisation: str) -> ToyDesk:
    return ToyDesk(desk, organisation)


def _decide(desk: ToyDesk, envelope: Envelope, at: Ms) -> Iterator[Emission]:
    while (due := _next_timer(desk)) is not None and due < at:
        yield TimeReached(desk=desk.desk, due=due)
    body = envelope.body
    if isinstance(body, ReceiveMessage) and body.external_id == "poison at once":
        raise ZeroDivisionError
    if isinstance(body, ReceiveMessage) and body.message not in desk.seen:
        yield _received(body)
        if body.external_id == "poison":
            raise ZeroDivisionError
        if len(desk.seen) % 3 == 0:
            yield from _answer(desk, body, envelope)
    elif not isinstance(body, ReceiveMessage | Tick) and envelope.id not in desk.settled:
        yield CommandSettled(desk=desk.desk, command=envelope.id, command_type=envelope.type, by="toy", outcome="done")


def _received(body: ReceiveMessage) -> MessageReceived:
    return MessageReceived(
        message=body.message, conversation=f"c {body.by.desk}", ticket=f"t {body.by.desk}", contact=f"{body.by.desk} {body.sender.id}",
        customer=f"x {body.by.desk}", channel=body.channel,
        author_kind="customer", account=body.account, sent_at=body.sent_at, assurance="none",
    )  # fmt: skip


def _answer(desk: ToyDesk, body: ReceiveMessage, envelope: Envelope) -> Iterator[Emission]:
    delivery = named_id(desk.desk, body.message)
    yield MessageSent(
        message=f"re {body.message}", delivery=delivery, conversation=f"c {desk.desk}", ticket=f"t {desk.desk}", by="toy", author_kind="bot",
        channel=Channel.EMAIL,
    )  # fmt: skip
    yield DeliverMessage(
        delivery=delivery, message=f"re {body.message}", conversation=f"c {desk.desk}", ticket=f"t {desk.desk}", number=1, channel=Channel.EMAIL,
        account=body.account, to=body.sender.id, kind="automatic", text="x",
        follow_up=FollowUp(ticket="t", number=1, team="t"),
    )  # fmt: skip


def _evolve(desk: ToyDesk, fact: Fact, at: Ms) -> None:
    if isinstance(fact, MessageReceived):
        desk.seen.add(fact.message, Seen(at + MINUTE))
    elif isinstance(fact, CommandSettled):
        desk.settled[fact.command] = None
    elif isinstance(fact, TimeReached):
        row = next(key for key, seen in desk.seen.items() if seen.due == fact.due)
        desk.seen.change(row).due = 0
        desk.reminded += 1


def _next_timer(desk: ToyDesk) -> Ms | None:
    return min((seen.due for seen in desk.seen.values() if seen.due), default=None)


def _broken(desk: ToyDesk, envelope: Envelope) -> Iterator[Emission]:
    if envelope.id not in desk.settled:
        yield CommandSettled(
            desk=desk.desk, command=envelope.id, command_type=envelope.type, by="toy", outcome="internal"
        )


TOY: Logic[ToyDesk] = Logic(
    source="router", topic=DESK, open=_open, decide=_decide, evolve=_evolve, next_timer=_next_timer, broken=_broken,
    folds_own=True, counts=MessageSent,
)  # fmt: skip


def _follow(desk: ToyDesk, envelope: Envelope, at: Ms) -> Iterator[Emission]:
    if isinstance(envelope.body, MessageReceived):
        message = envelope.body.message
        names: Any = {"ticket": message, "target": "first_reply", "cycle": 1}
        yield TargetStarted(
            **names, started_at=at, due_at=None, budget=1, calendar=None, sla_policy="toy", policy_version=1
        )
        yield TargetMet(**names, verdict=f"{desk.desk} {message}", stopped_at=at, due_at=None, elapsed=0)


def _count(desk: ToyDesk, fact: Fact, at: Ms) -> None:
    desk.reminded += 1


def _none(desk: ToyDesk) -> Ms | None:
    return None


def _silent(desk: ToyDesk, envelope: Envelope) -> Iterator[Emission]:
    yield from ()


FOLLOWER: Logic[ToyDesk] = Logic(
    source="sla", topic=SLA, open=_open, decide=_follow, evolve=_count, next_timer=_none, broken=_silent
)

ROLES = (
    Role("router", COMMANDS.name, lambda partition: Decider(TOY, partition)),
    Role("sla", DESK.name, lambda partition: Decider(FOLLOWER, partition)),
)
