"""What is counted when facts become readable, and what is read when somebody looks."""

from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.figures import ROWS, Figures
from services.gateway.gauges import Gauges
from services.gateway.store import TICKETS
from services.verbs.contract_files.examples import example
from shared.broker import Record
from shared.catalogue import facts as f
from shared.catalogue.facts import DESK_FACTS, SLA_FACTS, SURVEY_FACTS
from shared.catalogue.topics import DESK, SLA
from shared.documents import Put
from shared.metrics import Metrics
from shared.policy.terms import Channel, Priority, Status, WorkKind
from tests.unit.gateway import facts as say
from tests.unit.gateway.world import NOW, OURS, THEIRS, World

pytestmark = pytest.mark.anyio
CLOCK: dict[str, Any] = {"ticket": "t1", "target": "first_reply", "cycle": 1}
SURVEY: dict[str, Any] = {"survey": "s1", "ticket": "t1", "resolution": 1, "kind": "csat"}


async def shown(metrics: Metrics) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families((await metrics.render()).decode()):
        for sample in family.samples:
            labels = ",".join(sample.labels[name] for name in sorted(sample.labels) if name != "le")
            if not sample.name.endswith(("_bucket", "_created")):
                found[f"{sample.name}:{labels}"] = sample.value
    return found


async def counted(world: World, *facts: f.Fact, topic: str = DESK.name) -> dict[str, float]:
    """What the figures are after these facts became readable."""
    await world.say(*facts, topic=topic)
    metrics = Metrics()
    Figures(metrics, world.clock).count(await world.broker.read(topic, 0, 0))
    return await shown(metrics)


async def test_a_customers_first_message_is_accepted_opens_routes_and_is_assigned(world: World) -> None:
    world.clock.time += 250
    why = say.WHY.model_copy(update={"waited": 4_000})
    figures = await counted(
        world, say.opened(), say.received(first=True), say.queued(), say.assigned(why=why), say.received("m2")
    )
    assert figures["sanad_messages_accepted_total:email"] == 2
    assert figures["sanad_message_readable_seconds_sum:email"] == 0.5
    assert (
        figures["sanad_tickets_opened_total:message,email"] == 1 or figures["sanad_tickets_opened_total:email,message"]
    )
    assert figures["sanad_tickets_routed_total:opened,first"] == 1
    assert figures["sanad_work_assigned_total:automatic"] == 1
    assert figures["sanad_work_wait_seconds_sum:automatic"] == 4


async def test_a_message_set_aside_is_counted_by_its_reason_and_is_not_accepted(world: World) -> None:
    aside = f.MessageSetAside(
        message="m9", reason="spam", contact="p1", channel=Channel.EMAIL, account="mail", sent_at=NOW,
        restorable_until=NOW,
    )  # fmt: skip
    figures = await counted(world, aside)
    assert figures["sanad_messages_set_aside_total:email,spam"] == 1
    assert not figures.get("sanad_messages_accepted_total:email")


async def test_a_ticket_is_routed_again_only_when_its_team_changes(world: World) -> None:
    figures = await counted(
        world,
        f.TicketRouted(ticket="t1", former_team="first", team="cards", tier=1, cause="asked"),
        f.TicketRouted(ticket="t1", former_team="cards", team="cards", tier=2, cause="asked"),
    )
    assert figures["sanad_tickets_routed_total:asked,cards"] == 1


async def test_refusals_are_counted_by_reason_and_resolutions_by_cause(world: World) -> None:
    refusal: dict[str, Any] = {"desk": OURS, "command_type": "sanad.work.take.v1", "by": "sara"}
    figures = await counted(
        world,
        f.CommandSettled(**refusal, command="x1", outcome="refused", reason="not_waiting"),
        f.CommandSettled(**refusal, command="x2", outcome="done"),
        say.status(Status.RESOLVED),
        say.status(Status.PENDING),
        f.DeliveryReported(message="r1", delivery="d1", ticket="t1", outcome="failed", permanent=True),
    )
    assert figures["sanad_commands_refused_total:not_waiting"] == 1
    assert figures["sanad_commands_settled_total:sanad.work.take.v1,refused"] == 1
    assert figures["sanad_commands_settled_total:sanad.work.take.v1,done"] == 1
    assert figures["sanad_tickets_resolved_total:asked"] == 1
    assert figures["sanad_deliveries_reported_total:failed"] == 1


async def test_promises_are_counted_by_outcome_and_breaches_by_how_late_they_were_noticed(world: World) -> None:
    await world.say(f.TargetBreached(**CLOCK, verdict="w1", due_at=NOW - 40), topic=SLA.name, at=NOW)
    figures = await counted(
        world,
        f.TargetMet(**CLOCK, verdict="w2", stopped_at=NOW, due_at=NOW, elapsed=5),
        f.TargetCancelled(**CLOCK, verdict="w3", cause="spam"),
        f.TargetWarned(**CLOCK, warning=0, due_at=NOW),
        topic=SLA.name,
    )
    for outcome in ("met", "breached", "cancelled"):
        assert figures[f"sanad_targets_settled_total:{outcome},first_reply"] == 1
    assert figures["sanad_targets_warned_total:first_reply"] == 1
    assert figures["sanad_breach_detection_seconds_sum:first_reply"] == 0.04


