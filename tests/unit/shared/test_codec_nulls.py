"""What is None in a body is None again when read back, whether the field has a default or not."""

import pytest

from shared.broker import Record
from shared.catalogue.codec import SAYS_NOTHING, decode, encode
from shared.catalogue.envelope import Body, Envelope
from shared.catalogue.facts import Fact, OwnerChanged, TargetStarted, WorkFinished
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
