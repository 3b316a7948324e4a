"""What survey remembers of a desk: tickets that may be asked about, surveys under way, who was asked when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from shared.clock import Ms
from shared.ids import named_id
from shared.policy.policy import Policy
from shared.tables import Shape, Table


@dataclass(slots=True)
class Ticket:
    """What a question needs to know of a ticket. `survey` is the one under way."""

    customer: str
    team: str
    channel: str
    language: str | None
    survey: str | None = None
    muted: bool = False
    absorbed: tuple[str, ...] = ()
    """What was merged into it."""
    slot: int = 0


@dataclass(slots=True)
class Survey:
    """One question about one resolution. `due` is the next moment something happens to it by itself.

    stage: scheduled → invited (asked for) → sent → reminded → answered | skipped | cancelled | expired.
    """

    ticket: str
    resolution: int
    kind: str
    customer: str
    owner: str | None
    team: str
    language: str
    due: Ms
    stage: str = "scheduled"
    invited_at: Ms = 0
    expires_at: Ms = 0
    message: str | None = None
    slot: int = 0


@dataclass(slots=True)
class Asked:
    """When a customer was last asked."""

    at: Ms
    slot: int = 0


@dataclass(slots=True)
class Merged:
    """A former name of a customer: who they are now."""

    into: str
    slot: int = 0


MOST_MERGES = 100_000
"""Former names a desk remembers, newest last: tickets opened under them go on using them."""

OVER = frozenset({"answered", "skipped", "cancelled", "expired"})
"""Nothing more will happen to these but an answer that does not count."""


def survey_id(ticket: str, resolution: int, kind: str) -> str:
    """One per resolution at most: the id says so."""
    return named_id(ticket, "survey", resolution, kind)


def invitation_command(survey: str, *, reminder: bool) -> str:
    """Id of the command that asks for an invitation: its refusal is recognised by it."""
    return named_id(survey, "reminder" if reminder else "invitation")


@dataclass(slots=True)
class Surveys:
    """A desk as survey sees it."""

    desk: str
    organisation: str
    policy: Policy | None = None
    tickets: Table[Ticket] = field(default_factory=lambda: Table(Shape(Ticket), resting=True))
    surveys: Table[Survey] = field(default_factory=lambda: Table(Shape(Survey)))
    asked: Table[Asked] = field(default_factory=lambda: Table(Shape(Asked)))
    merged: Table[Merged] = field(default_factory=lambda: Table(Shape(Merged)))
    timers: list[tuple[Ms, str]] = field(default_factory=list)
    invitations: dict[str, str] = field(default_factory=dict)
    """Survey by the command, or the message, of its first invitation; derived."""

    @property
    def in_force(self) -> Policy:
        """The policy; no ticket, so no question, exists before one was applied."""
        if self.policy is None:
            raise LookupError(f"{self.desk} has no policy")
        return self.policy

    def person(self, customer: str) -> str:
        """The record this customer lives on in: itself unless it was merged."""
        while (former := self.merged.get(customer)) is not None:
            customer = former.into
        return customer

    def tables(self) -> Mapping[str, Table[Any]]:
        return {"tickets": self.tickets, "surveys": self.surveys, "asked": self.asked, "merged": self.merged}

    def rest(self) -> dict[str, Any]:
        return {"policy": self.policy.model_dump(mode="json") if self.policy else None}

    def restore(self, rest: dict[str, Any]) -> None:
        self.policy = Policy.model_validate(rest["policy"]) if rest["policy"] else None
        self.timers = [(survey.due, key) for key, survey in self.surveys.items()]
        heapify(self.timers)
        for key, survey in self.surveys.items():
            self.invitations[invitation_command(key, reminder=False)] = key
            if survey.message is not None:
                self.invitations[survey.message] = key

    def schedule(self, survey: str, due: Ms) -> None:
        """Wake for this survey at `due`; an earlier wish of the same survey is void."""
        self.surveys.change(survey).due = due
        heappush(self.timers, (due, survey))

    def next_timer(self) -> Ms | None:
        """When something is due, void wishes forgotten."""
        while self.timers:
            due, key = self.timers[0]
            survey = self.surveys.get(key)
            if survey is not None and survey.due == due:
                return due
            heappop(self.timers)
        return None

    def due(self, at: Ms) -> str | None:
        """The survey whose moment has come, if any."""
        first = self.next_timer()
        return self.timers[0][1] if first is not None and first <= at else None


def remember_merge(desk: Surveys, customer: str, into: str) -> None:
    """Two customers are one, who was asked when the later of them was."""
    if customer in desk.merged:
        desk.merged.remove(customer)
    desk.merged.add(customer, Merged(into))
    if len(desk.merged) > MOST_MERGES:
        desk.merged.remove(next(iter(desk.merged)))
    former, kept = desk.asked.get(customer), desk.asked.get(into)
    if former is None:
        return
    desk.asked.remove(customer)
    if kept is None:
        desk.asked.add(into, Asked(former.at))
    elif former.at > kept.at:
        desk.asked.change(into).at = former.at


def absorb(desk: Surveys, ticket: str, into: str) -> None:
    """The ticket lives on in another, and is forgotten with it: it is never closed itself."""
    if ticket in desk.tickets and into in desk.tickets:
        host = desk.tickets.change(into)
        host.absorbed = (*host.absorbed, ticket)


def part(desk: Surveys, ticket: str, former: str) -> None:
    """A merge was taken back: the ticket is forgotten when it is closed itself."""
    if former in desk.tickets:
        host = desk.tickets.change(former)
        host.absorbed = tuple(absorbed for absorbed in host.absorbed if absorbed != ticket)


def forget_ticket(desk: Surveys, ticket: str) -> None:
    """A closed ticket is resolved no more, nor is what it absorbed."""
    ahead = [ticket]
    while ahead:
        ticket = ahead.pop()
        row = desk.tickets.get(ticket)
        if row is not None:
            ahead += row.absorbed
            desk.tickets.remove(ticket)


def unask(desk: Surveys, survey: Survey) -> None:
    """Its customer was not asked after all, unless by another survey since."""
    customer = desk.person(survey.customer)
    asked = desk.asked.get(customer)
    if asked is not None and survey.invited_at and asked.at == survey.invited_at:
        desk.asked.remove(customer)


def forget(desk: Surveys, key: str) -> None:
    """An ended survey leaves no trace; a late answer to it will be one to an unknown survey."""
    survey = desk.surveys[key]
    desk.invitations.pop(invitation_command(key, reminder=False), None)
    desk.invitations.pop(survey.message or "", None)
    desk.surveys.remove(key)
