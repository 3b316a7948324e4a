"""One table says who may do what."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.catalogue.values import Principal, Role
from shared.permissions import ACTS, Reach, may

ROLES: tuple[Role, ...] = get_args(Role)
EVERY_ACT = pytest.mark.parametrize("act", sorted(ACTS))
SCOPED = pytest.mark.parametrize("act", sorted(act for act, row in ACTS.items() if row.scope))


def somebody(role: Role, *scopes: str) -> Principal:
    return Principal(organisation="acme", desk="support", id="somebody", role=role, scopes=scopes)


@EVERY_ACT
def test_admin_and_manager_may_do_everything(act: str) -> None:
    assert may(somebody("admin"), act)
    assert may(somebody("manager"), act)


@pytest.mark.parametrize("role", ROLES)
def test_an_act_nobody_wrote_down_is_nobodys(role: Role) -> None:
    assert not may(somebody(role), "ticket.burn", own=True, team=True)


@EVERY_ACT
def test_roles_and_reaches_are_ones_that_exist(act: str) -> None:
    assert set(ACTS[act].reach) <= set(ROLES)
    assert all(isinstance(reach, Reach) for reach in ACTS[act].reach.values())


@EVERY_ACT
@pytest.mark.parametrize("role", ROLES)
def test_reach_decides_between_own_team_and_desk(act: str, role: Role) -> None:
    who = somebody(role, ACTS[act].scope)
    reach = ACTS[act].reach.get(role, Reach.NONE)
    assert may(who, act) is (reach is Reach.DESK)
    assert may(who, act, team=True) is (reach in {Reach.TEAM, Reach.DESK})
    assert may(who, act, own=True) is (reach is not Reach.NONE)


@SCOPED
def test_an_integration_has_its_scopes_and_nothing_else(act: str) -> None:
    assert not may(somebody("integrator"), act, own=True, team=True)
    assert not may(somebody("integrator", "other:scope"), act, own=True, team=True)


@pytest.mark.slow
@SCOPED
@given(role=some.sampled_from(ROLES), scopes=some.sets(some.sampled_from(sorted({row.scope for row in ACTS.values()}))))
def test_scopes_only_ever_narrow(act: str, role: Role, scopes: set[str]) -> None:
    narrowed = may(somebody(role, *scopes), act, own=True, team=True)
    if role != "integrator" and narrowed:
        assert may(somebody(role), act, own=True, team=True)
    if scopes and ACTS[act].scope not in scopes:
        assert not narrowed


def test_any_key_may_ask_what_became_of_something() -> None:
    assert [act for act, row in ACTS.items() if not row.scope] == ["outcome.read"]
    assert may(somebody("integrator", "other:scope"), "outcome.read")
    assert not may(somebody("customer", "other:scope"), "outcome.read")


@EVERY_ACT
@pytest.mark.parametrize("role", ROLES)
def test_what_one_may_do_to_the_desk_one_may_do_to_ones_own(act: str, role: Role) -> None:
    who = somebody(role, ACTS[act].scope)
    if may(who, act):
        assert may(who, act, own=True)
        assert may(who, act, team=True)


@pytest.mark.parametrize(
    ("role", "act", "desk", "team", "own"),
    [
        ("agent", "ticket.read", True, True, True),
        ("agent", "ticket.update", False, True, True),
        ("agent", "ticket.merge_across", False, False, False),
        ("agent", "work.release", False, False, True),
        ("agent", "presence.set", False, False, True),
        ("agent", "policy.apply", False, False, False),
        ("agent", "people.put", False, False, False),
        ("lead", "people.put", True, True, True),
        ("lead", "people.promote", False, False, False),
        ("lead", "policy.apply", False, False, False),
        ("customer", "ticket.read", False, False, True),
        ("customer", "ticket.update", False, False, False),
        ("customer", "survey.answer", True, True, True),
        ("system", "policy.apply", True, True, True),
        ("system", "keys.manage", False, False, False),
        ("lead", "dead_letter.read", False, False, False),
    ],
)
def test_what_people_expect(role: Role, act: str, desk: bool, team: bool, own: bool) -> None:
    who = somebody(role)
    assert (may(who, act), may(who, act, team=True), may(who, act, own=True)) == (desk, team, own)


def test_keys_and_dead_letters_are_for_those_who_run_the_desk() -> None:
    for act in ("keys.manage", "dead_letter.redrive"):
        allowed = {role for role in ROLES if may(somebody(role, ACTS[act].scope), act, own=True, team=True)}
        assert allowed == {"admin", "manager"}
