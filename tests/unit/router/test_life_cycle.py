"""new, open, pending, on hold, resolved, closed: who moves a ticket, and what moves by itself."""

import pytest

from services.router.rules.update_checks import LEGAL
from shared.catalogue.facts import MessageReceived, StatusChanged, TicketOpened, TicketsLinked, WorkAssigned
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Status
from tests.unit.router.driving import World
from tests.unit.router.policies import changed

NEW, OPEN, PENDING, ON_HOLD = Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD
RESOLVED, CLOSED = Status.RESOLVED, Status.CLOSED
HELLO = {"text": "hello"}


def ticket_in(world: World, status: Status) -> str:
    """An answered ticket brought to this status; a new one is unanswered."""
    ticket = world.mail("sara").ticket
    if status is CLOSED:
        world.update(ticket, status=RESOLVED)
    if status is not NEW:
        reason = "supplier" if status is ON_HOLD else None
        assert world.update(ticket, status=status, hold_reason=reason, reply=HELLO).refusal is None
    assert world.desk.tickets[ticket].status is status
    return ticket


@pytest.mark.parametrize("after", list(Status))
@pytest.mark.parametrize("before", [NEW, OPEN, PENDING, ON_HOLD, RESOLVED])
def test_the_table_of_legal_changes_is_what_happens(before: Status, after: Status) -> None:
    world = World()
    ticket = ticket_in(world, before)
    outcome = world.update(ticket, status=after, hold_reason="supplier" if after is ON_HOLD else None, reply=HELLO)
    if after in LEGAL[before]:
        assert outcome.refusal is None
        assert world.desk.tickets[ticket].status is after
    else:
        assert outcome.refusal == "illegal_status"
        assert world.desk.tickets[ticket].status is before


@pytest.mark.parametrize("status", list(Status))
def test_nothing_can_be_asked_of_a_closed_ticket(status: Status) -> None:
    world = World()
    ticket = ticket_in(world, CLOSED)
    assert world.update(ticket, status=status, hold_reason=None).refusal == "ticket_not_live"


def test_asking_for_the_status_it_has_is_done_and_changes_nothing() -> None:
    world = World()
    ticket = ticket_in(world, PENDING)
    outcome = world.update(ticket, status=PENDING)
    assert (outcome.refusal, outcome.of(StatusChanged)) == (None, [])


def test_a_resolution_is_counted_dated_and_has_a_cause() -> None:
    world = World()
    ticket = ticket_in(world, OPEN)
    changed_to = world.update(ticket, status=RESOLVED).one(StatusChanged)
    assert (changed_to.resolution, changed_to.cause, changed_to.until) == (1, "solved", world.at + 7 * DAY)
    world.update(ticket, status=OPEN)
    again = world.update(ticket, status=RESOLVED, resolution_cause="silent").one(StatusChanged)
    assert (again.resolution, again.cause) == (2, "silent")


def test_who_owned_it_is_frozen_with_the_resolution() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    assert world.update(ticket, "amal", status=RESOLVED).one(StatusChanged).owner == "amal"


@pytest.mark.parametrize(("team", "window"), [("front", 7 * DAY), ("cards", DAY)])
def test_the_reopen_window_is_the_teams_else_the_desks(team: str, window: int) -> None:
    world = World()
    ticket = world.mail("sara", "card" if team == "cards" else ()).ticket
    assert world.update(ticket, status=RESOLVED).one(StatusChanged).until == world.at + window


def test_a_reply_within_the_window_reopens() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    world.wait(7 * DAY - MINUTE)
    outcome = world.answer(ticket, "sara")
    changed_to = outcome.one(StatusChanged)
    assert (changed_to.status, changed_to.cause, changed_to.reopens) == (OPEN, "reopened", 1)


def test_the_window_closes_the_ticket_by_itself() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    changed_to = world.wait(7 * DAY).one(StatusChanged)
    assert (changed_to.status, changed_to.cause, changed_to.resolution) == (CLOSED, "window_ended", 1)
    assert ticket not in world.desk.tickets


def test_a_window_that_ends_just_before_a_reply_is_over() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    conversation = world.desk.tickets[ticket].conversations[0]
    world.at += 7 * DAY  # the tick is late: the reply is the first to show the time
    outcome = world.mail("sara", thread={"conversation": conversation})
    assert [fact.status for fact in outcome.of(StatusChanged)] == [CLOSED]
    assert outcome.one(TicketsLinked).kind == "follow_up_of"


def test_thanks_alone_reopen_nothing_but_are_recorded() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    outcome = world.answer(ticket, "sara", thanks=True)
    assert outcome.names == ["MessageReceived"]
    assert outcome.one(MessageReceived).thanks


