import asyncio
from typing import Any

import pytest

from shared.catalogue.topics import COMMANDS
from tests.unit.ingest.desk import KEY, SITE, Doors, filled, headers, words_of

pytestmark = pytest.mark.anyio
FORM = f"/in/forms/{KEY}"


async def post(doors: Doors, path: str = FORM, **more: Any) -> Any:
    more.setdefault("headers", headers())
    return await doors.client.post(path, **more)


async def test_a_form_in_json_becomes_a_message_with_everything_the_customer_said(doors: Doors) -> None:
    answer = await post(doors, json=filled(order="A-17"))
    assert answer.status_code == 202
    (message,) = await doors.received()
    assert answer.json() == {"message": message.message, "reference": answer.json()["reference"]}
    assert message.message.upper().startswith(answer.json()["reference"].replace("-", ""))
    assert (message.channel, message.account) == ("webform", "web")
    assert (message.sender.address, message.sender.name) == ("huda@example.com", "Huda")
    assert (message.subject, message.text) == ("Card", "I lost my card")
    assert message.fields == {"order": "A-17"}
    assert message.by.role == "system"
    assert (message.by.desk, message.by.organisation) == ("support", "acme")


async def test_the_three_encodings_say_the_same(doors: Doors) -> None:
    for sent in ({"json": filled()}, {"data": filled()}, {"data": filled(), "files": {"files": ("", b"")}}):
        assert (await post(doors, **sent)).status_code == 202
    told = [message.model_dump(exclude={"message"}) for message in await doors.received()]
    assert told[0] == told[1] == told[2]


async def test_several_values_of_one_name_are_all_kept(doors: Doors) -> None:
    several = filled() | {"topic": ["cards", "بطاقات"]}
    for sent in ({"data": several}, {"data": several, "files": {"files": ("", b"")}}):
        assert (await post(doors, **sent)).status_code == 202
    assert [message.fields for message in await doors.received()] == [{"topic": "cards\nبطاقات"}] * 2


async def test_arabic_text_arrives_untouched_and_its_word_conditions_are_found(doors: Doors) -> None:
    text = "السلام عليكم\r\nضاعت بطاقتي البنكيّة \u200f١٢٣"
    await post(doors, data=filled(message=text, subject="بطاقة"), files={"files": ("", b"")})
    (message,) = await doors.received()
    assert message.text == text
    assert message.language == "ar"
    assert len(message.words) == 2
    assert message.policy_version == 1


async def test_files_are_durable_before_the_message_that_names_them(doors: Doors) -> None:
    files = [("files", ("../../صورة.png", b"\x89PNG1", "image/png")), ("files", ("a.pdf", b"%PDF", "application/pdf"))]
    await post(doors, data=filled(), files=files)
    (message,) = await doors.received()
    assert [(file.name, file.media_type, file.size) for file in message.attachments] == [
        ("صورة.png", "image/png", 5), ("a.pdf", "application/pdf", 4),
    ]  # fmt: skip
    assert await doors.ports.blobs.get("support", message.attachments[0].blob) == b"\x89PNG1"


async def test_a_repeat_under_the_same_key_is_the_same_message(doors: Doors) -> None:
    answers = [await post(doors, json=filled(), headers=headers(Idempotency_Key="k-1")) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len({message.message for message in await doors.received()}) == 1


async def test_parallel_repeats_are_the_same_message(doors: Doors) -> None:
    posts = [post(doors, json=filled(), headers=headers(Idempotency_Key="k-1")) for _ in range(8)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["message"] for answer in answers}) == 1


async def test_without_a_key_every_post_is_a_message_of_its_own(doors: Doors) -> None:
    for _ in range(2):
        await post(doors, json=filled())
    assert len({message.message for message in await doors.received()}) == 2


@pytest.mark.parametrize("changed", [{"message": "Something else"}, {"email": "omar@example.com"}, {"order": "2"}])
async def test_a_stolen_key_hides_nobody_s_message(doors: Doors, changed: dict[str, str]) -> None:
    await post(doors, json=filled(), headers=headers(Idempotency_Key="k-1"))
    await post(doors, json=filled(**changed), headers=headers(Idempotency_Key="k-1"))
    assert len({message.message for message in await doors.received()}) == 2


async def test_the_same_key_at_another_desk_is_another_message(doors: Doors) -> None:
    for path in (FORM, "/in/forms/pk_rival_web"):
        await post(doors, path, json=filled(), headers=headers(Idempotency_Key="k-1"))
    ours, theirs = await doors.received("support"), await doors.received("rival-desk")
    assert len(ours) == len(theirs) == 1
    assert ours[0].message != theirs[0].message


async def test_one_contact_point_whatever_the_spelling_of_the_address(doors: Doors) -> None:
    for email in ("huda@example.com", "Huda@EXAMPLE.com", "huda@example.com "):
        await post(doors, json=filled(email=email))
    assert len({message.sender.id for message in await doors.received()}) == 1


