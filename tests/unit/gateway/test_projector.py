"""What facts leave in the documents."""

from typing import Any

import pytest

from services.gateway.handlers import CLOCKS, CONSOLE, DESK_ROWS, PROJECTIONS
from services.gateway.handlers import clocks as clock_rows
from services.gateway.handlers import surveys as survey_rows
from services.gateway.handlers.projection import Projector
from services.gateway.store import (
    AGENTS,
    CLOCK_HISTORY,
    CONTACT_POINTS,
    CONVERSATIONS,
    CUSTOMERS,
    DESK_PROJECTION,
    HISTORY,
    MARKS,
    MESSAGES,
    SET_ASIDE,
    SETTLED,
    SLA_PROJECTION,
    SURVEY_PROJECTION,
    TASKS,
    TICKETS,
)
from services.gateway.store import CLOCKS as CLOCK_DOCUMENTS
from services.gateway.store import SURVEYS as SURVEY_DOCUMENTS
from shared.broker import Record
from shared.catalogue import facts as f
from shared.catalogue.codec import UnknownType
from shared.catalogue.topics import DESK, SLA, SURVEYS
from shared.catalogue.values import Span
from shared.fold import Gap
from shared.policy.terms import Channel, Priority, Status, TicketType, WorkKind
from tests.unit.gateway import facts as say
from tests.unit.gateway.world import NOW, OURS, THEIRS, World

pytestmark = pytest.mark.anyio


def test_every_fact_of_every_topic_has_a_row() -> None:
    assert set(DESK_ROWS) == set(f.DESK_FACTS)
    assert set(clock_rows.ROWS) == set(f.SLA_FACTS)
    assert set(survey_rows.ROWS) == set(f.SURVEY_FACTS)


async def test_a_first_message_becomes_one_ticket_with_its_conversation_message_and_holder(world: World) -> None:
    seq = await world.say(*say.intake())
    await world.catch_up()
    ticket = await world.get(TICKETS, "t1")
    assert (ticket["number"], ticket["status"], ticket["awaiting"]) == (1024, "new", "agent")
    assert (ticket["work_state"], ticket["holder"], ticket["epoch"]) == ("held", "sara", 1)
    assert ticket["last_customer_at"] == NOW
    assert (await world.get(CONVERSATIONS, "v1"))["ticket"] == "t1"
    assert (await world.get(MESSAGES, "m1"))["thread"] == "v1"
    assert (await world.get(CUSTOMERS, "c1"))["language"] == "ar"
    assert (await world.get(CONTACT_POINTS, "p1")) == {"customer": "c1"}
    assert (await world.get(MARKS, DESK.name))["seq"] == seq


async def test_all_documents_of_a_group_reflect_its_last_fact(world: World) -> None:
    seq = await world.say(*say.intake())
    await world.catch_up()
    ticket = await world.documents.of(OURS).get(TICKETS.name, "t1")
    message = await world.documents.of(OURS).get(MESSAGES.name, "m1")
    assert ticket
    assert message
    assert (ticket.seq, message.seq) == (seq, seq)


async def test_the_history_has_every_fact_of_the_ticket_with_the_why_of_its_assignment(world: World) -> None:
    await world.say(*say.intake(), cause="cmd-7")
    await world.say(f.OwnerChanged(ticket="t1", former=None, owner="sara", cause="took"))
    await world.catch_up()
    first, second = await world.all(HISTORY)
    assert [entry["type"] for entry in first.body["entries"]] == [
        "sanad.ticket.opened.v1", "sanad.conversation.opened.v1", "sanad.message.received.v1", "sanad.work.queued.v1",
        "sanad.work.assigned.v1",
    ]  # fmt: skip
    assert first.body["command"] == "cmd-7"
    assert first.body["entries"][-1]["fact"]["why"]["strategy"] == "least_loaded"
    assert second.body["entries"][0]["seq"] == 7


async def test_the_actor_of_a_group_is_known_from_its_outcome(world: World) -> None:
    settled = f.CommandSettled(desk=OURS, command="x", command_type="sanad.ticket.update.v1", by="sara", outcome="done")
    await world.say(say.opened(), settled, cause="x")
    await world.catch_up()
    (entry,) = await world.all(HISTORY)
    assert entry.body["by"] == "sara"


