"""Who asks: keys, sessions, links, and what each may do."""

import asyncio
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.gateway.accounts.keys import MOST
from services.gateway.accounts.sign_in import PURPOSE
from services.gateway.api import ROUTES, build_router
from services.gateway.api.keys import SCOPES
from services.gateway.api.table import Judge
from services.gateway.housekeeping import Housekeeping
from services.gateway.store import SESSIONS, SIGN_IN_REQUESTS, USED_LINKS
from shared.catalogue import facts as f
from shared.catalogue.commands import PutAgent
from shared.clock import DAY, HOUR
from shared.desks import INSTALLATION
from shared.links import Link, mint
from shared.permissions import ACTS
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import BROWSER, SECRETS, Server, problem
from tests.unit.gateway.world import OURS, THEIRS, World, principal

pytestmark = pytest.mark.anyio

FOR_EVERYBODY = {("POST", "/v1/sessions"), ("POST", "/v1/sign-in-requests")}
"""Decided one by one: they are how somebody becomes known."""


async def test_every_route_has_a_row_in_the_permission_table(server: Server) -> None:
    routes = [route for route in build_router(server.gate).routes if isinstance(route, APIRoute)]
    assert len(routes) == len(ROUTES)
    for route in routes:
        judges = [one.call for one in route.dependant.dependencies if isinstance(one.call, Judge)]
        place = (next(iter(route.methods or ())), route.path)
        assert (not judges) == (place in FOR_EVERYBODY), place
        assert all(judge.act in ACTS for judge in judges), place


async def test_every_route_turns_the_unknown_away(server: Server) -> None:
    async with server.client() as client:
        for route in ROUTES:
            if (route.method, route.path) in FOR_EVERYBODY:
                continue
            response = await client.request(route.method, route.path.replace("{number}", "1"))
            assert response.status_code == 401, route.path
            assert response.headers["WWW-Authenticate"] == "Bearer"


async def seat(world: World, agent: str = "sara", role: str = "agent", desk: str = OURS, email: str = "") -> None:
    await world.say(say.agent(agent, role), desk=desk)
    await world.command(PutAgent(by=principal(desk), agent=agent, name=agent, email=email), f"put-{agent}-{desk}")
    await world.catch_up()


@pytest.mark.parametrize(
    "token",
    [
        "", "sk_", "sk_0123456789abcdef_" + "x" * 43, "sk_{id}_" + "x" * 43, "sk_{id}_{secret}x", "sk_{id}_", "{secret}",
        "sk_../../etc_" + "x" * 43, "sk_{id}_{secret}\x00", "ｓｋ_{id}_{secret}",
    ],
)  # fmt: skip
async def test_a_forged_key_opens_nothing(server: Server, token: str) -> None:
    _, key_id, secret = (await server.key()).split("_", 2)
    forged = token.replace("{id}", key_id).replace("{secret}", secret)
    assert await server.gate.keys.principal(forged) is None


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "bearer sk_x", "sk_x", "Bearer  ", "Bearer a b c"])
async def test_a_wrong_authorization_is_never_an_error_of_ours(server: Server, header: str) -> None:
    async with server.client() as client:
        assert (await client.get("/v1/tickets", headers={"Authorization": header})).status_code == 401


async def test_a_key_is_shown_once_listed_and_revoked(server: Server) -> None:
    async with server.client(await server.key()) as admin:
        made = await admin.post("/v1/keys", json={"name": "crm", "scopes": ["tickets:read"]})
        assert made.status_code == 201
        token, key_id = made.json()["token"], made.json()["id"]
        async with server.client(token) as crm:
            assert (await crm.get("/v1/tickets")).status_code == 200
            assert problem(await crm.get("/v1/agents"))["status"] == 403
            assert (await admin.delete(f"/v1/keys/{key_id}")).status_code == 204
            assert (await crm.get("/v1/tickets")).status_code == 401
        listed = (await admin.get("/v1/keys")).json()["items"]
        assert (await admin.delete(f"/v1/keys/{key_id}")).status_code == 204
        assert problem(await admin.delete("/v1/keys/nope"))["status"] == 404
    assert {key["name"]: key["revoked_at"] is not None for key in listed} == {"test": False, "crm": True}
    assert token not in str(listed)


