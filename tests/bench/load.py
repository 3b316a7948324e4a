"""Load on a form: as fast as it is taken (closed), or at a rate that does not wait for answers (open)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx2

SOURCES = 6
"""Loopback addresses the load comes from: a form's rate is limited per address."""
TEXTS = (
    "I lost my card, please help", "ضاعت بطاقتي وأحتاج المساعدة", "my transfer has not arrived",
    "لم تصل الحوالة حتى الآن", "the app crashes when I log in", "أريد تغيير عنواني",
)  # fmt: skip


@dataclass(slots=True)
class Run:
    """When each message was sent, acknowledged and readable, by perf_counter; and answers by status."""

    sent: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    readable: dict[str, float] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)


class Load:
    """Posts to one form of one desk."""

    def __init__(self, clients: list[httpx2.AsyncClient], form: str, url: str) -> None:
        self._clients, self._form, self._origin = clients, form, url
        self.run = Run()

    async def post(self, number: int) -> None:
        body = {
            "name": f"Customer {number % 997}", "email": f"customer{number % 997}@example.org",
            "message": f"{TEXTS[number % len(TEXTS)]} {number}",
        }  # fmt: skip
        began = time.perf_counter()
        client = self._clients[number % len(self._clients)]
        answer = await client.post(f"/in/forms/{self._form}", json=body, headers={"Origin": self._origin})
        self.run.statuses[answer.status_code] = self.run.statuses.get(answer.status_code, 0) + 1
        if answer.is_success:
            message = answer.json().get("message", str(number))
            self.run.sent[message] = began
            self.run.acknowledged[message] = time.perf_counter()

    async def closed(self, count: int, at_once: int) -> None:
        """`count` posts, `at_once` of them under way at any time."""
        numbers = iter(range(count))

        async def one_after_another() -> None:
            for number in numbers:
                await self.post(number)

        await asyncio.gather(*(one_after_another() for _ in range(at_once)))

    async def open(self, count: int, rate: float) -> None:
        """`count` posts, `rate` a second whatever the answers do."""
        began, posts = time.perf_counter(), []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            posts.append(asyncio.create_task(self.post(number)))
        await asyncio.gather(*posts)

    async def watch(self, key: str, ready: Callable[[], None]) -> None:
        """Note when each message can be read: the feed shows nothing before its documents are written."""
        headers = {"Authorization": f"Bearer {key}"}
        async with self._clients[0].stream("GET", "/v1/feed", headers=headers, timeout=None) as answer:
            ready()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self._note(json.loads(line[6:]))

    def _note(self, event: dict[str, object]) -> None:
        content = event.get("data")
        if event.get("type") == "sanad.message.received.v1" and isinstance(content, dict):
            self.run.readable.setdefault(str(content["message"]), time.perf_counter())


@asynccontextmanager
async def loading(url: str, form: str) -> AsyncIterator[Load]:
    """A load from several loopback addresses."""
    async with AsyncExitStack() as stack:
        clients = []
        for source in range(SOURCES):
            transport = httpx2.AsyncHTTPTransport(local_address=f"127.0.0.{source + 2}")
            client = httpx2.AsyncClient(base_url=url, transport=transport, timeout=30)
            clients.append(await stack.enter_async_context(client))
        yield Load(clients, form, url)


@asynccontextmanager
async def watching(load: Load, key: str) -> AsyncIterator[None]:
    """The feed is followed while the block runs."""
    ready = asyncio.Event()
    task = asyncio.create_task(load.watch(key, ready.set))
    await ready.wait()
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
