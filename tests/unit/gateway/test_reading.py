"""What programs and people read."""

from typing import Any

import pytest

from services.gateway.reading.shapes import parse_number
from services.gateway.reading.tickets import MOST
from services.gateway.store import CLOCKS, SURVEYS
from shared.catalogue import facts as f
from shared.catalogue.commands import OpenTicket, PutAgent, PutCustomer, ReceiveMessage, Reply
from shared.catalogue.topics import SLA
from shared.catalogue.values import Attachment, Contact
from shared.documents import PAGE, Put
from shared.ids import first_conversation_id, reply_id, ticket_id
from shared.policy.terms import Channel, Status, WorkKind
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, problem
from tests.unit.gateway.world import NOW, OURS, THEIRS, World, principal

pytestmark = pytest.mark.anyio


def mail(message: str = "m1", subject: str = "بطاقتي", text: str = "أين بطاقتي؟", **more: Any) -> ReceiveMessage:
    return ReceiveMessage(
        by=principal(seat="mail", role="system"), message=message, channel=Channel.EMAIL, account="mail", sent_at=NOW,
        sender=Contact(id="p1", kind="email", address="huda@example.com", name="هدى"), subject=subject, text=text,
        **more,
    )  # fmt: skip


async def one_ticket(world: World) -> None:
    await world.command(mail())
    await world.say(say.agent(), *say.intake())
    await world.catch_up()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1024", 1024), ("SUP-1024", 1024), ("#1024", 1024), ("١٠٢٤", 1024), ("SUP-١٠٢٤", 1024), (" 1024 ", 1024),
        ("۱۰۲۴", 1024), ("\u2068SUP-1024\u2069", 1024), ("", None), ("t1", None), ("SUP-", None), ("10 24", None),
        ("-5", 5), ("9" * 16, None), ("²", None), ("دعم-7", None),
    ],
)  # fmt: skip
def test_a_ticket_number_is_read_as_people_write_it(text: str, number: int | None) -> None:
    assert parse_number(text) == number


async def test_a_ticket_opened_by_hand_shows_its_subject_and_whom_it_is_for(server: Server) -> None:
    world, ticket = server.world, ticket_id("call-1")
    opening = OpenTicket(by=principal(), desk=OURS, subject="بطاقة", contact="p1", reply=Reply(text="أهلاً"))
    await world.command(mail())
    await world.command(opening, "call-1")
    await world.say(
        say.opened(ticket, 7, cause="agent"), say.conversation(first_conversation_id(ticket), ticket),
        say.sent(reply_id("call-1"), first_conversation_id(ticket), ticket),
    )  # fmt: skip
    await world.catch_up()
    async with server.client(await server.key()) as client:
        (listed,) = (await client.get("/v1/tickets")).json()["items"]
        whole = (await client.get("/v1/tickets/7")).json()
    for shown in (listed, whole):
        assert (shown["subject"], shown["customer_name"], shown["awaiting"]) == ("بطاقة", "هدى", "customer")
    assert [one["content"]["text"] for one in whole["messages"]] == ["أهلاً"]


async def test_the_desks_own_ticket_is_nobodys(server: Server) -> None:
    await server.world.say(say.opened("t1", cause="agent", customer="t1", conversation=None))
    await server.world.catch_up()
    async with server.client(await server.key()) as client:
        whole = (await client.get("/v1/tickets/t1")).json()
    assert (whole["customer"], whole["customer_name"], whole["awaiting"]) == (None, "", "nobody")