async def test_an_outcome_nobody_waits_for_leaves_no_document(world: World) -> None:
    for number, kind in enumerate(("sanad.message.receive.v1", "sanad.desk.tick.v1", "sanad.ticket.update.v1")):
        fact = f.CommandSettled(desk=OURS, command=f"x{number}", command_type=kind, by="a", outcome="done")
        await world.say(fact)
    await world.catch_up()
    assert [document.key for document in await world.all(SETTLED)] == ["x2"]


async def test_tags_links_and_fields_are_sets_that_grow_and_shrink(world: World) -> None:
    await world.say(say.opened(tags=("vip",)), say.opened("t2", 1025))
    await world.say(f.TicketTagged(ticket="t1", added=("late",), removed=("vip",)))
    await world.say(f.TicketsLinked(ticket="t1", other="t2", kind="duplicate_of"))
    await world.say(f.FieldsChanged(ticket="t1", names=("order",), command="cmd"))
    await world.catch_up()
    ticket = await world.get(TICKETS, "t1")
    assert (ticket["tag:late"], ticket["tag:vip"], ticket["field:order"]) == (True, None, "cmd")
    assert ticket["link:duplicate_of:t2"]
    assert (await world.get(TICKETS, "t2"))["linked:duplicate_of:t1"]
    await world.say(f.TicketsUnlinked(ticket="t1", other="t2", kind="duplicate_of"))
    await world.catch_up()
    assert (await world.get(TICKETS, "t1"))["link:duplicate_of:t2"] is None


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (say.status(Status.PENDING), {"status": "pending", "awaiting": "customer"}),
        (say.status(Status.RESOLVED, resolution=2, cause="answered"), {"resolution": 2, "awaiting": "nobody"}),
        (say.status(Status.ON_HOLD, hold_reason="third_party", until=9), {"hold_reason": "third_party", "until": 9}),
        (say.status(Status.OPEN, former=Status.RESOLVED, reopens=1), {"status": "open", "reopens": 1}),
        (
            f.TicketPrioritised(ticket="t1", former=Priority.NORMAL, priority=Priority.URGENT, cause="sla"),
            {"priority": "urgent"},
        ),
        (
            f.TicketCategorised(ticket="t1", ticket_type=TicketType.COMPLAINT, category="loans"),
            {"ticket_type": "complaint", "category": "loans"},
        ),
        (
            f.TicketRouted(ticket="t1", former_team="first", team="second", tier=2, cause="escalated"),
            {"team": "second", "tier": 2, "skills": []},
        ),
        (
            f.SubStatusChanged(ticket="t1", status=Status.NEW, sub_status="unread", by="omar"),
            {"sub_status": "unread", "status": "new"},
        ),
        (f.OwnerChanged(ticket="t1", former=None, owner="omar", cause="took"), {"owner": "omar"}),
        (f.SpamMarked(ticket="t1", spam=True), {"spam": True}),
        (f.TicketEscalated(ticket="t1", target="first_reply", cycle=1, cause="breach"), {"escalated_at": NOW}),
        (say.received("m2", thanks=True, sent_at=NOW + 5), {"last_customer_at": NOW + 5, "awaiting": "nobody"}),
        (say.received("m2", automatic="vacation"), {"awaiting": "nobody"}),
        (say.received("m2"), {"awaiting": "agent"}),
        (say.sent(), {"awaiting": "customer", "last_reply_at": NOW}),
        (say.sent(author_kind="system", automatic=True), {"awaiting": "nobody"}),
    ],
)
async def test_each_change_of_a_ticket_is_shown(world: World, fact: Any, expected: dict[str, Any]) -> None:
    await world.say(say.opened(cause="agent"))
    await world.say(fact)
    await world.catch_up()
    ticket = await world.get(TICKETS, "t1")
    assert {name: ticket.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("then", "shown"),
    [
        (say.status(Status.ON_HOLD, former=Status.ON_HOLD, until=NOW + 1), "checked"),
        (say.status(Status.OPEN, former=Status.ON_HOLD), None),
        (f.SubStatusChanged(ticket="t1", status=Status.ON_HOLD, sub_status=None, by="omar"), None),
    ],
    ids=["a longer hold", "the hold's end", "taken away"],
)
async def test_a_closer_name_ends_with_the_status_it_belongs_to(world: World, then: Any, shown: str | None) -> None:
    await world.say(say.opened(), say.status(Status.ON_HOLD))
    await world.say(f.SubStatusChanged(ticket="t1", status=Status.ON_HOLD, sub_status="checked", by="omar"))
    await world.say(then)
    await world.catch_up()
    assert (await world.get(TICKETS, "t1"))["sub_status"] == shown