async def test_the_honeypot_sets_aside_without_telling(doors: Doors) -> None:
    answer = await post(doors, json=filled(confirm_url="http://buy.example"))
    assert answer.status_code == 202
    assert set(answer.json()) == {"message", "reference"}
    assert [message.spam for message in await doors.received()] == ["honeypot"]


async def test_thanks_and_opt_outs_are_recognised_at_the_door(doors: Doors) -> None:
    for text in ("شكراً جزيلاً", "STOP", "Where is my card?"):
        await post(doors, json=filled(message=text))
    assert [(each.thanks, each.opt_out) for each in await doors.received()] == [
        (True, False), (False, True), (False, False),
    ]  # fmt: skip


async def test_thanks_with_a_file_are_more_than_thanks(doors: Doors) -> None:
    await post(doors, data=filled(message="Thank you!"), files={"files": ("receipt.pdf", b"%PDF", "application/pdf")})
    assert [message.thanks for message in await doors.received()] == [False]


@pytest.mark.parametrize(
    ("values", "findings"),
    [
        ({"email": ""}, [("email", "missing")]),
        ({"message": " \n "}, [("message", "missing")]),
        ({"email": "huda at example.com"}, [("email", "no_address")]),
        ({"email": "huda@localhost"}, [("email", "no_address")]),
        ({"email": f"huda@{'بريد' * 40}.example"}, [("email", "no_address")]),
        ({"email": "a@b.example\r\nBcc: x@y.example"}, [("email", "no_address")]),
        ({"email": "هدى@example.com"}, [("email", "no_address")]),
        ({"subject": "x" * 501}, [("subject", "too_long")]),
        ({"name": "x" * 201}, [("name", "too_long")]),
        ({"message": "x" * 262_145}, [("message", "too_long")]),
        ({"order": "x" * 2_001}, [("order", "too_long")]),
        ({"<script>": "x"}, [("…", "no_field_name")]),
        ({f"f{n}": "x" for n in range(31)}, [("…", "too_many_fields")]),
    ],
)
async def test_what_does_not_fit_is_named_and_nothing_is_kept(
    doors: Doors, values: dict[str, str], findings: list[tuple[str, str]]
) -> None:
    answer = await post(doors, data=filled(**values), files={"files": ("", b"")})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(each["where"][1], each["wrong"]) for each in answer.json()["findings"]] == findings
    assert await doors.received() == []


async def test_a_refusal_repeats_nothing_that_was_sent(doors: Doors) -> None:
    answer = await post(doors, json=filled(email="secret-text", message="my pin is 4711"))
    assert "secret-text" not in answer.text
    assert "4711" not in answer.text


async def test_a_text_just_below_the_limit_is_taken_whole(doors: Doors) -> None:
    text = "ق" * 131_072
    assert (await post(doors, json=filled(message=text))).status_code == 202
    (message,) = await doors.received()
    inline = message.text or (await doors.ports.blobs.get("support", message.text_blob or "")).decode()
    assert inline == text


async def test_text_that_grows_when_it_is_written_travels_as_a_blob(doors: Doors) -> None:
    text = "\x01" * 200_000
    assert (await post(doors, data=filled(message=text), files={"files": ("", b"")})).status_code == 202
    (message,) = await doors.received()
    assert message.text == ""
    assert message.text_blob is not None
    assert await doors.ports.blobs.get("support", message.text_blob) == text.encode()


async def test_halves_of_characters_do_not_break_the_door(doors: Doors) -> None:
    answer = await post(
        doors, content=b'{"email":"a@b.example","message":"\\ud800 hi"}',
        headers=headers(Content_Type="application/json"),
    )  # fmt: skip
    assert answer.status_code in {202, 400}


async def test_nothing_is_answered_before_the_log_has_it(doors: Doors) -> None:
    await doors.ports.broker.close()
    answer = await post(doors, json=filled())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert doors.failures == []


async def test_a_form_nobody_has_is_not_there(doors: Doors) -> None:
    assert (await post(doors, "/in/forms/pk_nobody_here", json=filled())).status_code == 404


async def test_a_new_policy_closes_the_old_form_at_once(doors: Doors) -> None:
    from tests.unit.ingest.desk import policy

    await doors.apply(policy(pk_acme_web="pk_acme_new"), version=2)
    assert (await post(doors, json=filled())).status_code == 404
    assert (await post(doors, "/in/forms/pk_acme_new", json=filled())).status_code == 202
    assert [message.policy_version for message in await doors.received()] == [2]


async def test_texts_of_customers_are_in_the_commands_only(doors: Doors) -> None:
    await post(doors, json=filled(message="unmistakable"))
    assert words_of(await doors.received()) == ["unmistakable"]
    (record,) = await doors.ports.broker.read(COMMANDS.name, 0, 0)
    assert all(b"unmistakable" not in value for _, value in record.headers)


async def test_the_site_is_told_it_may_read_the_answer(doors: Doors) -> None:
    answer = await post(doors, json=filled())
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "Origin" in answer.headers["vary"]
