"""The live feed: in order, without gap or repeat, never ahead of the documents, never another desk's."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import feed as feeding
from services.gateway.api import feed as feed_api
from services.gateway.cursor import TOPICS, CursorRefused, Mark, read_cursor, write_cursor
from services.gateway.feed import Event
from services.gateway.store import KEYS, MARKS
from shared.broker import OffsetOutOfRange
from shared.catalogue import facts as f
from shared.catalogue.topics import DESK, SLA
from shared.desks import INSTALLATION
from shared.documents import DocumentsUnavailable
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, problem, until
from tests.unit.gateway.world import NOW, OURS, THEIRS, World

pytestmark = pytest.mark.anyio


def warned(cycle: int = 1) -> Any:
    return f.TargetWarned(ticket="t1", target="first_reply", cycle=cycle, warning=0, due_at=NOW)


def owner(name: str) -> Any:
    return f.OwnerChanged(ticket="t1", former=None, owner=name, cause="took")


async def read_all(server: Server, cursor: str | None = None, desk: str = OURS) -> list[Event]:
    place = await server.gate.desks.find(desk)
    assert place
    reading = await server.gate.feed.start(place, cursor, from_beginning=cursor is None)
    found: list[Event] = []
    while events := await reading.next():
        found += events
    return found


def seqs(events: list[Event], topic_kind: str = "") -> list[int]:
    return [int(orjson.loads(event.content)["sequence"]) for event in events if topic_kind in event.type]


async def test_events_are_structured_cloud_events(server: Server) -> None:
    await server.world.say(say.opened(), cause="cmd")
    await server.world.catch_up()
    (event,) = await read_all(server)
    content = orjson.loads(event.content)
    assert {name: content[name] for name in ("specversion", "type", "subject", "source", "organisation")} == {
        "specversion": "1.0", "type": "sanad.ticket.opened.v1", "subject": "ticket/t1", "source": "router",
        "organisation": "acme",
    }  # fmt: skip
    assert (content["partitionkey"], content["causationid"], content["data"]["number"]) == (OURS, "cmd", 1024)
    assert content["datacontenttype"] == "application/json"
    assert {"position", "last"} & set(content) == set()


async def test_all_three_topics_are_read_each_in_its_order(server: Server) -> None:
    for number in range(3):
        await server.world.say(owner(f"a{number}"))
        await server.world.say(warned(number), topic=SLA.name)
    await server.world.catch_up()
    events = await read_all(server)
    assert seqs(events, "owner") == [1, 2, 3]
    assert seqs(events, "target") == [1, 2, 3]


async def test_nothing_is_shown_before_the_documents_reflect_it(server: Server) -> None:
    await server.world.say(say.opened())
    assert await read_all(server) == []
    await server.world.catch_up()
    assert len(await read_all(server)) == 1


async def test_every_cursor_continues_exactly_after_its_event(server: Server) -> None:
    for number in range(4):
        await server.world.say(owner(f"a{number}"), owner(f"b{number}"))
        await server.world.say(warned(number), topic=SLA.name)
        await server.world.say(say.opened(f"x{number}", number), desk=THEIRS)
    await server.world.catch_up()
    events = await read_all(server)
    assert len(events) == 12
    for number, event in enumerate(events):
        rest = await read_all(server, event.cursor)
        whole = [*events[: number + 1], *rest]
        assert {one.content for one in whole} == {one.content for one in events}
        assert len(whole) == len(events)


async def test_a_cursor_survives_a_rebuild(server: Server) -> None:
    world = server.world
    await world.say(owner("a"), owner("b"))
    await world.catch_up()
    first = await read_all(server)
    await world.documents.clear(MARKS.name)
    await world.restart(saved=False)
    assert await read_all(server, first[-1].cursor) == []
    await world.catch_up()
    await world.say(owner("c"))
    await world.catch_up()
    assert seqs(await read_all(server, first[-1].cursor)) == [3]


async def test_desks_of_one_partition_never_see_each_other(server: Server) -> None:
    for number in range(3):
        await server.world.say(owner(f"ours{number}"))
        await server.world.say(owner(f"theirs{number}"), desk=THEIRS)
    await server.world.catch_up()
    ours, theirs = await read_all(server), await read_all(server, desk=THEIRS)
    assert all(b"theirs" not in event.content for event in ours)
    assert all(b"ours" not in event.content for event in theirs)
    assert (seqs(ours), seqs(theirs)) == ([1, 2, 3], [1, 2, 3])


@given(cursor=st.text(max_size=200))
def test_a_made_up_cursor_is_never_an_error_of_ours(cursor: str) -> None:
    with pytest.raises(CursorRefused):
        read_cursor(OURS, cursor)


@given(content=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_a_forged_cursor_is_never_an_error_of_ours(content: Any) -> None:
    forged = base64.urlsafe_b64encode(json.dumps([OURS, content]).encode()).decode().rstrip("=")
    with pytest.raises(CursorRefused):
        read_cursor(OURS, forged)


def test_a_cursor_reads_back_and_belongs_to_its_desk() -> None:
    marks = {topic: Mark("log", number, number) for number, topic in enumerate(TOPICS)}
    cursor = write_cursor(OURS, marks)
    assert read_cursor(OURS, cursor) == marks
    with pytest.raises(CursorRefused, match="not_ours"):
        read_cursor(THEIRS, cursor)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"log": "another"}, 410, "cursor_other_log"),
        ({"offset": 10**9}, 400, "cursor_not_ours"),
        ({"offset": -1}, 400, "cursor_not_ours"),
        ({"desk": THEIRS}, 400, "cursor_not_ours"),
    ],
)
async def test_a_cursor_that_leads_nowhere_is_refused(
    server: Server, change: dict[str, Any], status: int, reason: str
) -> None:
    broker = server.world.broker
    marks = {
        topic: Mark(change.get("log", await broker.topic_id(topic)), change.get("offset", 0), 0) for topic in TOPICS
    }
    cursor = write_cursor(change.get("desk", OURS), marks)
    async with server.client(await server.key()) as client:
        for path in ("feed", "events"):
            response = await client.get(f"/v1/{path}", params={"after": cursor})
            assert (response.status_code, problem(response)["reason"]) == (status, reason)


async def test_a_cursor_whose_next_event_is_not_there_is_refused(server: Server) -> None:
    await say_and_write(server.world, *(owner(f"a{number}") for number in range(5)))
    last = (await read_all(server))[-1].cursor
    marks = dict(read_cursor(OURS, last))
    marks[DESK.name] = replace(marks[DESK.name], seq=marks[DESK.name].seq - 3)
    await say_and_write(server.world, owner("next"))
    async with server.client(await server.key()) as client:
        response = await client.get("/v1/events", params={"after": write_cursor(OURS, marks)})
    assert (response.status_code, problem(response)["reason"]) == (410, "cursor_gap")


async def test_a_cursor_that_is_overtaken_by_the_end_of_the_log_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: Any) -> Any:
        raise OffsetOutOfRange

    await say_and_write(server.world, owner("a"))
    async with server.client(await server.key()) as client:
        monkeypatch.setattr(server.world.broker, "read", gone)
        response = await client.get("/v1/events")
    assert (response.status_code, problem(response)["reason"]) == (410, "cursor_too_old")


async def test_a_forged_offset_of_our_own_shows_nothing_that_is_not_ours(server: Server) -> None:
    await server.world.say(owner("theirs"), desk=THEIRS)
    await server.world.say(owner("ours"))
    await server.world.catch_up()
    marks = {topic: Mark(await server.world.broker.topic_id(topic), 0, 0) for topic in TOPICS}
    events = await read_all(server, write_cursor(OURS, marks))
    assert [b"ours" in event.content for event in events] == [True]


async def test_events_by_page_cover_everything_once(server: Server) -> None:
    for number in range(7):
        await server.world.say(owner(f"a{number}"))
    await server.world.catch_up()
    found: list[int] = []
    async with server.client(await server.key()) as client:
        after = None
        while True:
            page = (await client.get("/v1/events", params={"limit": 3, **({"after": after} if after else {})})).json()
            found += [int(event["sequence"]) for event in page["items"]]
            after = page["next"]
            if not page["items"]:
                break
        only = (await client.get("/v1/events", params={"type": "sanad.ticket.opened.v1"})).json()
    assert found == [1, 2, 3, 4, 5, 6, 7]
    assert only["items"] == []


async def test_one_request_reads_so_much_of_the_log_whatever_it_finds(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "CHUNK", 2)
    monkeypatch.setattr(feed_api, "MOST_LOOKS", 2)
    await say_and_write(server.world, *(owner(f"a{number}") for number in range(9)), say.opened())
    pages: list[dict[str, Any]] = []
    async with server.client(await server.key()) as client:
        while not pages or pages[-1]["more"]:
            after = {"after": pages[-1]["next"]} if pages else {}
            answer = await client.get("/v1/events", params={"type": "sanad.ticket.opened.v1", **after})
            pages.append(answer.json())
        beyond = (await client.get("/v1/events", params={"after": pages[-1]["next"]})).json()
    assert [len(page["items"]) for page in pages] == [0, 0, 1]
    assert (beyond["items"], beyond["more"]) == ([], False)


async def test_a_page_says_whether_there_is_more(server: Server) -> None:
    await say_and_write(server.world, owner("a"), owner("b"), owner("c"))
    async with server.client(await server.key()) as client:
        first = (await client.get("/v1/events", params={"limit": 2})).json()
        second = (await client.get("/v1/events", params={"limit": 2, "after": first["next"]})).json()
    assert [(len(page["items"]), page["more"]) for page in (first, second)] == [(2, True), (1, False)]


class Listener:
    """A browser on the live feed, over the bare application."""

    def __init__(self) -> None:
        self.received = asyncio.Queue[bytes]()
        self.gone = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.status = 0

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.open.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message.get("body"):
            self.received.put_nowait(message["body"])

    async def events(self, count: int) -> list[dict[str, str]]:
        """The next events, each as its fields."""
        found: list[dict[str, str]] = []
        while len(found) < count:
            for block in (await self.received.get()).decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
                if "data" in fields:
                    found.append(fields)
        return found


@asynccontextmanager
async def listening(server: Server, token: str, query: str = "", last: str = "") -> AsyncIterator[Listener]:
    listener = Listener()
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"desk.test")]
    scope = {
        "type": "http", "method": "GET", "path": "/v1/feed", "raw_path": b"/v1/feed", "query_string": query.encode(),
        "headers": [*headers, *([(b"last-event-id", last.encode())] if last else [])], "http_version": "1.1",
        "scheme": "http", "root_path": "", "server": ("desk.test", 80), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    task = asyncio.create_task(server.app(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.gone.set()
        listener.open.set()
        await asyncio.wait_for(task, 10)


async def say_and_write(world: World, *facts: Any) -> None:
    await world.say(*facts)
    await world.catch_up()


async def test_events_arrive_as_they_happen_and_a_dropped_line_resumes(server: Server) -> None:
    world, token = server.world, await server.key()
    await say_and_write(world, owner("before"))
    async with listening(server, token) as listener:
        assert b"id: " in await listener.received.get()
        await say_and_write(world, owner("first"), owner("second"))
        events = await listener.events(2)
        assert [json.loads(event["data"])["data"]["owner"] for event in events] == ["first", "second"]
        assert events[0]["event"] == "sanad.ticket.owner_changed.v1"
    await say_and_write(world, owner("third"))
    async with listening(server, token, last=events[0]["id"]) as listener:
        again = await listener.events(2)
    assert [json.loads(event["data"])["data"]["owner"] for event in again] == ["second", "third"]


async def test_only_the_asked_types_are_sent(server: Server) -> None:
    world = server.world
    async with listening(server, await server.key(), "type=sanad.ticket.opened.v1") as listener:
        await listener.received.get()
        await say_and_write(world, owner("x"), say.opened())
        (event,) = await listener.events(1)
    assert event["event"] == "sanad.ticket.opened.v1"


async def test_what_is_not_asked_for_is_passed_over_without_waiting_and_the_line_is_kept_open(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = server.world
    cursor = write_cursor(OURS, {topic: Mark(await world.broker.topic_id(topic), 0, 0) for topic in TOPICS})
    await say_and_write(world, *(owner(f"a{number}") for number in range(20)), say.opened())
    monkeypatch.setattr(feeding, "CHUNK", 2)
    monkeypatch.setattr(feeding, "LONGEST_WAIT", 10**9)
    monkeypatch.setattr(feed_api, "HEARTBEAT", 0)
    async with listening(server, await server.key(), "type=sanad.ticket.opened.v1", cursor) as listener:
        await listener.received.get()
        heard = [await listener.received.get() for _ in range(11)]
    assert [b"still here" in one for one in heard] == [True] * 10 + [False]


async def test_a_quiet_line_is_kept_open_until_its_key_is_revoked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await server.key()
    monkeypatch.setattr(feed_api, "HEARTBEAT", 0)
    monkeypatch.setattr(feeding, "LONGEST_WAIT", 10)
    async with listening(server, token) as listener:
        await listener.received.get()
        assert (await listener.received.get()).startswith(b": still here\nid: ")
        await server.gate.keys.revoke(OURS, token.split("_")[1], NOW)
        (ended,) = await listener.events(1)
    assert (ended["event"], json.loads(ended["data"])) == ("end", {"reason": "unauthenticated"})


async def narrow(server: Server, key: str) -> None:
    """Take from a key whatever it could read; there is no door for that yet."""
    keys = server.world.documents.of(INSTALLATION)
    found = await keys.get(KEYS.name, key)
    assert found
    await keys.replace(KEYS.name, key, {**found.body, "scopes": ["tickets:write"]}, found.seq)


@pytest.mark.parametrize(("lost", "reason"), [("key", "unauthenticated"), ("scope", "forbidden")])
async def test_a_busy_line_outlives_its_right_by_no_more_than_a_heartbeat(
    server: Server, lost: str, reason: str
) -> None:
    world, token = server.world, await server.key()
    key = token.split("_")[1]
    heard: list[dict[str, str]] = []
    async with listening(server, token) as listener:
        await listener.received.get()
        await (server.gate.keys.revoke(OURS, key, NOW) if lost == "key" else narrow(server, key))
        for number in range(3):
            world.clock.time += feed_api.HEARTBEAT // 2
            await say_and_write(world, owner(f"a{number}"))
            heard += await listener.events(1)
            if heard[-1]["event"] == "end":
                break
    assert [one["event"] for one in heard] == ["sanad.ticket.owner_changed.v1", "end"]
    assert json.loads(heard[-1]["data"]) == {"reason": reason}


async def test_a_store_that_goes_away_ends_the_line_and_the_last_id_resumes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Mark:
        raise DocumentsUnavailable("away")

    world, token = server.world, await server.key()
    async with listening(server, token) as listener:
        opening = await listener.received.get()
        with monkeypatch.context() as broken:
            broken.setattr(server.gate.feed, "written", away)
            await say_and_write(world, owner("unheard"))
            await until(lambda: not sum(server.gate.open_feeds.values()))
    assert server.failures == []
    last = opening.decode().partition("id: ")[2].strip()
    async with listening(server, token, last=last) as listener:
        (event,) = await listener.events(1)
    assert json.loads(event["data"])["data"]["owner"] == "unheard"


async def test_a_reader_that_does_not_read_is_closed_and_forgotten(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_api, "SLOWEST", 20)
    async with listening(server, await server.key()) as listener:
        await listener.received.get()
        listener.open.clear()
        await say_and_write(server.world, owner("x"))
        await until(lambda: not sum(server.gate.open_feeds.values()))
    assert listener.received.empty()


async def test_the_number_of_open_feeds_is_bounded(server: Server) -> None:
    token = await server.key()
    key = f"{OURS}/key-{token.split('_')[1]}"
    async with server.client(token) as client:
        server.gate.open_feeds[key] = feed_api.MOST_FEEDS_EACH
        assert (await client.get("/v1/feed")).status_code == 429
        server.gate.open_feeds["others"] = feed_api.MOST_FEEDS
        response = await client.get("/v1/feed")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    server.gate.open_feeds.clear()


async def test_the_mark_follows_the_log(server: Server) -> None:
    await say_and_write(server.world, owner("x"))
    mark = await server.world.get(MARKS, DESK.name)
    assert (mark["seq"], mark["offset"]) == (1, 1)
