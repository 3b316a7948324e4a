"""What people at the desk begin by themselves, from outside: the real process, its outbox, a customer's mail program."""

import smtplib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.e2e.letters import Letter, answer, read_letters
from tests.e2e.living_desk import LivingDesk
from tests.e2e.policies import write_fast_policy
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
FORM = "/in/forms/pk_waha_contact"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    folder = tmp_path_factory.mktemp("by-hand")
    desk = LivingDesk(folder, write_fast_policy(folder, acknowledges=False))
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


def read(desk: LivingDesk, path: str) -> Any:
    with desk.client() as client:
        return client.get(path).raise_for_status().json()


def write(desk: LivingDesk, method: str, path: str, **body: Any) -> dict[str, str]:
    """What the write made."""
    with desk.client() as client:
        response = client.request(method, path, json=body)
    assert response.is_success, response.text
    made: dict[str, str] = response.json()["made"]
    return made


async def known_customer(desk: LivingDesk, name: str) -> dict[str, Any]:
    """The ticket of somebody who fills in the form."""
    filled = {"name": name, "email": f"{name}@customers.example", "message": "Do you open on Fridays?"}
    httpx2.post(f"{desk.url}{FORM}", json=filled, headers={"Origin": desk.url}, timeout=15).raise_for_status()

    async def look() -> dict[str, Any] | None:
        items = read(desk, "/v1/tickets")["items"]
        return next((one for one in items if one["customer_name"] == name), None)

    return await until(f"{name} is known", look)


async def letter_to(desk: LivingDesk, address: str) -> Letter:
    async def look() -> Letter | None:
        return next((one for one in read_letters(desk.folder / "outbox") if one.to == address), None)

    return await until(f"a letter to {address} lies in the outbox", look)


async def test_a_ticket_opened_for_a_customer_goes_out_and_their_answer_comes_back_to_it(desk: LivingDesk) -> None:
    known = await known_customer(desk, "amal")
    made = write(
        desk, "POST", "/v1/tickets", subject="بطاقتك", contact=known["contact"], category="cards/lost", priority="high",
        reply={"text": "We have blocked the card you reported by telephone."}, note="She called at nine.",
    )  # fmt: skip
    opened = read(desk, f"/v1/tickets/{made['ticket']}")
    assert (opened["subject"], opened["customer"], opened["awaiting"]) == ("بطاقتك", known["customer"], "customer")
    assert {one["kind"] for one in opened["messages"]} == {"sent", "note"}
    assert "first_reply" not in {clock["target"] for clock in opened["clocks"]}
    letter = await letter_to(desk, "amal@customers.example")
    assert letter.mail["Subject"] == f"بطاقتك [{opened['reference']}]"
    assert "blocked the card" in letter.text
    mail = answer(letter, "Thank you, and when does the new one come?", mark="byhand0001x")
    with smtplib.SMTP("127.0.0.1", desk.smtp_port) as door:
        door.send_message(mail, letter.to, [letter.reply_to])

    async def look() -> dict[str, Any] | None:
        ticket: dict[str, Any] = read(desk, f"/v1/tickets/{made['ticket']}")
        return ticket if any(clock["target"] == "first_reply" for clock in ticket["clocks"]) else None

    answered = await until("the customer's answer starts the clock of the first reply", look)
    assert [one["kind"] for one in answered["messages"]][-1] == "received"
    assert answered["awaiting"] == "agent"


async def test_a_new_desk_calls_a_status_more_closely_from_the_beginning(desk: LivingDesk) -> None:
    ticket = (await known_customer(desk, "basim"))["id"]
    write(desk, "PATCH", f"/v1/tickets/{ticket}", status="pending", sub_status="awaiting_documents")
    assert read(desk, f"/v1/tickets/{ticket}")["sub_status"] == "awaiting_documents"
    write(desk, "PATCH", f"/v1/tickets/{ticket}", status="open")
    assert read(desk, f"/v1/tickets/{ticket}")["sub_status"] is None


async def test_another_team_helps_and_its_result_comes_back_to_the_tickets_owner(desk: LivingDesk) -> None:
    customer = (await known_customer(desk, "dina"))["customer"]
    made = write(
        desk, "POST", "/v1/tickets", subject="A payment twice", customer=customer, category="transfers", owner="admin"
    )
    ticket = f"/v1/tickets/{made['ticket']}"
    asked = {"purpose": "assist", "ticket": made["ticket"], "team": "cards", "note": "Was it charged twice?"}
    task = write(desk, "POST", "/v1/tasks", due_at=4_000_000_000_000, **asked)["task"]
    (helping,) = read(desk, ticket)["tasks"]
    assert (helping["team"], helping["note"], helping["work_state"]) == ("cards", "Was it charged twice?", "held")
    assert helping["holder"] not in {None, "admin"}
    note = write(desk, "POST", f"/v1/tasks/{task}/complete", result="Yes; one of them is on its way back.")["note"]
    whole = read(desk, ticket)
    assert (whole["owner"], whole["holder"], whole["team"]) == ("admin", "admin", "transfers")
    (answer,) = [one for one in whole["messages"] if one["id"] == note]
    assert (answer["kind"], answer["content"]["text"]) == ("note", "Yes; one of them is on its way back.")
    assert (whole["tasks"][0]["state"], whole["tasks"][0]["result"]) == ("done", answer["content"]["text"])


async def test_the_desks_own_ticket_has_an_owner_and_no_customer(desk: LivingDesk) -> None:
    made = write(desk, "POST", "/v1/tickets", subject="Order new chairs", note="Six of them.", category="general")
    ticket = read(desk, f"/v1/tickets/{made['ticket']}")
    assert (ticket["customer"], ticket["conversations"], ticket["subject"]) == (None, [], "Order new chairs")
    assert [one["content"]["text"] for one in ticket["messages"]] == ["Six of them."]
