"""Each check says yes to a good log and names its promise on a bad one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.broker import Record
from tests.invariants.checks import CHECKS, violations
from tests.invariants.crafting import CLOCK, GIVEN, MESSAGE, SURVEY, Craft, story
from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, SLA, SURVEYS, DeadLetter, Entry, Sent, read_entry

Spoil = Callable[[Craft], object]


def test_a_good_log_breaks_no_promise() -> None:
    assert violations(story().evidence()) == []


def lose(craft: Craft, topic: str, index: int) -> object:
    return craft.entries[topic].pop(index)


def alter(craft: Craft, topic: str, index: int, **fields: object) -> None:
    craft.entries[topic][index] = replace(craft.entries[topic][index], **fields)  # type: ignore[arg-type]  # fields by name


def find(craft: Craft, kind: str, topic: str = DESK) -> int:
    return next(index for index, entry in enumerate(craft.entries[topic]) if entry.kind == kind)


def change(craft: Craft, kind: str, topic: str = DESK, /, **body: object) -> object:
    index = find(craft, kind, topic)
    entry = craft.entries[topic][index]
    alter(craft, topic, index, body={**entry.body, **body})
    return entry


def repeat(craft: Craft, topic: str, index: int, **fields: object) -> None:
    """A copy of an entry at the end of its log, changed."""
    craft.entries[topic].append(replace(craft.entries[topic][index], **fields))  # type: ignore[arg-type]  # fields by name


def another_item(craft: Craft, *, waiting: int) -> object:
    craft.command("message.receive", message="m-9")
    craft.fact("ticket.opened", ticket="t-9", number=2, channel="email", team="support", priority="normal", owner=None)
    return craft.fact("work.queued", work="t-9", team="support", skills=[], waiting_since=waiting, head_start=0)


def asked(craft: Craft, **fields: object) -> object:
    """A command of sla, caused by the desk's first fact."""
    cause = craft.entries[DESK][0]
    body = {"ticket": "t-1", "target": "first_reply", "cycle": 1, "cause": "breach", "by": {"desk": "desk-1"}}
    entry = Entry(
        COMMANDS, 0, 50, 2_000, "ticket.escalate", "e-1", "sla", "o-1", "desk-1", causation=cause.id, body=body
    )
    craft.entries[COMMANDS].append(replace(entry, **fields))  # type: ignore[arg-type]  # fields by name
    return entry


def give(
    craft: Craft, work: str, agent: str = "amal", epoch: int = 1, how: str = "automatic", weight: int = 2
) -> object:
    return craft.fact(
        "work.assigned", how=how, **{**GIVEN, "work": work, "agent": agent, "epoch": epoch, "weight": weight}
    )


def write_to_somebody_absent(craft: Craft, state: str = "not_ready", **presence: object) -> None:
    """A customer writes, long ago, to amal, who has their ticket and is not ready, or not for mail."""
    another_item(craft, waiting=1)
    give(craft, "t-9")
    craft.fact("agent.presence_changed", agent="amal", state=state, **presence)
    craft.fact("message.received", **{**MESSAGE, "message": "m-9", "ticket": "t-9", "conversation": "c-9"})
    long_ago(craft)


def give_to_somebody_absent(craft: Craft) -> None:
    """Long ago a lead gives amal, who is not ready, a ticket."""
    another_item(craft, waiting=1)
    craft.fact("agent.presence_changed", agent="amal", state="not_ready")
    give(craft, "t-9", how="given")
    long_ago(craft)


def long_ago(craft: Craft) -> None:
    """What was told last is long ago, and the desk has looked at its clock since."""
    told = craft.entries[DESK][-1]
    alter(craft, DESK, -1, time=told.time - 2_000_000)
    for ago in (500_000, 0):
        craft.command("desk.tick")
        looked = craft.fact("desk.time_reached", due=1)
        alter(craft, DESK, -1, time=looked.time - ago)


def too_much(craft: Craft) -> object:
    for number in range(3):
        craft.command("message.receive", message=f"x-{number}")
        craft.fact(
            "ticket.opened", ticket=f"x-{number}", number=2 + number, channel="email", team="support", priority="low"
        )
        craft.fact("work.queued", work=f"x-{number}", team="support", skills=[], waiting_since=600, head_start=0)
        give(craft, f"x-{number}")
    return craft


