"""Whom a reply copies: addresses in, contact points on, and everything that is no address refused with its place."""

from typing import Any

import pytest

from shared.catalogue.commands import OpenTicket, UpdateTicket
from shared.catalogue.commands.tickets import MOST_COPIES, Reply
from shared.catalogue.facts import ContactPointBlocked, ParticipantJoined, RulesSwitched
from shared.catalogue.rule_sets import AGENTS_COPY
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Contact
from shared.ids import contact_point_id
from shared.text.mail_address import LONGEST_ADDRESS
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import SECRETS, Server, body, problem
from tests.unit.gateway.world import OURS, principal

pytestmark = pytest.mark.anyio
TICKET = "/v1/tickets/t1"


def named(address: str) -> Contact:
    return Contact(id=contact_point_id(SECRETS.contacts_of("acme"), "email", address), kind="email", address=address)


def copying(*addresses: Any, **more: Any) -> dict[str, Any]:
    return {"reply": {"text": "Our offer", "cc": addresses, **more}}


async def switch(server: Server, *, on: bool = True) -> None:
    await server.world.say(RulesSwitched(desk=OURS, rules=AGENTS_COPY, on=on))
    await server.world.catch_up()


async def test_addresses_become_the_contact_points_they_are_everywhere(server: Server) -> None:
    await switch(server)
    content = copying(" Bank@Example.com ", "court@بريد.مثال", language="ar")
    async with server.deciding() as asked, server.client(await server.key("agent")) as client:
        assert (await client.patch(TICKET, json=content)).status_code == 200
    command = body(asked[0])
    assert isinstance(command, UpdateTicket)
    copies = (named("bank@example.com"), named("court@xn--ngbof4h.xn--mgbh0fb"))
    assert command.reply == Reply(text="Our offer", language="ar", cc=copies)


async def test_so_do_those_of_a_ticket_that_is_opened_by_hand(server: Server) -> None:
    await switch(server)
    content = {"subject": "x", "contact": "p1", **copying("bank@example.com")}
    async with server.deciding() as asked, server.client(await server.key("agent")) as client:
        assert (await client.post("/v1/tickets", json=content)).status_code == 200
    command = body(asked[0])
    assert isinstance(command, OpenTicket)
    assert command.reply == Reply(text="Our offer", cc=(named("bank@example.com"),))


async def test_the_same_copies_under_a_key_are_the_same_request(server: Server) -> None:
    await switch(server)
    headers = {"Idempotency-Key": "k"}
    async with server.deciding() as asked, server.client(await server.key()) as client:
        for content in (copying("bank@example.com"), copying("BANK@example.com")):
            assert (await client.patch(TICKET, json=content, headers=headers)).status_code == 200
        assert (await client.patch(TICKET, json=copying("a@b.example"), headers=headers)).status_code == 422
    assert len(asked) == 1


@pytest.mark.parametrize(
    "address",
    ["bank", "bank@", "@example.com", "a@b@example.com", "bank@example", "b nk@example.com", "bank@-a.com", "bank@a..com",
     "بنك@example.com", "a@example.com\r\nBcc: b@example.com", "Bank <bank@example.com>", "", 7, f"{'a' * 65}@b.example",
     f"a@{'b' * 64}.example", "a" * (LONGEST_ADDRESS + 1), f"a@{'b.' * 125}example"],
)  # fmt: skip
async def test_what_is_no_address_is_refused_with_its_place(server: Server, address: Any) -> None:
    await switch(server)
    async with server.client(await server.key()) as client:
        response = await client.patch(TICKET, json=copying("fine@example.com", address))
    assert response.status_code == 422
    assert [finding["where"] for finding in problem(response)["findings"]] == [["body", "reply", "cc", 1]]
    assert (await server.world.broker.bounds(COMMANDS.name, 0)).next == 0


async def test_too_many_are_refused_with_their_place(server: Server) -> None:
    await switch(server)
    crowd = [f"party{number}@example.com" for number in range(MOST_COPIES + 1)]
    async with server.client(await server.key()) as client:
        response = await client.patch(TICKET, json=copying(*crowd))
    assert response.status_code == 422
    assert problem(response)["findings"][0]["where"] == ["body", "reply", "cc"]


async def test_before_the_rules_are_in_force_a_reply_goes_out_without_copies_or_not_at_all(server: Server) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        for on in (None, False):
            if on is not None:
                await switch(server, on=on)
            refused = await client.patch(TICKET, json=copying("bank@example.com"))
            assert (refused.status_code, problem(refused)["reason"]) == (409, "rules_not_in_force")
        assert (await client.patch(TICKET, json=copying())).status_code == 200
    assert len(asked) == 1


async def test_nobody_names_a_contact_point_by_hand(server: Server) -> None:
    await switch(server)
    forged = {"id": "p1", "kind": "email", "address": "bank@example.com"}
    async with server.client(await server.key()) as client:
        assert (await client.patch(TICKET, json=copying(forged))).status_code == 422


async def test_who_takes_part_is_told_with_their_addresses(server: Server) -> None:
    world, bank, court = server.world, named("bank@example.com"), named("court@example.com")
    await world.command(UpdateTicket(by=principal(), ticket="t1", reply=Reply(text="x", cc=(bank, court))), "c1")
    joined = [ParticipantJoined(conversation="v1", contact=one.id, how="copied_by_agent") for one in (bank, court)]
    await world.say(*say.intake(), *joined, ContactPointBlocked(contact=court.id, blocked=True))
    await world.catch_up()
    async with server.client(await server.key()) as client:
        ticket = (await client.get(TICKET)).json()
    told = {one["address"]: (one["id"], one.get("blocked")) for one in ticket["participants"]}
    assert told == {"bank@example.com": (bank.id, None), "court@example.com": (court.id, True)}
    assert sorted(ticket["conversations"][0]["participants"]) == sorted(one.id for one in (bank, court))
