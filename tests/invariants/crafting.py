"""Logs written by hand, to show that each check says yes to a good one and no to a bad one."""

from dataclasses import replace
from typing import Any

from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS, DeadLetter, Entry, Evidence, Sent
from tests.invariants.ids import name_of

POLICY = {
    "teams": {"support": {"mode": "push"}, "pulling": {"mode": "pull"}},
    "sla": [{"id": "short", "escalations": [{"on": "breach", "targets": [], "notify": ["lead"]}]}],
    "capacity": {"weights": [{"state": ["pending"], "points": 0}, {"kind": ["call"], "points": "all"}, {"points": 2}]},
}
MESSAGE = {"message": "m-1", "conversation": "c-1", "ticket": "t-1", "customer": "p-1", "contact": "k-1",
           "author_kind": "customer"}  # fmt: skip
GIVEN = {"work": "t-1", "ticket": "t-1", "agent": "amal", "epoch": 1, "weight": 2}
CLOCK = {"ticket": "t-1", "target": "first_reply", "cycle": 1}
SURVEY = {"survey": "s-1", "ticket": "t-1", "resolution": 1, "kind": "csat"}


class Craft:
    """Appends entries as the services would: dense seq, one input per fact unless told otherwise."""

    def __init__(self, desk: str = "desk-1") -> None:
        self.desk = desk
        self.entries: dict[str, list[Entry]] = {topic: [] for topic in (COMMANDS, DESK, SLA, SURVEYS, DELIVERIES)}
        self.sent: list[Sent] = []
        self.dead: list[DeadLetter] = []

    def command(self, kind: str, /, **body: Any) -> Entry:
        log = self.entries[COMMANDS]
        name = f"command-{len(log)}"
        entry = Entry(COMMANDS, 0, len(log), 1_000 + len(log), kind, name, "gateway", "o-1", self.desk, 0, body=body)
        log.append(entry)
        return entry

    def fact(self, kind: str, topic: str = DESK, /, **body: Any) -> Entry:
        """A fact of the newest command (or desk fact, for the other topics)."""
        log = self.entries[topic]
        source = self.entries[COMMANDS if topic in (DESK, DELIVERIES) else DESK]
        cause = source[-1] if source else self.command("ticket.update")
        seq = sum(entry.desk == self.desk for entry in log) + 1
        entry = Entry(
            topic, 0, len(log), cause.appended_at, kind, name_of(self.desk, topic, seq), "x", "o-1", self.desk,
            cause.appended_at, seq, cause.offset, last=True, correlation=cause.id, causation=cause.id, body=body,
        )  # fmt: skip
        if log and topic != DELIVERIES and log[-1].position == entry.position and log[-1].desk == self.desk:
            log[-1] = replace(log[-1], last=False)
        log.append(entry)
        return entry

    def step(self, kind: str, /, **body: Any) -> Entry:
        """A command, its outcome, and this fact between them."""
        cause = self.command("ticket.update")
        fact = self.fact(kind, **body)
        self.fact("command.settled", command=cause.id, command_type="", outcome="done")
        return fact

    def evidence(self) -> Evidence:
        return Evidence(self.entries, self.sent, self.dead, organisations={"desk-1": "o-1", "desk-2": "o-1"})


def story() -> Craft:
    """A good log: a message, an assignment, a reply, a clock met, a survey answered."""
    craft = Craft()
    craft.step("policy.applied", version=1, policy=POLICY)
    craft.step("agent.configured", agent="amal", role="agent", capacity=4, team="support")
    craft.step("agent.presence_changed", agent="amal", state="ready")
    craft.command("message.receive", message="m-1")
    craft.sent.append(Sent("desk-1", "command-3", "message.receive", acknowledged=True, message="m-1"))
    craft.fact("ticket.opened", ticket="t-1", number=1, channel="email", team="support", priority="normal", owner=None)
    craft.fact("conversation.opened", conversation="c-1", ticket="t-1")
    craft.fact("message.received", **MESSAGE)
    craft.fact("work.queued", work="t-1", team="support", skills=[], waiting_since=500, head_start=0)
    craft.fact("work.assigned", how="automatic", **GIVEN)
    craft.fact("target.started", SLA, started_at=500, due_at=5_000, sla_policy="short", **CLOCK)
    craft.command("ticket.update")
    craft.fact("message.sent", message="m-2", delivery="d-1", conversation="c-1", ticket="t-1")
    craft.fact("message.deliver", DELIVERIES, message="m-2", delivery="d-1")
    craft.fact("command.settled", command="command-4", outcome="done")
    craft.fact("target.met", SLA, verdict=name_of("t-1", "first_reply", 1), stopped_at=1_004, due_at=5_000, **CLOCK)
    craft.step("ticket.status_changed", ticket="t-1", former="new", status="resolved")
    craft.fact("survey.scheduled", SURVEYS, **SURVEY)
    craft.command("survey.answer", survey="s-1", score=5)
    craft.fact("survey.answer_received", survey="s-1", score=5)
    craft.fact("survey.answered", SURVEYS, score=5, **SURVEY)
    return craft
