"""The story with a move in its middle: written, answered and promised at the old place, concluded at the new one."""

import asyncio
import subprocess
from dataclasses import dataclass, field

from tests.e2e.events import Event, export
from tests.e2e.letters import Letter
from tests.e2e.moving.house import House
from tests.e2e.story.asking import Asked, ask
from tests.e2e.story.conversation import Answered, converse
from tests.e2e.story.shifts import first_answer, last_answer, work
from tests.e2e.story.stage import Stage, Ticket, open_stage
from tests.e2e.waiting import until
from tests.traffic.plan import Message, deliveries

SEED = 7


@dataclass(slots=True)
class Tale:
    """What was seen on both sides."""

    messages: list[Message]
    late: list[Message]
    """Written just before the move, urgent: their promises break while nobody is there."""
    before: list[Event] = field(default_factory=list)
    cursor: str = ""
    """Of an integrator who had read everything there was before the move."""
    tickets: dict[str, Ticket] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)
    key: str = ""
    too_early: subprocess.CompletedProcess[str] | None = None
    """An export that was tried while services ran."""
    after: list[Event] = field(default_factory=list)
    """What that integrator read after the move."""
    events: list[Event] = field(default_factory=list)
    first_look: dict[str, Ticket] = field(default_factory=dict)
    """The same tickets as they were first seen at the new place."""
    wholes: list[Ticket] = field(default_factory=list)
    new_files: dict[str, bytes] = field(default_factory=dict)
    answered: Answered = field(default_factory=Answered)
    asked: Asked = field(default_factory=Asked)
    letters: dict[str, Letter] = field(default_factory=dict)
    rebuilt: dict[str, dict[str, int]] = field(default_factory=dict)


async def tell(house: House, messages: list[Message], late: list[Message]) -> Tale:
    """From the first message to the last look."""
    tale = Tale(messages, late)
    batch = deliveries(messages, SEED)
    half = len(batch) * 2 // 3
    await asyncio.to_thread(house.here.start)
    async with open_stage(house.here) as stage:
        await _live(stage, tale, batch[:half])
        await stage.post.deliver(late)
        _note_doors(stage, tale)
        tale.key = house.here.key
        tale.too_early = await asyncio.to_thread(house.verb, house.here, "export", "--to", str(house.file))
    assert await asyncio.to_thread(house.here.stop) == 0, house.here.log()
    await asyncio.to_thread(house.move)
    await asyncio.to_thread(house.there.start)
    async with open_stage(house.there) as stage:
        await _look_first(stage, tale)
        await _go_on(stage, tale, batch[half:])
        _note_doors(stage, tale)
    return tale


async def _live(stage: Stage, tale: Tale, batch: list[Message]) -> None:
    """Written and worked off, but for questions that wait for their customers; and a look when it is quiet."""
    await stage.post.deliver(batch)
    await work(stage, first_answer, lambda: True)

    async def quiet() -> list[Event]:
        seen = len(await stage.catch_up())
        await asyncio.sleep(1)
        return stage.events if len(await stage.catch_up()) == seen else []

    await until("all is quiet before the move", quiet)
    tale.before, cursor = await export(stage.admin)
    tale.cursor = cursor or ""
    wholes = [await stage.ticket(ticket["id"]) for ticket in await stage.tickets()]
    tale.tickets = {whole["id"]: whole for whole in wholes}
    tale.files = await stage.files(wholes)


async def _look_first(stage: Stage, tale: Tale) -> None:
    tale.first_look = {ticket: await stage.ticket(ticket) for ticket in tale.tickets}
    tale.after, _ = await export(stage.admin, tale.cursor)


async def _go_on(stage: Stage, tale: Tale, batch: list[Message]) -> None:
    """The rest, most of it repeats; answers to letters from the old place; surveys; and the last look."""
    await stage.post.deliver(batch)
    tale.answered = await converse(stage)
    await work(stage, last_answer, lambda: True)
    tale.asked = await ask(stage)
    seen: list[int] = []

    async def at_rest() -> bool:
        seen.append(len(await stage.catch_up()))
        return len(seen) > 1 and seen[-1] == seen[-2]

    await until("the desk is at rest", at_rest, every=1.5)
    tale.after, _ = await export(stage.admin, tale.cursor)
    tale.events = stage.events
    tale.wholes = [await stage.ticket(ticket["id"]) for ticket in await stage.tickets()]
    tale.new_files = await stage.files(tale.wholes)
    tale.letters = stage.letters()
    for projection in ("console", "clocks", "surveys"):
        tale.rebuilt[projection] = await _rebuild(stage, projection)


async def _rebuild(stage: Stage, projection: str) -> dict[str, int]:
    path = f"/v1/projections/{projection}/rebuild"
    (await stage.admin.post(path)).raise_for_status()

    async def ended() -> dict[str, int] | None:
        told = (await stage.admin.get(path)).raise_for_status().json()
        if told["state"] not in {"done", "failed"}:
            return None
        return {name: told[name] for name in ("wrong", "missing", "extra")} | {"failed": told["state"] == "failed"}

    return await until(f"{projection} is rebuilt", ended)


def _note_doors(stage: Stage, tale: Tale) -> None:
    tale.acknowledged |= set(stage.post.acknowledged)
    tale.refused |= stage.post.refused
