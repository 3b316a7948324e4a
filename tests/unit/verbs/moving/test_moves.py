"""Desks that move, in one process: what comes along, what goes on, and what is refused."""

import tomllib
from pathlib import Path

import pytest

from services.gateway.accounts.keys import Keys
from services.gateway.cursor import read_cursor
from services.gateway.feed import Event, Feed
from services.gateway.handlers import PROJECTIONS
from services.ingest.store import OUTBOX
from services.verbs.embedded import COLLECTIONS
from services.verbs.moving.archive import VERSION, Unfit
from services.verbs.moving.arriving import arrive
from services.verbs.moving.cargo import CARRIED, EARLIER, FOLDED, LEFT
from services.verbs.moving.facts import TOPICS
from services.verbs.moving.leaving import leave, unseal
from services.verbs.moving.manifest import inspect
from services.verbs.moving.stillness import settle
from shared.broker import Outgoing
from shared.catalogue.commands import PutAgent
from shared.catalogue.facts import TimeReached
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK
from shared.catalogue.values import Principal
from shared.desks import Desks
from shared.moves import DeskSealed, Movements, SealedBroker, Seals
from shared.texts import Texts
from tests.e2e.living_desk import HOUSE
from tests.unit.verbs.moving.site import (
    ORGANISATION,
    by,
    facts_of,
    goes_on,
    log_of,
    message,
    move,
    open_desk,
    send,
    silent,
    site,
)

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HERE, OTHER = "support", "billing"


def test_an_export_tells_this_version() -> None:
    assert tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_every_collection_is_carried_folded_or_left_for_a_reason() -> None:
    kinds = [*CARRIED, *FOLDED, *LEFT]
    assert len(kinds) == len(set(kinds))
    assert {one.name for one in kinds} == {one.name for one in COLLECTIONS}
    assert {name for one in PROJECTIONS for name in one.collections} <= {one.name for one in FOLDED}


