"""The README's first ticket in a minute, typed as it stands there, at a fresh desk with the shipped policy and people."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.events import at
from tests.e2e.letters import Letter, read_letters
from tests.e2e.living_desk import HOUSE, LivingDesk
from tests.e2e.waiting import until
from tests.engines.installation import ENGINES

HEADING = "## First ticket in a minute"
PATIENCE = 300
"""Seconds for all that is typed, on a busy machine."""
pytestmark = pytest.mark.slow


def blocks() -> list[str]:
    """What a reader types: the section's shell blocks, in order."""
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    section = text.partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    """As `make run` starts it, but for ports and folder."""
    desk = LivingDesk(tmp_path_factory.mktemp("readme"), HOUSE / "deploy" / "desk.yaml")
    desk.environment.update(request.param())
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@pytest.fixture(scope="module")
def printed(desk: LivingDesk) -> list[str]:
    """What each block printed. Any command that fails ends it."""
    told = {
        "SANAD_URL": desk.url, "SANAD_SMTP_PORT": str(desk.smtp_port), "SANAD_FOLDER": str(desk.folder),
    }  # fmt: skip
    script = "\necho; echo ====\n".join(["set -euo pipefail", *blocks()])
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        env=os.environ | told,
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("====")[1:]


def test_the_section_stands_right_after_the_introduction() -> None:
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## .+$", text, re.MULTILINE)[0] == HEADING
    assert len(blocks()) == 5


def test_the_form_answers_with_a_reference(printed: list[str]) -> None:
    assert '"reference"' in printed[1]


def test_the_ticket_that_is_read_has_team_holder_and_clocks(printed: list[str]) -> None:
    for said in ('"reference": "SUP-1"', '"team": "cards"', '"category": "cards/lost"', '"work_state": "held"'):
        assert said in printed[2]
    assert '"target": "first_reply"' in printed[2]
    assert "I lost my card, please help" in printed[2]


def test_the_write_is_done_and_the_answer_lies_in_the_outbox(printed: list[str], desk: LivingDesk) -> None:
    assert '"state":"done"' in printed[3]
    assert "SUP-1" in printed[4]

    async def answers() -> list[Letter]:
        return [letter for letter in read_letters(desk.folder / "outbox") if not letter.automatic]

    (answer,) = asyncio.run(until("the answer lies in the outbox", answers))
    assert "Your card is blocked" in answer.text


def test_the_mail_became_the_other_ticket(printed: list[str], desk: LivingDesk) -> None:
    with desk.client() as admin:
        ticket = admin.get("/v1/tickets/SUP-2").raise_for_status().json()
    assert (ticket["channel"], ticket["team"], ticket["category"]) == ("email", "transfers", "transfers/missing")
    assert ticket["messages"][0]["content"]["text"].strip() == "لم تصل الحوالة التي أرسلتها"


def test_the_survey_is_due_in_a_minute(printed: list[str], desk: LivingDesk) -> None:
    with desk.client() as admin:
        (event,) = admin.get("/v1/events", params={"type": "sanad.survey.scheduled.v1"}).json()["items"]
        (resolved,) = admin.get("/v1/events", params={"type": "sanad.ticket.status_changed.v1"}).json()["items"]
    assert resolved["data"]["status"] == "resolved"
    assert event["data"]["send_at"] - at(resolved) == 60_000


def test_what_the_desk_prints_to_try_works_as_printed(printed: list[str], desk: LivingDesk) -> None:
    tried = re.search(r"^ *(curl .*?\\\n.*?)$", desk.log(), re.MULTILINE)
    assert tried is not None
    done = subprocess.run(["bash", "-c", tried[1]], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout).keys() == {"message", "reference"}
