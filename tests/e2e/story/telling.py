"""All chapters in order, and a last look from every side once the desk is at rest."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.e2e.events import Event, Listener, export
from tests.e2e.letters import Letter
from tests.e2e.living_desk import LivingDesk
from tests.e2e.story.asking import Asked, ask
from tests.e2e.story.conversation import Answered, converse
from tests.e2e.story.looking import Look, look
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
    aside: list[dict[str, Any]]
    files: dict[str, bytes]
    """By message, the file that came with it as it is downloaded."""
    letters: dict[str, Letter]
    early: Look
    """When a third has been written and nobody works yet."""
    late: Look
    """When the desk is at rest."""
    log: str


async def tell(desk: LivingDesk, messages: list[Message]) -> Story:
    """From the first message to the last look."""
    async with open_stage(desk) as stage:
        _, start = await export(stage.admin)
        listener = Listener(stage.admin, start or "", HANG_UP_AFTER)
        listening = asyncio.create_task(listener.follow())
        try:
            early, first = await _pour(stage, messages)
            answered = await converse(stage)
            last = await work(stage, last_answer, lambda: True)
            asked = await ask(stage)
            after = await _at_rest(stage, listener, start)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        return await _look(stage, messages, (first, last), answered, asked, listener, after, early)


async def _pour(stage: Stage, messages: list[Message]) -> tuple[Look, Shift]:
    """All deliveries: a third before anybody works, the rest while everybody does."""
    batch = deliveries(messages, SEED)
    third = len(batch) // 3
    await stage.post.deliver(batch[:third])
    early = await look(stage)
    pouring = asyncio.create_task(stage.post.deliver(batch[third:]))
    shift = await work(stage, first_answer, pouring.done)
    await pouring
    return early, shift


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
    listener: Listener, after: list[Event], early: Look,
) -> Story:  # fmt: skip
    late = await look(stage)
    wholes = [await stage.ticket(ticket["id"]) for ticket in late.tickets]
    return Story(
        messages=messages, acknowledged=stage.post.acknowledged, refused=stage.post.refused,
        deliveries=stage.post.deliveries, shifts=shifts, answered=answered, asked=asked,
        events=late.events, from_events=after, heard=listener.heard, calls=listener.calls,
        wholes=wholes, files=await stage.files(wholes),
        tasks=await stage.page_through("/v1/tasks"), aside=await stage.page_through("/v1/set-aside"),
        letters=stage.letters(), early=early, late=late, log=stage.desk.log(),
    )  # fmt: skip
