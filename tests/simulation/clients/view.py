"""What clients see of a desk: its published facts, as a screen would show them, a little late."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from shared.catalogue.codec import decode
from shared.catalogue.topics import DELIVERIES, DESK, SURVEYS
from tests.simulation.world import World

T = TypeVar("T")


@dataclass(slots=True)
class Seen:
    """One ticket on the screen."""

    id: str
    customer: str
    seq: int
    status: str = "new"
    conversations: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    resolution: int = 0


@dataclass(slots=True)
class Held:
    """One work item on the screen."""

    id: str
    agent: str | None = None
    epoch: int = 0
    offered: bool = False
    task: bool = False


class Nothing(Exception):
    """There is nothing on the screen to act on."""


class View:
    """One desk as last looked at."""

    def __init__(self, world: World, desk: str) -> None:
        self.world, self.desk = world, desk
        self.tickets: dict[str, Seen] = {}
        self.work: dict[str, Held] = {}
        self.conversations: dict[str, tuple[str, str, str, str]] = {}
        """Conversation → contact, account, channel, ticket."""
        self.asides: list[str] = []
        self.customers: list[str] = []
        self.deliveries: list[Any] = []
        self.surveys: list[Any] = []
        self.merged: list[str] = []
        self.links: list[Any] = []
        self._read = dict.fromkeys((DESK.name, DELIVERIES.name, SURVEYS.name), 0)
        self._marks = dict.fromkeys(self._read, 0)

    def refresh(self) -> None:
        """Look again."""
        for topic in self._read:
            log = self.world.broker.log(topic, self.world.partition)
            for record in log[self._read[topic] :]:
                envelope = decode(record)
                if envelope.desk == self.desk and envelope.seq == self._marks[topic] + 1:
                    self._marks[topic] = envelope.seq
                    self._show(type(envelope.body).__name__, envelope.body, envelope.seq)
            self._read[topic] = len(log)

    def _show(self, kind: str, body: Any, seq: int) -> None:
        if (ticket := self.tickets.get(getattr(body, "ticket", None) or "")) is not None:
            ticket.seq = seq
        show = SHOW.get(kind)
        if show is not None:
            show(self, body, seq)

    def any(self, rng: Random, choices: list[T]) -> T:
        """One of them, mostly a recent one. Raises Nothing."""
        if not choices:
            raise Nothing
        return rng.choice(choices[-6:]) if rng.random() < 0.8 else rng.choice(choices)

    def any_ticket(self, rng: Random) -> Seen:
        return self.any(rng, list(self.tickets.values()))

    def any_work(self, rng: Random) -> Held:
        return self.any(rng, list(self.work.values()))


def _opened(view: View, body: Any, seq: int) -> None:
    view.tickets[body.ticket] = Seen(body.ticket, body.customer, seq)


def _conversation(view: View, body: Any, seq: int) -> None:
    view.conversations[body.conversation] = (body.contact, body.account, body.channel, body.ticket)
    view.tickets[body.ticket].conversations.append(body.conversation)


def _message(view: View, body: Any, seq: int) -> None:
    view.tickets[body.ticket].messages.append(body.message)
    if body.TYPE.endswith("received.v1") and body.customer not in view.customers:
        view.customers.append(body.customer)


def _status(view: View, body: Any, seq: int) -> None:
    view.tickets[body.ticket].status = body.status
    view.tickets[body.ticket].resolution = body.resolution


def _queued(view: View, body: Any, seq: int) -> None:
    view.work[body.work] = Held(body.work, task=body.kind == "task")


def _given(view: View, body: Any, seq: int) -> None:
    task = body.work not in view.tickets
    view.work[body.work] = Held(body.work, body.agent, body.epoch, offered=body.TYPE.endswith("offered.v1"), task=task)


def _lapsed(view: View, body: Any, seq: int) -> None:
    view.work[body.work] = Held(body.work, epoch=body.epoch, task=body.work not in view.tickets)


def _finished(view: View, body: Any, seq: int) -> None:
    view.work.pop(body.work, None)


def _merged(view: View, body: Any, seq: int) -> None:
    view.merged.append(body.ticket)


def _linked(view: View, body: Any, seq: int) -> None:
    view.links.append(body)


def _aside(view: View, body: Any, seq: int) -> None:
    view.asides.append(body.message)


def _delivery(view: View, body: Any, seq: int) -> None:
    view.deliveries.append(body)


def _invited(view: View, body: Any, seq: int) -> None:
    view.surveys.append(body)


SHOW = {
    "TicketOpened": _opened,
    "ConversationOpened": _conversation,
    "MessageReceived": _message,
    "MessageSent": _message,
    "StatusChanged": _status,
    "WorkQueued": _queued,
    "WorkAssigned": _given,
    "WorkOffered": _given,
    "OfferLapsed": _lapsed,
    "WorkReleased": _lapsed,
    "WorkFinished": _finished,
    "TicketMerged": _merged,
    "TicketsLinked": _linked,
    "MessageSetAside": _aside,
    "DeliverMessage": _delivery,
    "SurveyInvited": _invited,
}
