"""The policy: what is in force, what a file would change, and putting it in force."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, Response
from pydantic import BaseModel

from services.gateway.api.answers import OutcomeAnswer
from services.gateway.api.outcomes import IdempotencyKey, write
from services.gateway.api.table import Asked, Route
from services.gateway.api.writes import WRITTEN
from services.gateway.policy_file.diff import diff
from services.gateway.policy_file.findings import PolicyErrors
from services.gateway.policy_file.loader import load_policy
from shared.catalogue.commands import ApplyPolicy
from shared.clock import Ms
from shared.http import Problem
from shared.policy.policy import Policy

File = Annotated[bytes, Body(media_type="application/yaml", max_length=1 << 20)]


class PolicyInForce(BaseModel):
    """The compiled policy. Version 0: none was ever applied."""

    version: int = 0
    applied_at: Ms | None = None
    policy: dict[str, Any] | None = None


class PolicyDiff(BaseModel):
    """What applying the file would change, line by line; none: it decides alike."""

    version: int
    changes: list[dict[str, str]]


async def policy(asking: Asked) -> PolicyInForce:
    """The policy in force."""
    return PolicyInForce.model_validate(await asking.desk.policy() or {})


async def diff_policy(asking: Asked, file: File) -> PolicyDiff:
    """Check a desk.yaml and say what it would change. Everything wrong is told with line and column."""
    new = await _compile(asking, file)
    stored = await asking.desk.policy()
    if stored is None:
        return PolicyDiff(version=0, changes=[])
    old = Policy.model_validate(stored["policy"])
    return PolicyDiff(version=stored["version"], changes=[asdict(change) for change in diff(old, new)])


async def apply_policy(
    asking: Asked, file: File, response: Response, key: Annotated[str | None, IdempotencyKey] = None
) -> OutcomeAnswer:
    """Put a desk.yaml in force. People, skills and shifts stay as they are."""
    new = await _compile(asking, file)
    return await write(asking, ApplyPolicy(by=asking.principal, desk=asking.principal.desk, policy=new), key, response)


async def _compile(asking: Asked, file: bytes) -> Policy:
    """Compile the file in a thread. Raises Problem with every finding."""
    try:
        text = file.decode()
        compiled = await asyncio.to_thread(load_policy, text, asking.gate.clock.now())
    except UnicodeDecodeError:
        raise Problem(422, "not_utf8", "The file must be UTF-8.") from None
    except PolicyErrors as errors:
        findings = [asdict(finding) for finding in errors.findings]
        raise Problem(422, "policy_errors", "The policy cannot be used; see `findings`.", findings=findings) from None
    asked = asking.principal
    if (compiled.desk.id, compiled.desk.organisation) != (asked.desk, asked.organisation):
        raise Problem(422, "other_desk", "The file is for another desk or organisation than your credential.")
    return compiled


ROUTES = (
    Route("GET", "/v1/policy", policy, "policy.read"),
    Route("POST", "/v1/policy/diff", diff_policy, "policy.read"),
    Route("POST", "/v1/policy", apply_policy, "policy.apply", {"responses": WRITTEN}),
)