async def test_surveys_are_counted_by_what_became_of_them_and_answers_by_score(world: World) -> None:
    answered = example(f.SurveyAnswered.TYPE).model_copy(update={"score": 4, "kind": "csat"})
    assert isinstance(answered, f.SurveyAnswered)
    scheduled = f.SurveyScheduled(**SURVEY, customer="c1", owner="sara", team="first", channel="email", send_at=NOW)
    sent = [f.SurveySent(**SURVEY, message=f"m{reminder}", reminder=reminder) for reminder in (False, True)]
    figures = await counted(world, scheduled, *sent, answered, topic="sanad.surveys")
    for outcome in ("scheduled", "sent", "reminded", "answered"):
        assert figures[f"sanad_surveys_total:csat,{outcome}"] == 1
    assert figures["sanad_survey_answers_total:csat,4"] == 1


async def test_what_cannot_be_read_counts_nothing_and_stops_nothing(world: World) -> None:
    metrics = Metrics()
    broken = Record(DESK.name, 0, 0, NOW, b"desk", b"{", (("ce_type", b"sanad.ticket.opened.v1"),))
    Figures(metrics, world.clock).count([broken])
    assert not [name for name, value in (await shown(metrics)).items() if name.startswith("sanad_") and value]


def test_every_row_is_a_fact_of_ours() -> None:
    assert set(ROWS) <= {*DESK_FACTS, *SLA_FACTS, *SURVEY_FACTS}


async def look(world: World) -> dict[str, float]:
    metrics = Metrics()
    gauges = Gauges(metrics, world.documents, world.desks, world.dead_letters, world.clock)
    metrics.on_look(gauges.refresh)
    await gauges.refresh()
    return await shown(metrics)


async def test_the_queue_is_shown_by_team_with_the_age_of_its_oldest_item(world: World) -> None:
    await apply_policy(world, ("first", "cards"))
    await world.say(
        say.opened("t1", 1), say.queued("t1", "t1", waiting_since=NOW - 9_000, head_start=0),
        say.opened("t2", 2), say.queued("t2", "t2", waiting_since=NOW - 5_000, head_start=60_000),
        say.task("k1"), say.queued("k1", "t1", WorkKind.TASK, waiting_since=NOW - 20_000, head_start=0, team="cards"),
    )  # fmt: skip
    await world.catch_up()
    figures = await look(world)
    assert figures[f"sanad_queue_items:{OURS},first"] == 2
    assert figures[f"sanad_queue_items:{OURS},cards"] == 1
    assert figures[f"sanad_queue_oldest_seconds:{OURS}"] == 20
    assert figures[f"sanad_queue_oldest_seconds:{THEIRS}"] == 0


async def test_the_oldest_is_found_behind_many_more_urgent_ones(world: World) -> None:
    await apply_policy(world, ("first",))
    urgent = [
        Put(
            TICKETS.name, OURS, f"u{number:04}", 5, _waiting(NOW - 1_000 - number, head_start=3_600_000)
        )
        for number in range(450)
    ]  # fmt: skip
    await world.documents.write([*urgent, Put(TICKETS.name, OURS, "old", 5, _waiting(NOW - 700_000, head_start=0))])
    assert (await look(world))[f"sanad_queue_oldest_seconds:{OURS}"] == 700


def _waiting(since: int, *, head_start: int) -> dict[str, Any]:
    return {
        "work_state": "queued", "team": "first", "waiting_since": since, "rank": since - head_start,
        "priority": Priority.NORMAL, "number": since,
    }  # fmt: skip


async def test_open_promises_tickets_agents_and_letters_are_shown_per_desk(world: World) -> None:
    clock: dict[str, Any] = {
        "started_at": NOW, "budget": 1, "calendar": None, "sla_policy": "usual", "policy_version": 1,
    }  # fmt: skip
    await world.say(
        f.TargetStarted(**CLOCK, **clock, due_at=NOW - 1),
        f.TargetStarted(**{**CLOCK, "target": "resolution"}, **clock, due_at=NOW + 90_000),
        topic=SLA.name,
    )
    await world.say(say.agent(), f.PresenceChanged(agent="sara", state="ready"), say.opened())
    await world.catch_up()
    await world.dead_letters.keep_request("mail", b"raw", "not readable", desk=OURS)
    figures = await look(world)
    assert figures[f"sanad_open_clocks:{OURS},running"] == 2
    assert figures[f"sanad_overdue_clocks:{OURS}"] == 1
    assert figures[f"sanad_ready_agents:{OURS}"] == 1
    assert figures[f"sanad_desk_tickets:{OURS},new"] == 1
    assert figures[f"sanad_kept_dead_letters:{OURS}"] == 1
    assert figures[f"sanad_kept_dead_letters:{THEIRS}"] == 0


async def apply_policy(world: World, teams: Sequence[str]) -> None:
    """As far as gauges look: which teams there are."""
    body = {"version": 1, "policy": {"teams": {team: {} for team in teams}}}
    await world.documents.write([Put("desk", OURS, "policy", 1, body)])