def test_thanks_do_not_make_a_customer_wait() -> None:
    world = World()
    ticket = ticket_in(world, PENDING)
    world.update(ticket, reply={"text": "done"})
    outcome = world.answer(ticket, "sara", thanks=True)
    assert outcome.names == ["MessageReceived"]
    assert world.desk.tickets[ticket].waiting_since is None


def test_a_second_reopening_counts_too() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    world.answer(ticket, "sara")
    world.update(ticket, status=RESOLVED)
    assert world.answer(ticket, "sara").one(StatusChanged).reopens == 2


def test_an_agent_may_reopen_by_hand() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=RESOLVED)
    outcome = world.update(ticket, "amal", status=OPEN)
    assert outcome.one(StatusChanged).cause == "reopened_by_agent"
    assert outcome.one(WorkAssigned).agent == "amal"


def test_a_hold_ends_by_itself_at_the_time_said() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=ON_HOLD, hold_reason="snoozed", until=world.at + HOUR)
    assert world.wait(HOUR - MINUTE).facts == []
    outcome = world.wait(MINUTE)
    assert (outcome.one(StatusChanged).status, outcome.one(StatusChanged).cause) == (OPEN, "hold_ended")
    assert (outcome.one(WorkAssigned).agent, outcome.one(WorkAssigned).how) == ("amal", "returned")


def test_a_hold_without_an_end_gets_its_reasons_longest() -> None:
    world = World()
    ticket = ticket_in(world, ON_HOLD)
    assert world.desk.tickets[ticket].until == world.at + 10 * DAY


def test_a_snooze_without_end_stays() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=ON_HOLD, hold_reason="snoozed", reply=HELLO)
    assert world.wait(300 * DAY).of(StatusChanged) == []
    assert world.desk.tickets[ticket].status is ON_HOLD


def test_a_hold_can_be_prolonged() -> None:
    world = World()
    ticket = ticket_in(world, ON_HOLD)
    outcome = world.update(ticket, status=ON_HOLD, hold_reason="snoozed", until=world.at + DAY)
    assert (outcome.one(StatusChanged).until, outcome.one(StatusChanged).hold_reason) == (world.at - 1 + DAY, "snoozed")


def test_a_reply_ends_a_hold_and_its_timer() -> None:
    world = World()
    ticket = ticket_in(world, ON_HOLD)
    world.answer(ticket, "sara")
    assert world.wait(20 * DAY).of(StatusChanged) == []


def test_a_resolved_ticket_takes_its_rows_with_it() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    conversation = world.desk.tickets[ticket].conversations[0]
    world.wait(8 * DAY)
    assert conversation not in world.desk.conversations
    assert (len(world.desk.tickets), len(world.desk.conversations)) == (0, 0)


def test_a_short_window_closes_but_keeps_the_rows_for_the_survey() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 0s"))
    ticket = world.mail("sara").ticket
    world.update(ticket, status=RESOLVED)
    world.tick()
    assert world.desk.tickets[ticket].status is CLOSED
    world.wait(DAY)
    assert ticket in world.desk.tickets
    world.wait(6 * DAY)
    world.tick()
    assert ticket not in world.desk.tickets


def test_closing_by_hand_is_possible_once_resolved() -> None:
    world = World()
    ticket = ticket_in(world, RESOLVED)
    assert world.update(ticket, status=CLOSED).one(StatusChanged).cause == "asked"


def test_the_first_touch_opens_a_new_ticket() -> None:
    for touch in ({"reply": {"text": "hello"}}, {"note": "hm"}):
        world = World()
        ticket = world.mail("sara").ticket
        changed_to = world.update(ticket, **touch).one(StatusChanged)
        assert (changed_to.former, changed_to.status, changed_to.cause) == (NEW, OPEN, "touched")


def test_fields_and_tags_are_no_touch() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.update(ticket, add_tags=("x",), fields={"order": "1"}).of(StatusChanged) == []


def test_being_given_a_ticket_is_no_touch() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    assert world.desk.tickets[ticket].status is NEW


def test_a_public_reply_leaves_an_open_ticket_open() -> None:
    world = World()
    ticket = ticket_in(world, OPEN)
    assert world.update(ticket, reply={"text": "we look into it"}).of(StatusChanged) == []


def test_a_new_message_for_a_closed_ticket_is_a_new_ticket() -> None:
    world = World()
    ticket = ticket_in(world, CLOSED)
    assert world.mail("sara").one(TicketOpened).ticket != ticket