async def test_keys_are_listed_page_by_page_to_the_last(server: Server) -> None:
    made = [await server.key() for _ in range(MOST + 1)]
    await server.key(desk=THEIRS)
    async with server.client(made[0]) as admin:
        first = (await admin.get("/v1/keys")).json()
        last = (await admin.get("/v1/keys", params={"after": first["next"]})).json()
        wrong = await admin.get("/v1/keys?after=x")
    listed = [key["id"] for key in (*first["items"], *last["items"])]
    assert sorted(listed) == sorted(token.split("_")[1] for token in made)
    assert (len(first["items"]), last["next"]) == (MOST, None)
    assert problem(wrong)["reason"] == "wrong_cursor"


async def test_a_key_of_another_desk_is_neither_seen_nor_revoked(server: Server) -> None:
    theirs = await server.key(desk=THEIRS)
    async with server.client(await server.key()) as admin:
        assert problem(await admin.delete(f"/v1/keys/{theirs.split('_')[1]}"))["status"] == 404
        assert len((await admin.get("/v1/keys")).json()["items"]) == 1
    assert await server.gate.keys.principal(theirs)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"name": "x"}, 422),
        ({"name": "x", "scopes": ["everything"]}, 422),
        ({"name": "x", "role": "customer", "scopes": ["tickets:read"]}, 422),
        ({"name": "x", "role": "system", "scopes": ["tickets:read"]}, 422),
        ({"name": "x", "role": "lead"}, 201),
        ({"name": "x", "scopes": sorted(SCOPES)}, 201),
    ],
)
async def test_only_sensible_keys_are_made(server: Server, content: dict[str, Any], status: int) -> None:
    async with server.client(await server.key()) as admin:
        assert (await admin.post("/v1/keys", json=content)).status_code == status


async def test_a_manager_makes_no_key_for_admins(server: Server) -> None:
    async with server.client(await server.key("manager")) as manager:
        response = await manager.post("/v1/keys", json={"name": "x", "role": "admin"})
    assert response.status_code == 403


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"role": "admin"}, 403),
        ({"role": "lead"}, 403),
        ({"scopes": ["keys:write", "tickets:read", "tickets:write"]}, 403),
        ({"role": "admin", "scopes": ["policy:write"]}, 403),
        ({"role": "admin", "scopes": ["keys:write"]}, 201),
        ({"scopes": ["tickets:read"]}, 201),
    ],
)
async def test_a_narrow_key_makes_none_that_is_wider(server: Server, content: dict[str, Any], status: int) -> None:
    async with server.client(await server.key(scopes=("keys:write", "tickets:read"))) as narrow:
        assert (await narrow.post("/v1/keys", json={"name": "x", **content})).status_code == status


@pytest.mark.parametrize(
    ("scopes", "status"), [(("keys:write",), 403), (tuple(sorted(SCOPES - {"work:write"})), 403), (tuple(SCOPES), 201)]
)
async def test_a_narrow_key_lets_nobody_in_who_may_do_more(
    server: Server, scopes: tuple[str, ...], status: int
) -> None:
    """A session knows no scopes: whoever is signed in may do whatever their role may."""
    await seat(server.world)
    async with server.client(await server.key(scopes=scopes)) as narrow:
        assert (await narrow.post("/v1/agents/sara/sign-in-link")).status_code == status


@pytest.mark.parametrize("role", ["agent", "lead", "integrator"])
async def test_keys_and_dead_letters_are_for_managers(server: Server, role: Any) -> None:
    token = await server.key(role, scopes=("tickets:read",) if role == "integrator" else ())
    async with server.client(token) as client:
        for path in ("keys", "dead-letters", "sign-in-requests"):
            assert (await client.get(f"/v1/{path}")).status_code == 403


async def test_a_customer_reads_nothing_here(server: Server) -> None:
    async with server.client(await server.key("customer")) as client:
        assert (await client.get("/v1/tickets")).status_code == 403


def token_of(path: str) -> dict[str, str]:
    return {"token": path.rpartition("/")[2]}


