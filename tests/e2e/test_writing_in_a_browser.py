"""What an agent writes, in a real browser: it goes where it was meant for, once, at the time that was meant.

Skipped loudly where Chromium and its driver are not installed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.browser import Browser
from tests.e2e.desk_in_a_browser import LIVE, NEEDS_A_BROWSER, shipped_desk, signed_in, wait_for, write
from tests.e2e.living_desk import LivingDesk

pytestmark = [pytest.mark.slow, NEEDS_A_BROWSER]
SEND = "#composer button:not([type=button])"
EMPTY = "return !document.querySelector('#text').value"
ZONES = ("Asia/Riyadh", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Gaza", "Australia/Lord_Howe", "UTC")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    with shipped_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser(desk: LivingDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with signed_in(desk, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def ticket(request: pytest.FixtureRequest, desk: LivingDesk, browser: Browser) -> str:
    """A new one, Sami's, shown in English."""
    subject = request.node.name
    write(desk, "my card was declined", subject, name="Huda")
    with desk.client() as admin:
        found = wait_for(
            admin, "/v1/tickets?limit=5", lambda answer: any(one["subject"] == subject for one in answer["items"])
        )
        ticket: str = next(one["id"] for one in found["items"] if one["subject"] == subject)
        admin.patch(f"/v1/tickets/{ticket}", json={"owner": "sami"}).raise_for_status()
    show(browser, desk, ticket)
    return ticket


def show(browser: Browser, desk: LivingDesk, ticket: str) -> None:
    browser.open(f"{desk.url}/tickets/{ticket}?language=en")
    browser.until(LIVE)


def said(desk: LivingDesk, ticket: str, text: str) -> list[str]:
    """The kinds of the ticket's messages with this text."""
    with desk.client() as admin:
        items = admin.get(f"/v1/tickets/{ticket}/messages").raise_for_status().json()["items"]
    return [one["kind"] for one in items if (one["content"] or {}).get("text", "").strip() == text]


def test_a_note_that_was_not_sent_comes_back_as_a_note(desk: LivingDesk, browser: Browser, ticket: str) -> None:
    browser.run("document.querySelector('[name=mode][value=note]').click()")
    browser.type("#text", "check for fraud")
    show(browser, desk, ticket)
    assert browser.run("return document.querySelector('#composer').elements.mode.value") == "note"
    assert browser.run("return document.querySelector('#composer.noting #text').value") == "check for fraud"
    assert browser.run("return document.querySelector('#file').disabled") is True
    browser.click(SEND)
    browser.until(EMPTY)
    browser.until("return document.querySelector('.message.note')?.innerText.includes('check for fraud')")
    assert said(desk, ticket, "check for fraud") == ["note"]
    assert browser.run("return Object.keys(localStorage).length") == 0


def test_a_reply_whose_answer_got_lost_is_sent_once_however_often_it_is_pressed(
    desk: LivingDesk, browser: Browser, ticket: str
) -> None:
    browser.run(
        "const real = window.fetch; window.fetch = async (path, options) => {"
        " if (options?.method !== 'PATCH') return real(path, options);"
        " window.fetch = real; await real(path, options); throw new TypeError('the line dropped'); }"
    )
    browser.type("#text", "We are on it")
    browser.click(SEND)
    browser.until("return document.querySelector('#composer .wrong').innerText.includes('perhaps it was not sent')")
    # the page has caught up with what its own first try did
    browser.until(
        "return [...document.querySelectorAll('.message.ours')].some((one) => one.innerText.includes('We are on it'))"
    )
    assert browser.run("return document.querySelector('#text').value") == "We are on it"
    browser.click(SEND)
    browser.until(EMPTY)
    assert said(desk, ticket, "We are on it") == ["sent"]


def test_times_are_those_of_the_desk_wherever_the_browser_is(browser: Browser, ticket: str) -> None:
    browser.cdp("Emulation.setTimezoneOverride", timezoneId="Pacific/Auckland")
    browser.run("import(`${document.documentElement.dataset.assets}/zones.js`).then((made) => (window.zones = made))")
    browser.until("return window.zones")
    chance, wrong = Random(1), []
    for zone in ZONES:
        days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600)) for _ in range(40)]
        # and around the changes of this zone's clocks
        days += [day + timedelta(hours=hours) for day in changes(zone) for hours in range(-30, 31)]
        walls = [day.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") for day in days]
        found = browser.run("return arguments[1].map((text) => window.zones.instant(text, arguments[0]))", zone, walls)
        for wall, at in zip(walls, found, strict=True):
            again = datetime.fromtimestamp(at / 1_000, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
            wrong += [(zone, wall, again)] if again != wall else []
    assert wrong == []
    assert browser.run("return document.querySelector('#promise-due').dataset.zone") == "Asia/Riyadh"


def changes(zone: str) -> list[datetime]:
    """Hours of 2026 after which this zone's clocks differ from UTC by something else."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(8_760)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hour for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]
