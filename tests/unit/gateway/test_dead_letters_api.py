"""Dead letters through the door."""

import base64
from typing import Any

import pytest

from shared.broker import Record
from shared.catalogue.codec import encode
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS, DESK
from tests.unit.gateway.serving import Server, problem
from tests.unit.gateway.world import NOW, OURS, THEIRS, tick

pytestmark = pytest.mark.anyio


async def keep(server: Server, topic: str = COMMANDS.name, desk: str = OURS) -> str:
    envelope = Envelope("cmd-7", "ingest", NOW, "acme", desk, "cmd-7", "cmd-7", tick(desk))
    out = encode(envelope, topic, 0)
    record = Record(topic, 0, 5, NOW, out.key, out.value, out.headers)
    return await server.world.dead_letters.keep(record, "a rule failed on it", consumer="router", desk=desk)


async def test_dead_letters_are_listed_and_shown_whole(server: Server) -> None:
    letter = await keep(server)
    async with server.client(await server.key()) as client:
        (listed,) = (await client.get("/v1/dead-letters")).json()["items"]
        whole = (await client.get(f"/v1/dead-letters/{letter}")).json()
    assert (listed["id"], listed["source"], listed["state"]) == (letter, "router", "kept")
    assert listed["origin"] == {"topic": COMMANDS.name, "partition": 0, "offset": 5}
    assert b"due" in base64.b64decode(whole["original"])


async def test_a_command_is_appended_again_under_its_own_id(server: Server) -> None:
    letter = await keep(server)
    async with server.client(await server.key()) as client:
        answer = (await client.post(f"/v1/dead-letters/{letter}/redrive")).json()
    assert (answer["state"], answer["attempts"]) == ("redriven", 2)
    (record,) = await server.world.broker.read(COMMANDS.name, 0, 0)
    assert dict(record.headers)["ce_id"] == b"cmd-7"
    assert record.key == OURS.encode()


async def test_a_fact_is_never_appended_again(server: Server) -> None:
    letter = await keep(server, DESK.name)
    async with server.client(await server.key()) as client:
        assert problem(await client.post(f"/v1/dead-letters/{letter}/redrive"))["reason"] == "not_redrivable_here"
    assert (await server.world.broker.bounds(DESK.name, 0)).next == 0


async def test_what_came_through_a_door_is_its_doors_to_redrive(server: Server) -> None:
    letter = await server.world.dead_letters.keep_request("smtp", b"raw", "no headers", desk=OURS)
    async with server.client(await server.key()) as client:
        assert problem(await client.post(f"/v1/dead-letters/{letter}/redrive"))["status"] == 409


async def test_a_dead_letter_is_put_aside_for_good(server: Server) -> None:
    letter = await keep(server)
    async with server.client(await server.key()) as client:
        assert (await client.delete(f"/v1/dead-letters/{letter}")).status_code == 204
        assert (await client.get("/v1/dead-letters")).json()["items"] == []
        (item,) = (await client.get("/v1/dead-letters?state=discarded")).json()["items"]
    assert item["id"] == letter


async def test_another_desks_dead_letters_do_not_exist_here(server: Server) -> None:
    letter = await keep(server, desk=THEIRS)
    async with server.client(await server.key()) as client:
        assert (await client.get("/v1/dead-letters")).json()["items"] == []
        calls: tuple[tuple[str, str], ...] = (("GET", ""), ("POST", "/redrive"), ("DELETE", ""))
        for method, rest in calls:
            response: Any = await client.request(method, f"/v1/dead-letters/{letter}{rest}")
            assert problem(response)["status"] == 404
    assert (await server.world.broker.bounds(COMMANDS.name, 0)).next == 0
