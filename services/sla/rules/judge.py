"""The order in which passed moments are judged: earliest first, a slice per record (R10)."""

from collections.abc import Iterator

from services.sla.rules.lateness import breach, warn
from services.sla.rules.merge import host_of
from services.sla.rules.replan import renew
from services.sla.rules.settle import set_timer
from services.sla.store.clocks import Clocks
from shared.clock import Ms
from shared.emissions import Emission

MOST_VISITS = 500
"""Moments judged per record: those of warnings that come too late say nothing."""


def judge(clocks: Clocks, at: Ms, most: int) -> Iterator[Emission]:
    """Warn of and break what was due before `at`, in due order, until `most` facts are said; a tick brings the rest."""
    while clocks.spent < most and clocks.visits < MOST_VISITS and (due := clocks.pop_due(at)) is not None:
        moment, key = due
        if clocks.tickets[key].edition < clocks.edition:
            yield from renew(clocks, key, at)
        else:
            yield from warn(clocks, key, moment, at)
            yield from breach(clocks, key, moment + 1)
        set_timer(clocks, key)


def bring_up(clocks: Clocks, key: str | None, at: Ms) -> Iterator[Emission]:
    """Judge one ticket, and the one it lives on in, ahead of their turn, before a fact about them is applied: what is
    late is late, however many others still wait to be told so."""
    for one in dict.fromkeys((key, host_of(clocks, key))):
        if one is not None and one in clocks.tickets:
            yield from renew(clocks, one, at)
            yield from breach(clocks, one, at)