async def test_a_ticket_is_shown_with_all_that_belongs_to_it(server: Server) -> None:
    world = server.world
    await one_ticket(world)
    await world.say(say.task(), say.queued("k1", "t1", WorkKind.TASK))
    await world.say(
        f.TargetStarted(
            ticket="t1", target="first_reply", cycle=1, started_at=NOW, due_at=NOW + 9, budget=9, calendar=None,
            sla_policy="default", policy_version=1,
        ),
        topic=SLA.name,
    )  # fmt: skip
    await world.catch_up()
    async with server.client(await server.key()) as client:
        response = await client.get("/v1/tickets/t1")
    ticket = response.json()
    assert response.status_code == 200
    assert (ticket["subject"], ticket["number"], ticket["holder"]) == ("بطاقتي", 1024, "sara")
    assert [message["content"]["text"] for message in ticket["messages"]] == ["أين بطاقتي؟"]
    assert [conversation["id"] for conversation in ticket["conversations"]] == ["v1"]
    assert [clock["due_at"] for clock in ticket["clocks"]] == [NOW + 9]
    assert [task["id"] for task in ticket["tasks"]] == ["k1"]
    assert ticket["contact_points"][0]["address"] == "huda@example.com"


@pytest.mark.parametrize("reference", ["1024", "SUP-1024", "١٠٢٤", "t1"])
async def test_a_ticket_answers_to_its_id_and_its_number(server: Server, reference: str) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key()) as client:
        assert (await client.get(f"/v1/tickets/{reference}")).json()["id"] == "t1"


async def test_what_changes_beside_a_ticket_is_shown_to_who_asks_again(server: Server) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key()) as client:
        first = await client.get("/v1/tickets/t1")
        clock = {"ticket": "t1", "cycle": 1, "state": "running", "due_at": NOW}
        later = [{**clock, "target": f"promise/{number}"} for number in range(300)]
        await server.world.documents.write(
            [Put(CLOCKS.name, OURS, f"{one['target']}/t1", 90 + place, one) for place, one in enumerate(later)]
        )
        again = await client.get("/v1/tickets/t1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert len(again.json()["clocks"]) == len(first.json()["clocks"]) + len(later)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["t3", "t2", "t1"]),
        ("status=pending", ["t2"]),
        ("status=new&status=pending", ["t3", "t2", "t1"]),
        ("team=second", ["t3"]),
        ("owner=omar", ["t3"]),
        ("holder=sara", ["t1"]),
        ("customer=c1&team=first", ["t2", "t1"]),
        ("number=SUP-1025", ["t2"]),
        ("number=٩٩", []),
    ],
)
async def test_tickets_are_filtered(server: Server, query: str, found: list[str]) -> None:
    world = server.world
    await one_ticket(world)
    world.clock.time += 1
    await world.say(say.opened("t2", 1025), say.status(Status.PENDING, "t2"))
    world.clock.time += 1
    await world.say(say.opened("t3", 1026, team="second", owner="omar", customer="c2"))
    await world.catch_up()
    async with server.client(await server.key()) as client:
        answer = (await client.get(f"/v1/tickets?{query}")).json()
    assert [ticket["id"] for ticket in answer["items"]] == found


async def test_pages_of_tickets_meet_without_gap_or_repeat(server: Server) -> None:
    for number in range(5):
        await server.world.say(say.opened(f"t{number}", number))
    await server.world.catch_up()
    seen: list[str] = []
    async with server.client(await server.key()) as client:
        after: str | None = ""
        while after is not None:
            page = (await client.get("/v1/tickets", params={"limit": 2, **({"after": after} if after else {})})).json()
            seen += [ticket["id"] for ticket in page["items"]]
            after = page["next"]
    assert sorted(seen) == ["t0", "t1", "t2", "t3", "t4"]


async def test_the_history_is_paged_and_says_why(server: Server) -> None:
    await one_ticket(server.world)
    await server.world.say(say.status(Status.OPEN, former=Status.NEW))
    await server.world.catch_up()
    async with server.client(await server.key()) as client:
        first = (await client.get("/v1/tickets/t1/history?limit=1")).json()
        second = (await client.get(f"/v1/tickets/t1/history?after={first['next']}")).json()
    assert first["items"][0]["entries"][-1]["fact"]["why"]["rule"] == "best"
    assert second["items"][0]["entries"][0]["type"] == "sanad.ticket.status_changed.v1"


