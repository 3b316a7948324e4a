"""Seats: opened, changed, left; a slice at a time where there is much to hand over."""

from itertools import pairwise

import pytest

from shared.catalogue.commands import Command, PutAgent, RemoveAgent, SetPresence
from shared.catalogue.facts import AgentConfigured, AgentRemoved, OwnerChanged, WorkAssigned, WorkQueued, WorkReleased
from shared.catalogue.values import Principal, Role, Skill
from shared.clock import MINUTE
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, LEAD, SYSTEM, World, principal


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_seat_gets_what_the_policy_gives_everybody(world: World) -> None:
    fact = world.send(PutAgent(by=LEAD, agent="amal", name="Amal", email="amal@acme.example")).one(AgentConfigured)
    assert (fact.role, fact.language, fact.capacity, fact.team, fact.skills) == ("agent", "en", 12, None, ())


def test_a_fact_about_a_seat_is_whole_and_nameless(world: World) -> None:
    world.agent("amal", "cards", skills={"fraud": 3}, capacity=6)
    fact = world.send(PutAgent(by=LEAD, agent="amal", name="Somebody Else", secondary_teams=("front",))).one(
        AgentConfigured
    )
    assert (fact.team, fact.secondary_teams, fact.capacity) == ("cards", ("front",), 6)
    assert [(skill.id, skill.level) for skill in fact.skills] == [("fraud", 3)]
    assert not any(b"Somebody" in record.value for record in world.published)


def test_lists_are_replaced_not_added_to(world: World) -> None:
    world.agent("amal", "cards", skills={"fraud": 3}, secondary=("front",))
    command = PutAgent(by=LEAD, agent="amal", skills=(Skill(id="language:ar", level=2),), secondary_teams=())
    fact = world.send(command).one(AgentConfigured)
    assert ([skill.id for skill in fact.skills], fact.secondary_teams) == (["language:ar"], ())


@pytest.mark.parametrize("fields", [{"team": "nowhere"}, {"secondary_teams": ("nowhere",)}])
def test_teams_must_be_in_the_policy(world: World, fields: dict[str, object]) -> None:
    command = PutAgent.model_validate({"by": LEAD, "agent": "amal", **fields})
    assert world.send(command).refusal == "no_such_team"


@pytest.mark.parametrize(
    ("by", "role", "refusal"),
    [
        (LEAD, "agent", None),
        (LEAD, "lead", "forbidden"),
        (ADMIN, "lead", None),
        (SYSTEM, "admin", None),
        (principal("boss", "manager"), "manager", None),
        (principal("boss", "manager"), "admin", "forbidden"),
        (ADMIN, "customer", "no_such_role"),
        (principal("somebody"), "agent", "forbidden"),
    ],
)
def test_who_may_make_whom_what(world: World, by: Principal, role: Role, refusal: str | None) -> None:
    assert world.send(PutAgent(by=by, agent="amal", role=role)).refusal == refusal


def test_a_lead_does_not_change_those_above(world: World) -> None:
    world.agent("chief", role="manager")
    assert world.send(PutAgent(by=LEAD, agent="chief", capacity=0)).refusal == "forbidden"
    assert world.send(PutAgent(by=ADMIN, agent="chief", capacity=0)).refusal is None


def test_a_manager_neither_changes_nor_removes_an_admin(world: World) -> None:
    world.agent("root", role="admin")
    manager = principal("boss", "manager")
    assert world.send(PutAgent(by=manager, agent="root", capacity=0)).refusal == "forbidden"
    assert world.send(RemoveAgent(by=manager, agent="root")).refusal == "forbidden"
    assert world.send(PutAgent(by=manager, agent="root", role="agent")).refusal == "forbidden"


def test_less_capacity_takes_nothing_away_but_gives_nothing_more(world: World) -> None:
    world.agent("amal", capacity=4)
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    world.send(PutAgent(by=LEAD, agent="amal", capacity=2))
    world.mail("nora")
    assert world.holders() == {first: "amal", second: "amal"}
    world.update(first, "amal", status=Status.RESOLVED)
    assert world.holders() == {second: "amal"}


