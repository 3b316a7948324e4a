"""How a write ends for whoever asked: 200, 202 with a place to ask, or the desk's refusal as a problem."""

from typing import Any

from fastapi import Header, Response

from services.gateway.api.answers import OutcomeAnswer
from services.gateway.api.asking import Asking
from services.gateway.api.table import Asked, Route
from services.gateway.store import TICKETS
from services.gateway.writing import PATIENCE, Behind, KeyReused, NoDesk, Outcome
from shared.catalogue.commands import Command
from shared.clock import Ms
from shared.http import Problem
from shared.permissions import may

STATUSES = {"forbidden": 403, "reason_not_yours": 403, "internal": 500}
"""Reasons that are no conflict. `no_such_…` is 404, `unknown_…` and `…_in_past` are 422; everything else is 409."""
NOT_LIVE = "ticket_not_live"


async def write(
    asking: Asking, command: Command, key: str | None, response: Response, digest: str | None = None
) -> OutcomeAnswer:
    """Ask the desk; answer with its outcome, or raise its refusal."""
    outcome = await ask(asking, command, key, digest)
    if outcome.state == "accepted":
        response.status_code = 202
        response.headers["Location"] = f"/v1/commands/{outcome.command}"
        if key is None:
            await asking.gate.commands.note(command, outcome.command)
    if outcome.state in {"refused", "internal"}:
        raise await refusal(asking, command, outcome)
    return answer(outcome)


async def ask(
    asking: Asking, command: Command, key: str | None = None, digest: str | None = None, *, patience: Ms = PATIENCE
) -> Outcome:
    """What became of it. Raises Problem where nothing was asked."""
    try:
        return await asking.gate.commands.ask(command, key, digest, patience=patience)
    except KeyReused:
        raise Problem(422, "key_reused", "This Idempotency-Key was used for another request.") from None
    except Behind:
        raise Problem(503, "desk_behind", "The desk is behind; try again.", headers={"Retry-After": "5"}) from None
    except NoDesk:
        raise Problem(404, "no_such_desk", "Your credential's desk does not exist.") from None


def answer(outcome: Outcome) -> OutcomeAnswer:
    return OutcomeAnswer(
        command=outcome.command, state=outcome.state, reason=outcome.reason, seq=outcome.seq, made=outcome.made or {}
    )


def status_of(reason: str) -> int:
    """The HTTP status of a refusal's reason."""
    if reason.startswith("no_such_"):
        return 404
    if reason.startswith(("unknown_", "invalid_", "too_many_")) or reason.endswith("_in_past"):
        return 422
    return STATUSES.get(reason, 409)


async def refusal(asking: Asking, command: Any, outcome: Outcome) -> Problem:
    """The problem that says why; for a reply that was overtaken, with what came meanwhile."""
    reason = "internal" if outcome.state == "internal" else outcome.reason or "refused"
    more: dict[str, Any] = {"command": outcome.command}
    found = await _ticket(asking, command)
    if reason == NOT_LIVE and found is None:
        reason = "no_such_ticket"
    seen = getattr(command, "seen", None)
    if found is not None and seen is not None:
        messages = await asking.tickets.latest(found)
        newer = [one for one in messages if one["seq"] > seen and one["kind"] == "received"]
        more["newer"] = [{"message": one["id"], "at": one["at"]} for one in newer]
    return Problem(status_of(reason), reason, "The desk refuses this.", **more)


async def _ticket(asking: Asking, command: Any) -> Any:
    ticket = getattr(command, "ticket", None)
    return await asking.gate.documents.of(asking.principal.desk).get(TICKETS.name, ticket) if ticket else None


async def outcome_of(
    asking: Asked,
    command: str,
    response: Response,
    wait: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> OutcomeAnswer:
    """What became of a command.

    With `wait`, up to two seconds. 202 while it is not decided; a refusal is told here, not as a problem. Of what
    others asked for it is told to who may follow the feed.
    """
    commands, principal = asking.gate.commands, asking.principal
    outcome = await commands.outcome(principal.desk, command, patience=2_000 if wait else 0)
    undecided = outcome.state == "accepted"
    asker = await commands.asked(principal.desk, command) if undecided else outcome.by
    if asker is None or (asker != principal.id and not may(principal, "feed.read")):
        raise Problem(404, "no_such_command", "No such command was asked for here, or it is long settled.")
    if undecided:
        response.status_code = 202
    return answer(outcome)


IdempotencyKey = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=255,
    pattern=r"^[\x21-\x7e]+$",
    description="Makes a repeat harmless: the same key and payload is the same command, for eight days.",
)

UNDECIDED = {202: {"model": OutcomeAnswer, "description": "Not decided yet: ask again."}}

ROUTES = (Route("GET", "/v1/commands/{command}", outcome_of, "outcome.read", {"responses": UNDECIDED}),)
