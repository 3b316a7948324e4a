"""The desk's events as an integrator gets them: by page, and live with hang-ups."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx2
import orjson

from tests.invariants.evidence import DESK, SLA, SURVEYS, Entry, Evidence

Event = dict[str, Any]
TOPICS = {"router": DESK, "sla": SLA, "survey": SURVEYS}
PAGE = 1_000


async def export(client: httpx2.AsyncClient, after: str | None = None) -> tuple[list[Event], str | None]:
    """Everything after the cursor (from the beginning without one), and where to go on."""
    events: list[Event] = []
    while True:
        params: dict[str, str | int] = {"limit": PAGE, **({"after": after} if after else {})}
        page = (await client.get("/v1/events", params=params)).raise_for_status().json()
        events += page["items"]
        after = page["next"]
        if not page["items"]:
            return events, after


class Listener:
    """Follows the live feed and hangs up after every so many events; the last id it saw is all it keeps."""

    def __init__(self, client: httpx2.AsyncClient, after: str, hang_up_after: int) -> None:
        self._client, self._hang_up_after = client, hang_up_after
        self.cursor = after
        self.heard: list[Event] = []
        self.calls = 0

    async def follow(self) -> None:
        """For ever."""
        while True:
            await self._call()

    async def persist(self, pause: float) -> None:
        """For ever, whatever happens to the other side."""
        while True:
            with suppress(httpx2.HTTPError):
                await self._call()
            await asyncio.sleep(pause)

    async def _call(self) -> None:
        self.calls += 1
        headers = {"Last-Event-ID": self.cursor}
        async with self._client.stream("GET", "/v1/feed", headers=headers, timeout=None) as answer:
            answer.raise_for_status()
            before, frame = len(self.heard), dict[str, str]()
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    frame[name] = value
                    continue
                self._take(frame)
                frame = {}
                if len(self.heard) - before >= self._hang_up_after:
                    return

    def _take(self, frame: dict[str, str]) -> None:
        if "data" in frame:
            self.heard.append(orjson.loads(frame["data"]))
        self.cursor = frame.get("id", self.cursor)


def kind(event: Event) -> str:
    """The type without prefix and version."""
    return str(event["type"]).removeprefix("sanad.").removesuffix(".v1")


def of_kind(events: Iterable[Event], *kinds: str) -> list[dict[str, Any]]:
    """The bodies of the events of these kinds, in order."""
    return [event["data"] for event in events if kind(event) in kinds]


def at(event: Event) -> int:
    """Its time in milliseconds."""
    return round(datetime.fromisoformat(event["time"]).timestamp() * 1_000)


def evidence(events: Iterable[Event]) -> Evidence:
    """The same as the invariants' checks take it: what an integrator can know of the log."""
    entries: dict[str, list[Entry]] = {topic: [] for topic in TOPICS.values()}
    for event in events:
        log = entries[TOPICS[event["source"]]]
        log.append(
            Entry(
                TOPICS[event["source"]],
                0,
                len(log),
                at(event),
                kind(event),
                event["id"],
                event["source"],
                event["organisation"],
                event["partitionkey"],
                at(event),
                int(event["sequence"]),
                correlation=event["correlationid"],
                causation=event["causationid"],
                body=event["data"],
            )
        )
    return Evidence(entries)