def test_moving_somebody_leaves_them_what_they_have(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.send(PutAgent(by=LEAD, agent="amal", team="billing"))
    assert world.holders() == {ticket: "amal"}
    assert world.mail("omar").assignee is None
    assert world.mail("omar", "bill").assignee == "amal"


def test_a_removed_seats_work_goes_back_with_its_age(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    since = world.desk.tickets[ticket].opened
    world.wait(MINUTE)
    outcome = world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert outcome.names[0] == "AgentRemoved"
    assert (outcome.one(WorkReleased).cause, outcome.one(WorkQueued).waiting_since) == ("agent_removed", since)
    assert outcome.one(OwnerChanged).owner is None
    assert "amal" not in world.desk.agents
    assert "amal" not in world.desk.floor.seats


def test_pending_work_of_a_removed_seat_has_no_owner_any_more(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", reply={"text": "Which card?"}, status=Status.PENDING)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert (world.desk.tickets[ticket].owner, world.desk.tickets[ticket].holding) == (None, "idle")


def test_whoever_a_removed_seat_never_answered_is_open_again(world: World) -> None:
    world.agent("amal")
    ticket = world.mail("sara").ticket
    world.update(ticket, "amal", status=Status.PENDING)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert (world.desk.tickets[ticket].status, world.desk.tickets[ticket].holding) == (Status.OPEN, "queued")


@pytest.mark.parametrize(
    "leaves", [RemoveAgent(by=ADMIN, agent="lena"), PutAgent(by=ADMIN, agent="lena", role="agent")]
)
def test_what_waits_for_a_lead_is_anybody_s_when_the_last_one_is_gone(world: World, leaves: Command) -> None:
    world.agent("amal")
    world.agent("lena", role="lead", ready=False)
    assert world.task("low_score", team="front").assignee is None
    world.send(leaves)
    assert world.wait(MINUTE).assignee == "amal"


def test_a_seat_is_removed_once_and_can_be_opened_again(world: World) -> None:
    world.agent("amal")
    assert world.send(RemoveAgent(by=ADMIN, agent="amal")).one(AgentRemoved).agent == "amal"
    assert world.send(RemoveAgent(by=ADMIN, agent="amal")).refusal == "no_such_agent"
    world.agent("amal")
    assert world.mail("sara").assignee == "amal"


@pytest.mark.parametrize(("by", "refusal"), [(LEAD, "forbidden"), (principal("amal"), "forbidden"), (ADMIN, None)])
def test_removing_is_for_those_who_answer_for_people(world: World, by: Principal, refusal: str | None) -> None:
    world.agent("amal")
    assert world.send(RemoveAgent(by=by, agent="amal")).refusal == refusal


def crowded(world: World, tickets: int) -> list[str]:
    """An agent with very much to do."""
    world.agent("amal", capacity=1_000)
    return [world.mail(f"customer{n}").ticket for n in range(tickets)]


def test_a_hundred_tickets_leave_in_slices(world: World) -> None:
    tickets = crowded(world, 100)
    outcome = world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert len(outcome.facts) <= 100
    assert 20 <= len(outcome.of(WorkReleased)) < 40
    assert outcome.settled.outcome == "done"
    assert world.desk.agents["amal"].leaving
    rest = world.wait(MINUTE)
    assert len(outcome.of(WorkReleased)) + len(rest.of(WorkReleased)) == len(tickets)
    assert "amal" not in world.desk.agents


def test_the_longest_wait_leaves_first(world: World) -> None:
    crowded(world, 30)
    released = world.send(RemoveAgent(by=ADMIN, agent="amal")).of(WorkReleased)
    waits = [world.desk.tickets[fact.work].opened for fact in released]
    assert all(before <= after for before, after in pairwise(waits))


def test_nothing_is_given_to_somebody_leaving(world: World) -> None:
    crowded(world, 100)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert world.send(SetPresence(by=ADMIN, agent="amal", state="ready")).refusal == "no_such_agent"
    assert world.mail("late").assignee is None


@pytest.mark.slow
def test_leaving_goes_on_after_a_restart(world: World) -> None:
    crowded(world, 100)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    world.restart()
    world.wait(MINUTE)
    assert "amal" not in world.desk.agents


def test_others_get_what_leaves_while_it_leaves(world: World) -> None:
    crowded(world, 60)
    world.agent("omar", capacity=200)
    outcome = world.send(RemoveAgent(by=ADMIN, agent="amal"))
    world.wait(MINUTE)
    assert len(world.holders()) == 60
    assert set(world.holders().values()) == {"omar"}
    assert len(outcome.facts) <= 100


def test_a_flood_of_waiting_work_is_given_in_slices(world: World) -> None:
    for n in range(120):
        world.mail(f"customer{n}")
    outcome = world.agent("amal", capacity=1_000)
    assert len(outcome.facts) <= 100
    assert len(outcome.of(WorkAssigned)) < 60
    assert world.desk.floor.unsettled
    world.wait(MINUTE)
    assert len(world.holders()) == 120
    assert not world.desk.floor.unsettled


def test_a_seat_opened_again_while_it_leaves_keeps_the_rest(world: World) -> None:
    crowded(world, 100)
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    world.send(PutAgent(by=ADMIN, agent="amal", team="front"))
    world.wait(MINUTE)
    assert "amal" in world.desk.agents
    assert 0 < len(world.holders()) < 100


@pytest.mark.parametrize("role", ["admin", "manager"])
def test_nobody_below_removes_those_above(world: World, role: Role) -> None:
    world.agent("chief", role=role)
    key = principal("key", "integrator", ("people:write",))
    assert world.send(RemoveAgent(by=key, agent="chief")).refusal == "forbidden"
    assert world.send(RemoveAgent(by=ADMIN, agent="chief")).refusal is None


@pytest.mark.parametrize(
    ("skill", "refusal"),
    [("frauud", "unknown_skill"), ("role:lead", "unknown_skill"), ("fraud", None), ("language:tr", None)],
)
def test_skills_must_be_in_the_policy(world: World, skill: str, refusal: str | None) -> None:
    command = PutAgent.model_validate({"by": ADMIN, "agent": "amal", "skills": ({"id": skill, "level": 3},)})
    assert world.send(command).refusal == refusal
