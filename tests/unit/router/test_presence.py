"""Ready, away, back; and what becomes of the work of those who are not there."""

import pytest

from shared.catalogue.commands import PlanShifts, SetPresence
from shared.catalogue.facts import PresenceChanged, ShiftsPlanned, WorkAssigned, WorkQueued, WorkReleased
from shared.catalogue.values import Span
from shared.clock import DAY, HOUR, MINUTE
from shared.policy.terms import Channel, Status
from tests.unit.router.driving import ADMIN, LEAD, SYSTEM, Outcome, World, principal
from tests.unit.router.policies import changed


@pytest.fixture
def world() -> World:
    return World()


def held_by_amal(world: World) -> str:
    world.agent("amal")
    return world.mail("sara").ticket


def disconnect(world: World, name: str) -> Outcome:
    return world.send(SetPresence(by=SYSTEM, agent=name, state="not_ready", reason="disconnected"))


def test_a_new_seat_is_not_ready(world: World) -> None:
    world.agent("amal", ready=False)
    world.mail("sara")
    assert (world.desk.agents["amal"].state, world.holders()) == ("not_ready", {})


def test_ready_is_said_once(world: World) -> None:
    world.agent("amal")
    assert world.ready("amal").names == ["CommandSettled"]


def test_channels_are_a_set(world: World) -> None:
    world.agent("amal")
    both = world.ready("amal", Channel.WHATSAPP, Channel.EMAIL, Channel.WHATSAPP)
    assert both.one(PresenceChanged).channels == (Channel.EMAIL, Channel.WHATSAPP)
    assert world.ready("amal", Channel.EMAIL, Channel.WHATSAPP).names == ["CommandSettled"]


@pytest.mark.parametrize(("reason", "limit"), [("break", 20 * MINUTE), ("prayer", 30 * MINUTE), ("training", None)])
def test_the_reason_says_how_long(world: World, reason: str, limit: int | None) -> None:
    world.agent("amal")
    until = world.away("amal", reason).one(PresenceChanged).until
    assert until == (None if limit is None else world.at + limit)


def test_an_announced_end_counts_within_the_limit(world: World) -> None:
    world.agent("amal")
    early, late = world.at + 5 * MINUTE, world.at + 3 * HOUR
    assert world.away("amal", "break", until=early).one(PresenceChanged).until == early
    begun = world.at
    assert world.away("amal", "break", until=late).one(PresenceChanged).until == begun + 20 * MINUTE
    assert world.away("amal", "meeting", until=late).one(PresenceChanged).until == late


def test_a_team_may_have_its_own_break() -> None:
    world = World(changed("billing: {name: Billing, ", "billing: {name: Billing, break_limit: 5m, "))
    world.agent("amal", "billing")
    assert world.away("amal", "break").one(PresenceChanged).until == world.at + 5 * MINUTE
    assert world.away("amal", "prayer").one(PresenceChanged).until == world.at + 30 * MINUTE


