"""Thirty deaths of a desk in use, and nothing lost, doubled or told wrongly; the long campaign is `tests.e2e.crashes`."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.gateway.store import TICKETS
from shared.documents import Drop, Put
from tests.e2e.crash_launcher import ALL_POINTS, POINTS, Death, build_in
from tests.e2e.crashes import complaints, write_report
from tests.e2e.crashing.again import check_decisions, check_projections
from tests.e2e.crashing.campaign import Campaign, Report
from tests.e2e.crashing.judging import DESK_ID, Claims, Verdict, check_claims, open_files, read_evidence
from tests.invariants.evidence import DESK, SLA, Evidence

KILLS = 30
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    campaign = Campaign(tmp_path_factory.mktemp("crashes"), KILLS, seed=3)
    asyncio.run(campaign.run())
    print(write_report(campaign.report))
    return campaign


@pytest.fixture(scope="module")
def report(campaign: Campaign) -> Report:
    return campaign.report


def verdict_of(report: Report) -> Verdict:
    assert report.verdict is not None
    return report.verdict


def test_no_promise_is_broken_by_thirty_deaths(report: Report) -> None:
    assert report.kills.total() == KILLS
    assert complaints(report) == []


def test_there_was_something_to_break(report: Report) -> None:
    verdict = verdict_of(report)
    assert report.messages > 5 * KILLS
    assert report.writes > KILLS
    assert report.mails > KILLS
    assert verdict.copies.total() > 0
    assert verdict.repeats > 0


def test_every_named_point_was_tried(report: Report) -> None:
    tried = set(report.kills)
    assert len(tried & set(ALL_POINTS)) > len(ALL_POINTS) / 2


@pytest.mark.parametrize("point", POINTS)
def test_a_point_is_where_the_product_has_it(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, owner, name, _ = POINTS[point]
    target = f"{module}.{owner}.{name}" if owner else f"{module}.{name}"
    monkeypatch.setattr(target, _attribute(target))  # put back afterwards what is wrapped now
    before = _attribute(target)
    build_in(Death(f"{point}:1000000"))
    assert _attribute(target) is not before


def _attribute(path: str) -> object:
    from pydoc import locate

    found = locate(path)
    assert found is not None
    return found


# The judge sees what is wrong: the same files, spoiled by hand.


@pytest.fixture
def spoiled(campaign: Campaign, tmp_path: Path) -> Path:
    """A copy to spoil."""
    folder = tmp_path / "desk"
    shutil.copytree(campaign.desk.folder, folder, ignore=shutil.ignore_patterns("again*"))
    return folder


async def rebuilt(folder: Path, *, spoil: bool) -> list[str]:
    """What the comparison with a rebuild says, after a ticket was lost and another one changed."""
    async with open_files(folder) as files:
        if spoil:
            page = await files.documents.of(DESK_ID).page(TICKETS.name, limit=2)
            lost, wrong = page.documents
            changed = {**wrong.body, "status": "pending"}
            await files.documents.write(
                [Drop(TICKETS.name, DESK_ID, lost.key), Put(TICKETS.name, DESK_ID, wrong.key, wrong.seq + 1, changed)]
            )
        found = check_projections(files.records, files.documents, folder / "again.sqlite")
        return [violation.promise async for violation in found]


@pytest.mark.parametrize(("spoil", "expected"), [(False, []), (True, ["S9", "S9"])])
def test_a_document_that_differs_from_its_rebuild_is_seen(spoiled: Path, spoil: bool, expected: list[str]) -> None:
    assert asyncio.run(rebuilt(spoiled, spoil=spoil)) == expected


@pytest.fixture(scope="module")
def evidence(campaign: Campaign) -> Evidence:
    async def read() -> Evidence:
        async with open_files(campaign.desk.folder) as files:
            return await read_evidence(files)

    return asyncio.run(read())


WRONG_CLAIMS: dict[str, tuple[list[str], Callable[[Claims], Claims]]] = {
    "nothing wrong": ([], lambda claims: claims),
    "a message nobody finds": (["S1"], lambda claims: replace(claims, marks={**claims.marks, "ref999999x": ""})),
    "a message under another id": (
        ["S1"], lambda claims: replace(claims, marks=dict.fromkeys(list(claims.marks)[:1], "another"))
    ),
    "an outcome nobody decided": (["S11"], lambda claims: replace(claims, outcomes={"no-such-command": "done"})),
    "another outcome": (
        ["S13"], lambda claims: replace(claims, outcomes=dict.fromkeys(list(claims.outcomes)[:1], "told_otherwise"))
    ),
    "an event the feed left out": (
        ["S4"], lambda claims: replace(claims, heard={DESK: [*claims.heard[DESK][:9], *claims.heard[DESK][10:]]})
    ),
    "an event the feed told twice": (
        ["S4"], lambda claims: replace(claims, heard={SLA: [*claims.heard[SLA], *claims.heard[SLA][-1:]]})
    ),
    "a mail that never came": (["S2"], lambda claims: replace(claims, arrived=dict(list(claims.arrived.items())[1:]))),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_CLAIMS)
def test_what_clients_were_told_and_the_log_does_not_say_is_seen(
    name: str, evidence: Evidence, campaign: Campaign
) -> None:
    promises, claim = WRONG_CLAIMS[name]
    assert [violation.promise for violation in check_claims(evidence, claim(campaign.claims))] == promises


async def decisions_without_one(folder: Path) -> list[str]:
    async with open_files(folder) as files:
        log = files.records[SLA]
        lost = log[len(log) // 2].value  # with all its copies
        files.records[SLA] = [record for record in log if record.value != lost]
        return [violation.promise for violation in check_decisions(files.records)]


def test_a_fact_that_was_lost_is_decided_again_and_missed(campaign: Campaign) -> None:
    assert asyncio.run(decisions_without_one(campaign.desk.folder)) == ["S10"]
