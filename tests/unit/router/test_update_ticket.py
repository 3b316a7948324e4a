"""`update_ticket` does all of it or nothing."""

from typing import Any

import pytest

from shared.catalogue.facts import (
    CommandSettled,
    FieldsChanged,
    MessageNoted,
    MessageSent,
    OwnerChanged,
    SpamMarked,
    StatusChanged,
    TaskOpened,
    TicketCategorised,
    TicketPrioritised,
    TicketRouted,
    TicketTagged,
    WorkAssigned,
    WorkFinished,
    WorkQueued,
    WorkReleased,
)
from shared.catalogue.values import Principal
from shared.clock import DAY, HOUR
from shared.ids import note_id, promise_id, reply_id
from shared.policy.terms import Priority, Status, TicketType
from tests.unit.router.driving import ADMIN, World, principal
from tests.unit.router.policies import policy


@pytest.fixture
def world() -> World:
    return World()


def staffed(world: World) -> str:
    """Amal on the front team, with one ticket of Sara's."""
    world.agent("amal")
    return world.mail("sara").ticket


def test_a_macro_is_one_command(world: World) -> None:
    ticket = staffed(world)
    outcome = world.update(
        ticket, "amal", reply={"text": "hello"}, note="checked", status=Status.PENDING, priority=Priority.HIGH,
        ticket_type=TicketType.PROBLEM, category="billing", add_tags=("late",), fields={"order": "1"},
        promise={"due_at": world.at + DAY},
    )  # fmt: skip
    kinds = (
        MessageSent, MessageNoted, StatusChanged, TicketPrioritised, TicketCategorised, TicketTagged, FieldsChanged,
        TaskOpened, CommandSettled,
    )  # fmt: skip
    for kind in kinds:
        assert len(outcome.of(kind)) == 1, kind
    row = world.desk.tickets[ticket]
    assert (row.status, row.priority, row.category, row.tags) == (Status.PENDING, Priority.HIGH, "billing", ("late",))


def test_what_was_made_is_named_in_the_outcome(world: World) -> None:
    ticket = staffed(world)
    outcome = world.update(
        ticket, "amal", reply={"text": "hello"}, note="n", promise={"due_at": world.at + DAY}
    )  # fmt: skip
    command = outcome.settled.command
    assert outcome.settled.made == {
        "message": reply_id(command), "note": note_id(command), "task": promise_id(command),
    }  # fmt: skip
    assert outcome.one(MessageSent).message == reply_id(command)
    assert outcome.one(MessageNoted).message == note_id(command)
    assert outcome.one(TaskOpened).task == promise_id(command)


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"status": Status.CLOSED}, "illegal_status"),
    ({"status": Status.ON_HOLD}, "hold_reason_needed"),
    ({"status": Status.ON_HOLD, "hold_reason": "weather"}, "unknown_hold_reason"),
    ({"status": Status.ON_HOLD, "hold_reason": "snoozed", "until": 1}, "until_in_past"),
    ({"status": Status.ON_HOLD, "hold_reason": "supplier", "until": 1 << 60}, "hold_too_long"),
    ({"until": 1 << 60}, "until_without_hold"),
    ({"status": Status.PENDING, "hold_reason": "snoozed"}, "until_without_hold"),
    ({"owner": "nobody"}, "no_such_agent"),
    ({"team": "nowhere"}, "no_such_team"),
    ({"category": "weather"}, "unknown_category"),
    ({"promise": {"due_at": 1}}, "due_in_past"),
    ({"reply": {"text": "x", "conversation": "elsewhere"}}, "no_such_conversation"),
    ({"reply": {"text": "x"}, "seen": 1}, "newer_messages"),
    ({"add_tags": tuple(f"tag{n}" for n in range(31))}, "too_many_tags"),
]


@pytest.mark.parametrize(("fields", "reason"), REFUSALS, ids=[reason for _, reason in REFUSALS])
def test_one_thing_wrong_refuses_everything(world: World, fields: dict[str, Any], reason: str) -> None:
    ticket = staffed(world)
    before = world.desk.tickets[ticket].status
    outcome = world.update(ticket, "amal", **{"priority": Priority.URGENT, "add_tags": ("never",)} | fields)
    assert outcome.names == ["CommandSettled"]
    assert (outcome.settled.outcome, outcome.refusal) == ("refused", reason)
    assert (world.desk.tickets[ticket].status, world.desk.tickets[ticket].priority) == (before, Priority.NORMAL)


def test_an_unknown_ticket_is_refused(world: World) -> None:
    assert world.update("nowhere", note="n").refusal == "ticket_not_live"


