"""The whole desk in a real browser, both languages, on a phone and on a wide screen.

Skipped loudly where Chromium and its driver are not installed. `SHOTS=<folder>` keeps a picture of every page.
"""

import os
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.browser import Browser
from tests.e2e.desk_in_a_browser import LIVE, NEEDS_A_BROWSER, shipped_desk, signed_in, wait_for, write
from tests.e2e.living_desk import LivingDesk

pytestmark = [pytest.mark.slow, NEEDS_A_BROWSER]
WIDTHS = (390, 1280)
ATTACK = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
LETTER = (
    "<h2>مرحبا</h2><script>top.hacked=1</script><img src=x onerror=top.hacked=1>"
    "<img src='http://127.0.0.1:9/pixel.gif'><p onclick='top.hacked=1'>بطاقتي رفضت</p>"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    with shipped_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser(desk: LivingDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with signed_in(desk, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def letter(desk: LivingDesk, browser: Browser) -> str:
    """A mail whose words, name, subject, file and HTML all attack; its ticket, taken by Sami."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f'"{ATTACK}" <eve@example.net>', "support@example.com", ATTACK
    mail["Message-ID"] = "<attack@example.net>"
    mail.set_content(f"بطاقتي رفضت\n{ATTACK}\n\u202eoverride")
    mail.add_alternative(LETTER, subtype="html")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="cv\u202efdp.exe")
    with smtplib.SMTP("127.0.0.1", desk.smtp_port) as post:
        post.send_message(mail)
    with desk.client() as admin:
        answer = wait_for(admin, "/v1/tickets?limit=1", lambda answer: answer["items"])
        ticket: str = answer["items"][0]["id"]
        admin.patch(f"/v1/tickets/{ticket}", json={"owner": "sami"}).raise_for_status()
    return ticket


def check_shown(browser: Browser, name: str) -> None:
    """What holds for every page as it is shown."""
    wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    assert browser.run("return window.hacked ?? 0") == 0
    assert [one for one in browser.complaints() if "status of 40" not in one and "status of 410" not in one] == []
    if folder := os.environ.get("SHOTS"):
        Path(folder).mkdir(exist_ok=True)
        browser.shoot(Path(folder) / f"{name}.png")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", ["/", "/tickets?status=all", "TICKET", "/set-aside", "/outbox", "/people", "/nowhere"])
def test_every_page_fits_its_screen_and_runs_nothing_of_a_customer_s(
    desk: LivingDesk, browser: Browser, letter: str, path: str, language: str, width: int
) -> None:
    browser.resize(width)
    address = desk.url + path.replace("TICKET", f"/tickets/{letter}")
    browser.open(f"{address}{'&' if '?' in address else '?'}language={language}")
    assert browser.run("return document.documentElement.lang") == language
    direction = browser.run("return getComputedStyle(document.body).direction")
    assert direction == ("rtl" if language == "ar" else "ltr")
    if "data-live" in str(browser.run("return document.body.outerHTML.slice(0, 80)")):
        browser.until(LIVE)
    name = path.strip("/").partition("?")[0] or "board"
    check_shown(browser, f"{name}-{language}-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_letter_is_shown_in_a_frame_that_can_do_nothing(
    desk: LivingDesk, browser: Browser, letter: str, width: int
) -> None:
    browser.resize(width)
    browser.open(f"{desk.url}/tickets/{letter}?language=ar")
    browser.run("document.querySelector('[data-letter]').open = true")
    browser.until("return document.querySelector('iframe')")
    frame = browser.find("iframe")
    browser.until("return performance.getEntriesByType('resource').some((one) => one.name.endsWith('/letter'))")
    browser.call("POST", "/frame", {"id": frame})
    try:
        assert "بطاقتي رفضت" in browser.text()
        assert browser.run("return document.querySelectorAll('img, script, [onclick]').length") == 0
    finally:
        browser.call("POST", "/frame", {"id": None})
    check_shown(browser, f"letter-{width}")


def test_what_arrives_is_on_the_board_without_a_reload(desk: LivingDesk, browser: Browser, letter: str) -> None:
    browser.resize(1280)
    browser.open(f"{desk.url}/?language=en")
    browser.until(LIVE)
    browser.run("window.sameDocument = true")
    write(desk, "I was charged twice, I want my money back", "Arrives by itself")
    browser.until("return document.querySelector('#recent').innerText.includes('Arrives by itself')")
    assert browser.run("return window.sameDocument") is True


def test_the_line_breaks_and_the_board_catches_up(desk: LivingDesk, browser: Browser, letter: str) -> None:
    browser.open(f"{desk.url}/?language=en")
    browser.until(LIVE)
    browser.cdp("Network.enable")
    away = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.cdp("Network.emulateNetworkConditions", offline=True, **away)
    write(desk, "my card was declined", "While the line was down")
    browser.cdp("Network.emulateNetworkConditions", offline=False, **away)
    browser.run("window.dispatchEvent(new Event('online'))")
    assert browser.until("return document.querySelector('#recent').innerText.includes('While the line was down')")
    browser.complaints()


def test_an_agent_reads_answers_notes_and_resolves(desk: LivingDesk, browser: Browser, letter: str) -> None:
    browser.open(f"{desk.url}/tickets/{letter}?language=ar")
    browser.until(LIVE)
    browser.type("#text", "نعمل على ذلك.\nWe are on it.")
    browser.click("#composer button:not([type=button])")
    browser.until(
        "return document.querySelectorAll('.message.ours').length > 0 && !document.querySelector('#text').value"
    )
    browser.until("return document.querySelector('.above .status-pending')")
    browser.run("document.querySelector('[name=mode][value=note]').click()")
    browser.type("#text", "called the branch")
    browser.click("#composer button:not([type=button])")
    browser.until("return document.querySelector('.message.note')?.innerText.includes('called the branch')")
    browser.run(
        "const form = document.querySelector('#properties form');"
        "form.elements.priority.value = 'urgent'; form.elements.tags.value = 'vip عاجل'; form.requestSubmit()"
    )
    browser.until("return document.querySelector('.above .priority-urgent')")
    browser.run(
        "const form = document.querySelector('#properties form');"
        "form.elements.status.value = 'resolved';"
        "form.elements.status.dispatchEvent(new Event('change', {bubbles: true})); form.requestSubmit()"
    )
    browser.until("return document.querySelector('.above .status-resolved')")
    with desk.client() as admin:
        ticket = admin.get(f"/v1/tickets/{letter}").json()
    assert (ticket["status"], ticket["priority"], ticket["tags"]) == ("resolved", "urgent", ["vip", "عاجل"])
    check_shown(browser, "answered")


def test_a_reply_to_words_that_were_overtaken_is_kept_with_the_new_words_shown(
    desk: LivingDesk, browser: Browser, letter: str
) -> None:
    write(desk, "first words about my card", "Overtaken", "Layla")
    with desk.client() as admin:
        answer = wait_for(
            admin, "/v1/tickets?limit=1", lambda found: found["items"] and found["items"][0]["subject"] == "Overtaken"
        )
        ticket = answer["items"][0]["id"]
        admin.patch(f"/v1/tickets/{ticket}", json={"owner": "sami"}).raise_for_status()
    browser.open(f"{desk.url}/tickets/{ticket}?language=en")
    browser.until(LIVE)
    browser.type("#text", "An answer to the first words")
    # as if the newer words had come in the very moment of sending
    browser.run("document.querySelector('#messages').dataset.seq = 0; window.fetched = window.fetch")
    browser.run(
        "const real = window.fetch; window.fetch = (path, options) => {"
        " if (options?.method === 'PATCH') options.body = options.body.replace(/\"seen\":\\d+/, '\"seen\":1');"
        " window.fetch = real; return real(path, options); }"
    )
    browser.click("#composer button:not([type=button])")
    browser.until("return document.querySelector('#composer .wrong').innerText.includes('written in the meantime')")
    assert browser.run("return document.querySelector('#text').value") == "An answer to the first words"
    assert browser.run("return Object.keys(localStorage).filter((key) => key.startsWith('sanad.draft.')).length") == 1
    browser.open(f"{desk.url}/tickets/{ticket}?language=en")
    assert browser.until("return document.querySelector('#text').value") == "An answer to the first words"
    browser.until(LIVE)
    browser.click("#composer button:not([type=button])")
    browser.until(
        "return document.querySelectorAll('.message.ours').length > 0 && !document.querySelector('#text').value"
    )
    assert browser.run("return Object.keys(localStorage).length") == 0
    browser.complaints()


def test_presence_is_one_choice_away(desk: LivingDesk, browser: Browser) -> None:
    for choice, lamp in (("prayer", "not_ready"), ("ready", "ready")):
        browser.open(f"{desk.url}/?language=en")
        browser.until(LIVE)
        browser.run(
            "const choice = document.querySelector('#presence-choice'); choice.value = arguments[0];"
            "choice.dispatchEvent(new Event('change', {bubbles: true}))", choice,
        )  # fmt: skip
        browser.until("return document.querySelector(`#presence .lamp.${arguments[0]}`)", lamp)
        with desk.client() as admin:
            assert admin.get("/v1/agents/sami").json()["state"] == lamp


def test_the_keyboard_reaches_the_content_first_and_everything_after(desk: LivingDesk, browser: Browser) -> None:
    browser.open(f"{desk.url}/?language=en")
    browser.call("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": [
        {"type": "keyDown", "value": "\ue004"}, {"type": "keyUp", "value": "\ue004"},
        {"type": "keyDown", "value": "\ue007"}, {"type": "keyUp", "value": "\ue007"},
    ]}]})  # fmt: skip
    assert browser.run("return document.activeElement.id") == "main"
    order = "return [...document.querySelectorAll('[tabindex]')].every((one) => one.tabIndex <= 0)"
    assert browser.run(order) is True


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_form_for_customers_and_signing_in_fit_too(
    desk: LivingDesk, browser: Browser, language: str, width: int
) -> None:
    browser.resize(width)
    for name, path in (("sign-in", "/sign-in"), ("survey-closed", "/s/made-up"), ("form", "/in/forms/pk_waha_contact")):
        browser.open(f"{desk.url}{path}?language={language}")
        check_shown(browser, f"{name}-{language}-{width}")


def test_people_are_checked_first_and_imported_only_when_every_line_is_fine(
    desk: LivingDesk, browser: Browser, tmp_path: Path
) -> None:
    browser.open(f"{desk.url}/people?language=en")
    file = tmp_path / "people.csv"
    for team, verdict in (("nowhere", ".faults li"), ("cards", ".result:not([hidden])")):
        file.write_text(f"id,name,email,role,language,team\nnew1,منى,new1@example.com,agent,ar,{team}\n")
        browser.type("#csv", str(file))
        browser.click("[data-dry]")
        browser.until("return document.querySelector(arguments[0])", f"#import {verdict}")
        assert browser.run("return document.querySelector('[data-real]').disabled") is (team == "nowhere")
    browser.click("[data-real]")
    browser.until("return document.querySelector('table')?.innerText.includes('منى')")
    with desk.client() as admin:
        assert admin.get("/v1/agents/new1").json()["team"] == "cards"
    browser.complaints()


def test_the_outbox_shows_what_did_not_leave_and_its_text(desk: LivingDesk, browser: Browser, letter: str) -> None:
    browser.open(f"{desk.url}/outbox?language=ar")
    browser.until("return document.querySelectorAll('#outbox li .state').length > 0")
    assert "لم تُرسل: لا خادم إرسال" in browser.text("#outbox")
    browser.run("document.querySelector('#outbox details').open = true")
    assert browser.until("return document.querySelector('#outbox details .text').textContent")
    assert browser.run("return document.querySelector('#outbox .number').textContent").startswith("SUP-")


def test_a_number_in_arabic_digits_finds_the_ticket_and_merges_it(desk: LivingDesk, browser: Browser) -> None:
    with desk.client() as admin:
        for place in (1, 2):
            write(desk, f"my card was declined again {place}", f"Twin {place}", "Huda")
            wait_for(
                admin,
                "/v1/tickets?limit=1",
                lambda found, n=place: found["items"] and found["items"][0]["subject"] == f"Twin {n}",
            )
        second, first = admin.get("/v1/tickets?limit=2").json()["items"]
    digits = str(first["number"]).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    browser.open(f"{desk.url}/?language=ar")
    browser.type("#q", f"{digits}\ue007")
    browser.until("return location.pathname === arguments[0]", f"/tickets/{first['id']}")
    browser.open(f"{desk.url}/tickets/{second['id']}?language=ar")
    browser.run("document.querySelector('#into').closest('details').open = true")
    browser.type("#into", digits)
    browser.run("document.querySelector('#into').form.requestSubmit()")
    browser.until("return location.pathname === arguments[0]", f"/tickets/{first['id']}")
    browser.until("return document.querySelectorAll('[data-customer]').length === 2")
    browser.run("document.querySelector('form[data-split]').closest('details').open = true")
    browser.run("document.querySelectorAll('[data-message]')[1].click()")
    browser.run("document.querySelector('form[data-split]').requestSubmit()")
    browser.until("return document.querySelectorAll('[data-customer]').length === 1")
    check_shown(browser, "merged-and-split")


def test_a_sign_in_link_is_shown_once_and_lets_its_agent_in(desk: LivingDesk, browser: Browser) -> None:
    with desk.client() as admin:
        path = admin.post("/v1/agents/nora/sign-in-link").raise_for_status().json()["path"]
    browser.open(f"{desk.url}{path}")
    browser.click("main button")
    browser.until("return location.pathname === '/'")
    browser.open(f"{desk.url}/people?language=en")
    browser.run("document.querySelector(\"form[data-send$='/layla/sign-in-link']\").requestSubmit()")
    made = browser.until("return document.querySelector('.made:not([hidden])')?.textContent")
    assert f"{desk.url}/sign-in/" in made
    browser.run("document.querySelector('form[data-send=\"POST /v1/sign-out\"]').requestSubmit()")
    browser.until("return location.pathname === '/sign-in'")
    browser.open(f"{desk.url}/")
    assert browser.run("return location.pathname") == "/sign-in"
    browser.open(made.split()[-1])
    browser.click("main button")
    assert "ليلى منصور" in browser.until("return document.querySelector('#presence')?.innerText")
