"""The second model of the floor: who is there, what waits, who holds what, what it weighs. From domain.md, by counting."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.invariants.evidence import Entry

LEADING = ("lead", "manager", "admin")
SCHEDULED = ("call_back", "follow_up", "promise")


@dataclass(slots=True)
class Item:
    """A work item. `agent` holds it, or is offered it while `offered`."""

    kind: str
    channel: str
    team: str = ""
    skills: dict[str, int] = field(default_factory=dict)
    queued: bool = False
    offered: bool = False
    agent: str | None = None
    epoch: int = 0
    not_agent: str | None = None
    status: str = "new"
    key: int = 0
    due_at: int = 0
    purpose: str = ""


@dataclass(slots=True)
class Person:
    """An agent's seat."""

    capacity: int = 0
    teams: tuple[str, ...] = ()
    skills: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    channels: tuple[str, ...] = ()
    gone: bool = False


class FloorModel:
    """One desk. Every figure is counted anew from what is known, never kept."""

    def __init__(self) -> None:
        self.policy: Mapping[str, Any] = {}
        self.items: dict[str, Item] = {}
        self.people: dict[str, Person] = {}
        self.channels: dict[str, str] = {}

    def apply(self, entry: Entry) -> None:
        """Take one fact in; facts about other things, or about what does not exist, change nothing here."""
        name = "on_" + entry.kind.replace(".", "_")
        act = getattr(self, name, None)
        if act is not None:
            with suppress(KeyError):
                act(entry.body, entry)

    def load(self, agent: str, but: str = "") -> int:
        """What all they hold or are offered weighs, one item left out."""
        return sum(self.weight(work, agent) for work, item in self.items.items() if item.agent == agent and work != but)

    def weight(self, work: str, agent: str) -> int:
        """What the item takes of this person, by the first of the policy's weights that fits."""
        points = self.points(work)
        return self.people[agent].capacity if points == "all" else int(points)

    def points(self, work: str) -> Any:
        item = self.items[work]
        for rule in self.policy.get("capacity", {}).get("weights", ()):
            asked = (rule.get("kind"), item.kind), (rule.get("channel"), item.channel), (rule.get("state"), item.status)
            if all(not wanted or value in wanted for wanted, value in asked):
                return rule["points"]
        return 0

    def fits(self, work: str, agent: str) -> bool:
        """Whether the item fits beside what the person has."""
        beside = self.load(agent, but=work)
        points = self.points(work)
        return beside == 0 if points == "all" else beside + int(points) <= self.people[agent].capacity

    def takers(self, work: str) -> Iterator[str]:
        """Who could have the waiting item now."""
        return (agent for agent in sorted(self.people) if self.could_take(work, agent))

    def could_take(self, work: str, agent: str) -> bool:
        """Whether they are there, ready, able, with room, and were not just asked."""
        item, person = self.items[work], self.people[agent]
        there = person.ready and not person.gone and person.capacity > 0 and item.team in person.teams
        if not there or agent == item.not_agent:
            return False
        serves = not person.channels or item.kind == "task" or item.channel in person.channels
        able = all(person.skills.get(skill, 0) >= level for skill, level in item.skills.items())
        return serves and able and self.fits(work, agent)

    def begin(self, work: str, at: int) -> None:
        """A task that somebody has when it is due has begun."""
        item = self.items[work]
        if item.kind == "task" and at >= item.due_at:
            item.status = "open"

    # What each fact says.

    def on_policy_applied(self, body: Mapping[str, Any], entry: Entry) -> None:
        self.policy = body["policy"]

    def on_ticket_opened(self, body: Mapping[str, Any], entry: Entry) -> None:
        self.items[body["ticket"]] = Item("ticket", body["channel"], body["team"])
        self.channels[body["ticket"]] = body["channel"]

    def on_ticket_status_changed(self, body: Mapping[str, Any], entry: Entry) -> None:
        self.items[body["ticket"]].status = body["status"]

    def on_task_opened(self, body: Mapping[str, Any], entry: Entry) -> None:
        begun = entry.time >= body["due_at"] or body["purpose"] not in SCHEDULED
        channel = self.channels.get(body.get("ticket") or "", "api")
        self.items[body["task"]] = Item(
            "task", channel, body["team"], status="open" if begun else "on_hold", due_at=body["due_at"],
            purpose=body["purpose"],
        )  # fmt: skip

    def on_work_queued(self, body: Mapping[str, Any], entry: Entry) -> None:
        item = self.items[body["work"]]
        item.queued, item.team, item.not_agent = True, body["team"], body.get("not_agent")
        item.skills = {skill["id"]: skill["level"] for skill in body.get("skills", ())}
        item.key = body["waiting_since"] - body["head_start"]
        if item.kind == "task":
            item.status = "open"

    def on_work_assigned(self, body: Mapping[str, Any], entry: Entry) -> None:
        item = self.items[body["work"]]
        item.agent, item.epoch, item.offered, item.queued = body["agent"], body["epoch"], False, False
        self.begin(body["work"], entry.time)

    def on_work_offered(self, body: Mapping[str, Any], entry: Entry) -> None:
        item = self.items[body["work"]]
        item.agent, item.epoch, item.offered, item.queued = body["agent"], body["epoch"], True, False

    def on_work_offer_lapsed(self, body: Mapping[str, Any], entry: Entry) -> None:
        item = self.items[body["work"]]
        item.agent, item.offered = None, False

    def on_work_released(self, body: Mapping[str, Any], entry: Entry) -> None:
        self.items[body["work"]].agent = None

    def on_work_finished(self, body: Mapping[str, Any], entry: Entry) -> None:
        item = self.items[body["work"]]
        item.agent, item.queued, item.offered = None, False, False

    def on_agent_configured(self, body: Mapping[str, Any], entry: Entry) -> None:
        person = self.people.setdefault(body["agent"], Person())
        primary = [body["team"]] if body.get("team") else []
        person.capacity, person.gone = body["capacity"], False
        person.teams = (*primary, *body.get("secondary_teams", ()))
        person.skills = {skill["id"]: skill["level"] for skill in body.get("skills", ())}
        if body["role"] in LEADING:
            person.skills["role:lead"] = 5

    def on_agent_removed(self, body: Mapping[str, Any], entry: Entry) -> None:
        person = self.people[body["agent"]]
        person.gone, person.ready = True, False

    def on_agent_presence_changed(self, body: Mapping[str, Any], entry: Entry) -> None:
        person = self.people[body["agent"]]
        person.ready, person.channels = body["state"] == "ready", tuple(body.get("channels", ()))
