"""People at work: everybody takes what they were given, answers, asks back or resolves, until nobody has anything left."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.staff import Agent
from tests.e2e.story.stage import Stage, Ticket
from tests.e2e.waiting import until

LOST = ("cards/lost", "technical/phone")
"""Nobody answers these before their promise is broken."""
ASKS_BACK = 4
"""Of so many tickets, one is answered with a question and waits for its customer."""
Answer = Callable[[Ticket], dict[str, Any] | None]
"""What an agent does to a ticket; None: not now."""


@dataclass(slots=True)
class Shift:
    """What became of a stretch of work."""

    updates: int = 0
    refused: list[str] = field(default_factory=list)


async def work(stage: Stage, answer: Answer, no_more_comes: Callable[[], bool]) -> Shift:
    """Everybody works until no more comes and nothing is new or open."""
    shift = Shift()
    over = asyncio.Event()
    people = [asyncio.create_task(_sit(agent, answer, shift, over)) for agent in stage.staff]

    async def all_done() -> bool:
        if any(person.done() for person in people):
            raise AssertionError(f"somebody left their desk: {[person for person in people if person.done()]}")
        return no_more_comes() and not await stage.tickets(status="new") and not await stage.tickets(status="open")

    try:
        await until("all tickets were attended to", all_done, patience=120, every=0.5)
    finally:
        over.set()
        await asyncio.gather(*people, return_exceptions=True)
    return shift


async def _sit(agent: Agent, answer: Answer, shift: Shift, over: asyncio.Event) -> None:
    while not over.is_set():
        for ticket in await agent.held():
            # a pending ticket stays with its agent, but it is the customer's turn
            changes = answer(ticket) if ticket["status"] in {"new", "open"} else None
            if changes is not None:
                # the key says what was seen: the same answer to the same state is one answer
                result = await agent.update(ticket["id"], f"{agent.id}-{ticket['id']}-{ticket['seq']}", **changes)
                shift.updates += result.is_success
                if not result.is_success:
                    shift.refused.append(f"{result.status_code} {result.text}")
        await asyncio.sleep(0.1)


def first_answer(ticket: Ticket) -> dict[str, Any] | None:
    """Most are solved at once; some need a question; a lost card waits until it is too late."""
    if ticket["category"] in LOST and clock(ticket, "first_reply") != "breached":
        return None
    if ticket["number"] % ASKS_BACK == 0:
        return {"reply": {"text": "Please tell us a little more. نرجو المزيد من التفاصيل."}, "status": "pending"}
    return last_answer(ticket)


def last_answer(ticket: Ticket) -> dict[str, Any] | None:
    return {"reply": {"text": "This is done. تم حل المشكلة."}, "status": "resolved"}


def clock(ticket: Ticket, target: str) -> str:
    """The state of its latest clock of this kind."""
    states = [one["state"] for one in ticket["clocks"] if one["target"] == target]
    return str(states[-1]) if states else ""
