"""L5: what a neighbour waits for beside a trouble is measured by the log, and only where nobody was struck, too."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.crashing.judging import Verdict
from tests.e2e.crashing.relay import Relay
from tests.faults.campaign import Outcome
from tests.faults.goals import Goals
from tests.faults.house import House
from tests.faults.installing import NEIGHBOUR
from tests.faults.journal import KILLED, Blow, Trouble
from tests.faults.neighbour import Neighbour, moved_in
from tests.faults.nemesis import FAULTS
from tests.faults.report import write_report
from tests.faults.troubles import ALWAYS, BOUND, CALM, ENOUGH, beside, check_neighbour, most, waits
from tests.invariants.evidence import COMMANDS, DESK, Entry, Evidence

pytestmark = pytest.mark.anyio
FLOOD = "a flood"
LONG = BOUND * 1_000 + 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A flood from second 10 to 20, and before it three seconds of calm; nobody listens behind its doors."""
    house = House(tmp_path, 1, "faust")
    async with moved_in(house.url, house.smtp_port, Relay(0), "sk_none", 1, 0.5) as house.neighbour:
        house.journal.troubles = [Trouble(CALM, 7_000, 10_000), Trouble(FLOOD, 10_000, 20_000)]
        yield house


def entry(topic: str, at: int, kind: str, message: str, text: str = "", desk: str = NEIGHBOUR) -> Entry:
    return Entry(
        topic, 1, 0, at, kind, id=f"{topic}{message}", desk=desk, seq=0, body={"message": message, "text": text}
    )


def evidence_of(
    house: House, *messages: tuple[int, int], desk: str = NEIGHBOUR, kind: str = "message.received"
) -> Evidence:
    """Of messages begun and settled at these times."""
    assert house.neighbour is not None
    commands, facts = [], []
    for number, (began, settled) in enumerate(messages):
        house.neighbour.customers.begun[f"ref{number}x"] = began
        commands.append(entry(COMMANDS, began, "message.receive", f"m{number}", f"Hello\n\nref{number}x"))
        facts.append(
            Entry(
                DESK, 1, number, settled, kind, f"{number}", desk=desk, seq=number + 1, body={"message": f"m{number}"}
            )
        )
    return Evidence({COMMANDS: commands, DESK: facts})


async def test_a_message_counts_for_what_went_on_when_it_was_sent(house: House) -> None:
    evidence = evidence_of(house, (8_000, 8_300), (10_500, 12_000), (19_999, 21_000), (30_000, 30_200))
    assert waits(house, evidence) == {ALWAYS: [0.3, 1.5, 1.001, 0.2], CALM: [0.3], FLOOD: [1.5, 1.001]}


@pytest.mark.parametrize(("at", "counts"), [(9_999, 1), (10_001, 0), (10_400, 0), (12_000, 0), (12_001, 1)])
async def test_a_message_somebody_was_struck_over_since_the_trouble_began_does_not(
    house: House, at: int, counts: int
) -> None:
    house.journal.blows = [Blow(at, KILLED, "router-0")]
    found = waits(house, evidence_of(house, (10_500, 12_000)))
    assert (len(found[ALWAYS]), len(found.get(FLOOD, []))) == (1, counts)


@pytest.mark.parametrize("how", [{"desk": "support"}, {"kind": "ticket.opened"}])
async def test_only_what_became_of_it_on_its_own_desk_settles_it(house: House, how: dict[str, str]) -> None:
    assert waits(house, evidence_of(house, (10_500, 12_000), **how)) == {ALWAYS: []}


async def test_who_waits_too_long_beside_a_trouble_is_told_and_nobody_else(house: House) -> None:
    assert list(check_neighbour(house, evidence_of(house, (10_000, 10_000 + LONG - 1)))) == []
    (said,) = check_neighbour(house, evidence_of(house, (10_000, 10_000 + LONG)))
    assert (said.promise, FLOOD in said.sentence) == ("L5", True)
    assert list(check_neighbour(house, evidence_of(house, (8_000, 8_000 + LONG)))) == []
    assert list(check_neighbour(house, evidence_of(house, (30_000, 30_000 + LONG)))) == []


async def test_troubles_nobody_could_measure_are_told_once_there_are_some(house: House) -> None:
    house.journal.troubles *= ENOUGH - 1
    assert list(check_neighbour(house, Evidence({}))) == []
    house.journal.troubles += house.journal.troubles[:2]
    (said,) = check_neighbour(house, Evidence({}))
    assert "could be measured" in said.sentence


async def test_the_report_tells_what_was_waited_for_and_how_often_it_was_watched(house: House) -> None:
    house.journal.troubles.append(Trouble(FLOOD, 40_000, 50_000))
    evidence = evidence_of(house, (8_000, 8_300), (10_500, 12_000), (10_600, 12_000))
    outcome = Outcome(verdict=Verdict([], Counter(), Counter(), 0, 0, evidence), neighbours=7, questions=8)
    said = write_report(house, outcome, "asked", Goals()).splitlines()
    assert f"| {FLOOD} | 2 | 2 | 1.5 / 1.5 / 1.5 |" in said
    assert f"| {ALWAYS} |  | 3 | 1.4 / 1.5 / 1.5 |" in said
    assert any("other desk acknowledged" in line and line.endswith("| 7 |") for line in said)
    assert any("asked for what is the other's" in line and line.endswith("| 8 |") for line in said)


async def test_without_a_neighbour_there_is_nothing_to_judge(tmp_path: Path) -> None:
    house = House(tmp_path, 1, "faust")
    assert (waits(house, Evidence({})), list(check_neighbour(house, Evidence({})))) == ({}, [])


def test_of_a_hundred_the_longest_does_not_count() -> None:
    assert (most([1.0]), most([1.0] * 98 + [2.0]), most([1.0] * 99 + [2.0])) == (1.0, 2.0, 1.0)


@pytest.mark.parametrize(("well", "noted"), [(True, [CALM, FLOOD]), (False, [])])
async def test_a_trouble_is_watched_where_the_neighbour_is_well_and_made_in_any_case(
    house: House, monkeypatch: pytest.MonkeyPatch, well: bool, noted: list[str]
) -> None:
    async def is_well(_: Neighbour) -> bool:
        return well

    monkeypatch.setattr(Neighbour, "is_well", is_well)
    monkeypatch.setattr("tests.faults.troubles.BEFORE", 0.01)
    monkeypatch.setattr("tests.faults.troubles.AFTER", 0.01)
    house.journal.troubles = []
    made = False
    async with beside(house, FLOOD):
        made = True
    assert made
    assert [trouble.name for trouble in house.journal.troubles] == noted
    assert all(trouble.began < trouble.ended for trouble in house.journal.troubles)
    assert house.neighbour is not None
    assert bool(house.neighbour.customers.sent) is well


def test_every_flood_and_poison_is_watched_and_nothing_that_strikes_a_process() -> None:
    watched = {fault.name for fault in FAULTS if fault.watched}
    assert watched == {
        "poison in the log", "a flood of messages", "every promise planned anew", "one output too large"
    }  # fmt: skip
