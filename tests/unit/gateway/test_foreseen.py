"""What the desk would refuse is refused before its words are kept, and for the reason the desk has."""

from typing import Any

import pytest

from shared.catalogue import facts as f
from shared.catalogue.commands import PutAgent
from shared.catalogue.facts import CustomersMerged, TaskCompleted
from shared.catalogue.values import Role
from shared.ids import contact_point_id
from shared.texts import Texts
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import SECRETS, Server, done, problem, refused
from tests.unit.gateway.world import OURS, principal
from tests.unit.router import driving

pytestmark = pytest.mark.anyio

SCOPES = ("people:write",)


async def boss(server: Server, role: str = "admin") -> Texts:
    """Somebody with a seat and a name."""
    await server.world.say(say.agent("boss", role))
    await server.world.command(PutAgent(by=principal(), agent="boss", name="Boss", email="boss@x.example"))
    await server.world.catch_up()
    return Texts(server.world.documents.of(OURS))


@pytest.mark.parametrize("by", ["integrator", "lead", "manager"])
async def test_who_may_not_change_a_seat_changes_no_name_and_no_address_of_it(server: Server, by: Role) -> None:
    texts = await boss(server)
    token = await server.key(by, scopes=SCOPES)
    async with server.deciding(refused("forbidden")) as asked, server.client(token) as client:
        put = await client.put("/v1/agents/boss", json={"email": "evil@x.example", "name": "Evil"})
        file = await client.post("/v1/people/import", content=b"id,email\nboss,evil@x.example\n")
    await server.world.catch_up()
    told = (await texts.agents(["boss"]))["boss"]
    assert (told.name, told.email) == ("Boss", "boss@x.example")
    assert (put.status_code, problem(put)["reason"]) == (403, "forbidden")
    assert (file.status_code, file.json()["refused"]) == (200, [{"line": 2, "reason": "forbidden"}])
    assert asked == []


@pytest.mark.parametrize("seated", [None, "agent", "manager", "admin"])
@pytest.mark.parametrize("given", [None, "agent", "admin", "customer"])
@pytest.mark.parametrize("by", ["lead", "manager", "integrator"])
async def test_the_door_refuses_of_seats_what_the_desk_refuses(
    server: Server, seated: Role | None, given: Role | None, by: Role
) -> None:
    desk = driving.World()
    if seated:
        desk.agent("boss", role=seated)
        await boss(server, seated)
    scopes = SCOPES if by == "integrator" else ()
    asker = driving.principal("k", by, scopes)
    refusal = desk.send(PutAgent(by=asker, agent="boss", role=given)).refusal
    async with server.deciding() as asked, server.client(await server.key(by, scopes=scopes)) as client:
        response = await client.put("/v1/agents/boss", json={"role": given, "name": "B"})
    assert (response.json().get("reason"), len(asked)) == (refusal, 0 if refusal else 1)


async def test_a_seat_that_was_left_may_be_given_again_whatever_its_role_was(server: Server) -> None:
    await boss(server)
    await server.world.say(f.AgentRemoved(agent="boss"))
    await server.world.catch_up()
    async with server.deciding(), server.client(await server.key("lead")) as client:
        assert (await client.put("/v1/agents/boss", json={"name": "New"})).status_code == 200


async def completed(server: Server, task: str, agent: str) -> tuple[int, str | None]:
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with server.deciding(), server.client(cookie=await server.session(agent)) as client:
        answer = await client.post(f"/v1/tasks/{task}/complete", json={"result": "x"}, headers=headers)
    return answer.status_code, answer.json().get("reason")


async def test_only_an_open_task_of_ones_own_or_ones_team_gets_a_result(server: Server) -> None:
    for agent, team in (("holder", "second"), ("owner", "second"), ("member", "first"), ("other", "second")):
        await server.world.say(say.agent(agent, team=team))
    await server.world.say(say.agent("helper", team="second", secondary_teams=("first",)))
    await server.world.say(say.opened(), f.OwnerChanged(ticket="t1", former=None, owner="owner", cause="took"))
    for task in ("k1", "k2", "k3", "k4", "k5"):
        await server.world.say(say.task(task), say.assigned(task, "t1", "holder"))
    await server.world.say(TaskCompleted(task="k5", ticket="t1", by="holder"))
    await server.world.catch_up()
    assert await completed(server, "k1", "other") == (403, "forbidden")
    for task, agent in (("k1", "holder"), ("k2", "owner"), ("k3", "member"), ("k4", "helper")):
        assert await completed(server, task, agent) == (200, None)
    assert await completed(server, "k5", "holder") == (404, "no_such_task")
    await server.world.catch_up()
    texts = await Texts(server.world.documents.of(OURS)).tasks(["k1", "k5"])
    assert {key: text.result for key, text in texts.items()} == {"k1": "x"}


async def test_a_task_that_is_not_shown_yet_is_the_desk_s_to_judge(server: Server) -> None:
    await server.world.say(say.agent("holder"))
    await server.world.catch_up()
    assert await completed(server, "k9", "holder") == (200, None)


async def test_the_repeat_of_a_completion_is_told_what_became_of_it(server: Server) -> None:
    await server.world.say(say.task())
    await server.world.catch_up()
    headers = {"Idempotency-Key": "a-1"}

    def complete(envelope: Any) -> list[Any]:
        return [TaskCompleted(task="k1", ticket="t1", by="sara"), *done(envelope)]

    async with server.deciding(complete) as asked, server.client(await server.key()) as client:
        answers = [await client.post("/v1/tasks/k1/complete", json={}, headers=headers) for _ in range(2)]
        other = await client.post("/v1/tasks/k1/complete", json={})
    assert [answer.status_code for answer in (*answers, other)] == [200, 200, 404]
    assert answers[0].json() == answers[1].json()
    assert len(asked) == 1


async def test_the_name_of_a_merged_customer_is_that_of_whom_they_live_on_as(server: Server) -> None:
    await server.world.say(CustomersMerged(customer="c1", into="c2"), CustomersMerged(customer="c2", into="c3"))
    await server.world.catch_up()
    async with server.deciding(), server.client(await server.key()) as client:
        assert (await client.put("/v1/customers/c1", json={"name": "Huda"})).status_code == 200
    await server.world.catch_up()
    texts = await Texts(server.world.documents.of(OURS)).customers(["c1", "c3"])
    assert {key: text.name for key, text in texts.items()} == {"c3": "Huda"}


async def test_a_repeat_is_known_though_the_customer_was_merged_meanwhile(server: Server) -> None:
    headers = {"Idempotency-Key": "a-1"}
    async with server.deciding() as asked, server.client(await server.key()) as client:
        for _ in range(2):
            response = await client.put("/v1/customers/c1", json={"name": "Huda"}, headers=headers)
            assert response.status_code == 200
            if len(asked) == 1:
                await server.world.say(CustomersMerged(customer="c1", into="c2"))
                await server.world.catch_up()
    assert len(asked) == 1


async def test_an_address_that_is_linked_without_a_name_keeps_the_one_it_has(server: Server) -> None:
    async with server.deciding(), server.client(await server.key()) as client:
        for named in ({"name": "Huda"}, {}):
            content = {"kind": "email", "address": "huda@x.example", **named}
            assert (await client.post("/v1/customers/c1/contact-points", json=content)).status_code == 200
    await server.world.catch_up()
    contact = contact_point_id(SECRETS.contacts_of("acme"), "email", "huda@x.example")
    assert (await Texts(server.world.documents.of(OURS)).contacts([contact]))[contact].name == "Huda"
