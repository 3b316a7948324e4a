"""What is None in a body is None again when read back, whether the field has a default or not."""

from pathlib import Path

import pytest

from services.gateway.policy_file.loader import load_policy
from shared.broker import Record
from shared.catalogue.codec import SAYS_NOTHING, decode, encode
from shared.catalogue.envelope import Body, Envelope
from shared.catalogue.facts import Fact, OwnerChanged, PolicyApplied, TargetStarted, WorkFinished
from shared.catalogue.topics import DESK

FACTS: list[Fact] = [
    OwnerChanged(ticket="t", former=None, owner=None, cause="released"),
    WorkFinished(work="k", ticket=None, agent=None, cause="completed"),
    TargetStarted(
        ticket="t", target="first_reply", cycle=1, started_at=1, due_at=None, budget=60, calendar=None,
        sla_policy="default", policy_version=1,
    ),
]  # fmt: skip


def read_back(body: Body) -> Body:
    out = encode(Envelope("i", "router", 1, "o", "d", "c", "c", body, 1, 0), DESK.name, 0)
    read: Body = decode(Record(out.topic, 0, 0, 1, out.key, out.value, out.headers)).body
    return read


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TYPE)
def test_nothing_said_is_nothing_read(fact: Fact) -> None:
    assert read_back(fact) == fact


def test_only_bodies_that_need_it_write_their_nulls() -> None:
    assert OwnerChanged in SAYS_NOTHING
    assert b"null" in encode(Envelope("i", "s", 1, "o", "d", "c", "c", FACTS[0], 1), DESK.name, 0).value


def test_a_policy_says_what_it_does_not_want_however_deep_it_stands() -> None:
    """A desk without quiet hours got the default's when its nulls were left out."""
    text = (Path(__file__).parents[3] / "deploy" / "desk.yaml").read_text(encoding="utf-8")
    policy = load_policy(text, 1)
    assert policy.surveys.csat.quiet is None
    assert read_back(PolicyApplied(desk="d", version=1, policy=policy)) == PolicyApplied(
        desk="d", version=1, policy=policy
    )