def test_an_agent_may_not_touch_another_teams_ticket(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar", "billing")
    assert world.update(ticket, "omar", note="n").refusal == "forbidden"
    assert world.update(ticket, "lena", note="n").refusal is None


def test_an_owner_may_go_on_with_what_left_their_team(world: World) -> None:
    ticket = staffed(world)
    world.update(ticket, team="billing", owner="amal")
    assert world.desk.tickets[ticket].team == "billing"
    assert world.update(ticket, "amal", note="n").refusal is None


def test_a_secondary_team_is_a_team(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar", "billing", secondary=("front",))
    assert world.update(ticket, "omar", note="n").refusal is None


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (principal("key", "integrator", ("tickets:write",)), None),
        (principal("key", "integrator", ("tickets:read",)), "forbidden"),
        (principal("sara", "customer"), "forbidden"),
        (ADMIN, None),
    ],
)
def test_roles_and_scopes_decide(world: World, who: Principal, refusal: str | None) -> None:
    ticket = staffed(world)
    assert world.update(ticket, who, note="n").refusal == refusal


def test_a_reply_written_before_the_last_message_was_seen_is_refused(world: World) -> None:
    ticket = staffed(world)
    seen = world.desk.seq
    assert world.update(ticket, "amal", reply={"text": "one"}, seen=seen).refusal is None
    world.answer(ticket, "sara")
    assert world.update(ticket, "amal", reply={"text": "two"}, seen=seen).refusal == "newer_messages"
    assert world.update(ticket, "amal", reply={"text": "two"}, seen=world.desk.seq).refusal is None


def test_a_note_needs_to_have_seen_nothing(world: World) -> None:
    ticket = staffed(world)
    world.answer(ticket, "sara")
    assert world.update(ticket, "amal", note="n", seen=1).refusal is None


def test_an_automatic_message_is_no_newer_message(world: World) -> None:
    ticket = staffed(world)
    seen = world.desk.seq
    world.answer(ticket, "sara", automatic="auto-replied")
    assert world.update(ticket, "amal", reply={"text": "x"}, seen=seen).refusal is None


