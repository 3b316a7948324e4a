"""Who gets what waits, in which order, and why."""

from itertools import pairwise

import pytest

from shared.catalogue.facts import OwnerChanged, WorkAssigned, WorkQueued
from shared.clock import HOUR, MINUTE
from shared.policy.terms import Channel, Priority, Status
from tests.unit.router.driving import Outcome, World
from tests.unit.router.policies import changed


def assigned(outcome: Outcome) -> list[tuple[str, str]]:
    return [(fact.work, fact.agent) for fact in outcome.of(WorkAssigned)]


def test_what_arrives_goes_at_once_to_whoever_can() -> None:
    world = World()
    world.agent("amal")
    outcome = world.mail("sara")
    fact = outcome.one(WorkAssigned)
    assert (fact.agent, fact.how, fact.epoch, fact.weight, fact.forced) == ("amal", "automatic", 1, 2, False)
    assert outcome.one(OwnerChanged).owner == "amal"
    assert outcome.one(WorkQueued).cause == "opened"


def test_the_oldest_wait_goes_first() -> None:
    world = World()
    tickets = [world.mail(f"customer{n}").ticket for n in range(4)]
    assert assigned(world.agent("amal", capacity=4)) == [(tickets[0], "amal"), (tickets[1], "amal")]


def test_a_head_start_is_worth_exactly_its_time() -> None:
    world = World()
    normal = world.mail("sara").ticket
    world.wait(2 * HOUR - MINUTE)
    high = world.mail("boss@client.example").ticket
    world.wait(MINUTE)
    late = world.mail("anyone@vip.example").ticket
    order = [work for work, _ in assigned(world.agent("amal"))]
    assert order == [high, normal, late]


def test_who_waited_longer_at_their_provider_goes_before() -> None:
    world = World()
    world.mail("sara")
    older = world.mail("omar", sent_at=world.at - HOUR).ticket
    assert assigned(world.agent("amal", capacity=2)) == [(older, "amal")]


def test_a_freed_slot_takes_the_best_item_that_agent_can_do() -> None:
    world = World()
    world.agent("amal", "front", capacity=2)
    held = world.mail("first").ticket
    world.mail("sara", "bill")
    mine = world.mail("omar").ticket
    outcome = world.update(held, "amal", status=Status.RESOLVED)
    assert assigned(outcome) == [(mine, "amal")]


def test_all_that_became_possible_is_given_in_one_command() -> None:
    world = World()
    for n in range(6):
        world.mail(f"customer{n}")
    assert len(assigned(world.agent("amal", capacity=12))) == 6


def test_nobody_gets_more_than_their_capacity() -> None:
    world = World()
    for n in range(20):
        world.mail(f"customer{n}")
    world.agent("amal", capacity=5)
    assert len(world.holders()) == 2


@pytest.mark.parametrize("capacity", [0, 1])
def test_too_little_capacity_for_one_item_is_none(capacity: int) -> None:
    world = World()
    world.mail("sara")
    world.agent("amal", capacity=capacity)
    assert world.holders() == {}


def test_work_that_takes_all_needs_somebody_with_nothing_else() -> None:
    world = World(
        changed("rules:\n", "capacity: {weights: [{channel: [whatsapp], points: all}, {points: 2}]}\nrules:\n")
    )
    world.agent("amal", "front", secondary=("cards",), capacity=6)
    world.mail("sara")
    call = world.mail("omar", "card", channel=Channel.WHATSAPP, account="phone")
    assert call.assignee is None
    held = next(iter(world.holders()))
    assert assigned(world.update(held, "amal", status=Status.RESOLVED)) == [(call.ticket, "amal")]
    assert world.mail("nora").assignee is None


def test_a_weight_that_is_more_than_anybody_has_waits() -> None:
    world = World(changed("rules:\n", "capacity: {points: 3, weights: [{points: 4}]}\nrules:\n"))
    world.agent("amal")
    assert world.mail("sara").assignee is None


def test_work_that_weighs_nothing_goes_to_full_hands_too() -> None:
    weights = "{channel: [whatsapp], points: 0}, {points: 2}"
    world = World(changed("rules:\n", f"capacity: {{weights: [{weights}]}}\nrules:\n"))
    world.agent("amal", "front", secondary=("cards",), capacity=2)
    world.mail("sara")
    assert world.mail("omar", "card", channel=Channel.WHATSAPP, account="phone").assignee == "amal"


def test_only_the_team_is_asked() -> None:
    world = World()
    world.agent("amal", "billing")
    assert world.mail("sara").assignee is None
    assert world.mail("sara", "bill").assignee == "amal"


def test_secondary_members_are_asked_when_no_primary_one_can() -> None:
    world = World()
    world.agent("omar", "billing", secondary=("front",))
    world.agent("amal", "front", capacity=2)
    assert world.mail("first").assignee == "amal"
    assert world.mail("second").assignee == "omar"


def test_somebody_in_two_teams_takes_the_older_wait_of_both() -> None:
    world = World()
    older = world.mail("sara", "bill").ticket
    world.mail("omar")
    assert assigned(world.agent("amal", "front", secondary=("billing",), capacity=2)) == [(older, "amal")]


def test_skills_are_asked_at_their_level() -> None:
    world = World()
    world.agent("low", "cards", skills={"fraud": 2})
    world.agent("none", "cards")
    assert world.mail("sara", "fraud").assignee is None
    assert world.agent("high", "cards", skills={"fraud": 3}).assignee == "high"


