"""Surveys: looking counts nothing, sending counts once, a low score is a task; thanks changes nothing, a reply reopens."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.e2e.letters import Letter, answer
from tests.e2e.story.stage import Stage
from tests.e2e.waiting import until

Invitation = tuple[dict[str, Any], Letter]
SETTLED = ("survey.sent", "survey.skipped", "survey.cancelled")


@dataclass(slots=True)
class Asked:
    """What customers did and saw. Tickets are those asked about."""

    statuses: dict[str, list[int]] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list)
    """Answers counted after looking, after sending, after sending again."""
    good: str = ""
    low: str = ""
    thanked: str = ""
    reopened: str = ""


async def ask(stage: Stage) -> Asked:
    """With the invitations of this desk, once all have been decided."""
    await until("every resolution's survey was sent or not", settled(stage))
    good, low, thanks, more = await _choose(stage)
    asked = Asked(good=good[0]["ticket"], low=low[0]["ticket"], thanked=thanks[0]["ticket"], reopened=more[0]["ticket"])
    async with httpx2.AsyncClient(timeout=30) as customer:
        await _answer(stage, asked, customer, good[1].link, low[1].link)
    await stage.mail(answer(thanks[1], "شكراً", mark="thanks0001x"), thanks[1].to, thanks[1].reply_to)
    text = "It still does not work, please look again. again0001x"
    await stage.mail(answer(more[1], text, mark="again0001x"), more[1].to, more[1].reply_to)

    async def both_arrived() -> bool:
        return sum(body["ticket"] in {asked.thanked, asked.reopened} for body in await _late(stage)) >= 2

    await until("thanks and the new trouble have arrived", both_arrived)
    return asked


async def _answer(stage: Stage, asked: Asked, customer: httpx2.AsyncClient, good: str, low: str) -> None:
    asked.statuses["look"] = [(await customer.get(link)).status_code for link in (good, low) for _ in "abc"]
    asked.counted.append(len(await stage.facts("survey.answered")))
    for link, score in ((good, "5"), (low, "1")):
        sent = await customer.post(link, data={"score": score, "comment": "تعليق"})
        asked.statuses.setdefault("send", []).append(sent.status_code)
    await until("two answers are counted", counts(stage, "survey.answered", 2))
    asked.counted.append(len(await stage.facts("survey.answered")))
    asked.statuses["again"] = [(await customer.post(link, data={"score": "3"})).status_code for link in (good, low)]
    await until("the low score is a task", counts(stage, "task.opened", 1))
    asked.counted.append(len(await stage.facts("survey.answered")))


async def _choose(stage: Stage) -> tuple[Invitation, Invitation, Invitation, Invitation]:
    """Four invitations; the one that will be answered badly is about a team with a lead."""
    sent = [body for body in await stage.facts("message.sent") if body.get("survey")]
    letters = await stage.letters_of("every invitation lies in the outbox", sent)
    led = {body["ticket"] for body in await stage.facts("ticket.opened") if body["team"] == "cards"}
    invited = [(body, letters[body["delivery"]]) for body in sent]
    low = next(one for one in invited if one[0]["ticket"] in led)
    good, thanks, more = [one for one in invited if one is not low][:3]
    return good, low, thanks, more


async def _late(stage: Stage) -> list[dict[str, Any]]:
    """Messages on tickets that have been resolved before."""
    resolved: set[str] = set()
    late = []
    for body in await stage.facts("ticket.status_changed", "message.received"):
        if body.get("status") == "resolved":
            resolved.add(body["ticket"])
        elif "message" in body and body["ticket"] in resolved:
            late.append(body)
    return late


def settled(stage: Stage) -> Callable[[], Awaitable[bool]]:
    """Whether every scheduled survey was sent, skipped or cancelled."""

    async def look() -> bool:
        scheduled = {body["survey"] for body in await stage.facts("survey.scheduled")}
        resolutions = [body for body in await stage.facts("ticket.status_changed") if body["status"] == "resolved"]
        done = Counter(body["survey"] for body in await stage.facts(*SETTLED))
        return len(scheduled) == len(resolutions) and scheduled <= done.keys()

    return look


def counts(stage: Stage, kind: str, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether there are so many events of this kind."""

    async def look() -> bool:
        return len(await stage.facts(kind)) >= count

    return look