async def test_a_merge_shows_on_both_tickets_and_is_taken_back(world: World) -> None:
    await world.say(say.opened(), say.opened("t2", 1025))
    await world.say(
        f.ConversationMoved(conversation="v1", ticket="t2", former_ticket="t1"),
        f.TicketMerged(ticket="t1", into="t2", since=NOW - 9),
    )
    await world.catch_up()
    merged, into = await world.get(TICKETS, "t1"), await world.get(TICKETS, "t2")
    assert (merged["merged_into"], into["merged_since"], into["merged:t1"]) == ("t2", NOW - 9, True)
    assert len(await world.all(HISTORY)) == 4
    await world.say(f.TicketUnmerged(ticket="t1", former_into="t2"))
    await world.catch_up()
    merged, into = await world.get(TICKETS, "t1"), await world.get(TICKETS, "t2")
    assert (merged["merged_into"], into["merged_since"], into["merged:t1"]) == (None, None, None)


async def test_a_conversation_that_moves_takes_its_messages_along(world: World) -> None:
    await world.say(*say.intake())
    await world.say(say.opened("t2", 1025))
    await world.say(f.ConversationMoved(conversation="v1", ticket="t2", former_ticket="t1"))
    await world.catch_up()
    assert (await world.get(CONVERSATIONS, "v1"))["ticket"] == "t2"
    assert (await world.get(MESSAGES, "m1"))["thread"] == "v1"


async def test_a_split_moves_single_messages(world: World) -> None:
    await world.say(*say.intake())
    moved = f.MessageMoved(message="m1", ticket="t2", conversation="v2", former_ticket="t1", former_conversation="v1")
    await world.say(say.opened("t2", 1025, cause="split"), say.conversation("v2", "t2"), moved)
    await world.catch_up()
    assert (await world.get(MESSAGES, "m1"))["thread"] == "v2"


async def test_a_delivery_report_reaches_the_message_and_marks_the_ticket_as_changed(world: World) -> None:
    await world.say(say.opened(), say.sent())
    report = f.DeliveryReported(
        message="r1", delivery="d-r1", ticket="t1", outcome="failed", permanent=True, code="5.1.1"
    )
    seq = await world.say(report)
    await world.catch_up()
    message = await world.get(MESSAGES, "r1")
    assert (message["delivery"], message["delivery_permanent"], message["delivery_code"]) == ("failed", True, "5.1.1")
    ticket = await world.documents.of(OURS).get(TICKETS.name, "t1")
    assert ticket
    assert ticket.seq == seq


async def test_notes_stay_with_their_ticket(world: World) -> None:
    await world.say(say.opened(), f.MessageNoted(message="n1", ticket="t1", by="sara"))
    await world.catch_up()
    note = await world.get(MESSAGES, "n1")
    assert (note["thread"], note["kind"], note["author"]) == ("t1", "note", "sara")


async def test_participants_are_named_on_the_conversation(world: World) -> None:
    await world.say(say.conversation(), f.ParticipantJoined(conversation="v1", contact="p9", how="copied"))
    await world.catch_up()
    assert (await world.get(CONVERSATIONS, "v1"))["participant:p9"] == "copied"


async def test_a_message_set_aside_is_listed_until_it_is_restored(world: World) -> None:
    aside = f.MessageSetAside(
        message="m9", reason="spam", contact="p1", channel=Channel.EMAIL, account="mail", sent_at=NOW,
        restorable_until=NOW + 9, words=("offer",),
    )  # fmt: skip
    await world.say(aside)
    await world.catch_up()
    kept = await world.get(SET_ASIDE, "m9")
    assert (kept["reason"], kept["state"], "words" in kept) == ("spam", "set_aside", False)
    await world.say(f.MessageRestored(message="m9"))
    await world.catch_up()
    assert (await world.get(SET_ASIDE, "m9"))["state"] == "restored"


async def test_customers_are_linked_merged_and_blocked(world: World) -> None:
    await world.say(say.registered(), say.registered("c2", "p2"))
    await world.say(
        f.CustomerChanged(customer="c1", tier="vip", account="corp", language="en"),
        f.CustomersMerged(customer="c2", into="c1"),
        f.ContactPointLinked(customer="c1", contact="p2"),
        f.ContactPointUnlinked(customer="c1", contact="p1"),
        f.ContactPointBlocked(contact="p1", blocked=True),
    )
    await world.catch_up()
    customer = await world.get(CUSTOMERS, "c1")
    assert (customer["tier"], customer["account"], customer["merged:c2"]) == ("vip", "corp", True)
    assert (await world.get(CUSTOMERS, "c2"))["merged_into"] == "c1"
    assert (await world.get(CONTACT_POINTS, "p2"))["customer"] == "c1"
    assert await world.get(CONTACT_POINTS, "p1") == {"customer": None, "blocked": True}


