"""Signing in: nothing is used up by looking, a link opens once, and nobody learns who works here."""

import pytest

from services.gateway.accounts.sessions import COOKIE
from shared.clock import HOUR
from tests.unit.gateway.console.house import House
from tests.unit.gateway.console.reading import Shown
from tests.unit.gateway.world import NOW, OURS

pytestmark = pytest.mark.anyio


def link(house: House, seat: str = "sara") -> str:
    return house.server.gate.sign_in.link(OURS, seat, house.world.clock.now())


@pytest.mark.parametrize(("language", "button"), [("ar", "تسجيل الدخول"), ("en", "Sign in")])
async def test_a_link_shows_whose_it_is_and_a_button(house: House, language: str, button: str) -> None:
    page = await house.page(link(house), seat="", language=language)
    assert "سارة القحطاني" in page.one("main").text
    form = page.one("form", method="post")
    assert form.find("button")[0].text == button


async def test_looking_at_a_link_uses_nothing_up(house: House) -> None:
    path = link(house)
    for _ in range(3):
        await house.page(path, seat="")
    async with await house.browser("") as browser:
        assert (await browser.post(path)).status_code == 303


async def test_the_button_begins_a_session_once(house: House) -> None:
    path = link(house)
    async with await house.browser("") as browser:
        response = await browser.post(path)
        assert (response.status_code, response.headers["location"]) == (303, "/")
        cookie = response.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (await browser.get("/")).status_code == 200
        again = await browser.post(path)
    assert again.status_code == 410
    assert "It was used before" in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({}, 403),
        ({"Origin": "http://desk.test"}, 303),
    ],
)
async def test_another_site_signs_nobody_in(house: House, headers: dict[str, str], status: int) -> None:
    async with await house.browser("") as browser:
        del browser.headers["Sec-Fetch-Site"]
        response = await browser.post(link(house), headers=headers)
    assert response.status_code == status


async def test_a_browser_tells_where_the_buttons_of_our_own_pages_are(house: House) -> None:
    """With no-referrer, the usual here, a form is posted with the origin "null", and over plain HTTP nothing else tells."""
    async with await house.browser("") as browser:
        pages = [await browser.get("/sign-in"), await browser.get(link(house)), await browser.get("/sign-in/x")]
        pages += [await browser.post("/sign-in", data={"email": "sara@example.com"}), await browser.post("/sign-in/x")]
    assert {page.headers["Referrer-Policy"] for page in pages} == {"same-origin"}


@pytest.mark.parametrize("path", ["/sign-in/x", "/sign-in/" + "a" * 1_500, "/sign-in/%E2%80%AE"])
async def test_a_made_up_link_opens_nothing(house: House, path: str) -> None:
    page = await house.page(path, seat="", status=410)
    assert "not one of ours" in page.text
    async with await house.browser("") as browser:
        assert (await browser.post(path)).status_code == 410


async def test_a_link_has_its_time(house: House) -> None:
    path = link(house)
    house.world.clock.time = NOW + HOUR + 1
    assert "Its time is over." in (await house.page(path, seat="", status=410)).text


async def test_a_link_of_a_seat_that_ended_opens_nothing(house: House) -> None:
    assert "The seat it was for has ended." in (await house.page(link(house, "nobody"), seat="", status=410)).text


@pytest.mark.parametrize("email", ["sara@example.com", "stranger@example.com", "", "a" * 300])
async def test_asking_for_a_link_tells_nobody_who_works_here(house: House, email: str) -> None:
    async with await house.browser("") as browser:
        response = await browser.post("/sign-in", data={"email": email})
    page = Shown(response.text)
    page.check("en")
    assert response.status_code == 200
    assert "Noted." in page.text
    assert "sara" not in page.text
    asked = [one.agent for one in await house.server.gate.sign_in.requests(OURS)]
    assert asked == (["sara"] if email == "sara@example.com" else [])


async def test_asking_for_a_link_from_another_site_is_refused(house: House) -> None:
    async with await house.browser("") as browser:
        response = await browser.post(
            "/sign-in", data={"email": "x@example.com"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
    assert response.status_code == 403


async def test_asking_again_and_again_is_slowed_down(house: House) -> None:
    async with await house.browser("") as browser:
        answers = [(await browser.post("/sign-in", data={"email": "x@example.com"})).status_code for _ in range(12)]
    assert answers[:10] == [200] * 10
    assert answers[-1] == 429


async def test_a_name_on_the_sign_in_page_is_text(house: House) -> None:
    await house.person("eve", "<script>alert(1)</script>\u202e")
    page = await house.page(link(house, "eve"), seat="")
    assert "<script>alert(1)</script>" in page.one("main").text
    assert "<script>alert" not in page.source
    assert "\u202e" not in page.source
