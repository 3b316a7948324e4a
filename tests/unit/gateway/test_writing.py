"""What is asked for, and how each outcome is told."""

import asyncio
from typing import Any

import pytest

from services.gateway.api import conditions
from services.gateway.api.outcomes import status_of
from services.gateway.api.writes import WRITES
from services.gateway.reading.tickets import MOST
from services.gateway.store import HEARTBEATS
from services.gateway.writing import MOST_LAG
from shared.broker import Bounds, BrokerUnavailable
from shared.catalogue.commands import LinkContactPoint, OpenTask, UpdateTicket
from shared.catalogue.facts import OwnerChanged, RulesSwitched
from shared.catalogue.rule_sets import ASSISTS, SUB_STATUSES
from shared.catalogue.topics import COMMANDS
from shared.documents import DocumentsUnavailable
from shared.ids import contact_point_id, named_id
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import SECRETS, Server, application, body, done, problem, refused, until
from tests.unit.gateway.world import NOW, OURS

pytestmark = pytest.mark.anyio

BODIES: dict[str, dict[str, Any] | None] = {
    "OpenTicket": {"subject": "بطاقتي", "contact": "p1", "reply": {"text": "أهلاً"}},
    "UpdateTicket": {"reply": {"text": "أهلاً"}, "status": "pending"},
    "MergeTickets": {"into": "t2"}, "UnmergeTicket": None, "SplitTicket": {"messages": ["m1"]},
    "LinkTickets": {"other": "t2", "kind": "duplicate_of"}, "UnlinkTickets": None,
    "EscalateTicket": {"raise_tier": True}, "TakeWork": None, "TransferWork": {"team": "second"}, "ReleaseWork": {},
    "AcceptOffer": {"epoch": 1}, "DeclineOffer": {"epoch": 1}, "OpenTask": {"purpose": "call_back", "due_at": NOW},
    "CompleteTask": {"result": "done"}, "RestoreMessage": None, "PutAgent": {"name": "Omar"}, "RemoveAgent": None,
    "SetPresence": {"state": "ready"}, "PlanShifts": {"shifts": [{"start": 1, "end": 2}]}, "PutCustomer": {"tier": "vip"},
    "MergeCustomers": {"into": "c2"}, "UnlinkContactPoint": None, "BlockContactPoint": {"blocked": True},
    "SwitchRules": {"on": True},
}  # fmt: skip


async def test_a_write_answers_with_its_outcome_and_what_it_made(server: Server) -> None:
    async with server.deciding(lambda e: done(e, message="r1")) as asked, server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"reply": {"text": "أهلاً"}, "status": "pending"})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["state"], answer["made"], answer["seq"]) == ("done", {"message": "r1"}, 1)
    command = body(asked[0])
    assert isinstance(command, UpdateTicket)
    assert command.reply
    assert (command.ticket, command.reply.text, command.status) == ("t1", "أهلاً", "pending")
    assert (command.by.desk, command.by.organisation, command.by.role) == (OURS, "acme", "admin")


async def test_whoever_sees_the_outcome_sees_the_document(server: Server) -> None:
    def open_and_settle(envelope: Any) -> list[Any]:
        return [say.opened("t1"), *done(envelope)]

    async with server.deciding(open_and_settle), server.client(await server.key()) as client:
        seq = (await client.post("/v1/tasks", json={"purpose": "follow_up", "due_at": NOW})).json()["seq"]
        assert (await client.get("/v1/tickets/t1")).json()["seq"] == seq


