"""What a work item asks of a person: skills at levels, as plain tuples so that equal needs are one object."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from shared.catalogue.values import Skill
from shared.clock import Ms
from shared.policy.team import Team

Needs = tuple[tuple[str, int], ...]
"""Skill and least level, in order of the skill's id."""

LEAD: Needs = (("role:lead", 1),)
"""Asked of work that only a lead may get; held by whoever leads, manages or administers."""


@lru_cache(maxsize=8192)
def one_object(needs: Needs) -> Needs:
    """The same needs as the one object all rows share: a desk has few different ones and very many items."""
    return needs


def needs_of(skills: Iterable[Skill]) -> Needs:
    """Needs as facts and policies write them."""
    return one_object(tuple(sorted((skill.id, skill.level) for skill in skills)))


def read_needs(saved: Sequence[tuple[str, int]]) -> Needs:
    """Needs as a checkpoint saved them."""
    return one_object(tuple((name, level) for name, level in saved)) if saved else ()


@lru_cache(maxsize=8192)
def as_skills(needs: Needs) -> tuple[Skill, ...]:
    """Needs as facts write them."""
    return tuple(Skill(id=name, level=level) for name, level in needs)


@lru_cache(maxsize=65536)
def meets(skills: Needs, needs: Needs) -> bool:
    """Whether a person with these skills can do what is needed."""
    levels = dict(skills)
    return all(levels.get(name, 0) >= level for name, level in needs)


def relaxed(needs: Needs, team: Team, waited: Ms) -> Needs:
    """What is still asked after waiting so long: dropped skills are gone, other levels fall, never below 1."""
    for step in team.relaxation:
        if waited >= step.after:
            needs = tuple((name, max(1, level - step.lower)) for name, level in needs if name not in step.drop)
    return one_object(needs)


def next_relaxation(needs: Needs, team: Team, waited: Ms) -> Ms | None:
    """How long after the wait began the needs change next; None: never again."""
    now = relaxed(needs, team, waited)
    steps = sorted(step.after for step in team.relaxation if step.after > waited)
    return next((after for after in steps if relaxed(needs, team, after) != now), None)