async def test_a_link_signs_in_once(server: Server) -> None:
    await seat(server.world)
    async with server.client(await server.key()) as admin:
        link = token_of((await admin.post("/v1/agents/sara/sign-in-link")).json()["path"])
    now = server.world.clock.now()
    assert await server.gate.sign_in.look(link["token"], now) == await server.gate.sign_in.look(link["token"], now)
    async with server.client() as browser:
        used = await browser.post("/v1/sessions", json=link, headers=BROWSER)
        me = (await browser.get("/v1/me")).json()
        again = await browser.post("/v1/sessions", json=link, headers=BROWSER)
    cookie = used.headers["Set-Cookie"].lower()
    assert used.status_code == 204
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/"))
    assert (me["id"], me["role"], me["desk"]) == ("sara", "agent", OURS)
    assert problem(again)["reason"] == "link_used"


async def test_a_link_used_twice_at_once_begins_one_session(server: Server) -> None:
    await seat(server.world)
    link = token_of(server.gate.sign_in.link(OURS, "sara", server.world.clock.now()))
    async with server.client() as first, server.client() as second:
        answers = await asyncio.gather(
            *(browser.post("/v1/sessions", json=link, headers=BROWSER) for browser in (first, second))
        )
    assert sorted(answer.status_code for answer in answers) == [204, 410]
    assert len(await server.world.all(SESSIONS, INSTALLATION)) == 1


@pytest.mark.parametrize("spoil", ["expired", "forged", "other_purpose", "no_seat", "long", "no_time"])
async def test_a_link_that_does_not_open_begins_no_session(server: Server, spoil: str) -> None:
    await seat(server.world)
    now = server.world.clock.now()
    link = token_of(server.gate.sign_in.link(OURS, "nobody" if spoil == "no_seat" else "sara", now))
    if spoil == "forged":
        link["token"] = link["token"][:-2] + ("AA" if link["token"][-2:] != "AA" else "BB")
    if spoil == "other_purpose":
        link["token"] = mint(SECRETS.links, "survey", Link(OURS, "sara\nx", now + HOUR))
    if spoil == "no_time":
        link["token"] = mint(SECRETS.links, PURPOSE, Link(OURS, "sara\nx", now + HOUR))
    if spoil == "expired":
        server.world.clock.time += HOUR + 1
    if spoil == "long":
        link["token"] = "x" * 1_024
    async with server.client() as browser:
        response = await browser.post("/v1/sessions", json=link, headers=BROWSER)
    assert problem(response)["status"] == 410
    assert "set-cookie" not in response.headers


async def test_a_page_of_another_site_cannot_use_a_link(server: Server) -> None:
    await seat(server.world)
    link = token_of(server.gate.sign_in.link(OURS, "sara", server.world.clock.now()))
    async with server.client() as browser:
        other = await browser.post("/v1/sessions", json=link, headers={"Sec-Fetch-Site": "cross-site"})
        own = await browser.post("/v1/sessions", json=link, headers=BROWSER)
    assert (other.status_code, own.status_code) == (403, 204)


async def test_signing_out_ends_the_session_everywhere(server: Server) -> None:
    await seat(server.world)
    cookie = await server.session("sara")
    async with server.client(cookie=cookie) as first, server.client(cookie=cookie) as second:
        assert (await second.get("/v1/me")).status_code == 200
        assert (await first.post("/v1/sign-out", headers=BROWSER)).status_code == 204
        assert (await second.get("/v1/me")).status_code == 401


async def test_an_admin_signs_somebody_out(server: Server) -> None:
    await seat(server.world)
    cookies = [await server.session("sara") for _ in range(3)]
    async with server.client(await server.key()) as admin:
        assert (await admin.delete("/v1/agents/sara/sessions")).json() == {"ended": 3}
    for cookie in cookies:
        assert await server.gate.sessions.find(cookie, server.world.clock.now()) is None


async def test_a_session_ends_by_itself_and_with_the_seat(server: Server) -> None:
    await seat(server.world)
    cookie = await server.session("sara")
    now = server.world.clock.now()
    found = await server.gate.sessions.find(cookie, now)
    assert found
    assert await server.gate.sessions.find(cookie, found.expires_at) is None
    await server.world.say(f.AgentRemoved(agent="sara"))
    await server.world.catch_up()
    assert await server.gate.sessions.find(cookie, now) is None


