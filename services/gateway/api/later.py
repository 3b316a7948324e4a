"""What a write may ask for only where later rules are in force: an older router would leave it out, and nobody be told."""

from collections.abc import Callable, Mapping
from typing import Any

from services.gateway.api.asking import Asking
from shared.catalogue.commands import Command, OpenTask, OpenTicket, UpdateTicket
from shared.catalogue.rule_sets import AGENTS_COPY, ASSISTS, SUB_STATUSES
from shared.http import Problem


async def check_rules(asking: Asking, command: type[Command], said: Mapping[str, Any]) -> None:
    """Raises Problem 409 naming the rules to be put in force first."""
    for kind, asks, rules in LATER:
        if command is kind and asks(said) and rules not in await asking.desk.rules():
            raise Problem(409, "rules_not_in_force", f"Switch the rules {rules} on first.")


def _copies(said: Mapping[str, Any]) -> bool:
    return said.get("reply") is not None and bool(said["reply"].cc)


LATER: tuple[tuple[type[Command], Callable[[Mapping[str, Any]], bool], str], ...] = (
    (UpdateTicket, lambda said: said.get("sub_status") is not None, SUB_STATUSES),
    (UpdateTicket, _copies, AGENTS_COPY),
    (OpenTicket, _copies, AGENTS_COPY),
    (OpenTask, lambda said: said.get("purpose") == "assist", ASSISTS),
)
"""Command, whether this asks for it, the rules it takes."""
