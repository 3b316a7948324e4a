"""Every visit: language, session, permission, and what goes wrong, told as a page."""

import re
from typing import Any

import pytest

from services.gateway.accounts.sessions import COOKIE
from services.gateway.console import PAGES
from services.gateway.console.visit import LANGUAGE_COOKIE
from shared.documents import DocumentsUnavailable
from shared.permissions import ACTS
from tests.unit.gateway.console.house import House
from tests.unit.gateway.console.reading import Shown

pytestmark = pytest.mark.anyio
READABLE = [page for page in PAGES if page.method == "GET" and "{" not in page.path]


def test_every_page_is_in_the_table_of_permissions_or_for_everybody_by_name() -> None:
    assert {page.act for page in PAGES} - {None} <= set(ACTS)
    assert {page.path for page in PAGES if page.act is None} == {"/sign-in", "/sign-in/{token}"}


@pytest.mark.parametrize("page", READABLE, ids=lambda page: page.path)
@pytest.mark.parametrize("language", ["ar", "en"])
async def test_every_page_stands_in_both_languages(house: House, page: Any, language: str) -> None:
    await house.ticket()
    shown = await house.page(page.path, language=language)
    assert shown.one("title").text.endswith("سند" if language == "ar" else "Sanad")


@pytest.mark.parametrize("page", [page for page in READABLE if page.act], ids=lambda page: page.path)
async def test_whoever_is_not_signed_in_is_led_to_where_they_can(house: House, page: Any) -> None:
    for cookie in ("a=b", f"{COOKIE}={'x' * 43}", f"{COOKIE}="):
        async with await house.browser("") as browser:
            response = await browser.get(page.path, headers={"Cookie": cookie})
        assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("page", [page for page in READABLE if page.act], ids=lambda page: page.path)
async def test_customers_and_keys_without_the_scope_see_nothing(house: House, page: Any) -> None:
    for token in (await house.server.key("customer"), await house.server.key("integrator", scopes=("policy:read",))):
        async with await house.browser("") as browser:
            response = await browser.get(page.path, headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 403
        shown = Shown(response.text)
        shown.check("en")
        assert "You may not see this" in shown.one("h1").text


async def test_strict_headers_are_on_every_page(house: House) -> None:
    async with await house.browser() as browser:
        for path in ("/", "/tickets", "/people", "/sign-in", "/nowhere"):
            headers = (await browser.get(path)).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "script-src 'self'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("cookie", "accepted", "chosen"),
    [("", "ar", "ar"), ("", "en-GB,ar;q=0.4", "en"), ("en", "ar", "en"), ("fr", "ar", "ar"), ("", "", "ar")],
)
async def test_a_stranger_s_language_is_the_chosen_one_else_the_browser_s(
    house: House, cookie: str, accepted: str, chosen: str
) -> None:
    headers = {"Accept-Language": accepted, "Cookie": f"{LANGUAGE_COOKIE}={cookie}"}
    async with await house.browser("") as browser:
        browser.cookies.clear()
        response = await browser.get("/sign-in", headers=headers)
    Shown(response.text).check(chosen)


async def test_an_agent_s_language_is_the_seat_s_until_another_is_chosen(house: House) -> None:
    session = await house.server.session("sara")
    async with await house.browser("") as browser:
        browser.cookies.clear()
        response = await browser.get("/", headers={"Accept-Language": "en", "Cookie": f"{COOKIE}={session}"})
    Shown(response.text).check("ar")