async def test_an_address_that_nobody_is_reached_at_is_shown_as_such_until_somebody_is(world: World) -> None:
    await world.say(say.registered(), f.ContactPointUnreachable(contact="p1", unreachable=True, code="5.1.1"))
    await world.catch_up()
    point = await world.get(CONTACT_POINTS, "p1")
    assert (point["customer"], point["unreachable"], point["unreachable_code"]) == ("c1", True, "5.1.1")
    await world.say(f.ContactPointUnreachable(contact="p1", unreachable=False))
    await world.catch_up()
    point = await world.get(CONTACT_POINTS, "p1")
    assert (point["unreachable"], point["unreachable_code"]) == (False, None)


async def test_an_agent_is_shown_with_presence_and_shifts(world: World) -> None:
    await world.say(say.agent(skills=()))
    await world.say(f.PresenceChanged(agent="sara", state="ready", channels=(Channel.EMAIL,)))
    await world.say(f.ShiftsPlanned(agent="sara", shifts=(Span(start=1, end=2),)))
    await world.catch_up()
    seat = await world.get(AGENTS, "sara")
    assert (seat["state"], seat["channels"], seat["state_since"]) == ("ready", ["email"], NOW)
    assert (seat["shifts"], seat["capacity"], seat["removed"]) == ([[1, 2]], 12, False)
    await world.say(f.AgentRemoved(agent="sara"))
    await world.catch_up()
    seat = await world.get(AGENTS, "sara")
    assert (seat["removed"], seat["state"]) == (True, "not_ready")


async def test_clocks_follow_their_own_topic(world: World) -> None:
    key: dict[str, Any] = {"ticket": "t1", "target": "first_reply", "cycle": 1}
    plan: dict[str, Any] = {"budget": 60, "calendar": "always", "sla_policy": "default", "policy_version": 1}
    steps: list[tuple[Any, dict[str, Any]]] = [
        (f.TargetStarted(**key, **plan, started_at=NOW, due_at=NOW + 60), {"state": "running", "due_at": NOW + 60}),
        (f.TargetPaused(**key, elapsed=20, cause="pending"), {"state": "paused", "elapsed": 20, "due_at": None}),
        (f.TargetResumed(**key, elapsed=20, due_at=NOW + 99), {"state": "running", "due_at": NOW + 99}),
        (
            f.TargetReplanned(
                **key, **{**plan, "budget": 90}, former_due_at=NOW + 99, due_at=NOW + 130, elapsed=20, cause="priority"
            ),
            {"state": "running", "budget": 90, "due_at": NOW + 130},
        ),
        (f.TargetWarned(**key, warning=0, due_at=NOW + 130), {"warned_at": NOW, "warning": 0}),
        (f.TargetBreached(**key, verdict="x", due_at=NOW + 130), {"state": "breached", "breached_at": NOW}),
    ]
    for fact, expected in steps:
        await world.say(fact, topic=SLA.name)
        await world.catch_up()
        clock = await world.get(CLOCK_DOCUMENTS, "t1/first_reply")
        assert {name: clock[name] for name in expected} == expected
    assert len(await world.all(CLOCK_HISTORY)) == len(steps)


async def test_the_next_cycle_of_a_target_leaves_nothing_of_the_last(world: World) -> None:
    plan: dict[str, Any] = {"budget": 60, "calendar": None, "sla_policy": "default", "policy_version": 1}
    key: dict[str, Any] = {"ticket": "t1", "target": "next_reply"}
    await world.say(f.TargetStarted(**key, cycle=1, **plan, started_at=NOW, due_at=NOW + 60), topic=SLA.name)
    await world.say(
        f.TargetMet(**key, cycle=1, verdict="x", stopped_at=NOW + 1, due_at=NOW + 60, elapsed=1), topic=SLA.name
    )
    await world.say(f.TargetStarted(**key, cycle=2, **plan, started_at=NOW, due_at=NOW + 70), topic=SLA.name)
    await world.catch_up()
    clock = await world.get(CLOCK_DOCUMENTS, "t1/next_reply")
    assert (clock["state"], clock["cycle"], "stopped_at" in clock) == ("running", 2, False)


