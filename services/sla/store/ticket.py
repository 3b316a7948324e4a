"""A ticket as its clocks see it, and the clocks themselves. Kept small: a desk has a hundred thousand of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.catalogue.values import TargetName
from shared.clock import Ms
from shared.policy.terms import Status
from shared.tables import Reader, Shape
from shared.tables.columns import plain

RUNNING, PAUSED, MET, BREACHED, CANCELLED = "running", "paused", "met", "breached", "cancelled"
UNPROMISED = "unpromised"
"""Cancelled because no policy promised it any more: what passes until it is promised again does not count."""
NO_POLICY = "no_policy"
"""The cause of such an end."""
PROMISE: Final = "promise"
SETTLED = frozenset({Status.RESOLVED, Status.CLOSED})

Profile = tuple[str, ...]
"""What SLA conditions and calendars look at, in the order of `plan.TRAITS`; one object for all tickets alike."""
Waits = tuple[int, ...]
"""Unanswered customer messages, oldest first: sent_at, mark, sent_at, mark … (see `waits`)."""


@dataclass(slots=True)
class Clock:
    """The newest cycle of a target. `elapsed` counts up to `mark`; while running, business time goes on from there.

    `wait` is when that began which the promise is about, or when it was promised, if that was later. `due` is None while paused and where the calendar never opens again. `warned` has a bit per fired warning.
    """

    target: TargetName
    cycle: int
    wait: Ms
    mark: Ms
    elapsed: Ms = 0
    due: Ms | None = None
    state: str = RUNNING
    warned: int = 0

    @property
    def open(self) -> bool:
        return self.state in {RUNNING, PAUSED}

    @property
    def running(self) -> bool:
        return self.state == RUNNING


Answer = tuple[Ms, int, Ms]
"""A person's reply: when it was sent, its mark, and how much of the update it kept had run (see `answers`)."""
Promised = tuple[str, int, Ms]
"""An open task, the cycle of the promise it is (0: none is running) and its due time."""


@dataclass(frozen=True, slots=True)
class Past:
    """What not every ticket has: the wait its last replies answered, merges, promises made by agents.

    It never changes: tickets with the same past share one object."""

    waits: Waits = ()
    answers: tuple[Answer, ...] = ()
    """The replies since `waits`, without those that never arrived."""
    opening: bool = False
    """These replies were the first ones."""
    updated: Ms | None = None
    """When the customer last heard from a person, and before the first of `answers`."""
    updated_before: Ms | None = None
    caps: tuple[tuple[str, Ms], ...] = ()
    """The reply deadlines absorbed tickets brought along."""
    leads: tuple[tuple[str, TargetName, Ms, Ms], ...] = ()
    """How much more an absorbed ticket's clock had run: whose, of which target, for which wait (see `strictest`)."""
    spam: bool = False
    merged: str | None = None
    parted: str | None = None
    """The ticket it was last unmerged from."""
    parted_at: Ms = -1
    lent: Waits = ()
    """While it is merged: its own unanswered messages, which its host owes the answer to."""
    absorbed: tuple[str, ...] = ()
    tasks: tuple[Promised, ...] = ()
    promised: int = 0
    late: tuple[tuple[str, Ms], ...] = ()
    """Targets that were promised only when their wait had begun, and since when."""

    def late_since(self, target: str) -> Ms | None:
        """Since when the target counts, where its wait had begun before."""
        return dict(self.late).get(target)

    def counted(self, target: str, owed: Ms) -> Ms:
        """Since when a wait counts that began at `owed`."""
        return max(owed, self.late_since(target) or owed)


NO_PAST = Past()


@dataclass(slots=True)
class Ticket:
    """One row. `edition` numbers the promises (see `clocks`) its clocks are planned with."""

    slot: int
    status: Status
    since: Ms
    profile: Profile
    edition: int
    replied: bool = False
    """A person has answered the customer, and it arrived as far as we know."""
    waits: Waits = ()
    clocks: tuple[Clock, ...] = ()
    timer: Ms | None = None
    past: Past = NO_PAST

    @property
    def void(self) -> bool:
        """Nothing is owed here: spam, or it lives on in another ticket."""
        return self.past.spam or self.past.merged is not None

    def remember(self, **changes: Any) -> None:
        """Another past, with these fields changed. Only on a row that `change` returned."""
        self.past = replace(self.past, **changes)

    def clock(self, target: str, cycle: int | None = None) -> Clock | None:
        """The target's newest clock, or the one of this cycle."""
        for clock in self.clocks:
            if clock.target == target and cycle in {None, clock.cycle}:
                return clock
        return None


def _read_past(saved: dict[str, Any] | None) -> Past:
    """Checkpoints of format 2 once had none for a blank one, only the marks of answers, objects for tasks and late
    targets, and the strictest deadline of all that was absorbed: it holds until the last of it leaves."""
    if saved is None:
        return NO_PAST
    if "updated_before" not in saved:
        saved |= {"answers": [(saved["updated"], mark, 0) for mark in saved["answers"]]}
    if isinstance(tasks := saved["tasks"], dict):
        saved |= {"tasks": [(task, *promised) for task, promised in tasks.items()], "late": [*saved["late"].items()]}
    if (cap := saved.pop("cap", None)) is not None:
        saved |= {"caps": [(child, cap) for child in saved["absorbed"]]}
    return Past(**{name: plain(value) for name, value in saved.items()})


CLOCK = Shape(Clock)
READ: Mapping[str, Reader] = {"status": Status, "past": _read_past}
PARTS = {"clocks": CLOCK}
