"""Agents to read, heartbeats, and people as a CSV file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import BaseModel

from services.gateway.api.answers import AgentAnswer, AgentList
from services.gateway.api.asking import Asking
from services.gateway.api.foreseen import foresee
from services.gateway.api.listing import After, Limit, One, PathId, missing, wrong_cursor
from services.gateway.api.outcomes import ask
from services.gateway.api.table import Asked, Route
from services.gateway.people_csv import People, read_people
from services.gateway.writing import Outcome
from shared.catalogue.commands import PutAgent
from shared.http import Problem

MOST_BYTES = 1 << 20


class Beat(BaseModel):
    """When the next heartbeat must have come."""

    until: int


class Import(BaseModel):
    """What became of a file: nothing at all was changed if it has faults, or if it was a dry run."""

    lines: int
    dry_run: bool
    faults: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    done: int = 0
    undecided: int = 0


async def agents(asking: Asked, after: After = None, limit: Limit = 50, team: One = None) -> AgentList:
    """List agents with presence and load."""
    try:
        listing = await asking.desk.agents(team, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return AgentList.model_validate({"items": listing.items, "next": listing.next})


async def agent(asking: Asked, agent: PathId) -> AgentAnswer:
    """One agent."""
    found = await asking.desk.agent(agent)
    if found is None:
        raise missing("agent")
    return AgentAnswer.model_validate(found)


async def me(asking: Asked) -> dict[str, Any]:
    """Who you are here, and your seat where you have one."""
    seat = await asking.desk.agent(asking.principal.id)
    return {**asking.principal.model_dump(), "seat": seat}


async def heartbeat(asking: Asked) -> Beat:
    """Say that you are still there: 90 seconds of silence count as disconnected."""
    if await asking.desk.agent(asking.principal.id) is None:
        raise missing("agent")
    return Beat(until=await asking.gate.presence.beat(asking.principal.desk, asking.principal.id))


async def import_people(
    asking: Asked,
    file: Annotated[bytes, Body(media_type="text/csv", max_length=MOST_BYTES)],
    dry_run: Annotated[bool, Query(description="Only say what is wrong.")] = False,  # noqa: FBT002 - a query parameter
) -> Import:
    """Add or change people from a CSV file, all lines or none; further lines never remove anybody."""
    try:
        text = file.decode()
    except UnicodeDecodeError:
        raise Problem(422, "not_utf8", "The file must be UTF-8.") from None
    policy = (await asking.desk.policy() or {}).get("policy", {})
    people = read_people(text, asking.principal, policy.get("teams", {}), policy.get("skills", {}))
    faults = [asdict(fault) for fault in people.faults]
    lines = len(people.commands) + len({fault.line for fault in people.faults})
    if faults and not dry_run:
        raise Problem(422, "faulty_lines", "Nothing was changed; see `findings`.", findings=faults)
    if dry_run:
        return Import(lines=lines, dry_run=True, faults=faults)
    return await _put(asking, people)


async def _put(asking: Asked, people: People) -> Import:
    """A command a line; the same file again asks for what is already so."""
    asked: list[tuple[int, Outcome]] = []
    try:
        for line, command in people.commands:
            asked.append((line, await _ask(asking, command)))
    except Problem as stopped:
        # some lines were asked for: the answer says how far it came
        told = await _tell(asking, people, asked)
        stopped.more |= told.model_dump(include={"lines", "done", "undecided", "refused"})
        raise
    if waiting := [outcome.command for _, outcome in asked if outcome.state == "accepted"]:
        # the desk decides in order: when the last one is decided, all are
        await asking.gate.commands.outcome(asking.principal.desk, waiting[-1], patience=2_000)
    return await _tell(asking, people, asked)


async def _ask(asking: Asking, command: PutAgent) -> Outcome:
    try:
        foreseen = await foresee(asking, command)
    except Problem as refused:
        return Outcome("", "refused", refused.reason)
    return await ask(asking, foreseen, patience=0)


async def _tell(asking: Asked, people: People, asked: Sequence[tuple[int, Outcome]]) -> Import:
    """What has become of the lines so far."""
    commands, result = asking.gate.commands, Import(lines=len(people.commands), dry_run=False)
    for line, outcome in asked:
        settled = outcome
        if outcome.state == "accepted":
            settled = await commands.outcome(asking.principal.desk, outcome.command)
        result.done += settled.state == "done"
        result.undecided += settled.state == "accepted"
        if settled.state in {"refused", "internal"}:
            result.refused.append({"line": line, "reason": settled.reason or settled.state})
    return result


ROUTES = (
    Route("GET", "/v1/agents", agents, "people.read"),
    Route("GET", "/v1/agents/{agent}", agent, "people.read"),
    Route("GET", "/v1/me", me, "people.read"),
    Route("POST", "/v1/me/heartbeat", heartbeat, "presence.set"),
    Route("POST", "/v1/people/import", import_people, "people.put"),
)