async def test_promises_run_beside_each_other_and_one_is_cancelled(world: World) -> None:
    plan: dict[str, Any] = {"budget": 60, "calendar": None, "sla_policy": "default", "policy_version": 1}
    for cycle in (1, 2):
        fact = f.TargetStarted(ticket="t1", target="promise", cycle=cycle, **plan, started_at=NOW, due_at=NOW + cycle)
        await world.say(fact, topic=SLA.name)
    await world.say(
        f.TargetCancelled(ticket="t1", target="promise", cycle=1, verdict="x", cause="done"), topic=SLA.name
    )
    await world.catch_up()
    assert [document.body["state"] for document in await world.all(CLOCK_DOCUMENTS)] == ["cancelled", "running"]


async def test_a_survey_is_one_document_from_plan_to_answer(world: World) -> None:
    key: dict[str, Any] = {"survey": "s1", "ticket": "t1", "resolution": 1, "kind": "csat"}
    steps: list[tuple[Any, str]] = [
        (
            f.SurveyScheduled(**key, customer="c1", owner="sara", team="first", channel="email", send_at=NOW),
            "scheduled",
        ),
        (f.SurveyInvited(**key, command="cmd", expires_at=NOW + 9), "invited"),
        (f.SurveySent(**key, message="m5"), "sent"),
        (
            f.SurveyAnswered(
                **key, customer="c1", owner="sara", team="first", score=2, low=True, comment=True, language="ar",
                wording="w",
            ),
            "answered",
        ),
        (f.AnswerNotCounted(**key, reason="counted", score=5), "answered"),
    ]  # fmt: skip
    for fact, state in steps:
        await world.say(fact, topic=SURVEYS.name)
        await world.catch_up()
        assert (await world.get(SURVEY_DOCUMENTS, "s1"))["state"] == state
    survey = await world.get(SURVEY_DOCUMENTS, "s1")
    assert (survey["score"], survey["low"], survey["uncounted_reason"]) == (2, True, "counted")


@pytest.mark.parametrize(
    ("fact", "state"),
    [
        (f.SurveySkipped(survey="s", ticket="t", resolution=1, kind="csat", reason="consent"), "skipped"),
        (f.SurveyCancelled(survey="s", ticket="t", resolution=1, kind="csat", cause="reopened"), "cancelled"),
        (f.SurveyExpired(survey="s", ticket="t", resolution=1, kind="csat"), "expired"),
    ],
)
async def test_a_survey_may_end_without_an_answer(world: World, fact: Any, state: str) -> None:
    await world.say(fact, topic=SURVEYS.name)
    await world.catch_up()
    survey = await world.get(SURVEY_DOCUMENTS, "s")
    assert (survey["state"], survey["ticket"]) == (state, "t")


async def test_tasks_are_shown_apart_from_the_ticket_they_belong_to(world: World) -> None:
    await world.say(*say.intake())
    await world.say(say.task(), say.queued("k1", "t1", WorkKind.TASK), say.assigned("k1", "t1", weight=1))
    await world.catch_up()
    task, ticket = await world.get(TASKS, "k1"), await world.get(TICKETS, "t1")
    assert (task["work_state"], task["holder"], task["state"]) == ("held", "sara", "open")
    assert ticket["holder"] == "sara"
    await world.say(
        f.TaskCompleted(task="k1", ticket="t1", by="sara"),
        f.WorkFinished(work="k1", ticket="t1", agent="sara", cause="completed"),
    )
    await world.catch_up()
    task, ticket = await world.get(TASKS, "k1"), await world.get(TICKETS, "t1")
    assert (task["state"], task["work_state"], ticket["work_state"]) == ("done", None, "held")


async def test_facts_come_twice_and_count_once(world: World) -> None:
    await world.say(*say.intake())
    await world.catch_up()
    before = await world.all(TICKETS)
    worker = world.workers[0]
    records = await world.broker.read(DESK.name, 0, 0)
    for record in records:
        assert worker.fold.apply(record) == []
    assert await world.all(TICKETS) == before


async def test_a_hole_in_the_order_stops_the_projector(world: World) -> None:
    await world.say(*say.intake())
    records = await world.broker.read(DESK.name, 0, 0)
    with pytest.raises(Gap):
        Projector(CONSOLE).apply(records[1])