@pytest.mark.parametrize("later", [0, 1])
async def test_neither_a_session_nor_a_link_outlives_the_seat_it_was_for_though_that_is_given_again(
    server: Server, later: int
) -> None:
    world, gate = server.world, server.gate
    await seat(world)
    former, unused = await server.session("sara"), gate.sign_in.link(OURS, "sara", world.clock.now())
    world.clock.time += later
    await world.say(f.AgentRemoved(agent="sara"))
    await seat(world, role="lead")
    world.clock.time += 1
    assert await gate.sessions.find(former, world.clock.now()) is None
    async with server.client() as browser:
        refused = await browser.post("/v1/sessions", json=token_of(unused), headers=BROWSER)
        assert problem(refused)["reason"] == "link_no_seat"
        link = token_of(gate.sign_in.link(OURS, "sara", world.clock.now()))
        assert (await browser.post("/v1/sessions", json=link, headers=BROWSER)).status_code == 204
        assert (await browser.get("/v1/me")).json()["role"] == "lead"


async def test_a_session_has_the_role_of_this_moment(server: Server) -> None:
    await seat(server.world, role="lead")
    cookie = await server.session("sara")
    async with server.client(cookie=cookie) as client:
        assert (await client.get("/v1/me")).json()["role"] == "lead"
        await server.world.say(say.agent("sara", "agent"))
        await server.world.catch_up()
        assert (await client.get("/v1/me")).json()["role"] == "agent"


async def test_the_cookie_is_kept_nowhere(server: Server) -> None:
    await seat(server.world)
    cookie = await server.session("sara")
    stored = await server.world.all(SESSIONS, INSTALLATION)
    assert cookie not in str(stored)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://desk.test"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://desk.test"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://desk.test.evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_our_own_pages_write_with_a_cookie(server: Server, headers: dict[str, str], status: int) -> None:
    await seat(server.world)
    async with server.deciding(), server.client(cookie=await server.session("sara")) as client:
        assert (await client.post("/v1/work/t1/take", headers=headers)).status_code == status


async def test_a_key_needs_no_page(server: Server) -> None:
    async with server.deciding(), server.client(await server.key()) as client:
        response = await client.post("/v1/work/t1/take", headers={"Origin": "http://evil.test"})
    assert response.status_code == 200


async def test_asking_for_a_link_tells_nothing_and_shows_the_admin_who_asked(server: Server) -> None:
    await seat(server.world, email="Sara@Example.com")
    async with server.client() as browser:
        known = await browser.post("/v1/sign-in-requests", json={"email": " sara@example.COM "})
        unknown = await browser.post("/v1/sign-in-requests", json={"email": "nobody@example.com"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, {"noted": True})
    async with server.client(await server.key()) as admin:
        items = (await admin.get("/v1/sign-in-requests")).json()["items"]
    assert [item["agent"] for item in items] == ["sara"]
    async with server.client(await server.key(desk=THEIRS)) as admin:
        assert (await admin.get("/v1/sign-in-requests")).json()["items"] == []


async def test_asking_for_links_again_and_again_is_slowed_down(server: Server) -> None:
    async with server.client() as browser:
        answers = [await browser.post("/v1/sign-in-requests", json={"email": "a@b.c"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_only_an_admin_lets_an_admin_in(server: Server) -> None:
    await seat(server.world, "root", "admin")
    async with server.client(await server.key("manager")) as manager:
        assert (await manager.post("/v1/agents/root/sign-in-link")).status_code == 403
        assert (await manager.post("/v1/agents/nobody/sign-in-link")).status_code == 404


async def test_what_is_past_its_time_is_deleted(server: Server) -> None:
    world = server.world
    await seat(world, email="sara@example.com")
    await server.gate.sign_in.request("sara@example.com", world.clock.now())
    await server.gate.sign_in.redeem(
        server.gate.sign_in.link(OURS, "sara", world.clock.now()).rpartition("/")[2], world.clock.now()
    )
    async with server.deciding(), server.client(await server.key()) as client:
        await client.patch("/v1/tickets/t1", json={"note": "x"}, headers={"Idempotency-Key": "k"})
    keeping = Housekeeping(world.documents, server.gate.desks, world.clock)
    assert await keeping.sweep() == 0
    world.clock.time += 8 * DAY + 1
    # a session, a used link, a request, an outcome and a request for a link
    assert await keeping.sweep() == 5
    for collection, desk in ((SESSIONS, INSTALLATION), (USED_LINKS, INSTALLATION), (SIGN_IN_REQUESTS, OURS)):
        assert await world.all(collection, desk) == []
