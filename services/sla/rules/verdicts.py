"""The three ends of a cycle. Every one carries the one id its verdict can have, so that two verdicts would collide."""

from services.sla.store.ticket import Clock
from shared.catalogue.facts import TargetBreached, TargetCancelled, TargetMet
from shared.clock import Ms
from shared.ids import named_id


def verdict(key: str, clock: Clock) -> str:
    """UUIDv5 of ticket, target and cycle, without the outcome."""
    return named_id(key, clock.target, clock.cycle)


def met(key: str, clock: Clock, at: Ms, run: Ms) -> TargetMet:
    """Kept at `at`, after `run` of its time."""
    return TargetMet(
        ticket=key, target=clock.target, cycle=clock.cycle, verdict=verdict(key, clock), stopped_at=at,
        due_at=clock.due, elapsed=run,
    )  # fmt: skip


def breached(key: str, clock: Clock, due: Ms) -> TargetBreached:
    """Not kept by `due`."""
    return TargetBreached(
        ticket=key, target=clock.target, cycle=clock.cycle, verdict=verdict(key, clock), due_at=due
    )  # fmt: skip


def cancelled(key: str, clock: Clock, cause: str) -> TargetCancelled:
    """Not owed any more, because of `cause`."""
    return TargetCancelled(
        ticket=key, target=clock.target, cycle=clock.cycle, verdict=verdict(key, clock), cause=cause
    )  # fmt: skip