def test_whoever_replies_to_a_ticket_nobody_owns_owns_it(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.agent("amal", ready=False)
    outcome = world.update(ticket, "amal", reply={"text": "hello"})
    assert (outcome.one(WorkAssigned).agent, outcome.one(WorkAssigned).how) == ("amal", "taken")
    assert outcome.one(OwnerChanged).owner == "amal"


def test_whoever_replies_to_somebody_elses_ticket_does_not(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar")
    outcome = world.update(ticket, "omar", reply={"text": "hello"})
    assert outcome.of(OwnerChanged) == []
    assert world.desk.tickets[ticket].owner == "amal"


def test_a_note_makes_nobody_an_owner(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.agent("amal", ready=False)
    assert world.update(ticket, "amal", note="n").of(OwnerChanged) == []


def test_a_lead_without_a_seat_replies_without_owning(world: World) -> None:
    ticket = world.mail("sara").ticket
    assert world.update(ticket, "lena", reply={"text": "hello"}).of(WorkAssigned) == []


def test_resolving_a_ticket_nobody_owns_makes_its_solver_the_owner(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.agent("amal", ready=False)
    resolved = world.update(ticket, "amal", status=Status.RESOLVED)
    assert resolved.of(StatusChanged)[-1].owner == "amal"
    assert resolved.one(WorkFinished).agent == "amal"


def test_an_owner_can_be_set_and_taken_away(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar", ready=False)
    given = world.update(ticket, owner="omar")
    assert given.one(WorkReleased).agent == "amal"
    assert (given.one(WorkAssigned).how, given.one(OwnerChanged).former) == ("given", "amal")
    back = world.update(ticket, owner="")
    assert back.one(WorkQueued).not_agent == "omar"
    assert back.assignee == "amal"


def test_taking_it_oneself_is_taking(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar", ready=False)
    assert world.update(ticket, "omar", owner="omar").one(WorkAssigned).how == "taken"


def test_what_others_own_is_not_an_agents_to_release(world: World) -> None:
    ticket = staffed(world)
    world.agent("omar", ready=False)
    assert world.update(ticket, "omar", owner="").refusal == "forbidden"


def test_giving_to_its_owner_changes_nothing(world: World) -> None:
    ticket = staffed(world)
    assert world.update(ticket, owner="amal").names == ["CommandSettled"]


def test_the_owner_of_a_resolved_ticket_is_only_a_name(world: World) -> None:
    ticket = staffed(world)
    world.update(ticket, "amal", status=Status.RESOLVED)
    world.agent("omar", ready=False)
    outcome = world.update(ticket, owner="omar")
    assert outcome.names == ["OwnerChanged", "CommandSettled"]


def test_another_team_gets_it_into_its_queue(world: World) -> None:
    ticket = staffed(world)
    outcome = world.update(ticket, "amal", team="billing")
    assert (outcome.one(TicketRouted).former_team, outcome.one(TicketRouted).team) == ("front", "billing")
    assert outcome.one(WorkReleased).agent == "amal"
    assert (outcome.one(WorkQueued).team, world.desk.tickets[ticket].owner) == ("billing", None)


@pytest.mark.parametrize(
    "said", [{"reply": {"text": "I pass you on"}}, {"status": Status.OPEN}], ids=["reply", "status"]
)
def test_what_is_handed_to_another_team_with_a_word_leaves_its_sender(world: World, said: dict[str, Any]) -> None:
    ticket = staffed(world)
    world.agent("bill", "billing")
    assert world.update(ticket, "amal", team="billing", **said).refusal is None
    assert (world.holders(), world.desk.tickets[ticket].owner) == ({ticket: "bill"}, "bill")


def test_who_resolves_what_was_another_teams_has_resolved_it(world: World) -> None:
    ticket = staffed(world)
    outcome = world.update(ticket, "amal", team="billing", status=Status.RESOLVED)
    assert outcome.of(StatusChanged)[-1].owner == "amal"


def test_whoever_belongs_to_both_teams_keeps_it(world: World) -> None:
    world.agent("amal", secondary=("billing",))
    ticket = world.mail("sara").ticket
    outcome = world.update(ticket, "amal", team="billing")
    assert outcome.of(WorkReleased) == []
    assert world.desk.tickets[ticket].owner == "amal"


def test_age_is_kept_across_teams(world: World) -> None:
    ticket = staffed(world)
    since = world.desk.tickets[ticket].opened
    world.wait(HOUR)
    assert world.update(ticket, "amal", team="billing").one(WorkQueued).waiting_since == since


def test_a_new_priority_moves_a_waiting_ticket_in_its_queue(world: World) -> None:
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    outcome = world.update(second, priority=Priority.URGENT)
    assert outcome.one(WorkQueued).head_start == 8 * HOUR
    world.agent("amal", capacity=2)
    assert world.holders() == {second: "amal"}
    assert world.desk.tickets[first].holding == "queued"


def test_the_same_priority_is_no_change(world: World) -> None:
    ticket = staffed(world)
    assert world.update(ticket, priority=Priority.NORMAL).names == ["CommandSettled"]


def test_tags_come_and_go_once(world: World) -> None:
    ticket = staffed(world)
    tagged = world.update(ticket, add_tags=("a", "b", "a"), remove_tags=("z",)).one(TicketTagged)
    assert (tagged.added, tagged.removed) == (("a", "b"), ())
    tagged = world.update(ticket, add_tags=("b", "c"), remove_tags=("a",)).one(TicketTagged)
    assert (tagged.added, tagged.removed) == (("c",), ("a",))
    assert world.desk.tickets[ticket].tags == ("b", "c")


def test_any_category_will_do_where_the_policy_lists_none() -> None:
    free = World(policy().model_copy(update={"categories": {}}))
    ticket = free.mail("sara").ticket
    assert free.update(ticket, category="weather/rain").one(TicketCategorised).category == "weather/rain"


def test_spam_asks_nobodys_time_and_can_be_taken_back(world: World) -> None:
    ticket = staffed(world)
    outcome = world.update(ticket, "amal", spam=True)
    assert outcome.one(SpamMarked).spam
    assert outcome.one(WorkFinished).cause == "spam"
    back = world.update(ticket, "lena", spam=False)
    assert (back.one(SpamMarked).spam, back.assignee) == (False, "amal")


def test_pending_weighs_nothing_and_makes_room(world: World) -> None:
    world.agent("amal", capacity=2)
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    outcome = world.update(first, "amal", status=Status.PENDING)
    assert outcome.one(WorkAssigned).work == second
    assert world.holders() == {first: "amal", second: "amal"}


def test_putting_a_waiting_ticket_on_hold_takes_it_out_of_the_queue(world: World) -> None:
    ticket = world.mail("sara").ticket
    done = world.update(ticket, status=Status.PENDING, reply={"text": "which card?"})
    assert done.one(WorkFinished).cause == "pending"
    world.agent("amal")
    assert world.holders() == {}
    assert world.answer(ticket, "sara").assignee == "amal"


def test_opening_it_by_hand_queues_what_nobody_owns(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.PENDING, reply={"text": "which card?"})
    assert world.update(ticket, status=Status.OPEN).one(WorkQueued).cause == "asked"


@pytest.mark.parametrize("fields", [{"owner": ""}, {"team": "billing"}], ids=["released", "passed on"])
def test_nobody_puts_a_customer_aside_whom_nobody_has_answered(world: World, fields: dict[str, Any]) -> None:
    ticket = staffed(world)
    assert world.update(ticket, "amal", status=Status.PENDING, **fields).refusal is None
    row = world.desk.tickets[ticket]
    assert (row.status, row.holding) == (Status.OPEN, "queued")


def test_what_nobody_owns_may_wait_for_an_end_that_comes_by_itself(world: World) -> None:
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.ON_HOLD, hold_reason="supplier")
    assert (world.desk.tickets[ticket].status, world.desk.tickets[ticket].holding) == (Status.ON_HOLD, "idle")


def test_a_promise_is_its_owners_task(world: World) -> None:
    ticket = staffed(world)
    due_at = world.at + DAY
    outcome = world.update(ticket, "lena", promise={"due_at": due_at})
    task = outcome.one(TaskOpened)
    assert (task.purpose, task.owner, task.due_at, task.ticket, task.team) == (
        "promise", "amal", due_at, ticket, "front",
    )  # fmt: skip
