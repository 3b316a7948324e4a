"""Somebody means us harm: nothing gives way, nothing is told, nothing is an error of ours."""

import asyncio
import re
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from services.gateway.api import ROUTES
from services.gateway.api.table import Route
from services.gateway.limits import WRITES
from shared.catalogue.topics import COMMANDS
from shared.dead_letters import LETTERS
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, problem
from tests.unit.gateway.test_reading import one_ticket
from tests.unit.gateway.world import OURS, THEIRS

pytestmark = pytest.mark.anyio

THEIR_IDS = ("t1", "v1", "m1", "c1", "p1", "sara", "k1", "1024", "SUP-1024")
STRANGE = (
    "../../etc/passwd", "%2e%2e%2f", "' OR 1=1 --", '"; DROP TABLE documents_tickets; --', "\u202esevil", "x" * 129,
    "%00", "%0d%0aSet-Cookie:%20a=b", "a\x1fb", "🙂", "{{7*7}}", "${jndi:ldap://x}", "٠", "-1", "999999999999999999999",
)  # fmt: skip


def address(route: Route, fill: str) -> str:
    """The path with every placeholder filled; what is percent-encoded already stays as it is."""
    encoded = fill if fill.startswith("%") else quote(fill, safe="")
    return re.sub(r"{[a-z]+}", lambda _: encoded, route.path)


def reads() -> list[Route]:
    return [route for route in ROUTES if route.method == "GET" and "{" in route.path]


@pytest.mark.parametrize("strange", STRANGE)
async def test_strange_ids_find_nothing(server: Server, strange: str) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key()) as client:
        for route in reads():
            response = await client.get(address(route, strange))
            assert response.status_code in {404, 422}, (route.path, response.text)
            assert "set-cookie" not in response.headers


async def test_the_ids_of_another_organisation_open_nothing(server: Server) -> None:
    await one_ticket(server.world)
    await server.world.say(say.task())
    await server.world.catch_up()
    async with server.client(await server.key(desk=THEIRS)) as client:
        for route in reads():
            for theirs in THEIR_IDS:
                response = await client.get(address(route, theirs))
                assert response.status_code in {404, 422}, route.path
                assert "huda" not in response.text


async def test_a_write_always_lands_on_the_desk_of_its_credential(server: Server) -> None:
    async with server.deciding() as asked, server.client(await server.key(desk=THEIRS)) as client:
        await client.patch("/v1/tickets/t1", json={"note": "x"}, headers={"X-Desk": OURS, "Desk": OURS})
        await client.patch(f"/v1/tickets/t1?desk={OURS}&organisation=acme", json={"note": "x"})
    assert {(envelope.desk, envelope.organisation, envelope.body.by.desk) for envelope in asked} == {
        (THEIRS, "rival", THEIRS)
    }


@pytest.mark.parametrize("extra", [{"by": {"role": "admin"}}, {"desk": OURS}, {"organisation": "acme"}, {"id": "x"}])
async def test_nobody_says_who_they_are_in_a_body(server: Server, extra: dict[str, Any]) -> None:
    async with server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"note": "x", **extra})
    assert response.status_code == 422
    assert (await server.world.broker.bounds(COMMANDS.name, 0)).next == 0


async def test_an_outcome_of_another_desk_is_not_told(server: Server) -> None:
    await server.world.settle("command-1", ticket="secret")
    await server.world.catch_up()
    async with server.client(await server.key(desk=THEIRS)) as client:
        assert (await client.get("/v1/commands/command-1")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": "a\x1fb"}, {"Idempotency-Key": "x" * 256}, {"Idempotency-Key": "مفتاح".encode()},
        {"Idempotency-Key": " "}, {"If-Match": "x" * 65},
    ],
)  # fmt: skip
async def test_strange_headers_are_refused(server: Server, headers: Any) -> None:
    async with server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
    assert response.status_code == 422


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 5_000, "../../x", "a;b", '"quoted"'])
async def test_a_made_up_cookie_signs_nobody_in(server: Server, cookie: str) -> None:
    async with server.client() as client:
        response = await client.get("/v1/me", headers={"Cookie": f"sanad_session={cookie}"})
    assert response.status_code == 401


@pytest.mark.parametrize("origin", ["http://[::1", "http://[x]", "null", "//", "x", "http://desk.test@evil.example"])
async def test_a_made_up_origin_is_another_site(server: Server, origin: str) -> None:
    async with server.client() as client:
        response = await client.post("/v1/sessions", json={"token": "x"}, headers={"Origin": origin})
    assert problem(response)["reason"] == "other_site"


async def test_a_key_beats_a_cookie_and_a_wrong_one_is_not_made_good_by_it(server: Server) -> None:
    await server.world.say(say.agent())
    await server.world.catch_up()
    async with server.client("sk_wrong", cookie=await server.session("sara")) as client:
        assert (await client.get("/v1/me")).status_code == 401


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_what_a_form_of_another_page_could_send_is_no_command(server: Server, kind: str) -> None:
    async with server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", content=b'{"note": "x"}', headers={"Content-Type": kind})
    assert response.status_code in {415, 422}
    assert (await server.world.broker.bounds(COMMANDS.name, 0)).next == 0


async def test_a_flood_is_slowed_and_others_are_served(server: Server) -> None:
    server.world.clock.flows = False
    async with server.client(await server.key("lead")) as flood, server.client(await server.key()) as other:
        for _ in range(WRITES.burst):
            server.gate.limits.take(f"{OURS}/key-{flood.headers['Authorization'].split('_')[1]}", WRITES)
        refused = await flood.post("/v1/attachments", content=b"x")
        served = await other.post("/v1/attachments", content=b"x")
    assert (problem(refused)["reason"], served.status_code) == ("too_many_requests", 200)


async def test_a_huge_body_is_cut_off(server: Server) -> None:
    async with server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"note": "x" * (1 << 20)})
        deep = await client.patch(
            "/v1/tickets/t1", content=b'{"fields":' * 50_000, headers={"Content-Type": "application/json"}
        )
    assert (response.status_code, deep.status_code) == (413, 400)


async def test_a_reply_that_fills_a_record_is_refused_not_lost(server: Server) -> None:
    fields = {f"f{number}": "x" * 1_000 for number in range(1_040)}
    async with server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"fields": fields})
    assert response.status_code in {413, 422}


async def test_every_answer_says_it_is_not_to_be_kept(server: Server) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key()) as client:
        response = await client.get("/v1/tickets/t1")
    assert response.headers["Cache-Control"] == "no-store"


async def test_what_the_store_cannot_give_is_not_an_error_of_the_caller(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await server.key()
    await server.world.documents.close()
    async with server.client(token) as client:
        response: httpx2.Response = await client.get("/v1/tickets")
    assert (problem(response)["status"], response.headers["Retry-After"]) == (503, "1")
    assert LETTERS.name not in response.text


async def test_many_writers_at_once_each_get_their_own_outcome(server: Server) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        answers = await asyncio.gather(
            *(client.patch(f"/v1/tickets/t{number}", json={"note": str(number)}) for number in range(20))
        )
    ids = {envelope.id: envelope.body.note for envelope in asked}
    assert [ids[answer.json()["command"]] for answer in answers] == [str(number) for number in range(20)]
