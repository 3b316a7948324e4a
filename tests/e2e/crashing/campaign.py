"""So many deaths in a row of one desk that is in use all the time; then peace, a clean stop, and the judgement."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.e2e.crash_launcher import ALL_POINTS, DEATH, SAVE_EVERY
from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.judging import Claims, Verdict, judge
from tests.e2e.crashing.relay import Relay
from tests.e2e.crashing.rest import PATIENCE, come_to_rest, gather, hear_all
from tests.e2e.crashing.staff import PAUSE, Staff
from tests.e2e.events import Listener, export
from tests.e2e.living_desk import LivingDesk, free_port
from tests.e2e.policies import write_fast_policy
from tests.e2e.story.stage import FORM, MAILBOX
from tests.traffic.post import Postman

RANDOM, CLEAN = "at random", "told to stop"
LATEST = {"saving": 12, "saved": 12, "checkpoint without manifest": 12, "delivery reported": 12}
"""A point that is passed more rarely is to be passed at most so often before the death; the others 60 times."""
LIFE = 4.0
"""Seconds a desk lives at most after it is ready before it is killed at random."""


@dataclass(slots=True)
class Report:
    """What the campaign did, and what was found."""

    kills: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    """Seconds from a start after a death until it was ready, where it lived so long."""
    messages: int = 0
    deliveries: int = 0
    writes: int = 0
    mails: int = 0
    mails_twice: int = 0
    scores: int = 0
    answers: int = 0
    heard: int = 0
    calls: int = 0
    """How often the listener called again for the live feed."""
    stop_code: int = -1
    left_alive: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    verdict: Verdict | None = None


class Campaign:
    """One folder, one desk, everybody busy. `every` is the customers' pace in seconds."""

    def __init__(
        self, folder: Path, kills: int, seed: int, every: float = 0.15, tell: Callable[[str], None] = print
    ) -> None:
        self._kills, self._draw, self._seed, self._every, self._tell = kills, random.Random(seed), seed, every, tell
        self._relay = Relay(free_port())
        self.desk = LivingDesk(folder, write_fast_policy(folder), "tests.e2e.crash_launcher")
        self.desk.environment = {
            "SANAD_RELAY_HOST": "127.0.0.1", "SANAD_RELAY_PORT": str(self._relay.port), "SANAD_RELAY_TLS": "false",
            "SANAD_LOG_LEVEL": "WARNING", SAVE_EVERY: "400",
        }  # fmt: skip
        self.report = Report()
        self.claims = Claims()

    async def run(self) -> Report:
        """All of it. Raises AssertionError where the desk does not come up or never comes to rest."""
        await self._relay.open()
        try:
            self.desk.launch()
            await self._ready()
            async with Postman(self.desk.url, FORM, self.desk.smtp_port, MAILBOX) as post:
                customers = Customers(post, self._relay, self._seed, self._every)
                staff = Staff(self.desk.url, self.desk.key, self._seed)
                self._before, cursor = await export(staff.lead.client)
                self._listener = Listener(staff.lead.client, cursor or "", hang_up_after=10_000)
                await self._live(customers, staff)
            await staff.close()
        finally:
            self.desk.kill()
            await self._relay.close()
        await self._judge(customers, staff)
        return self.report

    async def _live(self, customers: Customers, staff: Staff) -> None:
        writing, working = asyncio.create_task(customers.run()), asyncio.create_task(staff.run())
        busy = (writing, working, asyncio.create_task(self._listener.persist(PAUSE)))
        try:
            self.desk.kill()
            while self.report.kills.total() < self._kills:
                await self._die_once()
                for task in busy:
                    if task.done():
                        task.result()
            self._tell(f"{self.report.kills.total()} deaths; now everything comes to rest")
            self.desk.launch()
            await self._ready()
            customers.writing = False
            await asyncio.wait_for(writing, PATIENCE)
            staff.closing = True
            await come_to_rest([staff.lead], self._relay, self.desk.log)
            staff.over = True
            await asyncio.wait_for(working, PATIENCE)
            await asyncio.wait_for(hear_all(staff.lead, self._listener), PATIENCE)
            self.report.stop_code = self.desk.stop()
        finally:
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)

    async def _die_once(self) -> None:
        """One life: with a death built in, or killed at random, or told to stop; whichever comes first."""
        number = self.report.kills.total()
        kind = (*ALL_POINTS, RANDOM, CLEAN)[number % (len(ALL_POINTS) + 2)]
        built_in = f"{kind}:{self._draw.randint(1, LATEST.get(kind, 60))}" if kind in ALL_POINTS else ""
        began = time.monotonic()
        self.desk.launch(**({DEATH: built_in} if built_in else {}))
        if await self._ready(may_die=True):
            self.report.restarts.append(time.monotonic() - began)
        deadline = time.monotonic() + (LIFE if built_in else self._draw.uniform(0, LIFE))
        await self.desk.end(deadline - time.monotonic())
        if not self.desk.alive:
            self._expect_killed()
        elif kind == CLEAN:
            await self._stop_cleanly()
        else:
            kind = RANDOM
        self.desk.kill()
        self.report.kills[kind] += 1
        self._tell(f"{number + 1}/{self._kills} {kind} {built_in.rpartition(':')[2]}")

    def _expect_killed(self) -> None:
        """A desk that ended by itself had trouble of its own."""
        if self.desk.stop() != -9:
            raise AssertionError(f"the desk ended by itself:\n{self.desk.log()}")

    async def _stop_cleanly(self) -> None:
        code = await asyncio.to_thread(self.desk.stop)
        if code != 0:
            raise AssertionError(f"a clean stop ended with {code}:\n{self.desk.log()}")

    async def _ready(self, *, may_die: bool = False) -> bool:
        """Wait until it answers; False when it died before."""
        async with httpx2.AsyncClient(base_url=self.desk.url, timeout=2) as client:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                if not self.desk.alive:
                    if may_die:
                        return False
                    break
                with suppress(httpx2.HTTPError, OSError):
                    if (self.desk.folder / "admin.key").exists() and (await client.get("/readyz")).is_success:
                        return True
                await asyncio.sleep(0.02)
        raise AssertionError(f"the desk did not come up:\n{self.desk.log()}")

    async def _judge(self, customers: Customers, staff: Staff) -> None:
        report, post = self.report, customers.post
        events = [*self._before, *self._listener.heard]
        self.claims, report.broken = gather(customers, staff.desks, self._relay, events)
        report.messages, report.deliveries = len(self.claims.marks), post.deliveries
        report.heard, report.calls = len(self._listener.heard), self._listener.calls
        report.writes, report.scores, report.answers = (
            len(self.claims.outcomes),
            customers.scores,
            len(customers.answers),
        )
        report.mails, report.mails_twice = len(self._relay.arrived), self._relay.repeats
        report.left_alive = children_of(self.desk.folder)
        report.verdict = await judge(self.desk.folder, self.claims)


def children_of(folder: Path) -> list[str]:
    """Processes that still run for a desk in this folder, found by their environment (on Linux)."""
    wanted, found = f"SANAD_FOLDER={folder}".encode(), []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in place.read_bytes().split(b"\0"):
                found.append(place.parent.name)
    return found