async def test_an_unknown_type_stops_the_projector(world: World) -> None:
    await world.say(say.opened())
    (record,) = await world.broker.read(DESK.name, 0, 0)
    headers = tuple(
        (name, b"sanad.ticket.vanished.v9" if name == "ce_type" else value) for name, value in record.headers
    )
    newer = Record(record.topic, 0, 0, NOW, record.key, record.value, headers)
    with pytest.raises(UnknownType):
        Projector(CONSOLE).apply(newer)


async def test_what_cannot_be_read_becomes_a_dead_letter(world: World) -> None:
    await world.say(say.opened())
    (record,) = await world.broker.read(DESK.name, 0, 0)
    torn = Record(record.topic, 0, 0, NOW, record.key, b'{"ticket":', record.headers)
    (output,) = Projector(CONSOLE).apply(torn)
    assert "reason" in dir(output)


async def test_a_projection_that_fails_on_a_fact_sets_it_aside_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(line: Any, fact: Any, at: int) -> None:
        if fact.owner == "poison":
            raise KeyError(fact.owner)

    monkeypatch.setitem(DESK_ROWS, f.OwnerChanged, fail)  # type: ignore[misc] # a table is a Mapping to everybody else
    await world.say(say.opened())
    await world.say(f.OwnerChanged(ticket="t1", former=None, owner="poison", cause="x"))
    await world.say(f.SpamMarked(ticket="t1", spam=True))
    await world.catch_up()
    assert world.meter.broken == 1
    assert world.meter.set_asides == ["a rule failed on it"]
    assert (await world.get(TICKETS, "t1"))["spam"] is True
    assert (await world.get(MARKS, DESK.name))["seq"] == 3


async def test_desks_of_one_partition_do_not_mix(world: World) -> None:
    await world.say(say.opened("t1", 1))
    await world.say(say.opened("t1", 2), desk=THEIRS)
    await world.say(f.OwnerChanged(ticket="t1", former=None, owner="sara", cause="took"))
    await world.catch_up()
    assert (await world.get(TICKETS, "t1"))["owner"] == "sara"
    assert (await world.get(TICKETS, "t1", THEIRS))["owner"] is None


async def test_a_group_cut_in_two_by_a_save_is_written_whole(world: World) -> None:
    await world.say(*say.intake())
    records = await world.broker.read(DESK.name, 0, 0)
    first = Projector(CONSOLE)
    for record in records[:3]:
        assert first.apply(record) == []
    chunks = {name: content for name, content in first.save() if content is not None}
    second = Projector(CONSOLE)
    second.load(chunks)
    resumed = [output for record in records[3:] for output in second.apply(record)]
    whole = Projector(CONSOLE)
    assert resumed == [output for record in records for output in whole.apply(record)]


@pytest.mark.parametrize("saved", [True, False])
async def test_a_restart_leaves_the_same_documents_as_no_restart(world: World, saved: bool) -> None:
    await world.say(say.agent(), *say.intake())
    await world.catch_up()
    await world.restart(saved=saved)
    await world.say(say.status(Status.PENDING))
    await world.catch_up()
    assert (await world.get(AGENTS, "sara"))["load"] == 0
    assert (await world.get(TICKETS, "t1"))["status"] == "pending"


async def test_a_rebuild_leaves_equal_documents(world: World) -> None:
    await world.say(say.agent(), *say.intake())
    await world.say(say.task(), say.queued("k1", "t1", WorkKind.TASK), say.assigned("k1", "t1", weight=1))
    await world.say(say.sent(), say.status(Status.PENDING))
    await world.say(f.TargetWarned(ticket="t1", target="first_reply", cycle=1, warning=0, due_at=NOW), topic=SLA.name)
    await world.catch_up()
    collections = (*DESK_PROJECTION, *SLA_PROJECTION, *SURVEY_PROJECTION)
    before = {one.name: await world.all(one) for one in collections}
    for one in (*collections, MARKS):
        await world.documents.clear(one.name)
    await world.restart(saved=False)
    await world.catch_up()
    assert {one.name: await world.all(one) for one in collections} == before


def test_no_two_projections_write_the_same_documents() -> None:
    names = [one.name for one in (*DESK_PROJECTION, *SLA_PROJECTION, *SURVEY_PROJECTION)]
    assert len(names) == len(set(names))
    assert len({one.topic for one in PROJECTIONS}) == len(PROJECTIONS)
    assert CLOCKS.history != CONSOLE.history