async def test_facts_keep_their_bytes_numbers_and_times(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        before = await facts_of(ports, HERE)
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        assert goes_on(await facts_of(ports, HERE), before)
        assert all(before[topic] for topic in (DESK.name, "sanad.sla"))
        commands = {dict(record.headers)["ce_type"] for record in await log_of(ports, COMMANDS.name)}
        assert commands <= {b"sanad.desk.tick.v1"}


async def test_the_desk_goes_on_with_its_next_number(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar.gz")
    async with site(tmp_path / "new") as ports:
        count = len((await facts_of(ports, HERE))[DESK.name])
        await send(ports, HERE, message(ports, HERE, 3), message(ports, HERE, 77))
        still = await settle(ports, 0, silent)
        assert still.written[DESK.name][HERE] > count
        tickets = await ports.documents.of(HERE).page("tickets")
        # the fourth message is remembered, the new one is the sixth ticket
        assert sorted(one.body["number"] for one in tickets.documents) == [1, 2, 3, 4, 5, 6]


async def test_a_lost_checkpoint_is_made_good_at_the_new_place_too(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        await send(ports, HERE, message(ports, HERE, 77))
        await settle(ports, 0, silent)
        before = await facts_of(ports, HERE), await log_of(ports, DELIVERIES.name)
        for name in ("router", "sla", "survey", "ingest.outbox"):
            await ports.checkpoints.drop(name, 0)
        await settle(ports, 0, silent)
        assert goes_on(await facts_of(ports, HERE), before[0])
        assert (await log_of(ports, DELIVERIES.name))[: len(before[1])] == before[1]


async def test_words_of_people_are_there_and_what_is_said_later_counts(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        texts = Texts(ports.documents.of(HERE))
        known = message(ports, HERE, 1)
        found = await texts.message(known.message)
        assert found is not None
        assert found.text == known.text
        # its command lies at a smaller offset than what it changes did at the old place
        await send(ports, HERE, PutAgent(by=by(HERE), agent="sara", name="Sara Amal"))
        await settle(ports, 0, silent)
        assert (await texts.agents(["sara"]))["sara"].name == "Sara Amal"


async def test_what_waits_in_the_outbox_goes_before_what_is_sent_later(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        former = (await ports.documents.of(HERE).page(OUTBOX.name)).documents
        assert former
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        await send(ports, HERE, message(ports, HERE, 77))
        await settle(ports, 0, silent)
        there = (await ports.documents.of(HERE).page(OUTBOX.name, order="place", limit=100)).documents
        assert len(there) > len(former)
        assert {one.key for one in there[: len(former)]} == {one.key for one in former}
        assert all(one.body["place"] < 0 for one in there[: len(former)])
        assert {one.body["place"] + EARLIER for one in there[: len(former)]} == {one.body["place"] for one in former}
        assert [one.body["state"] for one in there] == ["waiting"] * len(there)


def told(events: list[Event]) -> list[bytes]:
    """Without what time alone brings meanwhile."""
    return sorted(event.content for event in events if event.type != TimeReached.TYPE)


async def test_a_cursor_survives_two_moves(tmp_path: Path) -> None:
    async with site(tmp_path / "1") as ports:
        await open_desk(ports, HERE)
        feed = Feed(ports.broker, ports.documents, ports.clock)
        place = await Desks(ports.documents, 1).find(HERE)
        assert place
        reading = await feed.start(place, None, from_beginning=True)
        events = await reading.next()
        middle = events[len(events) // 2]
        rest = told(events[len(events) // 2 + 1 :])
        end = reading.cursor
    await move(tmp_path / "1", tmp_path / "2", HERE, tmp_path / "x.tar")
    await move(tmp_path / "2", tmp_path / "3", HERE, tmp_path / "y.tar")
    async with site(tmp_path / "3") as ports:
        feed = Feed(ports.broker, ports.documents, ports.clock)
        assert told(await (await feed.start(place, middle.cursor)).next()) == rest
        at_end = await feed.start(place, end)
        assert told(await at_end.next()) == []
        assert {mark.log for mark in read_cursor(HERE, at_end.cursor).values()} == {
            await ports.broker.topic_id(topic) for topic in TOPICS
        }


async def test_a_second_desk_joins_the_first_where_both_came_from_one_place(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        await open_desk(ports, OTHER, messages=3)
        before = {desk: await facts_of(ports, desk) for desk in (HERE, OTHER)}
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        # the first one works before the second one comes, into the same partition
        await send(ports, HERE, message(ports, HERE, 77))
        await settle(ports, 0, silent)
        first = await facts_of(ports, HERE)
        assert goes_on(first, before[HERE])
    await move(tmp_path / "old", tmp_path / "new", OTHER, tmp_path / "y.tar")
    async with site(tmp_path / "new") as ports:
        assert goes_on(await facts_of(ports, OTHER), before[OTHER])
        assert goes_on(await facts_of(ports, HERE), first)
        await send(ports, HERE, message(ports, HERE, 78))
        await send(ports, OTHER, message(ports, OTHER, 78))
        await settle(ports, 0, silent)
        for desk, count in ((HERE, 7), (OTHER, 4)):
            assert await ports.documents.of(desk).count("tickets") == count


async def test_a_desk_does_not_join_others_with_other_secrets(tmp_path: Path) -> None:
    for name, desk in (("old", HERE), ("new", OTHER)):
        async with site(tmp_path / name) as ports:
            await open_desk(ports, desk)
    async with site(tmp_path / "old") as ports:
        await leave(ports, HERE, tmp_path / "x.tar", "", silent)
    secrets = (tmp_path / "new" / "secrets.json").read_bytes()
    async with site(tmp_path / "new") as ports:
        with pytest.raises(Unfit, match="an installation of its own"):
            await arrive(ports, inspect(tmp_path / "x.tar", silent), silent)
        assert await Movements(ports.documents).find(HERE) is None
    assert (tmp_path / "new" / "secrets.json").read_bytes() == secrets


async def test_keys_open_the_new_place_once_the_desk_is_whole(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        admin = Principal(organisation=ORGANISATION, desk=HERE, id="admin", role="admin")
        _, token = await Keys(ports.documents).create(admin, "integrator", "agent", (), ports.clock.now())
        await leave(ports, HERE, tmp_path / "x.tar", "", silent)
    found = inspect(tmp_path / "x.tar", silent)
    async with site(tmp_path / "new") as ports:
        folded: list[bool] = []

        def told(what: str, _count: int) -> None:
            if what.startswith("loading"):
                folded.append(True)
                raise InterruptedError

        with pytest.raises(InterruptedError):
            await arrive(ports, found, told)
        assert folded
        assert await Keys(ports.documents).principal(token) is None
        assert HERE in await Seals(ports.documents, ports.clock).now()
        assert await arrive(ports, found, silent)
        assert await Keys(ports.documents).principal(token) is not None
        assert await Seals(ports.documents, ports.clock).now() == {}


async def test_another_export_of_a_desk_that_is_half_here_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        for name in ("x.tar", "y.tar"):
            await leave(ports, HERE, tmp_path / name, "", silent)
    async with site(tmp_path / "new") as ports:

        def told(_what: str, count: int) -> None:
            if count > 1:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            await arrive(ports, inspect(tmp_path / "x.tar", silent), told)
        with pytest.raises(Unfit, match="finish with that one"):
            await arrive(ports, inspect(tmp_path / "y.tar", silent), silent)
        assert await arrive(ports, inspect(tmp_path / "x.tar", silent), silent)
        assert not await arrive(ports, inspect(tmp_path / "x.tar", silent), silent)


async def test_nothing_is_appended_for_a_sealed_desk_until_it_is_taken_back(tmp_path: Path) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE)
        await leave(ports, HERE, tmp_path / "x.tar", "https://new.example", silent)
        movement = await Movements(ports.documents).find(HERE)
        assert movement is not None
        assert movement.seal is not None
        assert (movement.seal.reason, movement.seal.to) == ("left", "https://new.example")
        (record,) = (await log_of(ports, COMMANDS.name))[:1]
        assert record.key == HERE.encode()
        sealed = SealedBroker(ports.broker, Seals(ports.documents, ports.clock))
        again, elsewhere = (
            Outgoing(COMMANDS.name, 0, desk.encode(), record.value, record.headers) for desk in (HERE, OTHER)
        )
        with pytest.raises(DeskSealed):
            await sealed.append([again])
        await sealed.append([elsewhere])
        await unseal(ports, HERE)
        await SealedBroker(ports.broker, Seals(ports.documents, ports.clock)).append([again])
