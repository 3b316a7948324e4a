"""All chapters in order, and a last look from every side once the desk is at rest."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.e2e.desk_process import DeskProcess
from tests.e2e.events import Event, Listener, export
from tests.e2e.letters import Letter
from tests.e2e.story.asking import Asked, ask
from tests.e2e.story.conversation import Answered, converse
from tests.e2e.story.shifts import Shift, first_answer, last_answer, work
from tests.e2e.story.stage import Stage, Ticket, open_stage
from tests.e2e.waiting import until
from tests.traffic.plan import Message, deliveries

HANG_UP_AFTER = 400
SEED = 7


@dataclass(slots=True)
class Story:
    """Everything that was seen."""

    messages: list[Message]
    acknowledged: dict[int, str]
    refused: dict[int, str]
    deliveries: int
    shifts: tuple[Shift, Shift]
    answered: Answered
    asked: Asked
    events: list[Event]
    from_events: list[Event]
    """Those after the cursor at which the listener began, exported in one go at the end."""
    heard: list[Event]
    calls: int
    wholes: list[Ticket]
    tasks: list[dict[str, Any]]
    agents: list[dict[str, Any]]
    aside: list[dict[str, Any]]
    queue: int
    letters: dict[str, Letter]
    metrics: str
    board: str
    log: str


async def tell(desk: DeskProcess, messages: list[Message]) -> Story:
    """From the first message to the last look."""
    async with open_stage(desk) as stage:
        _, start = await export(stage.admin)
        listener = Listener(stage.admin, start or "", HANG_UP_AFTER)
        listening = asyncio.create_task(listener.follow())
        try:
            first = await _pour(stage, messages)
            answered = await converse(stage)
            last = await work(stage, last_answer, lambda: True)
            asked = await ask(stage)
            after = await _at_rest(stage, listener, start)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        return await _look(stage, messages, (first, last), answered, asked, listener, after)


async def _pour(stage: Stage, messages: list[Message]) -> Shift:
    """All deliveries; meanwhile everybody works."""
    pouring = asyncio.create_task(stage.post.deliver(deliveries(messages, SEED)))
    shift = await work(stage, first_answer, pouring.done)
    await pouring
    return shift


async def _at_rest(stage: Stage, listener: Listener, start: str | None) -> list[Event]:
    """Until two looks in a row see the same, and the listener has heard of all of it."""
    seen: list[int] = []

    async def quiet() -> list[Event]:
        after, _ = await export(stage.admin, start)
        seen.append(len(after))
        still = len(seen) > 1 and seen[-1] == seen[-2]
        return after if still and len(listener.heard) >= len(after) else []

    return await until("the desk is at rest and the feed has told everything", quiet, every=1.5)


async def _look(
    stage: Stage, messages: list[Message], shifts: tuple[Shift, Shift], answered: Answered, asked: Asked,
    listener: Listener, after: list[Event],
) -> Story:  # fmt: skip
    admin = stage.admin
    return Story(
        messages=messages, acknowledged=stage.post.acknowledged, refused=stage.post.refused,
        deliveries=stage.post.deliveries, shifts=shifts, answered=answered, asked=asked,
        events=await stage.catch_up(), from_events=after, heard=listener.heard, calls=listener.calls,
        wholes=[await stage.ticket(ticket["id"]) for ticket in await stage.tickets()],
        tasks=await stage.page_through("/v1/tasks"), agents=await stage.page_through("/v1/agents"),
        aside=await stage.page_through("/v1/set-aside"),
        queue=(await admin.get("/v1/queue")).raise_for_status().json()["waiting"],
        letters=stage.letters(), metrics=(await admin.get("/metrics")).text, board=(await stage.staff[0].page("/")),
        log=stage.desk.log(),
    )  # fmt: skip