async def test_the_switch_of_language_is_remembered_and_leaves_the_address(house: House) -> None:
    async with await house.browser() as browser:
        response = await browser.get("/tickets?status=all&language=ar&team=cards")
    assert (response.status_code, response.headers["location"]) == (303, "/tickets?status=all&team=cards")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("sanad_language=ar;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


ELSEWHERE = ["//evil.example/", "/\\evil.example/", "///evil.example"]


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_no_link_of_a_page_nobody_has_leads_to_another_site(house: House, path: str) -> None:
    async with await house.browser() as browser:
        page = Shown((await browser.get(f"http://desk.test{path}")).text)
    (language,) = page.find("a", class_="language")
    assert re.match(r"/[^/\\]", language.attributes["href"] or "")


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_the_switch_of_language_leads_to_no_other_site(house: House, path: str) -> None:
    async with await house.browser() as browser:
        response = await browser.get(f"http://desk.test{path}?language=ar")
    assert not response.headers.get("location", "/").startswith(("//", "/\\"))


async def test_another_language_than_the_product_s_is_no_switch(house: House) -> None:
    assert (await house.page("/tickets?language=fr")).one("h1").text == "Tickets"


async def test_every_page_offers_the_other_language_at_the_same_place(house: House) -> None:
    page = await house.page("/tickets?status=all")
    (link,) = page.find("a", class_="language")
    assert link.attributes["href"] == "/tickets?status=all&language=ar"
    assert (link.attributes["lang"], link.text) == ("ar", "العربية")


@pytest.mark.parametrize("path", ["/nowhere", "/tickets/a/b", "/favicon.png", "/sign-in/a/b"])
async def test_an_address_nobody_has_is_a_page(house: House, path: str) -> None:
    page = await house.page(path, status=404, language="ar")
    assert "لا توجد صفحة كهذه" in page.text
    assert (await house.page(path, seat="", status=404)).find("nav") == []


async def test_a_made_up_place_in_a_list_is_a_page_nobody_has(house: House) -> None:
    await house.ticket()
    for path in ("/tickets/t1?history=garbage", "/tickets?after=garbage", "/people?after=garbage"):
        assert (await house.page(path, status=404)).find("h1")


async def test_a_form_that_cannot_be_read_is_refused_with_a_page(house: House) -> None:
    async with await house.browser("") as browser:
        for kind in ("multipart/form-data", "multipart/form-data; boundary=b"):
            response = await browser.post("/sign-in", content=b"email=a", headers={"Content-Type": kind})
            assert response.status_code == 400
            Shown(response.text).check("en")


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/metrics", "/livez", "/s/x", "/in/forms/x", "/console/x"])
async def test_programs_addresses_are_not_answered_with_pages(house: House, path: str) -> None:
    async with await house.browser() as browser:
        response = await browser.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_store_that_does_not_answer_is_a_page_that_says_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any, **__: Any) -> Any:
        raise DocumentsUnavailable

    async with await house.browser(language="ar") as browser:
        monkeypatch.setattr(type(house.world.documents.of("x")), "page", silent)
        response = await browser.get("/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    page = Shown(response.text)
    page.check("ar")
    assert "لم يُفقد شيء" in page.text


async def test_a_failure_of_ours_is_a_page_without_a_trace_and_is_reported(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret words")

    async with await house.browser() as browser:
        monkeypatch.setattr(type(house.world.documents.of("x")), "count", broken)
        response = await browser.get("/")
    assert response.status_code == 500
    assert "Something went wrong" in Shown(response.text).one("h1").text
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert [type(fault) for fault in house.failures] == [ZeroDivisionError]
    house.failures.clear()


async def test_too_many_looks_are_asked_to_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with await house.browser() as browser:
        answers = {(await browser.get("/set-aside?after=x")).status_code for _ in range(5)}
        monkeypatch.setattr(house.server.gate.limits, "take", _refuse)
        response = await browser.get("/people")
    assert answers == {404}
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "2"
    assert "That was too often" in response.text


def _refuse(*_: Any) -> None:
    from services.gateway.limits import TooOften

    raise TooOften(1_500)


async def test_a_new_policy_is_spoken_from_the_next_page_on(house: House) -> None:
    from shared.catalogue import facts as f
    from shared.policy.noun import Localised
    from tests.unit.gateway.console.house import policy
    from tests.unit.gateway.world import OURS

    assert "Waha Bank Customer Care" in (await house.page("/")).text
    renamed = policy().desk.model_copy(update={"name": Localised(en="Oasis Help", ar="عون الواحة")})
    changed = policy().model_copy(update={"desk": renamed, "version": 2})
    await house.tell(f.PolicyApplied(desk=OURS, version=2, policy=changed))
    assert "Oasis Help" in (await house.page("/")).text


async def test_a_desk_without_a_policy_is_shown_by_its_ids(server: Any) -> None:
    house = House(server)
    await house.person("sara", "Sara", role="admin")
    await house.ticket()
    page = await house.page("/tickets/t1")
    assert "first" in page.part("head").text
    assert house.failures == []
