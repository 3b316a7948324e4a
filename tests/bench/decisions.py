"""Decisions a second of one desk with a thousand agents, at a short and at a long queue."""

import time
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from services.router.app import LOGIC
from services.router.desk.desk import Desk
from services.verbs.serving import spare_collector
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import ApplyPolicy, Command, PutAgent, ReceiveMessage, SetPresence, UpdateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import WorkAssigned
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Contact, Principal
from shared.clock import Ms
from shared.decider import Decider
from shared.emissions import Output
from shared.policy.terms import Channel, Status
from tests.bench.figures import Figure
from tests.bench.policy import bench_policy

DESK, ORGANISATION = "bench", "bench"
BEGIN: Ms = 1_780_315_200_000
AGENTS = 1_000
CUSTOMERS = 20_000
ROUNDS = 5


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

    def note(self, outputs: Iterable[Output]) -> None:
        """Remember who got what."""
        for output in outputs:
            if isinstance(output, Outgoing) and _is_assignment(output):
                fact = decode(Record(output.topic, 0, 0, 0, output.key, output.value, output.headers)).body
                self.held.append(fact.ticket)

    def say(self, command: Command, command_id: str) -> None:
        self.apply(self.record(command, command_id))

    def message(self, number: int) -> ReceiveMessage:
        return ReceiveMessage(
            by=self.by, message=f"message-{number}", channel=Channel.WEBFORM, account="web", sent_at=BEGIN + number,
            sender=Contact(id=f"contact-{number % CUSTOMERS}", kind="email", address="x@example.org"), language="en",
            policy_version=1,
        )  # fmt: skip

    def resolve(self, ticket: str) -> UpdateTicket:
        return UpdateTicket(by=self.by, ticket=ticket, status=Status.RESOLVED)


def _is_assignment(output: Outgoing) -> bool:
    return ("ce_type", WorkAssigned.TYPE.encode()) in output.headers


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
    rates: list[tuple[float, float]] = []
    for waiting in (few, many):
        while number < waiting + 6 * AGENTS:
            floor.say(floor.message(number), f"message-{number}")
            number += 1
        spare_collector()
        rounds = [_rates(floor, number + one * steps, steps) for one in range(ROUNDS)]
        rates.append((median(decided for decided, _ in rounds), median(bare for _, bare in rounds)))
        number += ROUNDS * steps
    (short, bare), (long, _) = rates
    name, unit = f"decisions, {AGENTS:,} agents", "decisions/s"
    return [
        Figure(f"{name}, {few:,} waiting", short, unit, bare, "commands/s only encoded and decoded", "≥ 20,000"),
        Figure(f"{name}, {many:,} waiting", long, unit, short, "with the short queue", "ratio ≥ 0.77"),
    ]


def _rates(floor: Floor, number: int, steps: int) -> tuple[float, float]:
    """A new message, then a resolution which frees an agent for the next in the queue: half and half, so the queue stays as
    long as it is. And bare, how many of these commands are encoded and decoded."""
    tickets, floor.held = floor.held[:steps], floor.held[steps:]
    began = time.process_time()
    records = list(_mix(floor, number, tickets))
    encoded = time.process_time()
    outputs = [output for record in records for output in floor.decider.apply(record)]
    decided = time.process_time()
    floor.note(outputs)
    return len(records) / (decided - encoded), len(records) / (encoded - began)


def _mix(floor: Floor, number: int, tickets: Sequence[str]) -> Iterator[Record]:
    for step, ticket in enumerate(tickets):
        yield floor.record(floor.message(number + step), f"message-{number + step}")
        yield floor.record(floor.resolve(ticket), f"resolve-{number}-{step}")