def test_a_rare_skill_waiting_does_not_block_the_queue() -> None:
    world = World()
    world.mail("sara", "fraud")
    simple = world.mail("omar", "card").ticket
    assert assigned(world.agent("amal", "cards")) == [(simple, "amal")]


def test_ready_on_some_channels_means_on_those() -> None:
    world = World()
    world.agent("amal", "cards", ready=False)
    world.ready("amal", Channel.WHATSAPP)
    assert world.mail("sara", "card").assignee is None
    assert world.mail("sara", "card", channel=Channel.WHATSAPP, account="phone").assignee == "amal"
    assert len(assigned(world.ready("amal"))) == 1


def test_a_team_that_pulls_is_given_nothing() -> None:
    world = World()
    world.agent("amal", "pulled")
    assert world.mail("sara", "pull").assignee is None
    assert world.mail("sara").assignee is None


def test_a_new_policy_can_free_what_waited() -> None:
    world = World()
    world.agent("amal", "pulled")
    ticket = world.mail("sara", "pull").ticket
    outcome = world.apply(changed("pulled: {name: Pulled, mode: pull}", "pulled: {name: Pulled}"))
    assert assigned(outcome) == [(ticket, "amal")]


def test_more_capacity_by_policy_weights_is_used_at_once() -> None:
    world = World()
    world.agent("amal", capacity=4)
    for n in range(4):
        world.mail(f"customer{n}")
    assert len(world.holders()) == 2
    world.apply(changed("rules:\n", "capacity: {weights: [{points: 1}]}\nrules:\n"))
    assert len(world.holders()) == 4


def test_new_skills_and_teams_are_used_at_once() -> None:
    world = World()
    world.mail("sara", "fraud")
    world.agent("amal", "front")
    assert world.agent("amal", "cards", ready=False, skills={"fraud": 5}).assignee == "amal"


def test_epochs_rise_with_every_holder() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.agent("omar", ready=False)
    epochs = [world.update(ticket, owner=name).one(WorkAssigned).epoch for name in ("omar", "amal", "omar")]
    assert epochs == [2, 3, 4]


# Why.


def test_a_small_team_is_told_about_one_by_one() -> None:
    world = World()
    world.agent("amal", "cards", skills={"fraud": 4})
    world.agent("busy", "cards", skills={"fraud": 5}, capacity=1)
    world.agent("novice", "cards", skills={"fraud": 1})
    world.agent("resting", "cards", ready=False)
    world.agent("chatty", "cards", skills={"fraud": 5}, ready=False)
    world.ready("chatty", Channel.WHATSAPP)
    why = world.mail("sara", "fraud").one(WorkAssigned).why
    told = {candidate.agent: candidate.excluded for candidate in why.candidates}
    assert told == {
        "amal": None, "busy": "capacity", "novice": "skills", "resting": "not_ready", "chatty": "channel",
    }  # fmt: skip
    assert why.excluded == {"capacity": 1, "skills": 1, "not_ready": 1, "channel": 1}


def test_rule_strategy_policy_and_wait_are_told() -> None:
    world = World()
    world.mail("sara", "card")
    world.wait(10 * MINUTE)
    why = world.agent("amal", "cards").one(WorkAssigned).why
    assert (why.rule, why.strategy, why.policy_version) == ("cards", "longest_idle", 1)
    assert why.waited >= 10 * MINUTE


def test_of_a_large_team_the_closest_eight_and_the_counts_are_told() -> None:
    world = World()
    for n in range(12):
        world.agent(f"agent{n:02}", "billing")
    for n in range(5):
        world.agent(f"away{n}", "billing", ready=False)
    why = world.mail("sara", "bill").one(WorkAssigned).why
    assert len(why.candidates) == 8
    assert why.candidates[0].agent == "agent00"
    assert why.excluded == {"not_ready": 5}
    scores = [candidate.score for candidate in why.candidates]
    assert all(before <= after for before, after in pairwise(scores))


def test_whom_the_closest_are_ranked_primary_first() -> None:
    world = World()
    for n in range(9):
        world.agent(f"second{n}", "front", secondary=("billing",))
    world.agent("first", "billing", capacity=2)
    why = world.mail("sara", "bill").one(WorkAssigned).why
    assert why.candidates[0].agent == "first"
    assert len(why.candidates) == 8


def test_load_and_capacity_are_told_as_they_were_before() -> None:
    world = World()
    world.agent("amal", capacity=6)
    world.mail("sara")
    candidate = world.mail("omar").one(WorkAssigned).why.candidates[0]
    assert (candidate.load, candidate.capacity, candidate.score) == (2, 6, 333_333)


def test_a_task_tells_what_it_is_for_as_its_rule() -> None:
    world = World()
    world.agent("lead", "front", role="lead")
    why = world.task("low_score", team="front").one(WorkAssigned).why
    assert why.rule == "low_score"


def test_an_urgent_ticket_overtakes_only_those_its_head_start_covers() -> None:
    world = World()
    old = world.mail("sara", "card").ticket
    world.wait(9 * HOUR)
    urgent = world.mail("omar", ("card", "fraud")).ticket
    order = [work for work, _ in assigned(world.agent("amal", "cards", skills={"fraud": 3}))]
    assert order == [old, urgent]
    assert world.desk.tickets[urgent].priority is Priority.URGENT