async def test_a_long_conversation_is_shown_from_its_end_and_read_from_its_beginning(server: Server) -> None:
    world = server.world
    await world.say(*say.intake())
    for number in range(MOST):
        await world.say(say.received(f"x{number:03}", sent_at=NOW))
    await world.catch_up()
    async with server.client(await server.key()) as client:
        ticket = (await client.get("/v1/tickets/t1")).json()
        first = (await client.get("/v1/tickets/t1/messages?limit=3")).json()
    assert len(ticket["messages"]) == MOST
    assert ticket["earlier_messages"]
    assert [one["id"] for one in ticket["messages"][-2:]] == [f"x{MOST - 2:03}", f"x{MOST - 1:03}"]
    assert [one["id"] for one in first["items"]] == ["m1", "x000", "x001"]


async def test_a_customer_is_called_as_they_are_known(server: Server) -> None:
    world = server.world
    await one_ticket(world)
    async with server.client(await server.key()) as client:
        assert (await client.get("/v1/tickets")).json()["items"][0]["customer_name"] == "هدى"
        await world.command(PutCustomer(by=principal(), customer="c1", name="Dr Huda"), "command-2")
        await world.catch_up()
        assert (await client.get("/v1/tickets/t1")).json()["customer_name"] == "Dr Huda"


async def test_a_merged_ticket_shows_the_notes_of_both(server: Server) -> None:
    world = server.world
    await one_ticket(world)
    await world.say(f.MessageNoted(message="n1", ticket="t1", by="sara"), say.opened("t2", 1025))
    await world.say(
        f.ConversationMoved(conversation="v1", ticket="t2", former_ticket="t1"),
        f.TicketMerged(ticket="t1", into="t2", since=NOW),
    )
    await world.catch_up()
    async with server.client(await server.key()) as client:
        into = (await client.get("/v1/tickets/t2")).json()
        merged = (await client.get("/v1/tickets/1024")).json()
    assert sorted(message["id"] for message in into["messages"]) == ["m1", "n1"]
    assert merged["merged_into"] == "t2"


async def test_a_ticket_of_very_many_conversations_and_surveys_shows_all_of_them(server: Server) -> None:
    world, many = server.world, 3 * PAGE // 2
    await one_ticket(world)
    await world.say(*(say.conversation(f"w{number:03}") for number in range(many)))
    await world.say(say.received("late", f"w{many - 1:03}", sent_at=NOW + 1))
    await world.documents.write(
        [Put(SURVEYS.name, OURS, f"s{number:03}", 1, {"ticket": "t1", "state": "sent"}) for number in range(many)]
    )
    await world.catch_up()
    async with server.client(await server.key()) as client:
        whole = (await client.get("/v1/tickets/t1")).json()
        listed = (await client.get("/v1/tickets/t1/messages")).json()["items"]
    assert (len(whole["conversations"]), len(whole["surveys"])) == (many + 1, many)
    for messages in (whole["messages"], listed):
        assert [one["id"] for one in messages] == ["m1", "late"]


async def test_the_queue_mixes_tickets_and_tasks_by_rank(server: Server) -> None:
    world = server.world
    await world.say(say.opened("t1", 1), say.queued("t1", "t1", waiting_since=NOW, head_start=0))
    await world.say(say.opened("t2", 2), say.queued("t2", "t2", waiting_since=NOW, head_start=500))
    await world.say(say.task(), say.queued("k1", None, WorkKind.TASK, waiting_since=NOW, head_start=200))
    await world.catch_up()
    async with server.client(await server.key()) as client:
        queue = (await client.get("/v1/queue")).json()
        other = (await client.get("/v1/queue?team=second")).json()
    assert [(item["kind"], item["id"]) for item in queue["items"]] == [
        ("ticket", "t2"),
        ("task", "k1"),
        ("ticket", "t1"),
    ]
    assert (queue["waiting"], queue["now"] >= NOW, other["waiting"]) == (3, True, 0)