async def test_an_undecided_write_says_where_to_ask(server: Server) -> None:
    async with server.client(await server.key()) as client:
        response = await client.post("/v1/work/t1/take")
        assert response.status_code == 202
        assert response.json()["state"] == "accepted"
        place = response.headers["Location"]
        waiting = await client.get(place)
        await server.world.settle(response.json()["command"], work="t1")
        await server.world.catch_up()
        settled = await client.get(place)
    assert (waiting.status_code, settled.status_code) == (202, 200)
    assert settled.json()["made"] == {"work": "t1"}


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-1"}])
async def test_who_asked_is_told_the_outcome_by_the_narrowest_key_and_others_who_may_follow_the_feed(
    server: Server, headers: dict[str, str]
) -> None:
    keys = [await server.key("integrator", scopes=(scope,)) for scope in ("work:write", "work:write", "feed:read")]
    async with server.client(keys[0]) as own, server.client(keys[1]) as other, server.client(keys[2]) as reader:
        asked = await own.post("/v1/tasks", json={"purpose": "follow_up", "due_at": NOW}, headers=headers)
        place = asked.headers["Location"]
        waiting = [(await client.get(place)).status_code for client in (own, other, reader)]
        await server.world.settle(asked.json()["command"], by=f"key-{keys[0].split('_')[1]}")
        await server.world.catch_up()
        settled = [(await client.get(place)).status_code for client in (own, other, reader)]
    assert (waiting, settled) == ([202, 404, 202], [200, 404, 200])


async def test_an_unknown_command_has_no_outcome(server: Server) -> None:
    async with server.client(await server.key()) as client:
        assert problem(await client.get("/v1/commands/nope"))["status"] == 404


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("forbidden", 403), ("reason_not_yours", 403), ("no_such_team", 404), ("unknown_tier", 422), ("until_in_past", 422),
        ("already_exists", 409), ("ticket_merged", 409), ("internal", 500), ("some_new_reason", 409),
    ],
)  # fmt: skip
def test_each_refusal_has_its_status(reason: str, status: int) -> None:
    assert status_of(reason) == status


async def test_a_refusal_is_a_problem_with_the_desks_own_reason(server: Server) -> None:
    async with server.deciding(refused("already_exists")), server.client(await server.key()) as client:
        response = await client.post("/v1/work/t1/take")
    assert problem(response)["reason"] == "already_exists"
    assert response.status_code == 409


async def test_an_overtaken_reply_is_told_what_came_meanwhile(server: Server) -> None:
    seen = await server.world.say(*say.intake())
    await server.world.say(say.received("m2", sent_at=NOW + 1))
    await server.world.catch_up()
    async with server.deciding(refused("newer_messages")), server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"reply": {"text": "x"}, "seen": seen})
    assert problem(response)["newer"] == [{"message": "m2", "at": NOW + 1}]


async def test_of_a_very_long_conversation_too_what_came_meanwhile_is_told(server: Server) -> None:
    await server.world.say(*say.intake())
    seen = await server.world.say(*(say.received(f"x{number:03}") for number in range(MOST)))
    await server.world.say(say.received("m2", sent_at=NOW + 1), say.received("m3", sent_at=NOW + 2))
    await server.world.catch_up()
    async with server.deciding(refused("newer_messages")), server.client(await server.key()) as client:
        response = await client.patch("/v1/tickets/t1", json={"reply": {"text": "x"}, "seen": seen})
    assert [one["message"] for one in problem(response)["newer"]] == ["m2", "m3"]


async def test_a_ticket_that_is_not_there_is_not_found_whatever_the_desk_calls_it(server: Server) -> None:
    async with server.deciding(refused("ticket_not_live")), server.client(await server.key()) as client:
        assert problem(await client.patch("/v1/tickets/t9", json={"note": "x"}))["reason"] == "no_such_ticket"
        await server.world.say(say.opened("t9"))
        await server.world.catch_up()
        assert problem(await client.patch("/v1/tickets/t9", json={"note": "x"}))["reason"] == "ticket_not_live"


async def test_a_write_against_another_state_is_refused_before_it_is_asked(server: Server) -> None:
    seq = await server.world.say(say.opened())
    await server.world.catch_up()
    async with server.deciding() as asked, server.client(await server.key()) as client:
        late = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers={"If-Match": f'"{seq - 1}"'})
        right = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers={"If-Match": f'"{seq}"'})
        missing = await client.patch("/v1/tickets/t7", json={"note": "x"}, headers={"If-Match": "*"})
    assert (late.status_code, right.status_code, missing.status_code) == (412, 200, 412)
    assert problem(late)["seq"] == seq
    assert [getattr(body(envelope), "seen", None) for envelope in asked] == [seq]


