"""Who is ready for what, and what happens to the work of those who are not."""

from services.router.desk.desk import Desk
from services.router.rules.access import allow, known_agent
from services.router.rules.pull_back import pull_back
from services.router.rules.rejected import Part, Rejected, Rule
from shared.catalogue.commands import SetPresence
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import PresenceChanged
from shared.clock import Ms

LEAVES = ("offline",)
"""Reasons that end an agent's day: what customers wait for is pulled back at once."""


def set_presence(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Ready, or not ready for a reason. Nothing happens when it was so before.

    Not ready until: the end announced, or the reason's limit, whichever is first; then waiting work is pulled back. A
    disconnected agent has the team's grace, or what is left of the break they took; who goes offline has none, and is
    not disconnected afterwards.
    """
    command: SetPresence = envelope.body
    agent = known_agent(desk, command.agent)
    row = desk.agents[agent]
    allow(desk, command.by, "presence.set", own=command.by.id == agent)
    if command.state == "ready":
        channels = tuple(sorted(set(command.channels)))
        if (row.state, row.channels) != ("ready", channels):
            yield PresenceChanged(agent=agent, state="ready", channels=channels)
        return {}
    reason = command.reason or "offline"
    if desk.policy is None or reason not in desk.policy.presence:
        raise Rejected("unknown_reason")
    if not desk.policy.presence[reason].chosen and command.by.role != "system":
        raise Rejected("reason_not_yours")
    if command.until is not None and command.until <= at:
        raise Rejected("until_in_past")
    if reason == "disconnected" and row.state == "not_ready" and row.reason in LEAVES:
        return {}
    if (row.state, row.reason) != ("not_ready", reason) or command.until is not None:
        until = away_until(desk, agent, reason, command.until, at)
        yield PresenceChanged(agent=agent, state="not_ready", reason=reason, until=until)
        if until is not None and until <= at:
            yield from pull_back(desk, agent, at)
    return {}


def away_until(desk: Desk, agent: str, reason: str, announced: Ms | None, at: Ms) -> Ms | None:
    """When the waiting work of somebody not ready is pulled back; None: never."""
    row = desk.agents[agent]
    if reason in LEAVES:
        return at
    team = desk.team(row.team or "")
    if reason == "disconnected":
        return max(at + team.disconnect_grace, row.until or 0)
    limits = [announced] if announced is not None else []
    limit = desk.policy.break_limit(row.team or "", reason) if desk.policy else None
    if limit is not None:
        same = (row.state, row.reason) == ("not_ready", reason)
        limits.append((row.away_since if same else at) + limit)
    return min(limits, default=None)


def end_shift(desk: Desk, agent: str, at: Ms) -> Part:
    """A planned shift is over: offline, and what customers wait for goes to those who are there."""
    yield PresenceChanged(agent=agent, state="not_ready", reason="offline", until=at, cause="shift_ended")
    yield from pull_back(desk, agent, at)


def miss_offer(desk: Desk, agent: str) -> Part:
    """Who lets an offer lapse is not there: no more offers until they say so."""
    if desk.agents[agent].state == "ready":
        yield PresenceChanged(agent=agent, state="not_ready", reason="missed_offer", cause="offer_timeout")
