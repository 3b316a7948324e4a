"""Doors count what they are handed and what they do not take; the outbox shows what is not done."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.ingest.store import OUTBOX
from shared.broker import BrokerUnavailable
from shared.documents import Put
from tests.unit.ingest.desk import Doors, filled, headers, open_doors, policy
from tests.unit.ingest.mail import free_port, letter, running, send, until_known

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("one_loop")]
FORM = "/in/forms/pk_acme_web"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Doors]:
    async with open_doors(tmp_path, smtp_port=free_port()) as opened:
        await opened.apply(policy())
        async with running(opened, "mail"):
            await until_known(opened)
            yield opened


async def figures(desk: Doors) -> dict[str, float]:
    text = (await desk.ports.metrics.render()).decode()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {":".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


async def test_a_form_that_is_taken_was_received_and_not_refused(desk: Doors) -> None:
    await desk.client.post(FORM, json=filled(), headers=headers())
    shown = await figures(desk)
    assert shown["sanad_messages_received_total:webform"] == 1
    assert not [name for name in shown if name.startswith("sanad_messages_refused_total:") and shown[name]]


async def test_a_form_that_is_refused_is_counted_by_its_reason(desk: Doors) -> None:
    answer = await desk.client.post(FORM, json=filled(), headers={**headers(), "Origin": "https://elsewhere.example"})
    shown = await figures(desk)
    assert shown[f"sanad_messages_refused_total:webform:{answer.json()['reason']}"] == 1
    assert shown["sanad_messages_received_total:webform"] == 1


@pytest.mark.parametrize("reads", ["text/html", "application/json"])
async def test_a_refusal_is_counted_whether_it_is_told_as_a_page_or_to_a_program(desk: Doors, reads: str) -> None:
    given = {**headers(), "Accept": reads}
    await desk.client.post(FORM, json=filled(email="nobody"), headers=given)
    await desk.client.post(FORM, json=filled(), headers={**given, "Origin": "https://elsewhere.example"})
    await desk.client.post("/in/forms/pk_nobody_has_this", json=filled(), headers=given)
    shown = await figures(desk)
    refused = {
        name.rpartition(":")[2]: count for name, count in shown.items() if "_refused_total:webform" in name and count
    }
    assert refused == {"invalid": 1, "origin": 1, "not_found": 1}
    assert shown["sanad_messages_received_total:webform"] == 3


async def test_looking_at_a_form_hands_nothing_over(desk: Doors) -> None:
    assert (await desk.client.get(FORM)).is_success
    assert (await figures(desk))["sanad_messages_received_total:webform"] == 0


async def test_a_mail_and_its_session_are_counted(desk: Doors) -> None:
    before = (await figures(desk)).get("sanad_smtp_sessions_total:admitted", 0)
    await send(desk, letter())
    shown = await figures(desk)
    assert shown["sanad_messages_received_total:email"] == 1
    assert shown["sanad_smtp_mails_total:taken"] == 1
    assert shown["sanad_smtp_sessions_total:admitted"] == before + 1


async def test_a_mail_we_cannot_take_now_is_refused_for_our_fault(desk: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise BrokerUnavailable

    monkeypatch.setattr(desk.ports.broker, "append", refuse)
    with pytest.raises(aiosmtplib.SMTPException):
        await send(desk, letter())
    shown = await figures(desk)
    assert shown["sanad_smtp_mails_total:later"] == 1
    assert shown["sanad_messages_refused_total:email:unavailable"] == 1


async def test_a_mail_that_cannot_be_read_is_taken_and_a_dead_letter(desk: Doors) -> None:
    await send(desk, b"\x00\xff nothing of a mail")
    shown = await figures(desk)
    assert shown["sanad_smtp_mails_total:taken"] == 1
    assert shown["sanad_dead_letters_total:mail"] == 1


async def test_the_outbox_shows_what_is_not_done(desk: Doors) -> None:
    body = {"state": "held", "due_at": 0, "at": 0, "conversation": "v", "place": 0}
    await desk.ports.documents.write(
        [
            Put(OUTBOX.name, "support", "d1", 1, body), Put(OUTBOX.name, "support", "d2", 1, body),
            Put(OUTBOX.name, "support", "d3", 1, {**body, "state": "delivered"}),
        ]
    )  # fmt: skip
    shown = await figures(desk)
    assert shown["sanad_outbox_deliveries:support:held"] == 2
    assert shown["sanad_outbox_deliveries:support:waiting"] == 0
    assert (shown["sanad_outbox_oldest_seconds:support"], shown["sanad_paused_accounts:support"]) == (0, 0)
    assert "sanad_outbox_deliveries:support:delivered" not in shown
