"""What people ask of work items: take, transfer, release, accept, decline."""

from services.router.desk.desk import Desk
from services.router.desk.work import Task, Ticket, Work
from services.router.rules.access import allow, known_agent, known_team
from services.router.rules.assignment import rule_of
from services.router.rules.rejected import Rejected, Rule
from services.router.rules.routing import route
from services.router.rules.work import assign, find, give_back, hold, queue, waiting_since
from shared.catalogue.commands import AcceptOffer, DeclineOffer, ReleaseWork, TakeWork, TransferWork
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import OfferLapsed
from shared.catalogue.values import Principal, Why
from shared.clock import Ms


def take(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Pull: a waiting item for oneself; a lead may take one for somebody.

    Capacity does not stop a person who means it; the assignment is marked as forced where it is exceeded.
    """
    command: TakeWork = envelope.body
    row = find(desk, command.work)
    agent = known_agent(desk, command.agent or command.by.id)
    allow(desk, command.by, "work.take" if agent == command.by.id else "work.give", row)
    if row.holding != "queued" and not (row.holding == "offered" and row.agent == agent):
        raise Rejected("not_waiting")
    yield from assign(desk, command.work, agent, at, "taken" if agent == command.by.id else "given")
    return {"epoch": str(row.epoch)}


def transfer(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Hand an item to a team, or to a person; the item's age goes with it."""
    command: TransferWork = envelope.body
    row = find(desk, command.work)
    allow(desk, command.by, "work.give", row)
    _same_epoch(row, command.epoch)
    if not row.wants_work and row.holding == "idle":
        raise Rejected("nothing_to_do")
    if command.agent is not None:
        known_agent(desk, command.agent)
    if command.team is not None:
        known_team(desk, command.team)
    if command.agent is None and command.team is None:
        raise Rejected("nothing_asked")
    if command.team is not None and command.team != row.team:
        if isinstance(row, Task) and not row.begun:
            # it waits for nobody yet, so no queue would remember the team
            raise Rejected("nothing_to_do")
        if isinstance(row, Ticket):
            yield from route(desk, command.work, command.team, at, "transferred")
        else:
            yield from give_back(desk, command.work, at, "transferred", team=command.team)
    if command.agent is not None and row.holder != command.agent:
        yield from assign(desk, command.work, command.agent, at, "given")
    return {"epoch": str(row.epoch)}


def release(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """Give a held item back; who gave it is not the next to get it."""
    command: ReleaseWork = envelope.body
    row = find(desk, command.work)
    allow(desk, command.by, "work.release", row)
    _same_epoch(row, command.epoch)
    if row.holder is None:
        raise Rejected("not_held")
    yield from give_back(desk, command.work, at, "released", not_agent=row.holder)
    return {}


def accept(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """What was offered under this epoch is theirs."""
    command: AcceptOffer = envelope.body
    row = _offered_to(desk, command.work, command.by, command.epoch)
    agent = command.by.id
    why = Why(
        rule=rule_of(row), strategy="offer", policy_version=desk.policy_version,
        waited=max(0, at - waiting_since(row, at)),
    )  # fmt: skip
    yield from hold(desk, command.work, agent, at, "accepted", why)
    return {"epoch": str(row.epoch)}


def decline(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
    """The next candidate is asked; whoever declined is left in peace with it for a while."""
    command: DeclineOffer = envelope.body
    row = _offered_to(desk, command.work, command.by, command.epoch)
    yield OfferLapsed(work=command.work, agent=command.by.id, epoch=row.epoch, cause="declined")
    yield from queue(desk, command.work, at, "declined", not_agent=command.by.id)
    return {}


def _offered_to(desk: Desk, work: str, by: Principal, epoch: int) -> Work:
    row = find(desk, work)
    if row.holding != "offered" or row.epoch != epoch:
        raise Rejected("stale_epoch")
    if row.agent != by.id:
        raise Rejected("not_yours")
    allow(desk, by, "work.take", row)
    return row


def _same_epoch(row: Work, epoch: int | None) -> None:
    if epoch is not None and epoch != row.epoch:
        raise Rejected("stale_epoch")
