"""A desk that runs, seen by an agent in a real browser, and written to by customers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.browser import Browser, browsing, chromium
from tests.e2e.living_desk import HOUSE, LivingDesk

NEEDS_A_BROWSER = pytest.mark.skipif(
    chromium() is None, reason="NO BROWSER: install chromium and chromedriver to judge the pages"
)
LIVE = "return document.querySelector('#connection.live')"


@contextmanager
def shipped_desk(folder: Path) -> Iterator[LivingDesk]:
    """With the policy that is shipped; in the end it must stop cleanly."""
    desk = LivingDesk(folder, HOUSE / "deploy" / "desk.yaml")
    desk.start()
    yield desk
    assert desk.stop() == 0, desk.log()


@contextmanager
def signed_in(desk: LivingDesk, profile: Path) -> Iterator[Browser]:
    """Sami, a lead, on the board."""
    binaries = chromium()
    assert binaries is not None
    with desk.client() as admin, browsing(binaries, profile) as browser:
        wait_for(
            admin, "/v1/agents?limit=50", lambda answer: sum(one["state"] == "ready" for one in answer["items"]) > 5
        )
        path = admin.post("/v1/agents/sami/sign-in-link").raise_for_status().json()["path"]
        browser.resize(1280)
        browser.open(desk.url + path)
        browser.click("main button")
        browser.until("return location.pathname === '/'")
        yield browser


def wait_for(client: httpx2.Client, path: str, enough: Any) -> Any:
    answer: Any = None
    for _ in range(400):
        answer = client.get(path).raise_for_status().json()
        if enough(answer):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{path} never had enough: {answer}")


def write(desk: LivingDesk, message: str, subject: str = "Card", name: str = "Amal") -> None:
    """A customer fills in the form."""
    body = {"name": name, "email": f"{name.lower()}@example.com", "subject": subject, "message": message}
    sent = httpx2.post(f"{desk.url}/in/forms/pk_waha_contact", json=body, headers={"Origin": "http://localhost:8000"})
    sent.raise_for_status()