def test_if_match_is_offered_where_there_is_a_ticket_to_compare_with() -> None:
    document = application().app.openapi()
    for row in WRITES:
        parameters = document["paths"][row.path][row.method.lower()]["parameters"]
        assert ("If-Match" in {one["name"] for one in parameters}) == ("ticket" in row.in_path)


async def test_what_has_no_state_to_compare_with_is_written_whatever_state_is_named(server: Server) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        answer = await client.put("/v1/agents/ali", json={"name": "Ali"}, headers={"If-Match": "*"})
    assert (answer.status_code, len(asked)) == (200, 1)


@pytest.mark.parametrize("match", ['"{seq}"', "*"])
async def test_the_repeat_of_a_write_against_a_state_is_told_what_became_of_it(server: Server, match: str) -> None:
    seq = await server.world.say(say.opened())
    await server.world.catch_up()
    headers = {"Idempotency-Key": "a-1", "If-Match": match.format(seq=seq)}

    def change(envelope: Any) -> list[Any]:
        return [OwnerChanged(ticket="t1", former=None, owner="sara", cause="took"), *done(envelope)]

    async with server.deciding(change) as asked, server.client(await server.key()) as client:
        answers = [await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers) for _ in range(3)]
        other = await client.patch(
            "/v1/tickets/t1", json={"note": "x"}, headers={**headers, "If-Match": f'"{seq + 2}"'}
        )
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.json() for answer in answers] == [answers[0].json()] * 3
    assert problem(other)["reason"] == "key_reused"
    assert [getattr(body(envelope), "seen", None) for envelope in asked] == [seq]


async def test_a_repeat_is_known_by_its_outcome_where_nobody_could_note_that_it_was_appended(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = await server.world.say(say.opened())
    await server.world.catch_up()
    headers = {"Idempotency-Key": "a-1", "If-Match": f'"{seq}"'}

    async def fail(*_: Any, **__: Any) -> None:
        raise DocumentsUnavailable("away")

    def change(envelope: Any) -> list[Any]:
        return [OwnerChanged(ticket="t1", former=None, owner="sara", cause="took"), *done(envelope)]

    async with server.deciding(change) as asked, server.client(await server.key()) as client:
        with monkeypatch.context() as broken:
            broken.setattr(server.gate.commands, "_remember", fail)
            first = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
        await until(lambda: asked)
        await server.gate.commands.outcome(OURS, asked[0].id, patience=1)
        again = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
    assert (first.status_code, again.status_code) == (503, 200)
    assert {envelope.id for envelope in asked} == {again.json()["command"]}


async def test_a_write_that_was_refused_for_its_state_may_be_asked_for_again_under_its_key(server: Server) -> None:
    seq = await server.world.say(say.opened())
    await server.world.catch_up()
    async with server.deciding() as asked, server.client(await server.key()) as client:
        for match, status in ((seq - 1, 412), (seq, 200)):
            headers = {"Idempotency-Key": "a-1", "If-Match": f'"{match}"'}
            assert (await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)).status_code == status
    assert len(asked) == 1


async def test_the_same_key_and_payload_is_one_command(server: Server) -> None:
    headers = {"Idempotency-Key": "a-1"}
    async with server.deciding() as asked, server.client(token := await server.key()) as client:
        answers = [
            await client.post("/v1/tasks", json={"purpose": "promise", "due_at": NOW}, headers=headers)
            for _ in range(3)
        ]
        again = await asyncio.gather(
            *(client.post("/v1/tasks", json={"purpose": "promise", "due_at": NOW}, headers=headers) for _ in range(3))
        )
    assert len({response.json()["command"] for response in (*answers, *again)}) == 1
    assert len(asked) == 1
    assert asked[0].id == named_id(OURS, f"key-{token.split('_')[1]}", "a-1")


async def test_the_same_key_with_another_payload_is_refused(server: Server) -> None:
    headers = {"Idempotency-Key": "a-1"}
    async with server.deciding() as asked, server.client(await server.key()) as client:
        await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
        for path, content in (("/v1/tickets/t1", {"note": "y"}), ("/v1/tickets/t2", {"note": "x"})):
            assert problem(await client.patch(path, json=content, headers=headers))["reason"] == "key_reused"
    assert len(asked) == 1