@pytest.mark.parametrize(
    ("reason", "until", "refusal"),
    [
        ("gardening", None, "unknown_reason"),
        ("disconnected", None, "reason_not_yours"),
        ("meeting", 5, "until_in_past"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, reason: str, until: int | None, refusal: str) -> None:
    world.agent("amal")
    assert world.away("amal", reason, until).refusal == refusal


def test_nobody_speaks_for_a_colleague_but_leads_do(world: World) -> None:
    world.agent("amal")
    world.agent("omar")
    for_amal = {"agent": "amal", "state": "not_ready", "reason": "meeting"}
    assert world.send(SetPresence.model_validate({"by": principal("omar"), **for_amal})).refusal == "forbidden"
    assert world.send(SetPresence.model_validate({"by": LEAD, **for_amal})).refusal is None


def test_somebody_unknown_has_no_presence(world: World) -> None:
    assert world.ready("nobody").refusal == "no_such_agent"


def test_away_means_no_new_work(world: World) -> None:
    world.agent("amal")
    world.away("amal")
    assert world.mail("sara").assignee is None
    assert len(world.ready("amal").of(WorkAssigned)) == 1


def test_a_short_break_costs_nothing(world: World) -> None:
    held_by_amal(world)
    world.agent("omar")
    world.away("amal", "break")
    world.wait(19 * MINUTE)
    world.ready("amal")
    assert world.wait(HOUR).of(WorkReleased) == []


def test_past_its_limit_a_break_loses_the_waiting_work(world: World) -> None:
    ticket = held_by_amal(world)
    world.agent("omar")
    world.away("amal", "break")
    outcome = world.wait(20 * MINUTE)
    assert outcome.one(WorkReleased).cause == "pulled_back"
    assert (outcome.one(WorkAssigned).work, outcome.assignee) == (ticket, "omar")
    away = outcome.one(PresenceChanged)
    assert (away.state, away.reason, away.until, away.cause) == ("not_ready", "break", None, "pulled_back")


def test_to_say_a_breaks_end_again_makes_it_no_longer(world: World) -> None:
    held_by_amal(world)
    end = world.away("amal", "break").one(PresenceChanged).until
    world.wait(15 * MINUTE)
    assert world.away("amal", "break", until=world.at + HOUR).one(PresenceChanged).until == end
    assert world.wait(5 * MINUTE).one(WorkReleased).cause == "pulled_back"


def test_a_break_that_is_over_is_not_begun_anew_by_saying_its_end(world: World) -> None:
    held_by_amal(world)
    world.away("amal", "break")
    world.wait(HOUR)
    said = world.away("amal", "break", until=world.at + HOUR)
    assert said.of(PresenceChanged)[-1].until is None


def test_age_is_kept_when_work_is_pulled_back(world: World) -> None:
    ticket = held_by_amal(world)
    since = world.desk.tickets[ticket].opened
    world.away("amal", "break")
    assert world.wait(20 * MINUTE).one(WorkQueued).waiting_since == since


def test_what_waits_for_the_customer_stays(world: World) -> None:
    ticket = held_by_amal(world)
    world.update(ticket, "amal", reply={"text": "x"}, status=Status.PENDING)
    world.away("amal", "break")
    world.wait(DAY)
    assert world.holders() == {ticket: "amal"}


def test_an_answered_open_ticket_stays(world: World) -> None:
    ticket = held_by_amal(world)
    world.update(ticket, "amal", reply={"text": "we look into it"})
    world.away("amal", "break")
    world.wait(DAY)
    assert world.holders() == {ticket: "amal"}


def test_going_offline_gives_back_at_once(world: World) -> None:
    ticket = held_by_amal(world)
    world.agent("omar")
    outcome = world.away("amal", "offline")
    assert (outcome.one(WorkReleased).agent, outcome.assignee) == ("amal", "omar")
    assert world.holders() == {ticket: "omar"}
    assert world.away("amal", "offline").names == ["CommandSettled"]


def test_a_lost_connection_has_the_teams_grace(world: World) -> None:
    held_by_amal(world)
    disconnect(world, "amal")
    assert world.wait(2 * MINUTE - 1_000).of(WorkReleased) == []
    assert world.wait(2_000).one(WorkReleased).agent == "amal"


def test_who_is_lost_during_a_break_has_the_rest_of_it(world: World) -> None:
    held_by_amal(world)
    end = world.away("amal", "break").one(PresenceChanged).until
    world.wait(MINUTE)
    assert disconnect(world, "amal").one(PresenceChanged).until == end


def test_who_missed_an_offer_and_is_lost_has_the_teams_grace(world: World) -> None:
    held_by_amal(world)
    world.agent("amal", "asked", secondary=("front",))
    world.mail("omar", "offer")
    world.agent("nora")
    assert world.wait(MINUTE).one(PresenceChanged).reason == "missed_offer"
    assert world.wait(HOUR).of(WorkReleased) == []
    disconnect(world, "amal")
    assert world.wait(2 * MINUTE).one(WorkReleased).agent == "amal"


def test_nobody_is_disconnected_who_went_home(world: World) -> None:
    world.agent("amal")
    world.away("amal", "offline")
    assert disconnect(world, "amal").names == ["CommandSettled"]


def test_who_reconnects_in_time_keeps_everything(world: World) -> None:
    ticket = held_by_amal(world)
    disconnect(world, "amal")
    world.wait(MINUTE)
    world.ready("amal")
    world.wait(HOUR)
    assert world.holders() == {ticket: "amal"}


def test_a_reason_may_change_while_away(world: World) -> None:
    held_by_amal(world)
    world.away("amal", "break")
    world.wait(10 * MINUTE)
    assert world.away("amal", "meeting").one(PresenceChanged).until is None
    assert world.wait(DAY).of(WorkReleased) == []


def test_coming_back_takes_what_waits(world: World) -> None:
    world.agent("amal")
    world.away("amal", "meeting")
    ticket = world.mail("sara").ticket
    assert world.ready("amal").one(WorkAssigned).work == ticket


# Shifts.


def plan(world: World, *spans: tuple[int, int], agent: str = "amal") -> Outcome:
    shifts = tuple(Span(start=start, end=end) for start, end in spans)
    return world.send(PlanShifts(by=LEAD, agent=agent, shifts=shifts))


def test_the_end_of_a_shift_takes_waiting_work_back(world: World) -> None:
    held_by_amal(world)
    plan(world, (world.at, world.at + 8 * HOUR))
    outcome = world.wait(8 * HOUR)
    ended, done = outcome.of(PresenceChanged)
    assert (ended.state, ended.reason, ended.cause) == ("not_ready", "offline", "shift_ended")
    assert (outcome.one(WorkReleased).agent, done.until) == ("amal", None)


def test_who_works_on_says_so_again(world: World) -> None:
    world.agent("amal")
    plan(world, (world.at, world.at + HOUR), (world.at + DAY, world.at + DAY + HOUR))
    world.wait(HOUR)
    world.ready("amal")
    ticket = world.mail("sara").ticket
    world.wait(HOUR)
    assert world.holders() == {ticket: "amal"}
    assert world.wait(DAY).of(PresenceChanged)[0].cause == "shift_ended"


def test_shifts_that_touch_are_one(world: World) -> None:
    world.agent("amal")
    at = world.at
    planned = plan(world, (at + HOUR, at + 2 * HOUR), (at, at + HOUR), (at + 90 * MINUTE, at + 3 * HOUR))
    assert planned.one(ShiftsPlanned).shifts == (Span(start=at, end=at + 3 * HOUR),)


def test_planning_anew_replaces_what_was_planned(world: World) -> None:
    world.agent("amal")
    plan(world, (world.at, world.at + HOUR))
    plan(world, (world.at, world.at + 2 * HOUR))
    assert world.wait(HOUR).facts == []
    assert world.wait(HOUR).of(PresenceChanged) != []


def test_shifts_that_are_over_end_nothing(world: World) -> None:
    world.agent("amal")
    plan(world, (world.at - DAY, world.at - HOUR))
    assert world.wait(DAY).of(PresenceChanged) == []


def test_no_shifts_means_no_end(world: World) -> None:
    world.agent("amal")
    plan(world, (world.at, world.at + HOUR))
    plan(world)
    assert world.wait(DAY).of(PresenceChanged) == []


def test_a_shift_has_a_length(world: World) -> None:
    world.agent("amal")
    assert plan(world, (world.at + 5, world.at + 5)).refusal == "shift_ends_before_it_starts"


def test_agents_plan_their_own_shifts_only_through_leads(world: World) -> None:
    world.agent("amal")
    command = PlanShifts(by=principal("amal"), agent="amal", shifts=())
    assert world.send(command).refusal == "forbidden"
    assert world.send(command.model_copy(update={"by": ADMIN})).refusal is None


def test_a_shift_ends_on_time_after_a_restart(world: World) -> None:
    held_by_amal(world)
    plan(world, (world.at, world.at + HOUR))
    world.restart()
    assert world.wait(HOUR).one(WorkReleased).agent == "amal"
