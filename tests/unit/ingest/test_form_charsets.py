"""A browser writes a form as the page it stands on is written, and says nowhere in which charset that is."""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.unit.ingest.desk import KEY, Doors, headers

pytestmark = pytest.mark.anyio
FORM = f"/in/forms/{KEY}"
ARABIC = "لم تصل الحوالة"
FRENCH = "Le café coûte 5 € à Orléans – c’est « cher »"
Values = dict[str, bytes]


def values(message: bytes, **more: bytes) -> Values:
    return {"email": b"huda@example.com", "message": message, **more}


async def post_encoded(doors: Doors, sent: Values, kind: str = "") -> Any:
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in sent.items()).encode()
    kind = f"application/x-www-form-urlencoded{kind}"
    return await doors.client.post(FORM, content=body, headers=headers(Content_Type=kind))


async def post_multipart(doors: Doors, sent: Values, kind: str = "", file: bytes = b"") -> Any:
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (n.encode(), value) for n, value in sent.items()]
    parts += [b'Content-Disposition: form-data; name="f"; filename="%s"\r\n\r\nx' % file] if file else []
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    kind = f"multipart/form-data; boundary=edge{kind}"
    return await doors.client.post(FORM, content=body, headers=headers(Content_Type=kind))


POSTS = (post_encoded, post_multipart)


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize(
    ("text", "charset", "declared", "field"),
    [
        (ARABIC, "cp1256", "", b""),
        (ARABIC, "cp1256", "; charset=windows-1256", b""),
        (ARABIC, "cp1256", "", b"windows-1256"),
        (ARABIC, "cp1256", "; charset=utf-8", b""),
        (ARABIC, "iso8859-6", "", b""),
        (ARABIC, "utf-8", "; charset=windows-1256", b""),
        ("Где мой заказ?", "cp1251", "; charset=windows-1251", b""),
        ("Где мой заказ?", "cp1251", "", b"windows-1251"),
        (FRENCH, "cp1252", "", b""),
    ],
)
async def test_a_form_is_read_in_the_charset_of_its_page(
    doors: Doors, post: Any, text: str, charset: str, declared: str, field: bytes
) -> None:
    sent = values(text.encode(charset), name="Huda".encode(charset), **({"_charset_": field} if field else {}))
    assert (await post(doors, sent, declared)).status_code == 202
    (message,) = await doors.received()
    assert message.text == text
    assert message.fields == {}


async def test_a_short_value_and_a_file_s_name_are_in_the_charset_of_all_others(doors: Doors) -> None:
    sent = values(ARABIC.encode("cp1256"), name="علي".encode("cp1256"))
    await post_multipart(doors, sent, file="صورة.png".encode("cp1256"))
    (message,) = await doors.received()
    assert (message.sender.name, message.text) == ("علي", ARABIC)
    assert [file.name for file in message.attachments] == ["صورة.png"]


async def test_a_part_may_say_what_it_is_written_in(doors: Doors) -> None:
    part = b'Content-Disposition: form-data; name="%s"\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\n%s'
    sent = values("Где мой заказ?".encode("cp1251"))
    body = b"".join(b"--edge\r\n" + part % (name.encode(), value) + b"\r\n" for name, value in sent.items())
    kind = headers(Content_Type="multipart/form-data; boundary=edge")
    assert (await doors.client.post(FORM, content=body + b"--edge--\r\n", headers=kind)).status_code == 202
    assert [message.text for message in await doors.received()] == ["Где мой заказ?"]


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize("text", ["Где мой заказ?", "Да", "πού είναι"])
async def test_what_can_be_read_in_no_charset_is_not_said_to_be_taken(doors: Doors, post: Any, text: str) -> None:
    answer = await post(doors, values(text.encode("cp1251" if text[0] != "π" else "cp1253")))
    assert (answer.status_code, answer.json()["reason"]) == (422, "charset")
    assert await doors.received() == []


@pytest.mark.parametrize("post", POSTS)
async def test_a_text_that_was_cut_within_a_letter_loses_that_letter_only(doors: Doors, post: Any) -> None:
    await post(doors, values(ARABIC.encode()[:-1]))
    assert [message.text for message in await doors.received()] == [ARABIC[:-1] + "\ufffd"]