async def test_agents_are_listed_with_name_presence_and_load(server: Server) -> None:
    world = server.world
    await one_ticket(world)
    await world.command(PutAgent(by=principal(), agent="sara", name="سارة", email="Sara@Example.com "))
    await world.say(f.PresenceChanged(agent="sara", state="ready"))
    await world.catch_up()
    async with server.client(await server.key()) as client:
        (seat,) = (await client.get("/v1/agents")).json()["items"]
        one = (await client.get("/v1/agents/sara")).json()
    assert (seat["name"], seat["email"], seat["state"]) == ("سارة", "sara@example.com", "ready")
    assert (one["load"], one["held"]) == (2, 1)


async def test_customers_are_shown_with_their_addresses(server: Server) -> None:
    await one_ticket(server.world)
    await server.world.command(PutCustomer(by=principal(), customer="c1", name="Huda"), "command-2")
    await server.world.catch_up()
    async with server.client(await server.key()) as client:
        customer = (await client.get("/v1/customers/c1")).json()
        listed = (await client.get("/v1/customers")).json()["items"]
    assert (customer["name"], customer["contact_points"][0]["name"]) == ("Huda", "هدى")
    assert listed[0]["name"] == "Huda"


async def test_what_was_set_aside_is_listed_with_its_text(server: Server) -> None:
    await server.world.command(mail("m9", text="buy now"))
    await server.world.say(
        f.MessageSetAside(
            message="m9", reason="spam", contact="p1", channel=Channel.EMAIL, account="mail", sent_at=NOW,
            restorable_until=NOW,
        )
    )  # fmt: skip
    await server.world.catch_up()
    async with server.client(await server.key()) as client:
        (item,) = (await client.get("/v1/set-aside")).json()["items"]
    assert (item["reason"], item["content"]["text"]) == ("spam", "buy now")


async def test_an_attachment_is_downloaded_and_never_shown_in_place(server: Server) -> None:
    blob = await server.world.blobs.put(OURS, b"<script>alert(1)</script>")
    file = Attachment(blob=blob, name='a"\r\nSet-Cookie: x=1.html', media_type="text/html", size=25)
    await server.world.command(mail(attachments=(file,)))
    await server.world.say(*say.intake())
    await server.world.catch_up()
    async with server.client(await server.key()) as client:
        response = await client.get("/v1/messages/m1/attachments/0")
        beyond = await client.get("/v1/messages/m1/attachments/1")
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a%22%0D%0A")
    assert "set-cookie" not in response.headers
    assert response.headers["content-security-policy"].startswith("sandbox")
    assert beyond.status_code == 404


@pytest.mark.parametrize(
    "path", ["tickets/nope", "agents/nope", "customers/nope", "tickets/nope/history", "tickets/nope/messages"]
)
async def test_what_is_not_there_is_not_found(server: Server, path: str) -> None:
    async with server.client(await server.key()) as client:
        assert problem(await client.get(f"/v1/{path}"))["reason"].startswith("no_such_")


@pytest.mark.parametrize(
    "path", ["tickets", "agents", "customers", "tasks", "set-aside", "dead-letters", "tickets/t1/messages"]
)
async def test_a_cursor_of_another_list_is_refused(server: Server, path: str) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key()) as client:
        for cursor in ("x", "bm90IGpzb24", "WyJ0aWNrZXRzIiwgIm51bWJlciIsIGZhbHNlLCAxLCAiYSJd", "%00"):
            assert problem(await client.get(f"/v1/{path}?after={cursor}"))["reason"] == "wrong_cursor"


async def test_nothing_of_one_organisation_is_in_an_answer_to_another(server: Server) -> None:
    await one_ticket(server.world)
    async with server.client(await server.key(desk=THEIRS)) as client:
        for path in ("tickets", "agents", "customers", "tasks", "set-aside", "dead-letters", "keys"):
            items = (await client.get(f"/v1/{path}")).json()["items"]
            assert [item for item in items if path != "keys"] == []
        for path in ("tickets/t1", "tickets/1024", "agents/sara", "customers/c1", "messages/m1/attachments/0"):
            response = await client.get(f"/v1/{path}")
            assert response.status_code == 404
            assert "huda" not in response.text
        assert (await client.get("/v1/queue")).json()["items"] == []
