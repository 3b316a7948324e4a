"""The report says what was done and complains of everything that is not as it should be, each complaint provoked here."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.crashing.judging import Verdict
from tests.faults.campaign import Outcome
from tests.faults.goals import BROKER_KILLS, DEATHS, SERVICE_KILLS, ZOMBIES, Goals
from tests.faults.house import House
from tests.faults.journal import AT_POINT, BROKER, ENDED, EVERY_NODE, FROZEN, KILLED, LEADER, NOTICED, STOPPED, Blow
from tests.faults.judging import check_broken, check_overdue, check_poison
from tests.faults.points import POINTS
from tests.faults.recovery import recovery, slow
from tests.faults.report import HEAVIEST, MOST_FILES, complaints, write_report
from tests.invariants.evidence import COMMANDS, DESK, SLA, DeadLetter, Entry, Evidence, Violation

MODEST = Goals(2, 1, 1, 1)
ASKED = "python -m tests.faults"


def entry(topic: str, offset: int, at: int, kind: str, **body: object) -> Entry:
    return Entry(
        topic, 0, offset, at, kind, id=f"{topic}{offset}", desk="support", seq=offset + 1, time=at, body=body
    )  # fmt: skip


def evidence_of(*entries: Entry) -> Evidence:
    logs: dict[str, list[Entry]] = {}
    for one in entries:
        logs.setdefault(one.topic, []).append(one)
    return Evidence(logs)


EVIDENCE = evidence_of(
    entry(COMMANDS, 0, 1_000, "message.receive", message="m"),
    entry(COMMANDS, 1, 9_000, "ticket.update"),
    entry(DESK, 0, 1_100, "message.received", message="m", ticket="t"),
    entry(DESK, 1, 1_200, "ticket.opened", ticket="other"),
    entry(DESK, 2, 8_000, "ticket.tagged", ticket="t"),
    entry(DESK, 3, 9_100, "ticket.tagged", ticket="t"),
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, 1, "faust")


@pytest.fixture
def outcome() -> Outcome:
    return Outcome(verdict=Verdict([], Counter(), Counter(), 0, 0, EVIDENCE))


def struck(house: House, *blows: tuple[int, str, str, bool]) -> None:
    house.journal.blows = [Blow(at, what, whom, held=held) for at, what, whom, held in blows]


def reach(house: House, goals: Goals) -> None:
    """All of them, exactly."""
    for what, often in ((KILLED, goals.service_kills), (BROKER, goals.broker_kills), (FROZEN, goals.zombies)):
        house.journal.blows += [Blow(99_000, what, "somebody")] * often
    for point in POINTS:
        house.journal.points[point, "router"] = goals.deaths


def test_recovery_is_the_time_to_the_next_record_after_blows_to_who_had_the_partition(house: House) -> None:
    struck(
        house, (1_150, KILLED, "router-0", True), (1_150, KILLED, "router-1", False), (1_150, KILLED, "sla-0", True),
        (1_500, AT_POINT, "router-1", True), (2_000, LEADER, "node 0", False), (4_000, EVERY_NODE, "node 0", False),
        (20_000, FROZEN, "router-0", True),
    )  # fmt: skip
    found = recovery(house, EVIDENCE)
    assert found["router killed → next decision"] == [0.05, 6.5]
    assert found["Kafka's leader killed → next write"] == [7.0]
    assert found["every node of Kafka killed → next write"] == [5.0]
    assert found["router silent → next decision"] == []


def test_what_a_neighbour_went_on_with_in_another_partition_is_no_recovery(house: House) -> None:
    sooner = [replace(one, partition=1, appended_at=one.appended_at - 50) for one in EVIDENCE.all(DESK)]
    struck(house, (1_150, KILLED, "router-0", True), (1_500, KILLED, "router-0", True))
    found = recovery(house, evidence_of(*EVIDENCE.all(DESK), *sooner))
    assert found["router killed → next decision"] == [0.05, 6.5]


def test_where_every_node_was_killed_the_last_of_them_counts(house: House) -> None:
    house.nodes = 3
    struck(house, *((at, EVERY_NODE, f"node {at}", False) for at in (2_000, 2_500, 3_000)))
    assert recovery(house, EVIDENCE)["every node of Kafka killed → next write"] == [6.0]


def test_a_median_that_is_too_long_is_told_of_some_blows_not_of_few(house: House) -> None:
    late = evidence_of(entry(DESK, 0, 40_000, "ticket.tagged"), entry(COMMANDS, 0, 40_000, "ticket.update"))
    struck(house, *[(1_000, KILLED, "router-0", True)] * 4, *[(1_000, LEADER, "node 0", False)] * 5)
    assert [said.partition(":")[0] for said in slow(house, late)] == ["Kafka's leader killed → next write"]
    struck(house, *[(1_000, KILLED, "router-0", True)] * 5)
    assert [said.partition(":")[0] for said in slow(house, late)] == ["router killed → next decision"]
    struck(house, *[(21_000, KILLED, "router-0", True)] * 5)
    assert list(slow(house, late)) == []


def test_each_consumer_that_stood_still_for_too_long_is_told(house: House) -> None:
    house.journal.blows = [Blow(0, NOTICED, "sla-0", "29.9"), Blow(0, NOTICED, "router-1", "30.1")]
    (said,) = slow(house, EVIDENCE)
    assert "router-1" in said


def test_a_house_in_which_all_is_well_has_no_complaints(house: House, outcome: Outcome) -> None:
    reach(house, MODEST)
    assert complaints(house, outcome, MODEST) == []


def test_nothing_judged_is_a_complaint(house: House) -> None:
    assert complaints(house, Outcome()) == ["nothing was judged"]


def test_every_goal_that_is_missed_is_named_where_goals_are_set(house: House, outcome: Outcome) -> None:
    assert complaints(house, outcome) == []
    told = complaints(house, outcome, MODEST)
    assert len(told) == 3 + len(POINTS)
    for name in (SERVICE_KILLS, BROKER_KILLS, ZOMBIES, *POINTS):
        assert any(name in said for said in told), name


@pytest.mark.parametrize("what", [KILLED, BROKER, FROZEN])
def test_one_less_than_wanted_misses_a_goal(house: House, outcome: Outcome, what: str) -> None:
    reach(house, MODEST)
    house.journal.blows.remove(next(blow for blow in house.journal.blows if blow.what == what))
    assert len(complaints(house, outcome, MODEST)) == 1


def test_needs_are_what_is_missing_by_the_time_that_is_left(house: House) -> None:
    assert set(MODEST.needs(house.journal, 1).values()) == {1.0}
    assert set(MODEST.needs(house.journal, 0.5).values()) == {2.0}
    house.journal.blows = [Blow(0, KILLED, "router-0")]
    house.journal.points["delivery sent", "ingest"] = 7
    needs = MODEST.needs(house.journal, 0.5)
    assert needs[SERVICE_KILLS] == 1.0
    assert needs[DEATHS] == (len(POINTS) - 1) / len(POINTS) / 0.5
    reach(house, MODEST)
    assert MODEST.needs(house.journal, 0.5)[DEATHS] == 0.0


def test_each_wrong_thing_is_a_complaint(house: House, outcome: Outcome) -> None:
    assert outcome.verdict is not None
    outcome.verdict.violations.append(Violation("S4", "two facts of one number"))
    outcome.broken.append("never taken: m1")
    outcome.codes = {"router-0": 0, "sla-0": 3}
    house.heaviest = {"router": (HEAVIEST, MOST_FILES), "survey": (HEAVIEST + 1, 9), "http": (9, MOST_FILES + 1)}
    house.journal.blows = [Blow(0, ENDED, "survey-0", "code 1: it said so")]
    told = complaints(house, outcome)
    for word in (
        "S4: two facts",
        "never taken: m1",
        "sla-0",
        "survey grew",
        "http had 1001",
        "survey-0 ended by itself",
    ):
        assert any(word in said for said in told), word
    assert len(told) == 6


def test_mails_may_arrive_twice_only_where_their_sender_was_struck(house: House, outcome: Outcome) -> None:
    outcome.mails_twice = 8
    struck(house, *[(0, KILLED, "router-0", True)] * 9)
    (said,) = complaints(house, outcome)
    assert "arrived twice" in said
    for what in (KILLED, AT_POINT, FROZEN, STOPPED):
        struck(house, (0, what, "ingest-1", False))
        assert complaints(house, outcome) == []
    struck(house)
    house.journal.strikes["database slow"] = 1
    assert complaints(house, outcome) == []
    outcome.mails_twice = 9
    assert len(complaints(house, outcome)) == 1


def test_the_report_has_goals_strikes_points_and_why_something_could_not_strike(house: House, outcome: Outcome) -> None:
    house.journal.strikes["poison in the log"] = 2
    house.journal.lengths["poison in the log"] = [1.0, 3.0]
    house.journal.spared = {"a node's disk full": "nothing can be mounted", "poison in the log": "once not"}
    house.journal.points["applied", "sla"] = 4
    said = write_report(house, outcome, ASKED, MODEST).splitlines()
    assert f"| {SERVICE_KILLS} | 2 | 0 |" in said
    assert "| poison in the log | 2 | 3.0 / 3.0 |" in said
    assert "| a node's disk full | not struck here: nothing can be mounted | |" in said
    assert not any("once not" in line for line in said)
    assert "| applied | 4 | sla 4 |" in said
    assert any("2 strikes" in line and "0 violations" in line for line in said)


def test_poison_without_a_dead_letter_of_its_reader_is_a_violation(house: House) -> None:
    house.poison = {(COMMANDS, 0, 7), (COMMANDS, 0, 8)}
    evidence = replace(EVIDENCE, dead=[DeadLetter(COMMANDS, 0, 7, "router", "unreadable")])
    (said,) = check_poison(house, evidence)
    assert (said.promise, "8" in said.sentence) == ("S11", True)
    evidence.dead.append(DeadLetter(COMMANDS, 0, 8, "console", "unreadable"))
    assert len(list(check_poison(house, evidence))) == 1
    evidence.dead.append(DeadLetter(COMMANDS, 0, 8, "router", "unreadable"))
    assert list(check_poison(house, evidence)) == []


@pytest.mark.parametrize(("outcomes", "wrong"), [(["internal"], 0), ([], 1), (["done"], 1), (["internal"] * 2, 1)])
def test_what_cannot_be_decided_is_settled_as_that_once(house: House, outcomes: list[str], wrong: int) -> None:
    house.broken = {"c1": (COMMANDS, 0, 5)}
    facts = [entry(DESK, n, 1, "command.settled", command="c1", outcome=said) for n, said in enumerate(outcomes)]
    assert [one.promise for one in check_broken(house, evidence_of(*facts))] == ["S11"] * wrong


def test_a_clock_nobody_judged_by_the_time_of_rest_is_a_violation(house: House) -> None:
    evidence = evidence_of(entry(SLA, 0, 1, "target.started", ticket="t", target="first reply", cycle=1, due_at=5_000))
    house.rested_at = 5_000
    assert list(check_overdue(house, evidence)) == []
    evidence.ended_at = 0
    house.rested_at = 5_001
    (said,) = check_overdue(house, evidence)
    assert said.promise == "L3"
