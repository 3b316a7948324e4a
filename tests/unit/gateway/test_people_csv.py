"""People as a file: all lines or none, and everything wrong at once."""

from typing import Any

import pytest

from services.gateway.people_csv import MOST_LINES, read_people
from services.gateway.store import DESK
from services.gateway.writing import Behind
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Skill
from shared.documents import Put
from tests.unit.gateway.serving import Server, done, problem, refused
from tests.unit.gateway.world import OURS, principal

pytestmark = pytest.mark.anyio

TEAMS: dict[str, Any] = {"first": {}, "second": {}}
SKILLS: dict[str, Any] = {"cards": {}, "language:ar": {}}
HEAD = "id,name,email,role,language,capacity,team,secondary_teams,skills\n"
FILE = HEAD + "sara,سارة,sara@example.com,agent,ar,12,first,second,cards:3;language:ar\nomar,Omar,,lead,,,,,\n"


def read(text: str) -> Any:
    return read_people(text, principal(), TEAMS, SKILLS)


def test_a_line_becomes_a_seat() -> None:
    people = read(FILE)
    (line, sara), (_, omar) = people.commands
    assert people.faults == []
    assert (line, sara.agent, sara.name, sara.capacity, sara.team) == (2, "sara", "سارة", 12, "first")
    assert sara.skills == (Skill(id="cards", level=3), Skill(id="language:ar", level=1))
    assert (omar.role, omar.email, omar.capacity, omar.skills) == ("lead", None, None, None)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (HEAD + "sara,,,wizard,,,,,\n", 2, "role"),
        (HEAD + "sara,,,,,many,,,\n", 2, "capacity"),
        (HEAD + "sara,,,,,-1,,,\n", 2, "capacity"),
        (HEAD + "sara,,,,,٥,,,\n", 2, "capacity"),
        (HEAD + "sara,,,,,1001,,,\n", 2, "capacity"),
        (HEAD + "sara,,,,,,nowhere,,\n", 2, "team"),
        (HEAD + "sara,,,,,,,first;nowhere,\n", 2, "secondary_teams"),
        (HEAD + "sara,,,,,,,,magic\n", 2, "skills"),
        (HEAD + "sara,,,,,,,,cards:9\n", 2, "skills"),
        (HEAD + ",Sara,,,,,,,\n", 2, "id"),
        (HEAD + "sara,Sara\n", 2, ""),
        (HEAD + "a,b,c,d,e,f,g,h,i,j\n", 2, ""),
        ("id,shoe\nsara,42\n", 1, "column 2"),
        ("name\nsara\n", 1, "id"),
        ("", 1, "id"),
        (HEAD + '"sara', 2, ""),
        ("id,team,team\nsara,first,second\n", 1, "column 3"),
        ("id,team,name,team\nsara,first,Sara,\n", 1, "column 4"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_column(text: str, line: int, column: str) -> None:
    faults = read(text).faults
    assert (line, column) in {(fault.line, fault.column) for fault in faults}
    assert read(text).commands == []


def test_every_fault_is_told_at_once() -> None:
    people = read(HEAD + "sara,,,wizard,,many,nowhere,,\nomar,,,,,,,,magic\nlina,,,,,,,,\n")
    assert {(fault.line, fault.column) for fault in people.faults} == {
        (2, "role"), (2, "capacity"), (2, "team"), (3, "skills"),
    }  # fmt: skip
    assert [command.agent for _, command in people.commands] == ["lina"]


def test_somebody_who_stands_twice_is_told_with_the_first_line() -> None:
    people = read("id,name\nsara,Sara\nomar,Omar\n sara ,Sarah\nlina,\nsara,\n")
    assert [(fault.line, fault.column, fault.wrong) for fault in people.faults] == [
        (4, "id", "line 2 has this id already"), (6, "id", "line 2 has this id already"),
    ]  # fmt: skip
    assert [line for line, _ in people.commands] == [2, 3, 5]


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert read("\ufeff" + FILE).faults == []


def test_an_endless_file_is_cut() -> None:
    people = read(HEAD + "".join(f"a{number},,,,,,,,\n" for number in range(MOST_LINES + 5)))
    assert len(people.commands) == MOST_LINES
    assert len(people.faults) == 1


async def import_file(server: Server, text: str | bytes, *, dry_run: bool = False) -> Any:
    policy = {"version": 1, "applied_at": 1, "policy": {"teams": TEAMS, "skills": SKILLS}}
    await server.world.documents.write([Put(DESK.name, OURS, "policy", 1, policy)])
    content = text.encode() if isinstance(text, str) else text
    async with server.client(await server.key()) as client:
        return await client.post(
            f"/v1/people/import?dry_run={str(dry_run).lower()}", content=content, headers={"Content-Type": "text/csv"}
        )


async def test_a_file_is_imported_line_by_line(server: Server) -> None:
    async with server.deciding() as asked:
        answer = (await import_file(server, FILE)).json()
    assert (answer["lines"], answer["done"], answer["refused"]) == (2, 2, [])
    assert [envelope.body.agent for envelope in asked] == ["sara", "omar"]


async def test_a_dry_run_changes_nothing_and_says_the_same(server: Server) -> None:
    async with server.deciding() as asked:
        answer = (await import_file(server, FILE + "x,,,wizard,,,,,\n", dry_run=True)).json()
    assert (answer["lines"], answer["dry_run"], answer["done"]) == (3, True, 0)
    assert [fault["line"] for fault in answer["faults"]] == [4]
    assert asked == []


async def test_one_wrong_line_and_nothing_is_changed(server: Server) -> None:
    async with server.deciding() as asked:
        response = await import_file(server, FILE + "x,,,wizard,,,,,\n")
    assert problem(response)["findings"][0]["line"] == 4
    assert asked == []


async def test_lines_the_desk_refuses_are_named(server: Server) -> None:
    def refuse_omar(envelope: Any) -> Any:
        return refused("forbidden")(envelope) if envelope.body.agent == "omar" else done(envelope)

    async with server.deciding(refuse_omar):
        answer = (await import_file(server, FILE)).json()
    assert (answer["done"], answer["refused"]) == (1, [{"line": 3, "reason": "forbidden"}])


async def test_a_desk_that_falls_behind_ends_an_import_and_says_how_far_it_came(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fall_behind(_: object) -> None:
        if await server.world.broker.wait(COMMANDS.name, 0, 0, 0):
            raise Behind

    monkeypatch.setattr(server.gate.commands, "_check_lag", fall_behind)
    response = await import_file(server, FILE)
    told = problem(response)
    assert (response.status_code, told["reason"], response.headers["Retry-After"]) == (503, "desk_behind", "5")
    assert (told["lines"], told["done"], told["undecided"], told["refused"]) == (2, 0, 1, [])


async def test_a_file_that_is_no_text_is_refused(server: Server) -> None:
    assert problem(await import_file(server, b"\xff\xfe\x00"))["reason"] == "not_utf8"
