"""Decisions a second of one desk with a thousand agents, at a short and at a long queue.

What a process does with a command is more than deciding: its facts are numbered, given ids, and encoded. Both are told.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from services.verbs.interpreter import spare_collector
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import ApplyPolicy, Command, PutAgent, ReceiveMessage, SetPresence, UpdateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact, WorkAssigned
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Contact, Principal
from shared.clock import Ms
from shared.decider import Decider
from shared.emissions import Output
from shared.policy.terms import Channel, Status
from shared.worker import BATCH
from tests.bench.figures import Figure
from tests.bench.policy import bench_policy

DESK, ORGANISATION = "bench", "bench"
BEGIN: Ms = 1_780_315_200_000
AGENTS = 1_000
ROUNDS = 5


class Rates(NamedTuple):
    """Commands a second of a core: only decided and folded; with their facts encoded; and bare, only encoded and decoded."""

    alone: float
    encoded: float
    bare: float


class Floor:
    """One desk, driven by hand."""

    def __init__(self) -> None:
        self.decider: Decider[Desk] = Decider(LOGIC, 0)
        self.offset = 0
        self.held: list[str] = []
        self.by = Principal(organisation=ORGANISATION, desk=DESK, id="bench", role="admin")

    def record(self, command: Command, command_id: str) -> Record:
        """The command as the log would give it; decoded beforehand, as the other services of a process find it."""
        at = BEGIN + self.offset
        made = encode(
            Envelope(command_id, "bench", at, ORGANISATION, DESK, command_id, command_id, command), COMMANDS.name, 0
        )
        record = Record(made.topic, 0, self.offset, at, made.key, made.value, made.headers)
        decode(record)
        self.offset += 1
        return record

    def apply(self, record: Record) -> None:
        self.note(self.decider.apply(record))

    def decide(self, record: Record) -> Iterator[Fact]:
        """Rules and fold alone."""
        desk, envelope = self.decider.states[DESK], decode(record)
        for emission in LOGIC.decide(desk, envelope, record.appended_at):
            if isinstance(emission, Fact):
                LOGIC.evolve(desk, emission, record.appended_at)
                yield emission

    def note(self, outputs: Iterable[Output | Fact]) -> None:
        """Remember who got what."""
        for output in outputs:
            fact = output.decoded.body if isinstance(output, Outgoing) else output
            if isinstance(fact, WorkAssigned) and fact.ticket is not None:
                self.held.append(fact.ticket)

    def say(self, command: Command, command_id: str) -> None:
        self.apply(self.record(command, command_id))

    def message(self, number: int) -> ReceiveMessage:
        return ReceiveMessage(
            by=self.by, message=f"message-{number}", channel=Channel.WEBFORM, account="web", sent_at=BEGIN + number,
            sender=Contact(id=f"contact-{number}", kind="email", address="x@example.org"), language="en",
            policy_version=1,
        )  # fmt: skip

    def resolve(self, ticket: str) -> UpdateTicket:
        return UpdateTicket(by=self.by, ticket=ticket, status=Status.RESOLVED)


def staffed() -> Floor:
    floor = Floor()
    floor.say(ApplyPolicy(by=floor.by, desk=DESK, policy=bench_policy()), "policy")
    teams = list(bench_policy().teams)
    for number in range(AGENTS):
        agent = f"agent-{number}"
        floor.say(PutAgent(by=floor.by, agent=agent, role="agent", capacity=6, team=teams[number % len(teams)]), agent)
        floor.say(SetPresence(by=floor.by, agent=agent, state="ready"), f"{agent}-ready")
    return floor


def measure_decisions(few: int, many: int, steps: int) -> list[Figure]:
    """The same mix of arrivals and resolutions, with `few` and then `many` items waiting; garbage is collected as in a
    process that serves. Medians of rounds, per second of a core: deciding waits for nothing, and neighbours on the machine
    are not its cost."""
    floor = staffed()
    number = 0
    rates: list[Rates] = []
    for waiting in (few, many):
        while number < waiting + 6 * AGENTS:
            floor.say(floor.message(number), f"message-{number}")
            number += 1
        spare_collector()
        rounds = [_rates(floor, number + 2 * one * steps, steps) for one in range(ROUNDS)]
        rates.append(Rates(*map(median, zip(*rounds, strict=True))))
        number += 2 * ROUNDS * steps
    short, long = rates
    name, unit, bare, beside = (
        f"decisions, {AGENTS:,} agents", "decisions/s", "commands/s only encoded and decoded", "with the short queue",
    )  # fmt: skip
    return [
        Figure(f"{name}, {few:,} waiting", short.alone, unit, short.bare, bare, "≥ 20,000"),
        Figure(f"{name}, {many:,} waiting", long.alone, unit, short.alone, beside, "ratio ≥ 0.77"),
        Figure(f"{name}, {few:,} waiting, facts encoded", short.encoded, unit, short.bare, bare),
        Figure(f"{name}, {many:,} waiting, facts encoded", long.encoded, unit, short.encoded, beside, "ratio ≥ 0.77"),
    ]


def _rates(floor: Floor, number: int, steps: int) -> Rates:
    """A new message, then a resolution which frees an agent for the next in the queue: half and half, so the queue stays as
    long as it is."""
    alone, _ = _spent(floor, number, steps, floor.decide)
    encoded, bare = _spent(floor, number + steps, steps, floor.decider.apply)
    return Rates(2 * steps / alone, 2 * steps / encoded, 2 * steps / bare)


def _spent(
    floor: Floor, number: int, steps: int, decide: Callable[[Record], Iterable[Output | Fact]]
) -> tuple[float, float]:
    """Seconds of deciding, and of making the records; in runs as long as a worker's, whose outputs are kept no longer."""
    tickets, floor.held = floor.held[:steps], floor.held[steps:]
    began = time.process_time()
    records = list(_mix(floor, number, tickets))
    made, spent = time.process_time() - began, 0.0
    for start in range(0, len(records), BATCH):
        began = time.process_time()
        outputs = [output for record in records[start : start + BATCH] for output in decide(record)]
        spent += time.process_time() - began
        floor.note(outputs)
    return spent, made


def _mix(floor: Floor, number: int, tickets: Sequence[str]) -> Iterator[Record]:
    for step, ticket in enumerate(tickets):
        yield floor.record(floor.message(number + step), f"message-{number + step}")
        yield floor.record(floor.resolve(ticket), f"resolve-{number}-{step}")
