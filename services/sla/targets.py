"""What a policy can promise: per target since when it is owed, what keeps it, and when it stands still.

A new SLA target is one row. `rules/settle` starts a cycle when `owed` begins to answer, ends it when the answer is
gone or another one (met where `kept_by` just happened, else cancelled), and pauses it while `pause` gives a cause.
An agent's promise is no row: it brings its own due time (`rules/promises`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.sla.rules.plan import Terms
from services.sla.rules.waits import oldest
from services.sla.store.ticket import SETTLED, Ticket
from shared.catalogue.values import TargetName
from shared.clock import Ms
from shared.policy.terms import Status

REPLY, RESOLVED = "reply", "resolved"


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of promise."""

    name: TargetName
    owed: Callable[[Ticket], Ms | None]
    kept_by: str
    pause: Callable[[Ticket, Terms], str | None] | None = None

    def since(self, ticket: Ticket) -> Ms | None:
        """Since when it is owed, and promised; None where it is not owed, as nothing is by spam."""
        owed = None if ticket.void else self.owed(ticket)
        return None if owed is None else ticket.past.counted(self.name, owed)


def first_reply(ticket: Ticket) -> Ms | None:
    """Owed since the oldest unanswered message, while no person has ever answered."""
    return None if ticket.replied or ticket.status in SETTLED else oldest(ticket.waits)


def next_reply(ticket: Ticket) -> Ms | None:
    """Owed since the oldest unanswered message, once a person has answered before."""
    return oldest(ticket.waits) if ticket.replied and ticket.status not in SETTLED else None


def update(ticket: Ticket) -> Ms | None:
    """Owed since the customer last heard from a person, until the ticket is resolved."""
    return None if ticket.status in SETTLED else ticket.past.updated


def resolution(ticket: Ticket) -> Ms | None:
    """Owed since the customer first wrote, or somebody opened it for them; a reopened ticket owes the same resolution, with what remains."""
    return None if ticket.status in SETTLED else ticket.since


def waiting_for_the_customer(ticket: Ticket, terms: Terms) -> str | None:
    """Updates are owed while the ticket is open or on hold; one that was answered is as good as open."""
    return Status.PENDING.value if ticket.status == Status.PENDING else None


def waiting_for_others(ticket: Ticket, terms: Terms) -> str | None:
    """Pending pauses only when a person's reply followed the last message; on hold where the policy says so."""
    if ticket.status == Status.PENDING and not ticket.waits:
        return Status.PENDING.value
    return Status.ON_HOLD.value if ticket.status == Status.ON_HOLD and terms.pause_on_hold else None


TARGETS: tuple[Target, ...] = (
    Target("first_reply", owed=first_reply, kept_by=REPLY),
    Target("next_reply", owed=next_reply, kept_by=REPLY),
    Target("update", owed=update, kept_by=REPLY, pause=waiting_for_the_customer),
    Target("resolution", owed=resolution, kept_by=RESOLVED, pause=waiting_for_others),
)
BY_NAME: dict[str, Target] = {target.name: target for target in TARGETS}
