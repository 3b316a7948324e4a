"""The policy through the door: checked with line and column, compared, put in force."""

from typing import Any

import pytest

from services.gateway.policy_file.loader import load_policy
from services.gateway.store import DESK
from shared.catalogue.commands import ApplyPolicy
from shared.catalogue.facts import PolicyApplied
from tests.unit.gateway.serving import Server, body, problem
from tests.unit.gateway.world import NOW, OURS

pytestmark = pytest.mark.anyio

FILE = f"""
desk: {{id: {OURS}, organisation: acme, name: Acme}}
accounts:
  mail: {{channel: email, address: help@example.com}}
teams:
  first: {{name: First}}
rules:
  - {{id: all, then: {{category: general}}}}
categories:
  general: {{name: General}}
brands:
  acme: {{name: Acme}}
"""


async def post(server: Server, path: str, text: str | bytes, role: Any = "admin") -> Any:
    content = text.encode() if isinstance(text, str) else text
    async with server.client(await server.key(role)) as client:
        return await client.post(f"/v1/{path}", content=content, headers={"Content-Type": "application/yaml"})


async def apply(server: Server, text: str = FILE, version: int = 1) -> None:
    policy = load_policy(text, NOW).at_version(version)
    await server.world.say(PolicyApplied(desk=OURS, version=version, policy=policy))
    await server.world.catch_up()


async def test_no_policy_is_version_nought(server: Server) -> None:
    async with server.client(await server.key()) as client:
        assert (await client.get("/v1/policy")).json() == {"version": 0, "applied_at": None, "policy": None}
    assert (await post(server, "policy/diff", FILE)).json() == {"version": 0, "changes": []}


async def test_the_policy_in_force_is_shown_and_names_the_tickets(server: Server) -> None:
    await apply(server)
    async with server.client(await server.key("agent")) as client:
        answer = (await client.get("/v1/policy")).json()
    assert (answer["version"], answer["applied_at"], answer["policy"]["desk"]["id"]) == (1, NOW, OURS)
    assert (await server.world.get(DESK, "desk"))["prefix"] == "SUP"


async def test_a_file_is_compared_with_what_is_in_force(server: Server) -> None:
    await apply(server)
    changed = FILE.replace("first: {name: First}", "first: {name: First, tier: 2}")
    answer = (await post(server, "policy/diff", changed)).json()
    assert [change["path"] for change in answer["changes"]] == ["teams.first.tier"]
    assert (await post(server, "policy/diff", FILE)).json()["changes"] == []


async def test_a_file_is_put_in_force(server: Server) -> None:
    async with server.deciding() as asked:
        assert (await post(server, "policy", FILE)).status_code == 200
    command = body(asked[0])
    assert isinstance(command, ApplyPolicy)
    assert command.policy == load_policy(FILE, server.world.clock.now())


async def test_everything_wrong_is_said_with_line_and_column(server: Server) -> None:
    broken = FILE.replace("channel: email", "channel: pigeon").replace("category: general", "category: nowhere")
    answer = problem(await post(server, "policy", broken))
    assert answer["reason"] == "policy_errors"
    assert {finding["line"] for finding in answer["findings"]} == {4, 8}
    assert all(finding["column"] > 0 and finding["fix"] for finding in answer["findings"])


@pytest.mark.parametrize("other", [f"id: {OURS}2, organisation: acme", f"id: {OURS}, organisation: rival"])
async def test_a_file_for_another_desk_is_refused(server: Server, other: str) -> None:
    text = FILE.replace(f"id: {OURS}, organisation: acme", other)
    assert problem(await post(server, "policy", text))["reason"] == "other_desk"


@pytest.mark.parametrize("role", ["agent", "lead"])
async def test_only_managers_put_a_policy_in_force(server: Server, role: Any) -> None:
    assert (await post(server, "policy", FILE, role)).status_code == 403
    assert (await post(server, "policy/diff", FILE, role)).status_code == 200


@pytest.mark.parametrize("text", [b"\xff\xfe", b"", b"&a [*a]", b"- 1\n", b"x: " + b"[" * 5_000])
async def test_a_file_that_is_no_policy_is_refused(server: Server, text: bytes) -> None:
    assert (await post(server, "policy", text)).status_code == 422