def passed_over(craft: Craft) -> None:
    another_item(craft, waiting=700)
    craft.fact("ticket.opened", ticket="t-8", number=3, channel="email", team="support", priority="low")
    craft.fact("work.queued", work="t-8", team="support", skills=[], waiting_since=900, head_start=0)
    give(craft, "t-8")


BAD: dict[str, tuple[str, Spoil]] = {
    "an accepted message is nowhere": (
        "S1", lambda craft: craft.sent.append(Sent("desk-1", "x", "message.receive", acknowledged=True, message="m-7"))
    ),
    "a message is in a conversation and set aside": (
        "S1", lambda craft: craft.step("message.set_aside", message="m-1", reason="spam")
    ),
    "a message took effect twice": ("S2", lambda craft: craft.step("message.received", **MESSAGE)),
    "a command was settled twice": ("S2", lambda craft: craft.fact("command.settled", command="command-4", outcome="done")),
    "a task was opened twice": (
        "S2", lambda craft: [craft.step("task.opened", task="k", team="support", purpose="promise", due_at=1) for _ in "ab"]
    ),
    "a delivery was handed over twice": (
        "S2", lambda craft: craft.fact("message.deliver", DELIVERIES, message="m-2", delivery="d-1")
    ),
    "a reply was never handed over": ("S2", lambda craft: lose(craft, DELIVERIES, 0)),
    "a message nobody sent": ("S3", lambda craft: craft.step("message.received", **{**MESSAGE, "message": "m-8"})),
    "an outcome nobody asked for": ("S3", lambda craft: craft.fact("command.settled", command="other", outcome="done")),
    "a delivery the desk knows nothing of": (
        "S3", lambda craft: craft.fact("message.deliver", DELIVERIES, message="m-3", delivery="d-3")
    ),
    "a fact of another cause": ("S3", lambda craft: alter(craft, DESK, 3, causation="somebody else")),
    "an answer nobody gave": ("S3", lambda craft: change(craft, "survey.answered", SURVEYS, score=1)),
    "a fact is lost": ("S4", lambda craft: lose(craft, DESK, 4)),
    "a copy differs": ("S4", lambda craft: repeat(craft, DESK, 4, body={"ticket": "other"})),
    "a fact cannot be read": ("S4", lambda craft: alter(craft, SLA, 0, kind="")),
    "time goes back": ("S4", lambda craft: alter(craft, DESK, 10, time=1)),
    "a fact comes before its cause in time": ("S4", lambda craft: alter(craft, DESK, 10, time=99_000)),
    "the last group is incomplete": ("S4", lambda craft: alter(craft, DESK, -1, last=False)),
    "a group is torn apart": ("S4", lambda craft: alter(craft, DESK, 1, last=False)),
    "inputs are out of order": ("S4", lambda craft: alter(craft, DESK, 1, position=5)),
    "two holders": ("S5", lambda craft: give(craft, "t-1", agent="basim", epoch=2, how="taken")),
    "an epoch that does not rise": ("S5", lambda craft: give(craft, "t-1", epoch=1, how="returned")),
    "it waits although somebody has it": (
        "S5", lambda craft: craft.step("work.queued", work="t-1", team="support", waiting_since=1, head_start=0)
    ),
    "somebody else released it": ("S5", lambda craft: craft.step("work.released", **{**GIVEN, "agent": "basim"})),
    "an old epoch released it": ("S5", lambda craft: craft.step("work.released", **{**GIVEN, "epoch": 0})),
    "an offer that was none lapsed": ("S5", lambda craft: craft.step("work.offer_lapsed", **GIVEN)),
    "somebody else finished it": ("S5", lambda craft: craft.step("work.finished", work="t-1", agent="basim")),
    "offered while held": ("S5", lambda craft: craft.step("work.offered", **{**GIVEN, "epoch": 2})),
    "work that does not exist": ("S5", lambda craft: craft.step("work.released", **{**GIVEN, "work": "t-7"})),
    "more than they can hold": ("S6", too_much),
    "given to somebody who is not ready": (
        "S6", lambda craft: [craft.step("agent.presence_changed", agent="amal", state="not_ready"),
                             another_item(craft, waiting=1), give(craft, "t-9")]
    ),
    "a weight that is not the policy's": ("S6", lambda craft: change(craft, "work.assigned", weight=1)),
    "beyond capacity and not marked": (
        "S6", lambda craft: [too_much(craft), craft.step("ticket.status_changed", ticket="x-0", former="new", status="open")]
    ),
    "somebody has waited longer": ("S6", passed_over),
    "given although it did not wait": (
        "S6", lambda craft: [another_item(craft, waiting=1), give(craft, "t-9"), give(craft, "t-9", epoch=2)]
    ),
    "a second verdict": ("S7", lambda craft: craft.fact("target.breached", SLA, verdict="v-2", due_at=5_000, **CLOCK)),
    "a verdict without a clock": (
        "S7", lambda craft: craft.fact("target.met", SLA, verdict="v-9", stopped_at=1, **{**CLOCK, "cycle": 2})
    ),
    "met, but late": ("S7", lambda craft: change(craft, "target.met", SLA, stopped_at=6_000)),
    "breached before it was due": (
        "S7", lambda craft: alter(craft, SLA, 1, kind="target.breached", body={**CLOCK, "verdict": "v", "due_at": 5_000})
    ),
    "a cycle is left out": (
        "S7", lambda craft: craft.fact("target.started", SLA, due_at=None, **{**CLOCK, "cycle": 3})
    ),
    "two cycles at once": (
        "S7", lambda craft: [lose(craft, SLA, 1), craft.fact("target.started", SLA, due_at=None, **{**CLOCK, "cycle": 2})]
    ),
    "a verdict id of another outcome": ("S7", lambda craft: change(craft, "target.met", SLA, verdict="t-1 met")),
    "an id that names no desk": ("S12", lambda craft: alter(craft, DESK, 5, id="an id")),
    "an offer accepted under an old epoch": (
        "S5",
        lambda craft: [
            another_item(craft, waiting=1),
            craft.fact("work.offered", **{**GIVEN, "work": "t-9", "epoch": 3}),
            craft.command("work.accept", work="t-9", epoch=2),
            give(craft, "t-9", epoch=4, how="accepted"),
        ],
    ),
    "a warning is given twice": (
        "S7", lambda craft: [craft.fact("target.started", SLA, due_at=9_000, **{**CLOCK, "cycle": 2}),
                             craft.fact("target.warned", SLA, warning=0, due_at=9_000, **{**CLOCK, "cycle": 2}),
                             craft.fact("target.warned", SLA, warning=0, due_at=9_000, **{**CLOCK, "cycle": 2})]
    ),
    "a pause of what stands": (
        "S7", lambda craft: [craft.fact("target.started", SLA, due_at=9_000, **{**CLOCK, "cycle": 2}),
                             craft.fact("target.paused", SLA, **{**CLOCK, "cycle": 2}),
                             craft.fact("target.paused", SLA, **{**CLOCK, "cycle": 2})]
    ),
    "a breach nobody escalated": (
        "S2",
        lambda craft: alter(craft, SLA, 1, kind="target.breached", body={**CLOCK, "verdict": "v", "due_at": 5_000}),
    ),
    "an invitation nobody was asked to send": (
        "S2",
        lambda craft: craft.fact("survey.invited", SURVEYS, command="x", **SURVEY),
    ),
    "a low score nobody follows up": ("S2", lambda craft: change(craft, "survey.answered", SURVEYS, low=True)),
    "an escalation out of nowhere": ("S3", lambda craft: asked(craft, causation="nothing")),
    "one escalation, asked in two ways": (
        "S4",
        lambda craft: [asked(craft), asked(craft, body={"ticket": "t-1", "target": "update", "cycle": 1, "cause": "breach"})],
    ),
    "two surveys about one resolution": (
        "S8", lambda craft: craft.fact("survey.scheduled", SURVEYS, **{**SURVEY, "survey": "s-2"})
    ),
    "two counted answers": ("S8", lambda craft: craft.fact("survey.answered", SURVEYS, score=5, **SURVEY)),
    "an answer after the end": ("S8", lambda craft: craft.fact("survey.expired", SURVEYS, **SURVEY)),
    "two invitations": (
        "S8", lambda craft: [craft.fact("survey.invited", SURVEYS, command="x", **SURVEY) for _ in "ab"]
    ),
    "a command without an outcome": ("S11", lambda craft: craft.command("ticket.merge")),
    "an unreadable command nobody kept": (
        "S11", lambda craft: craft.entries[COMMANDS].append(Entry(COMMANDS, 0, 99, 2_000, ""))
    ),
    "a rule broke": ("S11", lambda craft: change(craft, "command.settled", outcome="internal")),
    "a dead letter": ("S11", lambda craft: craft.dead.append(DeadLetter(COMMANDS, 0, 1, "router", "why"))),
    "a fact under another organisation": ("S12", lambda craft: alter(craft, DESK, 5, organisation="o-2")),
    "an id of another desk": (
        "S12", lambda craft: craft.entries[DESK].append(replace(craft.entries[DESK][8], desk="desk-2", seq=1))
    ),
    "asked in another desk's name": (
        "S12", lambda craft: craft.entries[COMMANDS].append(
            Entry(COMMANDS, 0, 99, 2_000, "desk.tick", "i", "sla", "o-1", "desk-1", body={"by": {"desk": "desk-2"}}))
    ),
    "a status nobody set": (
        "S13", lambda craft: craft.step("ticket.status_changed", ticket="t-1", former="pending", status="open")
    ),
    "an owner nobody made": (
        "S13", lambda craft: craft.step("ticket.owner_changed", ticket="t-1", former="basim", owner=None)
    ),
    "a change of no ticket": (
        "S13", lambda craft: craft.step("ticket.prioritised", ticket="t-0", former="low", priority="high")
    ),
    "a number is left out": ("S13", lambda craft: change(craft, "ticket.opened", number=2)),
    "a message moved from where it was not": (
        "S13", lambda craft: craft.step("message.moved", message="m-1", ticket="t-1", conversation="c-2", former_ticket="t-3")
    ),
    "a conversation of another ticket": (
        "S13", lambda craft: craft.step("message.sent", message="n", delivery="e", conversation="c-1", ticket="t-4")
    ),
    "somebody waits while somebody could help": ("L2", lambda craft: another_item(craft, waiting=900)),
    "one command has too many facts": (
        "R10", lambda craft: [craft.command("work.give"), *[craft.fact("desk.time_reached", due=1) for _ in range(101)]]
    ),
    "a customer writes to somebody who is not there": ("L2", write_to_somebody_absent),
    "a ticket is given to somebody who is not there": ("L2", give_to_somebody_absent),
    "a customer writes to somebody who is there for others": (
        "L2", lambda craft: write_to_somebody_absent(craft, "ready", channels=["whatsapp"])
    ),
    "a clock nobody judged": ("L3", lambda craft: [lose(craft, SLA, 1), change(craft, "target.started", SLA, due_at=900)]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_log_is_seen_and_its_promise_named(name: str) -> None:
    promise, spoil = BAD[name]
    craft = story()
    spoil(craft)
    assert promise in {violation.promise for violation in violations(craft.evidence())}


def test_every_check_is_shown_to_fail() -> None:
    silent = set(CHECKS)
    for _, spoil in BAD.values():
        craft = story()
        spoil(craft)
        silent -= {check for check in silent if list(check(craft.evidence()))}
    assert silent == set()


def test_copies_are_no_violation() -> None:
    craft = story()
    for topic in (DESK, SLA, SURVEYS, DELIVERIES):
        repeat(craft, topic, 0, offset=99)
    assert violations(craft.evidence()) == []


def test_work_in_a_pulling_team_may_wait() -> None:
    craft = story()
    another_item(craft, waiting=900)
    change_last = craft.entries[DESK][-1]
    craft.entries[DESK][-1] = replace(change_last, body={**change_last.body, "team": "pulling"})
    assert violations(craft.evidence()) == []


def test_an_entry_without_our_attributes_has_no_kind() -> None:
    assert read_entry(Record(COMMANDS, 0, 1, 2, b"k", b"{")).kind == ""
