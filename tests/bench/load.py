"""Load on a form: as fast as it is taken (closed), or at a rate that does not wait for answers (open)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count as count_up
from itertools import takewhile

import orjson

from tests.bench.wire import Lines

SOURCES = 6
"""Loopback addresses the load comes from: a form's rate is limited per address."""
CUSTOMERS = 20_011
"""So many write in turn: who has more than fifty open tickets gets no new one."""
PATIENCE = 60
"""Seconds after which an answer that has not come counts as none."""
TEXTS = (
    "I lost my card, please help", "ضاعت بطاقتي وأحتاج المساعدة", "my transfer has not arrived",
    "لم تصل الحوالة حتى الآن", "the app crashes when I log in", "أريد تغيير عنواني",
)  # fmt: skip


@dataclass(slots=True)
class Run:
    """When each message was sent, acknowledged and readable, by perf_counter; and answers by status, 0 for none at all.

    `abrupt` counts refusals (429, 503) that do not say when to try again.
    """

    sent: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    readable: dict[str, float] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    abrupt: int = 0

    @property
    def refused(self) -> int:
        """Answers that ask to come again later."""
        return sum(self.statuses.get(status, 0) for status in (429, 503))

    @property
    def failed(self) -> int:
        """What was neither taken nor refused."""
        return sum(count for status, count in self.statuses.items() if status >= 300 or not status) - self.refused


class Load:
    """Posts to one form of one desk."""

    def __init__(self, sources: list[Lines], form: str, url: str) -> None:
        self._sources, self._path = sources, f"/in/forms/{form}"
        self._headers = {"origin": url, "content-type": "application/json"}
        self.run = Run()

    async def post(self, number: int) -> None:
        customer = number % CUSTOMERS
        body = {
            "name": f"Customer {customer}", "email": f"customer{customer}@example.org",
            "message": f"{TEXTS[number % len(TEXTS)]} {number}",
        }  # fmt: skip
        content = json.dumps(body).encode()
        began = time.perf_counter()
        source = self._sources[number % len(self._sources)]
        try:
            async with asyncio.timeout(PATIENCE):
                status, answer, later = await source.ask("POST", self._path, self._headers, content)
        except (OSError, asyncio.IncompleteReadError):
            status, answer, later = 0, b"", False
        self.run.statuses[status] = self.run.statuses.get(status, 0) + 1
        self.run.abrupt += status in {429, 503} and not later
        if 200 <= status < 300:
            message = orjson.loads(answer).get("message", str(number))
            self.run.sent[message] = began
            self.run.acknowledged[message] = time.perf_counter()

    async def closed(self, count: int, at_once: int) -> None:
        """`count` posts, `at_once` of them under way at any time."""
        await self._posts(iter(range(count)), at_once)

    async def closed_for(self, seconds: float, at_once: int) -> None:
        """As many as are taken in that time."""
        end = time.perf_counter() + seconds
        await self._posts(takewhile(lambda _: time.perf_counter() < end, count_up()), at_once)

    async def _posts(self, numbers: Iterator[int], at_once: int) -> None:
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
        line = await self._sources[0].open()
        async for text in line.follow("/v1/feed", {"authorization": f"Bearer {key}"}):
            if text.startswith(b"retry: "):
                ready()
            elif text.startswith(b"data: "):
                self._note(orjson.loads(text[6:]))

    def _note(self, event: dict[str, object]) -> None:
        content = event.get("data")
        if event.get("type") == "sanad.message.received.v1" and isinstance(content, dict):
            self.run.readable.setdefault(str(content["message"]), time.perf_counter())


@asynccontextmanager
async def loading(url: str, form: str) -> AsyncIterator[Load]:
    """A load from several loopback addresses."""
    sources = [Lines(url, f"127.0.0.{source + 2}") for source in range(SOURCES)]
    try:
        yield Load(sources, form, url)
    finally:
        for source in sources:
            source.close()


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
