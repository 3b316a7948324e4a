"""A customer's HTML: what may be looked at, and the frame that would hold even what slipped through."""

import pytest

from services.gateway.console.letter import MOST, clean
from tests.unit.gateway.console.house import House
from tests.unit.gateway.world import OURS

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>hi</p>", "<p>hi</p>"),
        ("<script>alert(1)</script>x", "x"),
        ("<style>p{background:url(//e.example)}</style>x", "x"),
        ("<img src=http://e.example/p.gif>x", "x"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<svg onload=alert(1)><circle></svg>x", "x"),
        ("<math><mi xlink:href='data:x'></math>x", "x"),
        ("<p onclick=alert(1) style='position:fixed' class=a id=main>x</p>", "<p>x</p>"),
        ("<a href='javascript:alert(1)'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("<a href='data:text/html,x'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        (
            "<a href='https://e.example' target=_top>x</a>",
            '<a href="https://e.example" rel="noopener noreferrer nofollow">x</a>',
        ),
        ("<iframe src=//e.example></iframe>x", "x"),
        ("<object data=x></object><embed src=x>x", "x"),
        ("<form action=//e.example><input name=p><button>go</button></form>", "go"),
        ("<meta http-equiv=refresh content='0;url=//e.example'><base href=//e.example>x", "x"),
        ("<link rel=stylesheet href=//e.example/x.css>x", "x"),
        ("<!-- <script> --><b>x</b>", "<b>x</b>"),
        ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "'&gt;"),
        ("<template><script>alert(1)</script></template>x", "x"),
        ("<table><tr><td colspan=2 background=//e.example>x</td></tr></table>", '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'),
        ("<div dir=rtl lang=ar>مرحبا</div>", '<div dir="rtl" lang="ar">مرحبا</div>'),
        ("<video src=//e.example autoplay></video><audio src=x></audio>x", "x"),
    ],
)  # fmt: skip
def test_only_what_cannot_act_or_load_is_left(html: str, left: str) -> None:
    assert clean(html) == left


async def letter(house: House, html: bytes) -> None:
    await house.ticket(html_blob=await house.server.gate.blobs.put(OURS, html))


async def test_the_letter_is_shown_clean_in_a_document_that_may_do_nothing(house: House) -> None:
    await letter(house, "<h2>مرحبا</h2><script>alert(1)</script><img src=//e.example/p.gif>".encode())
    async with await house.browser() as browser:
        response = await browser.get("/messages/m1/letter")
    assert response.status_code == 200
    assert "<h2>مرحبا</h2>" in response.text
    assert "alert" not in response.text
    assert "e.example" not in response.text
    security = response.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(security)
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_letter_beyond_measure_is_not_shown(house: House) -> None:
    await letter(house, b"<p>x</p>" * (MOST // 8 + 1))
    async with await house.browser() as browser:
        response = await browser.get("/messages/m1/letter")
    assert "<p>x</p>" not in response.text
    assert "read the text" in response.text


async def test_bytes_that_are_no_text_break_nothing(house: House) -> None:
    await letter(house, b"\xff\xfe<p>x\x00</p>")
    async with await house.browser() as browser:
        assert (await browser.get("/messages/m1/letter")).status_code == 200


@pytest.mark.parametrize("path", ["/messages/none/letter", "/messages/m1/letter"])
async def test_a_message_without_html_has_no_letter(house: House, path: str) -> None:
    await house.ticket()
    async with await house.browser() as browser:
        assert (await browser.get(path)).status_code == 404


async def test_a_letter_whose_bytes_are_gone_is_not_there(house: House) -> None:
    await house.ticket(html_blob="0" * 64)
    async with await house.browser() as browser:
        assert (await browser.get("/messages/m1/letter")).status_code == 404


async def test_a_letter_is_for_those_who_are_signed_in(house: House) -> None:
    await letter(house, b"<p>x</p>")
    async with await house.browser("") as browser:
        response = await browser.get("/messages/m1/letter")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
