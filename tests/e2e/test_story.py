"""The story, from outside the running desk: 300 real messages in two languages through two doors, repeated, out of order."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.events import Event, at, evidence, kind, of_kind
from tests.e2e.expectation import Expectation
from tests.e2e.living_desk import LivingDesk
from tests.e2e.policies import write_fast_policy
from tests.e2e.story.looking import Look
from tests.e2e.story.shifts import LOST
from tests.e2e.story.stage import Ticket
from tests.e2e.story.telling import Story, tell
from tests.engines import kafka
from tests.engines.brokers_lost import losing_brokers
from tests.engines.installation import ENGINES_OF_STORIES, THREE_BROKERS
from tests.invariants.changes import check_changes
from tests.invariants.clocks import check_clocks
from tests.invariants.holding import (
    check_capacity,
    check_nobody_waits_in_vain,
    check_one_holder,
    check_order_of_service,
)
from tests.invariants.ids import check_verdict_ids
from tests.invariants.order import check_order
from tests.invariants.surveys import check_surveys
from tests.traffic.corpus import MESSAGES, is_there, wordings
from tests.traffic.plan import plan

COUNT, LOSTS = 300, 3
OPEN_FLOOR = (check_one_holder, check_capacity, check_order_of_service, check_nobody_waits_in_vain)
OPEN_LOG = (check_order, check_changes, check_clocks, check_verdict_ids, check_surveys)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[*ENGINES_OF_STORIES, *THREE_BROKERS])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    if not is_there():
        pytest.skip(f"THE STORY IS NOT TOLD: its messages are not in {MESSAGES}")
    folder = tmp_path_factory.mktemp("story")
    desk = LivingDesk(folder, write_fast_policy(folder))
    desk.environment.update(request.param())
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@pytest.fixture(scope="module")
def story(desk: LivingDesk) -> Story:
    messages = plan(wordings(11, COUNT), seed=5)
    if "," not in desk.environment.get("SANAD_KAFKA_SERVERS", ""):
        return asyncio.run(tell(desk, messages))
    with losing_brokers(kafka.cluster(3)) as losses:
        told = asyncio.run(tell(desk, messages))
    assert losses.killed
    print(f"\nbrokers killed meanwhile: {losses.killed}")
    return told


@pytest.fixture(scope="module")
def expectation(desk: LivingDesk) -> Expectation:
    return Expectation(desk.policy)


def homes(story: Story, mark: str) -> list[tuple[str, str]]:
    """(conversation, ticket) of every message of a customer in whose text the mark stands."""
    return [
        (message["thread"], whole["id"])
        for whole in story.wholes
        for message in whole["messages"]
        if message["kind"] == "received" and mark in message["content"]["text"]
    ]


def whole(story: Story, ticket: str) -> Ticket:
    return next(one for one in story.wholes if one["id"] == ticket)


def opening(story: Story) -> dict[str, dict[str, Any]]:
    return {body["ticket"]: body for body in of_kind(story.events, "ticket.opened")}


# In.


def test_every_delivery_is_acknowledged_and_every_message_is_in_exactly_one_conversation(story: Story) -> None:
    assert story.refused == {}
    assert set(story.acknowledged) == set(range(COUNT))
    assert story.deliveries > COUNT * 1.5
    places = {message.number: homes(story, message.mark) for message in story.messages}
    assert {number: found for number, found in places.items() if len(found) != 1} == {}


def test_a_repeated_message_has_no_second_effect(story: Story) -> None:
    received = of_kind(story.events, "message.received")
    assert len({body["message"] for body in received}) == len(received)
    late = len(story.answered.customers) + len(story.answered.forged) + len(story.answered.strangers) + 2
    assert len(received) == COUNT + late
    assert story.aside == []


def test_files_are_there_as_they_were_sent(story: Story) -> None:
    marks = {message.mark: message.file for message in story.messages if message.file}
    found = {
        mark: story.files[message["id"]]
        for whole in story.wholes
        for message in whole["messages"]
        for mark in marks
        if message["id"] in story.files and mark in message["content"]["text"]
    }
    assert found == marks
    assert len(story.files) == len(marks) >= COUNT // 10


def test_both_languages_and_both_doors_were_taken(story: Story) -> None:
    tickets = opening(story).values()
    assert {body["channel"] for body in tickets} == {"webform", "email"}
    assert {"ar", "en"} <= {body["language"] for body in tickets}


# Who gets it.


def test_specialty_follows_the_rules(story: Story, expectation: Expectation) -> None:
    opened = opening(story)
    wrong = {}
    for message in story.messages:
        ((_, ticket),) = homes(story, message.mark)
        found = opened[ticket]["rule"], opened[ticket]["team"]
        if found != (expected := expectation.rule_and_team(message)):
            wrong[message.text] = (expected, found)
    assert wrong == {}
    assert len({body["team"] for body in opened.values()}) >= 5


def test_capacity_is_never_exceeded_and_nobody_waits_in_vain(story: Story) -> None:
    told = evidence(story.events)
    assert [violation for check in OPEN_FLOOR for violation in check(told)] == []
    assert Counter(body["how"] for body in of_kind(story.events, "work.assigned"))["automatic"] >= COUNT


def test_every_assignment_says_why(story: Story) -> None:
    automatic = [body for body in of_kind(story.events, "work.assigned") if body["how"] == "automatic"]
    assert all(body["why"]["rule"] and body["why"]["policy_version"] for body in automatic)


def test_nobody_was_refused_what_they_held(story: Story) -> None:
    assert [shift.refused for shift in story.shifts] == [[], []]
    assert sum(shift.updates for shift in story.shifts) >= COUNT


# Conversation.


def test_an_answer_joins_the_conversation_it_answers_by_address_or_by_message_id(story: Story) -> None:
    assert len(story.answered.customers) > 20
    for mark, home in story.answered.customers.items():
        assert homes(story, mark) == [home], mark


def test_an_answer_makes_it_the_desks_turn_and_returns_to_whom_it_knows(story: Story) -> None:
    tickets = {ticket for _, ticket in story.answered.customers.values()}
    turned = {
        body["ticket"] for body in of_kind(story.events, "ticket.status_changed") if body["cause"] == "customer_replied"
    }
    assert turned == tickets
    returned = [body for body in of_kind(story.events, "work.assigned") if body["how"] == "returned"]
    assert {body["ticket"] for body in returned} >= tickets


def test_a_forged_token_joins_nothing(story: Story) -> None:
    for mark, (conversation, ticket) in story.answered.forged.items():
        ((found, opened),) = homes(story, mark)
        assert (found, opened) != (conversation, ticket)
        assert whole(story, opened)["links"] == []


def test_a_strangers_reply_opens_a_linked_ticket(story: Story) -> None:
    assert story.answered.strangers
    for mark, (conversation, ticket) in story.answered.strangers.items():
        ((found, opened),) = homes(story, mark)
        assert found != conversation
        assert whole(story, opened)["links"] == [{"kind": "child_of", "ticket": ticket, "reverse": False}]


def test_every_mail_of_ours_is_in_the_outbox_once_and_says_that_it_was_not_sent(story: Story) -> None:
    sent = [body["delivery"] for body in of_kind(story.events, "message.sent")]
    assert sorted(story.letters) == sorted(sent)
    reported = of_kind(story.events, "delivery.reported")
    assert Counter(body["delivery"] for body in reported) == Counter(sent)
    assert {body["outcome"] for body in reported} == {"stored"}
    assert all("X-Sanad-Not-Sent" in letter.mail for letter in story.letters.values())
    assert len({letter.message_id for letter in story.letters.values()}) == len(sent)


# Clocks.


def test_unanswered_lost_cards_breach_after_they_were_due_and_before_anybody_answered(story: Story) -> None:
    lost = {
        ticket for ticket, body in opening(story).items() if body["category"] in LOST and body["priority"] == "urgent"
    }
    breached = {
        event["data"]["ticket"]: (at(event), event["data"]["due_at"])
        for event in story.events
        if kind(event) == "target.breached" and event["data"]["target"] == "first_reply"
    }
    assert len(lost) >= LOSTS
    assert breached.keys() == lost
    answered = {event["data"]["ticket"]: at(event) for event in reversed(story.events) if _is_answer(event)}
    for ticket, (judged, due) in breached.items():
        assert due < judged < answered[ticket]
    # a mail's promise may have been broken before the mail arrived
    opened = {event["data"]["ticket"]: at(event) for event in story.events if kind(event) == "ticket.opened"}
    late = sorted(judged - max(due, opened[ticket]) for ticket, (judged, due) in breached.items())
    print(f"\nbreaches: {len(late)}, lateness in ms: median {late[len(late) // 2]}, most {late[-1]}")


def _is_answer(event: Event) -> bool:
    return kind(event) == "message.sent" and event["data"]["author_kind"] == "agent"


def test_a_promise_of_two_seconds_is_two_seconds(story: Story) -> None:
    lost = [
        body
        for body in of_kind(story.events, "target.started")
        if (body["sla_policy"], body["target"]) == ("lost-card", "first_reply")
    ]
    assert lost
    assert {body["due_at"] - body["started_at"] for body in lost} == {2_000}


# Surveys.


def test_every_resolution_is_asked_about_at_most_once_and_every_customer_once(story: Story) -> None:
    resolutions = [
        (body["ticket"], body["resolution"])
        for body in of_kind(story.events, "ticket.status_changed")
        if body["status"] == "resolved"
    ]
    scheduled = of_kind(story.events, "survey.scheduled")
    assert Counter((body["ticket"], body["resolution"]) for body in scheduled) == Counter(resolutions)
    customers = Counter(body["customer"] for body in scheduled)
    asked = {body["survey"]: body["customer"] for body in scheduled}
    sent = Counter(asked[body["survey"]] for body in of_kind(story.events, "survey.sent"))
    assert sent == Counter(customers.keys())
    skipped = of_kind(story.events, "survey.skipped")
    assert len(skipped) == len(scheduled) - len(sent)
    assert {body["reason"] for body in skipped} == {"asked_recently"}


def test_each_invitation_lies_in_the_outbox_with_a_link_of_its_own(story: Story) -> None:
    sent = [body["delivery"] for body in of_kind(story.events, "message.sent") if body.get("survey")]
    links = [story.letters[delivery].link for delivery in sent]
    assert len(sent) == len(of_kind(story.events, "survey.sent"))
    assert all(links)
    assert len(set(links)) == len(links)
    assert sorted(links) == sorted(letter.link for letter in story.letters.values() if letter.link)


def test_looking_counts_nothing_sending_counts_once(story: Story) -> None:
    assert set(story.asked.statuses["look"]) == {200}
    assert set(story.asked.statuses["send"]) == {200}
    assert set(story.asked.statuses["again"]) == {410}
    assert story.asked.counted == [0, 2, 2]
    scores = {body["ticket"]: body["score"] for body in of_kind(story.events, "survey.answered")}
    assert scores == {story.asked.good: 5, story.asked.low: 1}


def test_a_low_score_is_the_leads_task_and_a_good_one_nobodys(story: Story) -> None:
    (task,) = story.tasks
    assert (task["purpose"], task["ticket"], task["state"]) == ("low_score", story.asked.low, "open")
    (queued,) = [body for body in of_kind(story.events, "work.queued") if body["kind"] == "task"]
    assert [skill["id"] for skill in queued["skills"]] == ["role:lead"]
    assert task["holder"] == "sami"


def test_thanks_do_not_reopen_and_a_real_reply_does(story: Story) -> None:
    thanked, reopened = whole(story, story.asked.thanked), whole(story, story.asked.reopened)
    assert thanked["status"] == "resolved"
    assert any(message["content"]["text"].strip() == "شكراً" for message in thanked["messages"])
    assert (reopened["status"], reopened["work_state"]) == ("open", "held")
    causes = [body["ticket"] for body in of_kind(story.events, "ticket.status_changed") if body["cause"] == "reopened"]
    assert causes == [story.asked.reopened]


# All views agree.


def test_the_log_of_events_keeps_its_promises(story: Story) -> None:
    told = evidence(story.events)
    assert [violation for check in OPEN_LOG for violation in check(told)] == []


def test_the_feed_told_the_same_as_the_export_through_many_hang_ups(story: Story) -> None:
    assert story.calls > 5
    for source in ("router", "sla", "survey"):
        heard = [event["id"] for event in story.heard if event["source"] == source]
        assert heard == [event["id"] for event in story.from_events if event["source"] == source]
    assert {event["id"]: event for event in story.heard} == {event["id"]: event for event in story.from_events}


@pytest.fixture(params=["early", "late"])
def moment(story: Story, request: pytest.FixtureRequest) -> Look:
    """While a hundred wait and nobody works; and when all is done."""
    return story.early if request.param == "early" else story.late


def test_lists_say_what_the_events_say(moment: Look) -> None:
    status, holder, _ = fold(moment.events)
    assert {one["id"]: one["status"] for one in moment.tickets} == status
    assert {one["id"]: one["holder"] for one in moment.tickets} == {ticket: holder.get(ticket) for ticket in status}
    assert sorted(one["number"] for one in moment.tickets) == list(range(1, len(status) + 1))
    held = Counter(agent for agent in holder.values() if agent)
    assert {one["id"]: one["held"] for one in moment.agents if one["held"]} == held


def test_queue_and_board_say_what_the_events_say(moment: Look) -> None:
    status, _, waiting = fold(moment.events)
    ready = sum(agent["state"] == "ready" for agent in moment.agents)
    breached = {body["ticket"] for body in of_kind(moment.events, "target.breached")}
    assert moment.waiting == len(waiting)
    assert moment.board["Waiting"] == str(len(waiting))
    assert moment.board["Open"] == str(sum(one in {"new", "open"} for one in status.values()))
    assert moment.board["Agents ready"] == str(ready) == "9"
    assert moment.board["Promise missed"] == str(sum(status[ticket] != "resolved" for ticket in breached))


def test_operators_figures_say_what_the_events_say(moment: Look) -> None:
    status, _, waiting = fold(moment.events)
    assert moment.counted("sanad_desk_tickets") == Counter((one,) for one in status.values())
    assert sum(moment.counted("sanad_queue_items").values()) == len(waiting)
    assert moment.counted("sanad_ready_agents") == {(): 9}
    assert moment.counted("sanad_messages_accepted_total") == count(moment, "message.received", "channel")
    assert moment.counted("sanad_tickets_opened_total") == count(moment, "ticket.opened", "cause", "channel")
    assert moment.counted("sanad_work_assigned_total") == count(moment, "work.assigned", "how")
    assert moment.counted("sanad_deliveries_reported_total") == count(moment, "delivery.reported", "outcome")
    assert moment.counted("sanad_survey_answers_total") == count(moment, "survey.answered", "kind", "score")
    settled = Counter(
        (kind(event).removeprefix("target."), event["data"]["target"])
        for event in moment.events
        if kind(event) in {"target.met", "target.breached", "target.cancelled"}
    )
    assert moment.counted("sanad_targets_settled_total") == settled
    for nothing in ("sanad_kept_dead_letters", "sanad_dead_letters_total", "sanad_broken_rules_total"):
        assert moment.counted(nothing) == {}


def test_doors_count_every_delivery_they_were_handed(story: Story) -> None:
    handed = story.late.counted("sanad_messages_received_total")
    assert handed.total() >= story.deliveries
    assert story.late.counted("sanad_messages_refused_total") == {}


def count(moment: Look, what: str, *labels: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(str(body[label]) for label in labels) for body in of_kind(moment.events, what))


def fold(events: list[Event]) -> tuple[dict[str, str], dict[str, str | None], set[str]]:
    """Status and holder of each item, and what waits, by counting events."""
    status: dict[str, str] = {}
    holder: dict[str, str | None] = {}
    waiting: set[str] = set()
    for event in events:
        body, what = event["data"], kind(event)
        if what == "ticket.opened":
            status[body["ticket"]] = "new"
        elif what == "ticket.status_changed":
            status[body["ticket"]] = body["status"]
        elif what == "work.queued":
            waiting.add(body["work"])
        elif what in {"work.assigned", "work.finished", "work.released"}:
            waiting.discard(body["work"])
            holder[body["work"]] = body["agent"] if what == "work.assigned" else None
    return status, holder, waiting


def test_clocks_shown_are_those_of_the_log(story: Story) -> None:
    last: dict[tuple[str, str], str] = {}
    for event in story.events:
        if kind(event).startswith("target.") and kind(event) not in {"target.warned", "target.replanned"}:
            last[event["data"]["ticket"], event["data"]["target"]] = kind(event).removeprefix("target.")
    said = {"started": "running", "resumed": "running"}
    shown = {(one["id"], clock["target"]): clock["state"] for one in story.wholes for clock in one["clocks"]}
    assert shown == {key: said.get(state, state) for key, state in last.items()}


def test_no_text_of_a_customer_is_in_events_logs_or_metrics(story: Story) -> None:
    told = f"{story.events} {story.log} {story.late.metrics}"
    assert not any(message.mark in told or message.address in told for message in story.messages)
