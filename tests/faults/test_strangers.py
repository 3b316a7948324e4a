"""S12: two desks of two organisations in one process, on the embedded engine; and whoever tells one of the other is seen."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest

from tests.e2e.crashing.judging import DESK_ID, ORGANISATION, Claims, check_claims, open_files, read_evidence
from tests.e2e.crashing.relay import Relay
from tests.e2e.crashing.rest import hear_all
from tests.e2e.crashing.staff import Desk
from tests.e2e.events import Event, export, of_kind
from tests.e2e.letters import Letter
from tests.e2e.living_desk import LivingDesk, free_port
from tests.e2e.policies import write_fast_policy
from tests.e2e.story.stage import FORM, MAILBOX
from tests.e2e.waiting import until
from tests.faults.installing import ITS_FORM, ITS_MAILBOX, ITS_ORGANISATION, NEIGHBOUR, neighbours_key
from tests.faults.neighbour import FIRST, moved_in
from tests.faults.strangers import Party, Stranger, ask_each_other, check_told, marks_of
from tests.invariants.checks import violations
from tests.invariants.evidence import Evidence
from tests.traffic.corpus import Wording
from tests.traffic.plan import plan
from tests.traffic.post import Postman

pytestmark = pytest.mark.slow
WORDINGS = [Wording("I lost my card, please block it", "en", "lost_card")] * 6
SAME = replace(plan(WORDINGS[:1], 2, 900_000)[0], customer="somebody", door="form")


@dataclass(slots=True)
class Pair:
    """What was found while both ran."""

    ours: Party
    theirs: Party
    claims: Claims
    letters: list[Letter]
    asked: int = 0
    broken: list[str] = field(default_factory=list)
    spied: list[str] = field(default_factory=list)
    """What somebody is accused of who asks under the other's own key."""


async def live(desk: LivingDesk, relay: Relay) -> Pair:
    """Customers write to both; then each asks for what is the other's."""
    async with AsyncExitStack() as stack:
        key = neighbours_key(desk.policy.parent)
        neighbour = await stack.enter_async_context(moved_in(desk.url, desk.smtp_port, relay, key, 1, 0.5))
        headers = {"Authorization": f"Bearer {desk.key}"}
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=desk.url, headers=headers, timeout=15))
        post = await stack.enter_async_context(Postman(desk.url, FORM, desk.smtp_port, MAILBOX))
        writing, working, listening = await neighbour.begin()
        messages = plan(WORDINGS, 1)
        await post.deliver(messages)
        assert await neighbour.is_well()
        async with neighbour.hurried():
            await until("the neighbour has its share", lambda: _counted(neighbour.events, len(WORDINGS)))
        neighbour.customers.writing = False
        await writing
        neighbour.over = True
        await working
        await hear_all(neighbour.lead, neighbour.listener)
        events, _ = await export(client)
        assert len(of_kind(events, "message.received")) == len(WORDINGS)
        marks = frozenset(message.mark for message in messages)
        ours = Party(DESK_ID, ORGANISATION, MAILBOX, Desk(client), marks, events)
        theirs = Party(
            NEIGHBOUR, ITS_ORGANISATION, ITS_MAILBOX, neighbour.lead, marks_of(neighbour.customers), neighbour.events
        )
        asked, wrong = await ask_each_other(ours, theirs, 1)
        claims, broken = neighbour.gather()
        pair = Pair(ours, theirs, claims, list(relay.letters), asked, [*broken, *wrong])
        # somebody writes to both, and has another name at each
        await post.deliver([SAME])
        async with Postman(desk.url, ITS_FORM, desk.smtp_port, ITS_MAILBOX) as others_post:
            await others_post.deliver([SAME])
        spy = Stranger(replace(ours, lead=neighbour.lead), theirs, random.Random(1))
        await spy.ask()
        pair.spied = spy.broken
        listening.cancel()
        return pair


async def _counted(events: list[Event], least: int) -> bool:
    return len(of_kind(events, "message.received")) >= least


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pair")


@pytest.fixture(scope="module")
def pair(folder: Path) -> Pair:
    async def tell() -> Pair:
        relay = Relay(free_port())
        await relay.open()
        desk = LivingDesk(folder, write_fast_policy(folder), "tests.faults.pair_launcher")
        desk.environment = {
            "SANAD_RELAY_HOST": "127.0.0.1", "SANAD_RELAY_PORT": str(relay.port), "SANAD_RELAY_TLS": "false",
        }  # fmt: skip
        try:
            await asyncio.to_thread(desk.start)
            pair = await live(desk, relay)
            assert await asyncio.to_thread(desk.stop) == 0
        finally:
            desk.kill()
            await relay.close()
        return pair

    return asyncio.run(tell())


def test_nobody_is_told_anything_of_another_organisation(pair: Pair) -> None:
    assert pair.broken == []
    assert pair.asked > 100


def test_the_feed_and_the_mails_of_each_are_its_own(pair: Pair) -> None:
    assert {letter.sender for letter in pair.letters} == {MAILBOX, ITS_MAILBOX}
    assert list(check_told(pair.ours, pair.theirs, pair.letters)) == []


def test_who_is_told_is_seen_in_every_answer(pair: Pair) -> None:
    told = "\n".join(pair.spied)
    for path in ("/v1/tickets ", "/v1/events ", "/v1/customers/", "/v1/tickets/", "/messages "):
        assert path in told, path
    assert "was done" in told
    assert "was answered with 200" in told


def test_an_event_and_a_mail_of_another_desk_are_seen(pair: Pair) -> None:
    mixed = replace(pair.ours, events=[*pair.ours.events, pair.theirs.events[-1]])
    assert any("the feed of support told" in said for said in check_told(mixed, pair.theirs, []))
    for letter in pair.letters[:1]:
        letter.mail.replace_header("Subject", f"About {min(pair.ours.marks)} and {min(pair.theirs.marks)}")
        assert any("a mail to" in said for said in check_told(pair.ours, pair.theirs, [letter]))


@pytest.fixture(scope="module")
def evidence(pair: Pair, folder: Path) -> Evidence:
    """The log of both, after they have stopped."""
    assert pair.claims.marks

    async def read() -> Evidence:
        async with open_files(folder / "desk") as files:
            return await read_evidence(files, {DESK_ID: ORGANISATION, NEIGHBOUR: ITS_ORGANISATION})

    return asyncio.run(read())


def test_each_message_to_the_neighbour_is_found_once_and_on_its_own_desk(pair: Pair, evidence: Evidence) -> None:
    def judged(claims: Claims) -> list[str]:
        found = [*violations(evidence), *check_claims(evidence, claims)]
        return [one.promise for one in found if one.promise in {"S1", "S3", "S11", "S13"}]

    assert len(pair.claims.marks) >= len(WORDINGS)
    assert all(int(mark[3:9]) >= FIRST for mark in pair.claims.marks if mark.startswith("ref"))
    assert judged(pair.claims) == []
    assert judged(replace(pair.claims, marks={"ref599999x": ""})) == ["S1"]


def test_nothing_of_one_organisation_is_in_the_log_of_another_nor_the_name_of_who_writes_to_both(
    evidence: Evidence,
) -> None:
    assert [str(one) for one in violations(evidence) if one.promise == "S12"] == []
