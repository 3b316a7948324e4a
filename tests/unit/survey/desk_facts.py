"""A desk's facts, fed one after another to survey's own fold, and what it says."""

from collections.abc import Callable
from functools import cache
from typing import Literal

from services.gateway.policy_file.loader import load_policy
from services.survey.app import LOGIC
from services.survey.surveys import Surveys
from shared.broker import Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import Command
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, Fact, PolicyApplied, StatusChanged, TicketOpened, TimeReached
from shared.catalogue.topics import COMMANDS, DESK
from shared.clock import Ms
from shared.decider import Decider
from shared.ids import fact_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel, Priority, Status, TicketType

DESK_ID = "support"
NOON: Ms = 1_780_315_200_000
"""2026-06-01 12:00 UTC: far from the quiet hours of the policy below."""

POLICY = """
desk: {id: support, organisation: acme, name: {en: Support, ar: الدعم}, zone: UTC, languages: [ar, en]}
accounts:
  web: {channel: webform, key: form-test-1, team: cards}
teams:
  cards: {name: {en: Cards, ar: البطاقات}}
rules: [{id: all, then: {}}]
surveys:
  csat: {delay: 1h, reminder_after: 2d, expires_after: 7d, once_per: 30d, quiet: "21:00-09:00", low_score: 2}
"""


@cache
def policy(written: str = "", instead: str = "") -> Policy:
    """The one above, or its second version, in which something else is written."""
    return load_policy(POLICY.replace(written, instead)).at_version(2 if written else 1)


class Log:
    """Facts of one desk with a dense seq, and everything survey put out."""

    def __init__(self) -> None:
        self.decider: Decider[Surveys] = Decider(LOGIC, 0)
        self.records: list[Record] = []
        self.facts: list[Fact] = []
        self.commands: list[tuple[str, Command]] = []
        self.at = NOON
        self.say(PolicyApplied(desk=DESK_ID, version=1, policy=policy()))

    def say(self, fact: Fact, after: Ms = 0) -> list[Fact]:
        """The desk says `fact`, `after` later; what survey says to it."""
        self.at += after
        seq = len(self.records) + 1
        envelope = Envelope(
            fact_id(DESK_ID, DESK.name, seq), "router", self.at, "acme", DESK_ID, "c", "c", fact, seq, seq, last=True
        )
        made = encode(envelope, DESK.name, 0)
        record = Record(made.topic, 0, seq - 1, self.at, made.key, made.value, made.headers)
        self.records.append(record)
        said = [read(output) for output in self.decider.apply(record) if isinstance(output, Outgoing)]
        facts = [envelope.body for envelope, topic in said if topic != COMMANDS.name]
        self.facts += facts
        self.commands += [(envelope.id, envelope.body) for envelope, topic in said if topic == COMMANDS.name]
        return facts

    def wait(self, length: Ms) -> list[Fact]:
        """Time passes with a tick whenever one is asked for."""
        end, said = self.at + length, []
        while (timer := self.decider.timers().get(DESK_ID)) and timer[1] <= end:
            said += self.say(TimeReached(desk=DESK_ID, due=timer[1]), max(0, timer[1] - self.at))
        self.at = end
        return said

    def open(self, ticket: str = "t1", customer: str = "c1") -> None:
        self.say(opened(ticket, customer))

    def resolve(self, ticket: str = "t1", resolution: int = 1, cause: str = "solved") -> list[Fact]:
        return self.say(
            StatusChanged(
                ticket=ticket,
                former=Status.OPEN,
                status=Status.RESOLVED,
                cause=cause,
                resolution=resolution,
                owner="sara",
            )
        )

    def settle(
        self, command: str, outcome: Literal["done", "refused"] = "done", reason: str | None = None
    ) -> list[Fact]:
        wire_type = "sanad.survey.invite.v1"
        settled = CommandSettled(
            desk=DESK_ID, command=command, command_type=wire_type, by="survey", outcome=outcome, reason=reason
        )
        return self.say(settled)

    def one(self, kind: type[Fact], wanted: Callable[[Fact], bool] = lambda _: True) -> Fact:
        found = [fact for fact in self.facts if isinstance(fact, kind) and wanted(fact)]
        assert len(found) == 1, f"{len(found)} of {kind.__name__}"
        return found[0]


def read(output: Outgoing) -> tuple[Envelope, str]:
    return decode(Record(output.topic, 0, 0, 0, output.key, output.value, output.headers)), output.topic


def opened(ticket: str, customer: str) -> TicketOpened:
    return TicketOpened(
        ticket=ticket, number=1, customer=customer, conversation="v1", channel=Channel.WEBFORM, account="web",
        ticket_type=TicketType.QUESTION, category="cards", priority=Priority.NORMAL, team="cards", language="ar", since=NOON,
        rule="all", policy_version=1, cause="message",
    )  # fmt: skip