async def test_keys_of_different_callers_do_not_meet(server: Server) -> None:
    async with server.deciding() as asked:
        for _ in range(2):
            async with server.client(await server.key()) as client:
                await client.patch("/v1/tickets/t1", json={"note": "x"}, headers={"Idempotency-Key": "same"})
    assert len({envelope.id for envelope in asked}) == 2


async def test_a_request_noted_but_never_appended_is_appended_by_its_repeat(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, headers = server.world.broker, {"Idempotency-Key": "a-1"}
    append = broker.append

    async def fail(records: Any) -> Any:
        raise BrokerUnavailable

    async with server.client(await server.key()) as client:
        monkeypatch.setattr(broker, "append", fail)
        failed = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
        monkeypatch.setattr(broker, "append", append)
        async with server.deciding() as asked:
            response = await client.patch("/v1/tickets/t1", json={"note": "x"}, headers=headers)
    assert (problem(failed)["reason"], failed.headers["Retry-After"]) == ("log_unavailable", "1")
    assert response.status_code == 200
    assert len(asked) == 1


async def test_a_desk_that_stands_still_takes_nothing_more_until_it_moves(server: Server) -> None:
    world = server.world
    async with server.client(await server.key()) as client:
        first = await client.post("/v1/work/t1/take")
        assert first.status_code == 202
        world.clock.time += MOST_LAG
        late = await client.post("/v1/work/t1/take")
        assert problem(late)["reason"] == "desk_behind"
        assert (late.status_code, late.headers["Retry-After"]) == (503, "5")
        # facts carry the offset of the command they come from: the first command is decided now
        await world.settle(first.json()["command"])
        await world.catch_up()
        async with server.deciding():
            assert (await client.post("/v1/work/t1/take")).status_code == 200


async def test_two_who_see_at_once_that_a_desk_has_moved_are_both_served(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = server.world.broker.bounds

    async def far_away(topic: str, partition: int) -> Bounds:
        await asyncio.sleep(0.01)
        return await bounds(topic, partition)

    async with server.client(await server.key()) as client, server.deciding():
        assert (await client.post("/v1/work/t1/take")).status_code == 200
        monkeypatch.setattr(server.world.broker, "bounds", far_away)
        answers = await asyncio.gather(*(client.post("/v1/work/t1/take") for _ in range(2)))
        assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_quiet_desk_is_not_taken_for_one_that_stands_still(server: Server) -> None:
    async with server.client(await server.key()) as client:
        async with server.deciding():
            await client.post("/v1/work/t1/take")
        server.world.clock.time += 10 * MOST_LAG
        async with server.deciding():
            assert (await client.post("/v1/work/t1/take")).status_code == 200


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.command.__name__)
async def test_every_row_makes_its_command(server: Server, row: Any) -> None:
    path = row.path
    for name in row.in_path:
        path = path.replace(f"{{{name}}}", "child_of" if name == "kind" else f"{name}-1")
    await server.world.say(say.task("task-1"))
    await server.world.catch_up()
    async with server.deciding() as asked, server.client(await server.key()) as client:
        response = await client.request(row.method, path, json=BODIES[row.command.__name__])
    assert response.status_code == 200, response.text
    command = body(asked[0])
    assert type(command) is row.command
    for name in row.in_path:
        assert getattr(command, name) == ("child_of" if name == "kind" else f"{name}-1")
    for name, value in row.fixed.items():
        assert getattr(command, name) == value


NAMED = {"status": "pending", "sub_status": "papers"}
HELP = {"purpose": "assist", "due_at": NOW, "ticket": "t1"}


@pytest.mark.parametrize(
    ("method", "path", "asks", "without", "rules"),
    [
        ("PATCH", "/v1/tickets/t1", NAMED, {**NAMED, "sub_status": None}, SUB_STATUSES),
        ("PATCH", "/v1/tickets/t1", {**NAMED, "sub_status": ""}, {"status": "pending"}, SUB_STATUSES),
        ("POST", "/v1/tasks", HELP, {**HELP, "purpose": "follow_up"}, ASSISTS),
    ],
)
async def test_what_an_older_router_would_not_see_is_refused_until_its_rules_are_in_force(
    server: Server, method: str, path: str, asks: Any, without: Any, rules: str
) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        early = await client.request(method, path, json=asks)
        for on in (True, False):
            await server.world.say(RulesSwitched(desk=OURS, rules=rules, on=on))
            await server.world.catch_up()
            assert (await client.request(method, path, json=asks)).status_code == (200 if on else 409)
        assert (await client.request(method, path, json=without)).status_code == 200
    assert (early.status_code, problem(early)["reason"]) == (409, "rules_not_in_force")
    assert len(asked) == 2


async def test_a_task_under_a_key_has_the_same_id_at_every_repeat(server: Server) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        for key in ("a", "b"):
            await client.post("/v1/tasks", json={"purpose": "promise", "due_at": NOW}, headers={"Idempotency-Key": key})
    tasks = [command.task for envelope in asked if isinstance(command := body(envelope), OpenTask)]
    assert len(set(tasks)) == 2


@pytest.mark.parametrize(
    ("kind", "written", "known"),
    [
        ("email", "Huda@Example.com", "huda@example.com"),
        ("email", "huda@بريد.مثال", "huda@xn--ngbof4h.xn--mgbh0fb"),
        ("handle", "Huda", "Huda"),
    ],
)
async def test_an_address_is_linked_under_the_id_it_has_everywhere(
    server: Server, kind: str, written: str, known: str
) -> None:
    async with server.deciding() as asked, server.client(await server.key()) as client:
        response = await client.post("/v1/customers/c1/contact-points", json={"kind": kind, "address": written})
    assert response.status_code == 200
    command = body(asked[0])
    assert isinstance(command, LinkContactPoint)
    contact = command.contact
    assert contact.address == known
    assert contact.id == contact_point_id(SECRETS.contacts_of("acme"), kind, known)


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("/v1/tickets/t1", {"reply": {"text": ""}}, ["body", "reply", "text"]),
        ("/v1/tickets/t1", {"reply": {"text": " \n\u00a0\t"}}, ["body", "reply", "text"]),
        ("/v1/tickets/t1", {"note": " \n"}, ["body", "note"]),
        ("/v1/tickets/t1", {"note": ""}, ["body", "note"]),
        ("/v1/tickets/t1", {"status": "asleep"}, ["body", "status"]),
        ("/v1/tickets/t1", {"ticket": "t2"}, ["body", "ticket"]),
        ("/v1/tickets/t1", {"by": {"role": "system"}}, ["body", "…"]),
        ("/v1/tickets/t1", {"fields": {"My secret is 42": 7}}, ["body", "fields", "…"]),
        ("/v1/tickets/t1", [], ["body"]),
    ],
)
async def test_what_does_not_fit_is_named_by_place_and_never_repeated(
    server: Server, path: str, content: Any, place: list[str]
) -> None:
    async with server.client(await server.key()) as client:
        response = await client.patch(path, json=content)
    answer = problem(response)
    assert response.status_code == 422
    assert answer["findings"][0]["where"] == place
    assert "secret" not in response.text
    assert "asleep" not in response.text
    assert (await server.world.broker.bounds(COMMANDS.name, 0)).next == 0


