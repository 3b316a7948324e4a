"""What an agent may do to a ticket they hold, drawn by chance."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.story.stage import Ticket

Body = dict[str, Any]
TEAMS = ("front", "cards", "transfers", "accounts", "technical")


@dataclass(frozen=True, slots=True)
class Act:
    """One request, made once and repeated as it is until it is answered."""

    method: str
    path: str
    body: Body = field(default_factory=dict)


def solve(ticket: Ticket) -> Act:
    return update(ticket, reply={"text": "This is done. تم حل المشكلة."}, status="resolved")


def draw_act(ticket: Ticket, draw: random.Random) -> Act:
    """Mostly answers; sometimes everything else the desk can be asked."""
    work = f"/v1/work/{ticket['id']}"
    acts = [
        (50, solve(ticket)),
        (12, update(ticket, reply={"text": "Please tell us more."}, status="pending")),
        (6, update(ticket, note="I have asked the branch.", priority=draw.choice(("low", "normal", "high", "urgent")))),
        (6, update(ticket, add_tags=[f"tag{draw.randrange(5)}"], reply={"text": "We are looking into it."})),
        (5, update(ticket, status="on_hold", hold_reason="snoozed", until=soon(draw.uniform(1, 4)))),
        (4, update(ticket, promise={"due_at": soon(draw.uniform(1, 4)), "note": "call back"}, status="pending")),
        (5, Act("POST", f"{work}/transfer", {"team": draw.choice(TEAMS), "epoch": ticket["epoch"]})),
        (5, Act("POST", f"{work}/release", {"epoch": ticket["epoch"]})),
        (3, Act("POST", f"/v1/tickets/{ticket['id']}/escalate", {"raise_tier": True})),
        (2, update(ticket, spam=True)),
        (2, update(ticket, team=draw.choice(TEAMS), category="general")),
    ]
    return draw.choices([act for _, act in acts], [weight for weight, _ in acts])[0]


def update(ticket: Ticket, **changes: Any) -> Act:
    return Act("PATCH", f"/v1/tickets/{ticket['id']}", changes)


def soon(seconds: float) -> int:
    """Milliseconds since 1970, so many seconds from now."""
    return int((time.time() + seconds) * 1_000)
