"""Where the story plays: one desk, its administrator, its people, the post, and everything that has happened so far."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.message import EmailMessage
from typing import Any

import httpx2

from tests.e2e.events import Event, export, of_kind
from tests.e2e.letters import Letter, read_letters
from tests.e2e.living_desk import LivingDesk
from tests.e2e.staff import Agent, sign_in
from tests.e2e.waiting import until
from tests.traffic.post import Postman

FORM, MAILBOX = "pk_waha_contact", "support@example.com"
Ticket = dict[str, Any]


class Stage:
    """What every chapter works with."""

    def __init__(self, desk: LivingDesk, admin: httpx2.AsyncClient, post: Postman, staff: list[Agent]) -> None:
        self.desk, self.admin, self.post, self.staff = desk, admin, post, staff
        self.events: list[Event] = []
        self._cursor: str | None = None

    async def catch_up(self) -> list[Event]:
        """All events so far."""
        more, self._cursor = await export(self.admin, self._cursor)
        self.events += more
        return self.events

    async def facts(self, *kinds: str) -> list[dict[str, Any]]:
        """The bodies of all events of these kinds so far."""
        return of_kind(await self.catch_up(), *kinds)

    async def page_through(self, path: str, **params: str) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            answer = await self.admin.get(path, params={"limit": "200", **params, **after})
            page = answer.raise_for_status().json()
            items += page["items"]
            if not page["next"]:
                return items
            after = {"after": page["next"]}

    async def tickets(self, **params: str) -> list[Ticket]:
        return await self.page_through("/v1/tickets", **params)

    async def ticket(self, ticket: str) -> Ticket:
        """One with everything that belongs to it."""
        whole: Ticket = (await self.admin.get(f"/v1/tickets/{ticket}")).raise_for_status().json()
        return whole

    async def files(self, wholes: list[Ticket]) -> dict[str, bytes]:
        """The only file of each message that has one, downloaded."""
        messages = [message for whole in wholes for message in whole["messages"] if message["content"]["attachments"]]
        links = {message["id"]: f"/v1/messages/{message['id']}/attachments/0" for message in messages}
        return {one: (await self.admin.get(link)).raise_for_status().content for one, link in links.items()}

    async def mail(self, mail: EmailMessage, sender: str, recipient: str) -> None:
        """Until the desk has taken it."""

        async def taken() -> bool:
            return await self.post.send_mail(mail, sender, recipient)

        await until("the desk takes a mail", taken)

    def agent(self, name: str) -> Agent:
        return next(agent for agent in self.staff if agent.id == name)

    def letters(self) -> dict[str, Letter]:
        """What lies in the outbox, by delivery."""
        return {letter.delivery: letter for letter in read_letters(self.desk.folder / "outbox")}

    async def letters_of(self, what: str, sent: list[dict[str, Any]]) -> dict[str, Letter]:
        """The letters of these `message.sent`, by delivery, once all of them lie there."""

        async def all_there() -> dict[str, Letter]:
            there = self.letters()
            wanted = [body["delivery"] for body in sent]
            return {one: there[one] for one in wanted} if there.keys() >= set(wanted) else {}

        return await until(what, all_there) if sent else {}


@asynccontextmanager
async def open_stage(desk: LivingDesk) -> AsyncIterator[Stage]:
    """Everybody in place."""
    async with AsyncExitStack() as stack:
        key = {"Authorization": f"Bearer {desk.key}"}
        admin = await stack.enter_async_context(httpx2.AsyncClient(base_url=desk.url, headers=key, timeout=30))
        post = await stack.enter_async_context(Postman(desk.url, FORM, desk.smtp_port, MAILBOX))
        staff = await sign_in(admin, desk.url)
        for agent in staff:
            stack.push_async_callback(agent.close)
        yield Stage(desk, admin, post, staff)
