"""Clocks: per ticket and target the running or last cycle. What is due when is sla's word, never computed again."""

from typing import Any

from services.gateway.handlers.projection import Line, Rows
from services.gateway.store import CLOCKS
from shared.catalogue.facts import (
    TargetBreached,
    TargetCancelled,
    TargetFact,
    TargetMet,
    TargetPaused,
    TargetReplanned,
    TargetResumed,
    TargetStarted,
    TargetWarned,
)
from shared.clock import Ms

KEY = {"ticket", "target", "cycle"}


def clock_key(fact: TargetFact) -> str:
    """One clock per target; several promises may run beside each other."""
    return f"{fact.ticket}/{fact.target}/{fact.cycle}" if fact.target == "promise" else f"{fact.ticket}/{fact.target}"


def started(line: Line, fact: TargetStarted, at: Ms) -> None:
    line.sheet.write(CLOCKS.name, clock_key(fact), **fact.model_dump(mode="json"), state="running", elapsed=0)


def paused(line: Line, fact: TargetPaused, at: Ms) -> None:
    _show(line, fact, state="paused", elapsed=fact.elapsed, due_at=None, paused_at=at)


def resumed(line: Line, fact: TargetResumed, at: Ms) -> None:
    _show(line, fact, state="running", elapsed=fact.elapsed, due_at=fact.due_at, paused_at=None)


def replanned(line: Line, fact: TargetReplanned, at: Ms) -> None:
    _show(line, fact, **fact.model_dump(mode="json", exclude=KEY | {"former_due_at", "cause"}))


def warned(line: Line, fact: TargetWarned, at: Ms) -> None:
    _show(line, fact, warned_at=at, warning=fact.warning)


def met(line: Line, fact: TargetMet, at: Ms) -> None:
    _show(line, fact, state="met", stopped_at=fact.stopped_at, due_at=fact.due_at, elapsed=fact.elapsed)


def breached(line: Line, fact: TargetBreached, at: Ms) -> None:
    _show(line, fact, state="breached", due_at=fact.due_at, breached_at=at)


def cancelled(line: Line, fact: TargetCancelled, at: Ms) -> None:
    _show(line, fact, state="cancelled", cause=fact.cause)


def _show(line: Line, fact: TargetFact, **fields: Any) -> None:
    line.sheet.patch(CLOCKS.name, clock_key(fact), **fields)


ROWS: Rows = {
    TargetStarted: started,
    TargetPaused: paused,
    TargetResumed: resumed,
    TargetReplanned: replanned,
    TargetWarned: warned,
    TargetMet: met,
    TargetBreached: breached,
    TargetCancelled: cancelled,
}
