"""A desk under test: commands in, facts and deliveries out, through the same Decider the worker drives."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from services.router.app import LOGIC
from services.router.desk.desk import FACTS_PER_COMMAND, Desk
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import (
    ApplyPolicy,
    Command,
    OpenTask,
    PutAgent,
    ReceiveMessage,
    ReportDelivery,
    SetPresence,
    SwitchRules,
    Tick,
    UpdateTicket,
)  # fmt: skip
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, Fact, MessageReceived, MessageSent, TicketOpened, WorkAssigned
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK
from shared.catalogue.values import Contact, Principal, Role, Skill, TaskPurpose, Thread
from shared.clock import MINUTE, Ms
from shared.decider import Decider
from shared.ids import named_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from tests.unit.router.examining import check_desk, check_nobody_absent_is_waited_for, reloaded
from tests.unit.router.policies import LONG_AGO, condition, policy

DESK_ID, ORGANISATION = "support", "acme"
START: Ms = LONG_AGO
Some = TypeVar("Some", bound=Fact)


def principal(name: str, role: Role = "agent", scopes: tuple[str, ...] = ()) -> Principal:
    return Principal(organisation=ORGANISATION, desk=DESK_ID, id=name, role=role, scopes=scopes)


ADMIN, LEAD, SYSTEM = principal("boss", "admin"), principal("lena", "lead"), principal("service", "system")


def contact(name: str) -> Contact:
    """Somebody's e-mail address; the id is what its normalised form would give."""
    address = name if "@" in name else f"{name}@client.example"
    return Contact(id=named_id("contact", address), kind="email", address=address, name=name)


class Outcome:
    """What one command led to."""

    def __init__(self, facts: list[Fact], deliveries: list[DeliverMessage]) -> None:
        self.facts, self.deliveries = facts, deliveries

    def of(self, kind: type[Some]) -> list[Some]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def one(self, kind: type[Some]) -> Some:
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} {kind.__name__} in {self.names}"
        return found[0]

    @property
    def names(self) -> list[str]:
        return [type(fact).__name__ for fact in self.facts]

    @property
    def settled(self) -> CommandSettled:
        return self.one(CommandSettled)

    @property
    def refusal(self) -> str | None:
        return self.settled.reason

    @property
    def ticket(self) -> str:
        return self.one(TicketOpened).ticket

    @property
    def assignee(self) -> str | None:
        found = self.of(WorkAssigned)
        return found[-1].agent if found else None


