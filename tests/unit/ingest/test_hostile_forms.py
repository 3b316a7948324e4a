"""Anyone can post a form, so somebody will."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.ingest.channels.web_form.bodies import MOST_BYTES
from tests.unit.ingest.desk import KEY, SITE, Doors, filled, headers, policy

pytestmark = pytest.mark.anyio
FORM = f"/in/forms/{KEY}"


async def send(doors: Doors, content: bytes, kind: str, **more: str) -> Any:
    return await doors.client.post(FORM, content=content, headers=headers(Content_Type=kind, **more))


def multipart(*parts: bytes) -> tuple[bytes, str]:
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return body, "multipart/form-data; boundary=edge"


def value(name: str, content: bytes = b"x") -> bytes:
    return b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name.encode(), content)


def file(name: str, content: bytes = b"x", kind: str = "text/plain") -> bytes:
    head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + content


GOOD = (value("email", b"huda@example.com"), value("message", b"hello"))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "https://acme.example.evil.example", "http://acme.example", "https://acme.example:8443",
        "null", "https://acme.example@evil.example", "", "https://[acme.example", "file:///acme.example",
    ],
)  # fmt: skip
async def test_another_site_s_page_cannot_post_here(doors: Doors, origin: str) -> None:
    answer = await doors.client.post(FORM, json=filled(), headers={"Origin": origin})
    assert (answer.status_code, answer.json()["reason"]) == (403, "origin")
    assert "access-control-allow-origin" not in answer.headers
    assert await doors.received() == []


async def test_who_names_no_site_is_refused(doors: Doors) -> None:
    assert (await doors.client.post(FORM, json=filled())).status_code == 403


async def test_the_referer_stands_in_where_a_browser_sends_no_origin(doors: Doors) -> None:
    for referer, status in ((f"{SITE}/contact?x=1", 202), ("https://evil.example/acme.example", 403)):
        answer = await doors.client.post(FORM, json=filled(), headers={"Referer": referer})
        assert answer.status_code == status


async def test_only_listed_sites_get_past_a_browser_s_question(doors: Doors) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    good = await doors.client.options(FORM, headers=asked | {"Origin": SITE})
    evil = await doors.client.options(FORM, headers=asked | {"Origin": "https://evil.example"})
    assert good.status_code == 204
    assert good.headers["access-control-allow-origin"] == SITE
    assert "Idempotency-Key" in good.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in good.headers
    assert evil.status_code == 403
    assert "access-control-allow-origin" not in evil.headers


async def test_a_listed_site_can_read_why_it_was_refused(doors: Doors) -> None:
    answer = await doors.client.post(FORM, json={}, headers=headers())
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == SITE


async def test_one_address_is_slowed_down_and_told_for_how_long(doors: Doors) -> None:
    await doors.apply(policy(**{"form_posts_per_minute: 1000": "form_posts_per_minute: 6"}), version=2)
    answers = [await doors.client.post(FORM, json=filled(), headers=headers()) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [202] * 6 + [429] * 2
    wait = int(answers[-1].headers["retry-after"])
    assert 1 <= wait <= 10
    doors.clock.time += wait * 1_000
    assert (await doors.client.post(FORM, json=filled(), headers=headers())).status_code == 202
    assert len(await doors.received()) == 7


async def test_a_flood_on_one_form_slows_no_other(doors: Doors) -> None:
    await doors.apply(policy(**{"form_posts_per_minute: 1000": "form_posts_per_minute: 1"}), version=2)
    for status in (202, 429):
        assert (await doors.client.post(FORM, json=filled(), headers=headers())).status_code == status
    assert (await doors.client.post("/in/forms/pk_rival_web", json=filled(), headers=headers())).status_code == 202


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"email": ["a@b.example"], "message": "x"}', "application/json", 422),
        (b'{"email": {"$ne": ""}, "message": "x"}', "application/json", 422),
        (b'{"message": 1e999}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a":' * 2_000, "application/json", 400),
        (b"&" * 200_000, "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 1_000, "application/x-www-form-urlencoded", 400),
        (b"email=%ff%fe&message=%00", "application/x-www-form-urlencoded", 422),
        ("email=ü".encode(), "application/x-www-form-urlencoded", 400),
        (b"x", "text/plain", 415),
        (b"<a/>", "application/xml", 415),
        (b"x", "", 415),
        (b"--edge\r\n", "multipart/form-data", 400),
        (b"--edge\r\n", "multipart/form-data; boundary=", 400),
        (b"nothing of the kind", "multipart/form-data; boundary=edge", 400),
        (b"--edge\r\n", "multipart/form-data; boundary=" + "e" * 5_000, 400),
    ],
)
async def test_what_is_no_form_is_refused_without_harm(doors: Doors, content: bytes, kind: str, status: int) -> None:
    answer = await send(doors, content, kind)
    assert answer.status_code == status
    assert doors.failures == []
    assert await doors.received() == []
    assert (await doors.client.post(FORM, json=filled(), headers=headers())).status_code == 202


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([*GOOD, *[value(f"v{n}") for n in range(80)]], 413),
        ([*GOOD, *[file(f"{n}.txt") for n in range(11)]], 413),
        ([*GOOD, file("big.bin", b"x" * (10 * 1_048_576 + 1))], 413),
        ([*GOOD, value("a", b"x" * 1_048_577)], 413),
        ([*GOOD, b"X: y\r\n" * 20 + b"\r\nx"], 400),
        ([*GOOD, b"X" * 100_000 + b": y\r\n\r\nx"], 400),
        ([b"\r\nno headers at all"], 422),
    ],
)
async def test_a_multipart_bomb_ends_at_its_first_part_too_many(doors: Doors, parts: list[bytes], status: int) -> None:
    assert (await send(doors, *multipart(*parts))).status_code == status
    assert await doors.received() == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.txt"), ("C:\\\\windows\\\\a.exe", "a.exe"), ("a\r\nb.txt", None), ("CON", "_CON.txt"),
        ("%00.txt", None), ("x" * 5_000, None), ("<img src=x>.png", None),
    ],
)  # fmt: skip
async def test_a_file_s_name_is_harmless(doors: Doors, sent: str, kept: str | None) -> None:
    body, kind = multipart(*GOOD, file(sent))
    answer = await send(doors, body, kind)
    if kept is None and answer.status_code == 400:
        assert await doors.received() == []
        return
    (message,) = await doors.received()
    (attached,) = message.attachments
    assert not set(attached.name) & set('/\\\r\n\x00<>"')
    assert 0 < len(attached.name.encode()) <= 200
    if kept:
        assert attached.name == kept


async def test_a_file_s_stated_kind_cannot_be_anything(doors: Doors) -> None:
    await send(doors, *multipart(*GOOD, file("a", kind='text/html"; x="<script>'), file("b", kind="IMAGE/PNG; a=b")))
    (message,) = await doors.received()
    assert [file.media_type for file in message.attachments] == ["application/octet-stream", "image/png"]


async def test_a_body_that_claims_to_be_huge_is_not_read(doors: Doors) -> None:
    read = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal read
        while read < MOST_BYTES + 10_000_000:
            read += 1_000_000
            yield b"x" * 1_000_000

    stated = headers(Content_Type="multipart/form-data; boundary=edge", Content_Length=str(MOST_BYTES + 1))
    answer = await doors.client.post(FORM, content=drip(), headers=stated)
    assert answer.status_code == 413
    assert read == 0


async def test_a_body_without_a_length_is_cut_off_where_its_kind_ends(doors: Doors) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    for kind in ("application/json", "multipart/form-data; boundary=edge"):
        answer = await doors.client.post(FORM, content=drip(), headers=headers(Content_Type=kind))
        assert answer.status_code == 413


async def test_a_stranger_without_a_key_or_an_allowed_site_sends_nothing_we_read(doors: Doors) -> None:
    taken = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield b"x" * 1_000

    for path, origin in ((FORM, "https://evil.example"), ("/in/forms/pk_nobody_has", SITE)):
        taken = 0
        await doors.client.post(path, content=drip(), headers={"Origin": origin, "Content-Type": "application/json"})
        assert taken == 0
    assert await doors.received() == []


@pytest.mark.parametrize("path", ["/in/forms/../../v1/outbox", "/in/forms/%2e%2e%2f", "/in/forms/" + "k" * 5_000])
async def test_a_key_that_is_no_key_finds_no_form(doors: Doors, path: str) -> None:
    assert (await doors.client.post(path, json=filled(), headers=headers())).status_code in {404, 405}


async def test_fields_that_look_like_our_own_change_nothing(doors: Doors) -> None:
    forged = filled(desk="rival-desk", account="mail", organisation="rival", spam="", automatic="x", thread="y")
    await doors.client.post(FORM, json=forged, headers=headers())
    (message,) = await doors.received()
    assert (message.by.desk, message.by.organisation, message.account) == ("support", "acme", "web")
    assert (message.automatic, message.thread, message.assurance) == (None, None, "none")


async def test_many_at_once_all_end_in_a_message_or_a_refusal(doors: Doors) -> None:
    posts = [doors.client.post(FORM, json=filled(message=f"m{n}"), headers=headers()) for n in range(40)]
    posts += [send(doors, b"{", "application/json") for _ in range(20)]
    answers = await asyncio.gather(*posts)
    assert sorted({answer.status_code for answer in answers}) == [202, 400]
    assert len({message.message for message in await doors.received()}) == 40
