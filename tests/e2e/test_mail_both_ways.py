"""Mail of a whole desk in one process, over real SMTP both ways: what the relay is handed, and what comes back to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx2
import pytest

from tests.e2e.letters import Letter, answer
from tests.e2e.living_desk import LivingDesk
from tests.e2e.policies import write_fast_policy
from tests.e2e.waiting import until
from tests.unit.ingest.mail import Relay, bounce, open_relay, text_of

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
SUPPORT = "support@example.com"
SARA, BANK = "sara@customers.example", "bank@partners.example"
Body = dict[str, Any]


@dataclass
class PostOffice:
    """A desk, its relay, and everybody's mail programs."""

    desk: LivingDesk
    relay: Relay
    client: httpx2.AsyncClient

    async def write(self, sender: str, text: str) -> Body:
        """A new problem by mail; its ticket."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, SUPPORT, text
        mail["Message-ID"] = f"<{len(text)}.{sender}>"
        mail.set_content(text)
        await self.post(mail, sender, SUPPORT)

        async def arrived() -> Body | None:
            items = (await self.client.get("/v1/tickets")).raise_for_status().json()["items"]
            return next((one for one in items if one["subject"] == text), None)

        return await until(f"there is a ticket about {text}", arrived)

    async def post(self, mail: EmailMessage, sender: str, to: str) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.desk.smtp_port, start_tls=False)
        async with client:
            await client.send_message(mail, sender=sender, recipients=[to])

    async def reply(self, ticket: str, text: str, **more: Any) -> httpx2.Response:
        return await self.client.patch(f"/v1/tickets/{ticket}", json={"reply": {"text": text, **more}})

    async def handed_over(self, text: str) -> EmailMessage:
        """The mail of ours with this text, once the relay has it."""

        async def found() -> EmailMessage | None:
            return next((mail for _, mail in self.relay.got if text in text_of(mail)), None)

        return await until(f"the relay has {text}", found)

    async def give_back(self, letter: Letter, recipient: str, status: str) -> None:
        """What a server far away writes of a mail it could not deliver after all."""
        raw = bounce(letter.message_id, recipient, status)
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.desk.smtp_port, start_tls=False)
        async with client:
            await client.sendmail("", [letter.reply_to], raw)

    async def mark(self, ticket: str, *, unreachable: bool) -> str | None:
        """The code the customer's address is marked with, once it is or is no longer."""

        async def look() -> Body | None:
            (point,) = (await self.ticket(ticket))["contact_points"]
            return point if point.get("unreachable", False) is unreachable else None

        code: str | None = (await until(f"the address is unreachable: {unreachable}", look)).get("unreachable_code")
        return code

    async def ticket(self, ticket: str) -> Body:
        found: Body = (await self.client.get(f"/v1/tickets/{ticket}")).raise_for_status().json()
        return found


@asynccontextmanager
async def open_post_office(folder: Path) -> AsyncIterator[PostOffice]:
    desk = LivingDesk(folder, write_fast_policy(folder))
    async with open_relay() as relay:
        desk.environment.update(SANAD_RELAY_HOST="127.0.0.1", SANAD_RELAY_PORT=str(relay.port), SANAD_RELAY_TLS="false")
        try:
            await asyncio.to_thread(desk.start)
            headers = {"Authorization": f"Bearer {desk.key}"}
            async with httpx2.AsyncClient(base_url=desk.url, headers=headers, timeout=15) as client:
                yield PostOffice(desk, relay, client)
        finally:
            await asyncio.to_thread(desk.stop)


async def test_whom_an_agent_copies_gets_the_mail_and_answers_into_the_conversation(tmp_path: Path) -> None:
    async with open_post_office(tmp_path) as office:
        ticket = (await office.write(SARA, "my card"))["id"]
        assert (await office.reply(ticket, "the bank will help", cc=["Bank@Partners.Example"])).status_code == 200
        mail = await office.handed_over("the bank will help")
        assert (mail["To"], mail["Cc"]) == (SARA, BANK)
        assert office.relay.recipients[-1] == (SARA, BANK)
        letter = Letter("", mail)
        await office.post(answer(letter, "we have it", mark="1", sender=BANK), BANK, letter.reply_to)
        await office.post(
            answer(letter, "me too", mark="2", sender="mallory@example.net"), "mallory@example.net", letter.reply_to
        )

        async def answered() -> list[Body] | None:
            messages = (await office.ticket(ticket))["messages"]
            return messages if "we have it" in {(one["content"] or {}).get("text") for one in messages} else None

        messages = await until("the bank's answer is in the conversation", answered)
        assert len({one["thread"] for one in messages}) == 1
        told = await office.ticket(ticket)
        assert [one["address"] for one in told["participants"]] == [BANK]
        assert (await office.reply(ticket, "thank you both")).status_code == 200
        assert (await office.handed_over("thank you both"))["Cc"] == BANK

        async def stranger() -> Body | None:
            items = (await office.client.get("/v1/tickets")).json()["items"]
            return next((one for one in items if one["customer_name"] == "mallory@example.net"), None)

        linked = await until("the stranger has a ticket of their own", stranger)
        assert [link["ticket"] for link in linked["links"]] == [ticket]
        assert "me too" not in {(one["content"] or {}).get("text") for one in (await office.ticket(ticket))["messages"]}


async def test_an_address_that_takes_no_mail_is_shown_as_such_until_its_customer_writes(tmp_path: Path) -> None:
    async with open_post_office(tmp_path) as office:
        ticket = (await office.write(SARA, "my card"))["id"]
        assert (await office.reply(ticket, "we look into it")).status_code == 200
        mail = await office.handed_over("we look into it")
        letter = Letter("", mail)
        office.relay.answers[SARA] = "550 5.1.1 no such mailbox"
        assert (await office.reply(ticket, "are you there?")).status_code == 200
        assert await office.mark(ticket, unreachable=True) == "5.1.1"
        office.relay.answers.clear()
        await office.post(answer(letter, "yes, I am", mark="3"), SARA, letter.reply_to)
        assert await office.mark(ticket, unreachable=False) is None
        assert (await office.reply(ticket, "then we go on")).status_code == 200
        await office.give_back(Letter("", await office.handed_over("then we go on")), SARA, "5.1.1")
        assert await office.mark(ticket, unreachable=True) == "5.1.1"
        assert (await office.reply(ticket, "still we try")).status_code == 200
        await office.handed_over("still we try")
        assert await office.mark(ticket, unreachable=False) is None
