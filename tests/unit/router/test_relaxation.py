"""Skills relax by time: nobody waits for an expert for ever."""

import pytest

from services.router.desk.needs import (
    as_skills,
    meets,
    needs_of,
    next_relaxation,
    one_object,
    read_needs,
    relaxed,
)
from services.router.evolve.work import ASK_AGAIN_AFTER
from shared.catalogue.commands import ReleaseWork
from shared.catalogue.facts import WorkAssigned, WorkQueued
from shared.catalogue.values import Skill
from shared.clock import HOUR, MINUTE
from shared.policy.noun import Localised
from shared.policy.team import Relaxation, Team
from shared.policy.terms import Priority
from tests.unit.router.driving import World, principal
from tests.unit.router.policies import changed

TEAM = Team(
    id="cards", name=Localised(en="Cards"),
    relaxation=(Relaxation(after=10 * MINUTE, lower=1), Relaxation(after=30 * MINUTE, drop=("fraud",), lower=1)),
)  # fmt: skip
NEEDS = (("cards", 2), ("fraud", 3))


@pytest.mark.parametrize(
    ("waited", "asked"),
    [
        (0, NEEDS),
        (10 * MINUTE - 1, NEEDS),
        (10 * MINUTE, (("cards", 1), ("fraud", 2))),
        (30 * MINUTE - 1, (("cards", 1), ("fraud", 2))),
        (30 * MINUTE, (("cards", 1),)),
        (99 * HOUR, (("cards", 1),)),
    ],
)
def test_steps_add_up_and_no_level_falls_below_one(waited: int, asked: object) -> None:
    assert relaxed(NEEDS, TEAM, waited) == asked


@pytest.mark.parametrize(
    ("waited", "following"),
    [(0, 10 * MINUTE), (10 * MINUTE, 30 * MINUTE), (29 * MINUTE, 30 * MINUTE), (30 * MINUTE, None)],
)
def test_the_next_step_that_changes_anything_is_known(waited: int, following: int | None) -> None:
    assert next_relaxation(NEEDS, TEAM, waited) == following


def test_what_needs_nothing_never_relaxes() -> None:
    assert next_relaxation((), TEAM, 0) is None
    assert next_relaxation((("cards", 1),), TEAM, 0) is None


def test_equal_needs_are_one_object() -> None:
    first = needs_of([Skill(id="b", level=2), Skill(id="a")])
    assert first == (("a", 1), ("b", 2))
    assert needs_of([Skill(id="a"), Skill(id="b", level=2)]) is first is read_needs([("a", 1), ("b", 2)])
    assert one_object((("a", 1), ("b", 2))) is first
    assert [(skill.id, skill.level) for skill in as_skills(first)] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(
    ("skills", "enough"),
    [((), False), ((("fraud", 3),), False), ((("cards", 2), ("fraud", 3)), True), ((("cards", 5), ("fraud", 5)), True)],
)
def test_every_need_must_be_met(skills: tuple[tuple[str, int], ...], enough: bool) -> None:
    assert meets(skills, NEEDS) is enough


def test_a_waiting_item_is_queued_anew_with_what_is_still_asked() -> None:
    world = World()
    world.mail("sara", "fraud")
    queued = world.wait(10 * MINUTE).one(WorkQueued)
    assert (queued.cause, [(skill.id, skill.level) for skill in queued.skills]) == ("relaxed", [("fraud", 2)])
    assert world.wait(20 * MINUTE).one(WorkQueued).skills == ()
    assert world.wait(9 * HOUR).of(WorkQueued) == []


def test_relaxing_finds_somebody_without_being_asked() -> None:
    world = World()
    world.agent("novice", "cards", skills={"fraud": 2})
    ticket = world.mail("sara", "fraud").ticket
    assert world.wait(10 * MINUTE).one(WorkAssigned).work == ticket


def test_a_policy_that_relaxes_reaches_what_waits_already() -> None:
    strict = changed("    relaxation: [{after: 10m, lower: 1}, {after: 30m, drop: [fraud]}]\n", "")
    world = World(strict)
    world.mail("sara", "fraud")
    assert world.wait(10 * MINUTE).of(WorkQueued) == []
    world.apply()
    assert [(skill.id, skill.level) for skill in world.wait(MINUTE).one(WorkQueued).skills] == [("fraud", 2)]
    assert world.wait(20 * MINUTE).one(WorkQueued).skills == ()


def test_a_late_tick_relaxes_as_far_as_time_has_come() -> None:
    world = World()
    world.mail("sara", "fraud")
    world.at += HOUR
    assert world.tick().one(WorkQueued).skills == ()


def test_an_old_mail_is_relaxed_from_the_start() -> None:
    world = World()
    assert world.mail("sara", "fraud", sent_at=world.at - HOUR).one(WorkQueued).skills == ()


def test_what_was_relaxed_stays_relaxed_when_given_back() -> None:
    world = World()
    world.agent("novice", "cards", skills={"fraud": 2})
    ticket = world.mail("sara", "fraud").ticket
    world.wait(10 * MINUTE)
    queued = world.send(ReleaseWork(by=principal("novice"), work=ticket)).one(WorkQueued)
    assert [(skill.id, skill.level) for skill in queued.skills] == [("fraud", 2)]


def test_who_gave_it_back_is_left_in_peace_with_it_though_less_is_asked_meanwhile() -> None:
    world = World()
    world.agent("amal", "cards", skills={"fraud": 5})
    ticket = world.mail("sara", "fraud").ticket
    world.wait(9 * MINUTE)
    world.send(ReleaseWork(by=principal("amal"), work=ticket))
    assert world.wait(ASK_AGAIN_AFTER - MINUTE).of(WorkQueued) == []
    outcome = world.wait(MINUTE)
    assert [skill.level for skill in outcome.one(WorkQueued).skills] == [2]
    assert outcome.assignee == "amal"


def test_a_new_priority_leaves_nobody_in_peace_for_longer() -> None:
    world = World()
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.send(ReleaseWork(by=principal("amal"), work=ticket))
    world.wait(ASK_AGAIN_AFTER - MINUTE)
    assert world.update(ticket, priority=Priority.HIGH).one(WorkQueued).not_agent == "amal"
    assert world.wait(MINUTE).assignee == "amal"


def test_the_ticket_itself_still_says_what_it_needs() -> None:
    world = World()
    ticket = world.mail("sara", "fraud").ticket
    world.wait(HOUR)
    assert world.desk.tickets[ticket].needs == (("fraud", 3),)
    assert world.desk.tickets[ticket].asked == ()


def test_the_timer_survives_a_restart() -> None:
    world = World()
    world.mail("sara", "fraud")
    world.restart()
    assert world.wait(10 * MINUTE).one(WorkQueued).cause == "relaxed"