class World:
    """One desk with its log. Time passes only when told; every command takes a millisecond."""

    def __init__(self, rules: Policy | None = None, *, at: Ms = START, lawless: bool = False) -> None:
        self.at = at
        self.records: list[Record] = []
        self.facts: list[Fact] = []
        self.published: list[Outgoing] = []
        self.decider: Decider[Desk] = Decider(LOGIC, 0)
        self._names = 0
        if not lawless:
            self.apply(rules)

    @classmethod
    def without_policy(cls) -> "World":
        return cls(lawless=True)

    def apply(self, rules: Policy | None = None) -> Outcome:
        return self.send(ApplyPolicy(by=ADMIN, desk=DESK_ID, policy=rules or policy()))

    def switch(self, rules: str, *, on: bool = True) -> Outcome:
        """Rules that came after a release, in force from here on or no longer."""
        return self.send(SwitchRules(by=ADMIN, desk=DESK_ID, rules=rules, on=on))

    @property
    def desk(self) -> Desk:
        return self.decider.states[DESK_ID]

    def record(self, command: Command, command_id: str | None = None) -> Record:
        """The command, appended."""
        self._names += 1
        self.at += 1
        name = command_id or named_id("command", self._names)
        envelope = Envelope(name, "test", self.at, ORGANISATION, DESK_ID, name, name, command)
        sent = encode(envelope, COMMANDS.name, 0)
        record = Record(COMMANDS.name, 0, len(self.records), self.at, sent.key, sent.value, sent.headers)
        self.records.append(record)
        return record

    def send(self, command: Command, command_id: str | None = None) -> Outcome:
        """Decide it, and look whether all still holds that must hold between commands."""
        seq = self.desk.seq if self.records else 0
        outcome = self._take(self.decider.apply(self.record(command, command_id)))
        assert len(outcome.facts) <= FACTS_PER_COMMAND
        assert self.desk.seq == seq + len(outcome.facts)
        assert len(outcome.deliveries) == len(outcome.of(MessageSent))
        check_desk(self.desk)
        check_nobody_absent_is_waited_for(self.desk, outcome.of(MessageReceived))
        return outcome

    def _take(self, outputs: Iterable[object]) -> Outcome:
        facts, deliveries = [], []
        for output in outputs:
            assert isinstance(output, Outgoing), output
            self.published.append(output)
            body = decode(Record(output.topic, 0, 0, 0, output.key, output.value, output.headers)).body
            if output.topic == DESK.name:
                facts.append(body)
            else:
                assert output.topic == DELIVERIES.name
                deliveries.append(body)
        self.facts += facts
        return Outcome(facts, deliveries)

    # Time.

    def wait(self, length: Ms) -> Outcome:
        """Let time pass with the ticks that fall due in it."""
        until = self.at + length
        facts: list[Fact] = []
        deliveries: list[DeliverMessage] = []
        for _ in range(10_000):
            due = self.decider.timers().get(DESK_ID, ("", None))[1]
            if due is None or due > until:
                break
            self.at = max(self.at, due)
            outcome = self.tick(due)
            facts += outcome.facts
            deliveries += outcome.deliveries
        else:
            raise AssertionError("a timer stays due")
        self.at = max(self.at, until)
        return Outcome(facts, deliveries)

    def tick(self, due: Ms | None = None) -> Outcome:
        return self.send(Tick(by=SYSTEM, desk=DESK_ID, due=self.at if due is None else due))

    # People.

    def agent(
        self, name: str, team: str | None = "front", *, ready: bool = True, secondary: tuple[str, ...] = (),
        skills: dict[str, int] | None = None, capacity: int | None = None, role: Role = "agent",
    ) -> Outcome:  # fmt: skip
        asked = tuple(Skill(id=skill, level=level) for skill, level in (skills or {}).items())
        outcome = self.send(
            PutAgent(
                by=ADMIN, agent=name, team=team, secondary_teams=secondary, skills=asked, capacity=capacity, role=role
            )
        )
        return self.ready(name) if ready else outcome

    def ready(self, name: str, *channels: Channel) -> Outcome:
        return self.send(SetPresence(by=principal(name), agent=name, state="ready", channels=channels))

    def away(self, name: str, reason: str = "break", until: Ms | None = None) -> Outcome:
        return self.send(SetPresence(by=principal(name), agent=name, state="not_ready", reason=reason, until=until))

    # Customers.

    def mail(self, sender: str = "sara", words: str | tuple[str, ...] = (), **fields: Any) -> Outcome:
        """An e-mail of a customer, as ingest would append it."""
        return self.send(self.message(sender, words, **fields))

    def message(self, sender: str = "sara", words: str | tuple[str, ...] = (), **fields: Any) -> ReceiveMessage:
        found = (words,) if isinstance(words, str) else words
        given: dict[str, Any] = {
            "message": named_id("message", self._names), "channel": Channel.EMAIL, "account": "mail",
            "sent_at": self.at + 1, "sender": contact(sender), "language": "en",
            "words": tuple(condition(word) for word in found), "text": "words of a customer",
        }  # fmt: skip
        return ReceiveMessage(by=SYSTEM, **given | fields)

    def answer(self, ticket: str, sender: str = "sara", **fields: Any) -> Outcome:
        """A customer's message in the verified thread of the ticket."""
        conversation = self.desk.tickets[ticket].conversations[-1]
        return self.mail(sender, thread=Thread(conversation=conversation), **fields)

    def report(self, delivery: DeliverMessage, outcome: str = "delivered", **fields: Any) -> Outcome:
        """What became of a delivery."""
        given = {
            "by": SYSTEM, "delivery": delivery.delivery, "message": delivery.message,
            "conversation": delivery.conversation, "outcome": outcome,
        }  # fmt: skip
        return self.send(ReportDelivery.model_validate(given | fields))

    # Agents.

    def update(self, ticket: str, by: str | Principal = "lena", **fields: Any) -> Outcome:
        who = by if isinstance(by, Principal) else LEAD if by == "lena" else principal(by)
        return self.send(UpdateTicket(by=who, ticket=ticket, **fields))

    def task(self, purpose: TaskPurpose = "call_back", by: Principal = SYSTEM, **fields: Any) -> Outcome:
        """A task, due at once unless told otherwise."""
        given: dict[str, Any] = {"task": named_id("task", self._names), "due_at": self.at, "purpose": purpose}
        return self.send(OpenTask(by=by, **given | fields))

    def restart(self) -> None:
        """Go on as a worker that starts from what this one saved."""
        self.decider = reloaded(self.decider)

    def holders(self) -> dict[str, str]:
        """Who holds which item."""
        rows = [*self.desk.tickets.items(), *self.desk.tasks.items()]
        return {work: row.agent for work, row in rows if row.holding == "held" and row.agent}

    def replay(self) -> Iterator[Record]:
        """The log so far, as read again."""
        for record in self.records:
            yield Record(
                record.topic, 0, record.offset, record.appended_at, record.key, record.value, record.headers
            )  # fmt: skip


HOUR_LATER = 60 * MINUTE
