"""Who may do what: one pure table, read by doors for lists, records and feed, and again by `decide` (R7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from shared.catalogue.values import Principal


class Reach(IntEnum):
    """How far a permission goes."""

    NONE = 0
    OWN = 1
    """What the principal owns or holds; a customer's own tickets; one's own seat."""
    TEAM = 2
    """Also what belongs to one of the principal's teams."""
    DESK = 3


SEATS = ("agent", "lead", "manager", "admin")
"""Roles a seat may have, lowest first."""
ABOVE = ("manager", "admin")

NONE, OWN, TEAM, DESK = Reach.NONE, Reach.OWN, Reach.TEAM, Reach.DESK


@dataclass(frozen=True, slots=True)
class Permission:
    """Reach by role; a role not named has none. `scope` is what a key must carry to do this at all; empty: nothing."""

    scope: str
    reach: Mapping[str, Reach]


def may(principal: Principal, act: str, *, own: bool = False, team: bool = False) -> bool:
    """Whether the principal may do `act` to something that is theirs (`own`) or their team's (`team`).

    Scopes narrow whoever carries any and are all that an integrator has. An act without a row is refused to everybody.
    """
    permission = ACTS.get(act)
    if permission is None or not _in_scope(principal, permission.scope):
        return False
    reach = permission.reach.get(principal.role, NONE)
    return reach is DESK or (team and reach is TEAM) or (own and reach in {OWN, TEAM})


def may_seat(by: Principal, role: str | None) -> bool:
    """Whether `by` may make or change a seat of this role, if seats at all.

    Who may change everybody's seat is made and changed by their like only, whatever a key or a lead may do otherwise;
    an admin by admins only.
    """
    return role not in ABOVE or by.role in {*ABOVE[ABOVE.index(role) :], "system"}


def seat_refusal(by: Principal, given: str | None, seated: str | None) -> str | None:
    """Why `by` may not give the role `given` (None: it stays) to a seat that has `seated` (None: it is new): a reason of
    the API's. None: they may."""
    promotes = given not in {None, seated or "agent"}
    if not may(by, "people.put"):
        return "forbidden"
    if given is not None and given not in SEATS:
        return "no_such_role"
    if promotes and not (may(by, "people.promote") and may_seat(by, given)):
        return "forbidden"
    return None if may_seat(by, seated) else "forbidden"


def _in_scope(principal: Principal, scope: str) -> bool:
    if not scope:
        return True
    if not principal.scopes:
        return principal.role != "integrator"
    return scope in principal.scopes


def _row(scope: str, **reach: Reach) -> Permission:
    roles = {"admin": DESK, "manager": DESK}
    return Permission(scope, roles | reach)


_STAFF = {"lead": DESK, "agent": TEAM, "integrator": DESK}
_PEOPLE = {"lead": DESK, "integrator": DESK, "system": DESK}
_READERS = {"lead": DESK, "agent": DESK, "integrator": DESK}

ACTS: Mapping[str, Permission] = {
    "ticket.read": _row("tickets:read", **_READERS, customer=OWN),
    "ticket.open": _row("tickets:write", lead=DESK, agent=DESK, integrator=DESK),
    "ticket.update": _row("tickets:write", **_STAFF),
    "ticket.spam": _row("tickets:write", **_STAFF),
    "ticket.merge": _row("tickets:write", **_STAFF),
    "ticket.merge_across": _row("tickets:write", lead=DESK),
    "ticket.split": _row("tickets:write", **_STAFF),
    "ticket.link": _row("tickets:write", **_STAFF),
    "ticket.escalate": _row("tickets:write", **_STAFF, system=DESK),
    "message.restore": _row("tickets:write", lead=DESK, agent=DESK, integrator=DESK),
    "message.read_aside": _row("tickets:read", **_READERS),
    "work.take": _row("work:write", lead=DESK, agent=TEAM),
    "work.give": _row("work:write", lead=DESK, agent=TEAM),
    "work.release": _row("work:write", lead=DESK, agent=OWN),
    "task.open": _row("work:write", **_STAFF, system=DESK),
    "task.complete": _row("work:write", **_STAFF),
    "people.read": _row("people:read", **_READERS),
    "people.put": _row("people:write", **_PEOPLE),
    "people.promote": _row("people:write", system=DESK),
    "people.remove": _row("people:write", system=DESK, integrator=DESK),
    "presence.set": _row("work:write", lead=DESK, agent=OWN, system=DESK),
    "shifts.plan": _row("people:write", **_PEOPLE),
    "customer.read": _row("customers:read", **_READERS),
    "customer.put": _row("customers:write", lead=DESK, agent=DESK, integrator=DESK, system=DESK),
    "customer.merge": _row("customers:write", lead=DESK),
    "contact.block": _row("customers:write", lead=DESK, agent=DESK),
    "policy.read": _row("policy:read", lead=DESK, agent=DESK, integrator=DESK),
    "policy.apply": _row("policy:write", system=DESK),
    "rules.switch": _row("policy:write", system=DESK),
    "survey.invite": _row("surveys:write", system=DESK),
    "survey.answer": _row("surveys:write", system=DESK, customer=DESK),
    "figures.read": _row("figures:read", lead=DESK, integrator=DESK),
    "feed.read": _row("feed:read", **_READERS),
    "outcome.read": _row("", lead=DESK, agent=DESK, integrator=DESK),
    "outbox.read": _row("deliveries:read", lead=DESK, agent=DESK),
    "outbox.release": _row("deliveries:write", lead=DESK),
    "dead_letter.read": _row("operations:read"),
    "dead_letter.redrive": _row("operations:write"),
    "projection.rebuild": _row("operations:write"),
    "metrics.read": _row("operations:read", integrator=DESK),
    "keys.manage": _row("keys:write"),
}  # fmt: skip
"""Act → permission. Admin and manager are in every row; keys and dead letters are theirs alone."""