@pytest.mark.parametrize("number", [10**30, 1 << 53, -(10**30)])
async def test_numbers_that_no_reader_can_keep_are_refused(server: Server, number: int) -> None:
    async with server.client(await server.key()) as client:
        for content in ({"until": number}, {"promise": {"due_at": number}}):
            assert (await client.patch("/v1/tickets/t1", json=content)).status_code == 422
        shifts = await client.put("/v1/agents/a/shifts", json={"shifts": [{"start": 0, "end": number}]})
    assert shifts.status_code == 422


@pytest.mark.parametrize("time", [-1, 253_402_300_800_000])
async def test_times_that_no_calendar_has_are_refused_by_name(server: Server, time: int) -> None:
    async with server.client(await server.key()) as client:
        answers = [
            await client.patch("/v1/tickets/t1", json={"status": "on_hold", "until": time}),
            await client.patch("/v1/tickets/t1", json={"promise": {"due_at": time}}),
            await client.post("/v1/tasks", json={"purpose": "call_back", "due_at": time}),
            await client.put(
                "/v1/agents/a/shifts", json={"shifts": [{"start": 0, "end": 1}, {"start": 1, "end": time}]}
            ),
            await client.put("/v1/agents/a/presence", json={"state": "not_ready", "until": time}),
        ]
    assert [problem(answer).get("findings") for answer in answers] == [
        ["until"], ["promise"], ["due_at"], ["shifts"], ["until"],
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {422}


async def test_a_heartbeat_is_a_seats_alone(server: Server) -> None:
    await server.world.say(say.agent())
    await server.world.catch_up()
    async with server.client(cookie=await server.session("sara")) as client:
        response = await client.post("/v1/me/heartbeat", headers={"Sec-Fetch-Site": "same-origin"})
    async with server.client(await server.key("lead")) as client:
        assert (await client.post("/v1/me/heartbeat")).status_code == 404
    assert response.json()["until"] == server.world.clock.now() + 90_000
    assert [beat.key for beat in await server.world.all(HEARTBEATS)] == ["sara"]


async def test_an_uploaded_file_is_kept_for_the_reply_that_names_it(server: Server) -> None:
    async with server.client(await server.key()) as client:
        answer = (await client.post("/v1/attachments", content=b"pdf")).json()
        empty = await client.post("/v1/attachments", content=b"")
        huge = await client.post("/v1/attachments", content=b"x" * ((10 << 20) + 1))
    assert await server.world.blobs.get(OURS, answer["blob"]) == b"pdf"
    assert (answer["size"], empty.status_code, huge.status_code) == (3, 422, 413)


async def test_a_reply_with_a_file_that_was_never_uploaded_is_refused_with_its_place(server: Server) -> None:
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 3}
    async with server.deciding() as asked, server.client(await server.key()) as client:
        known = (await client.post("/v1/attachments", content=b"pdf")).json()["blob"]
        for missing in ("f" * 64, "", "x/0"):
            reply = {"text": "x", "attachments": [{**file, "blob": known}, {**file, "blob": missing}]}
            answers = [
                await client.patch("/v1/tickets/t1", json={"reply": reply}),
                await client.post("/v1/tickets", json={"subject": "x", "contact": "p1", "reply": reply}),
            ]
            for answer in answers:
                assert (answer.status_code, problem(answer)["reason"]) == (422, "unknown_attachment")
                (finding,) = problem(answer)["findings"]
                assert finding["where"] == ["body", "reply", "attachments", 1, "blob"]
        reply = {"text": "x", "attachments": [{**file, "blob": known}]}
        assert (await client.patch("/v1/tickets/t1", json={"reply": reply})).status_code == 200
    assert len(asked) == 1


async def test_a_reply_with_more_files_than_its_sender_can_hold_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "MOST_FILE_BYTES", 60)
    # the size is what the store knows, not what the caller says
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 0}
    async with server.deciding() as asked, server.client(await server.key()) as client:
        blobs = [(await client.post("/v1/attachments", content=b"x" * size)).json()["blob"] for size in (3, 4)]
        for blob, count, reason in ((0, 21, "too_many_attachments"), (1, 16, "attachments_too_large")):
            reply = {"text": "x", "attachments": [{**file, "blob": blobs[blob]}] * count}
            for answer in (
                await client.patch("/v1/tickets/t1", json={"reply": reply}),
                await client.post("/v1/tickets", json={"subject": "x", "contact": "p1", "reply": reply}),
            ):
                assert (answer.status_code, problem(answer)["reason"]) == (422, reason)
        for blob, count in ((0, 20), (1, 15)):
            reply = {"text": "x", "attachments": [{**file, "blob": blobs[blob]}] * count}
            assert (await client.patch("/v1/tickets/t1", json={"reply": reply})).status_code == 200
    assert len(asked) == 2
