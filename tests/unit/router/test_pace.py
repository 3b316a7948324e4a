"""Much that falls due together is done slice by slice, as fast as ticks come back: with the real Ticker, in real time."""

from collections.abc import Callable

import pytest

from shared.catalogue.commands import PlanShifts, RemoveAgent
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Span
from shared.clock import HOUR, MINUTE, SECOND, Ms
from shared.policy.terms import Status
from shared.ticks import Ticker
from tests.simulation.drive import drive
from tests.simulation.memory_broker import MemoryBroker
from tests.simulation.time import SkewedClock, Time
from tests.unit.router.driving import ADMIN, LEAD, World


def takes(world: World, done: Callable[[], bool]) -> Ms:
    """How long it takes until it is done, when nobody asks anything of the desk but its own ticks."""
    time, start = Time(), world.at
    time.now = world.at
    broker = MemoryBroker(time)
    ticker = Ticker("router", 0, broker, SkewedClock(time, 0))
    asked = 0
    while not done():
        assert world.at - start < 10 * MINUTE, "it stands still"
        wait = drive(ticker.tick(world.decider.timers()))
        if len(broker.log(COMMANDS.name, 0)) == asked:
            time.now = world.at = time.now + max(1, wait or 1)
            continue
        asked += 1
        world.tick()
        time.now = world.at
    return world.at - start


def test_sixty_shifts_end_together() -> None:
    world = World()
    end = world.at + 8 * HOUR
    for number in range(60):
        world.agent(f"agent{number:02}")
        shift = Span(start=world.at, end=end)
        world.send(PlanShifts(by=LEAD, agent=f"agent{number:02}", shifts=(shift,)))
    for number in range(60):
        world.mail(f"customer{number}")
    world.at = end
    assert takes(world, lambda: all(row.state != "ready" for row in world.desk.agents.values())) < SECOND


def test_two_hundred_holds_end_together() -> None:
    world = World()
    world.agent("amal", capacity=1000)
    end = world.at + 8 * HOUR
    for number in range(200):
        ticket = world.mail(f"customer{number}").ticket
        world.update(ticket, "amal", status=Status.ON_HOLD, hold_reason="snoozed", until=end)
    world.at = end
    held = world.desk.tickets
    assert takes(world, lambda: all(row.status is Status.OPEN for row in held.values())) < SECOND


@pytest.mark.slow
def test_a_seat_with_two_hundred_tickets_is_emptied() -> None:
    world = World()
    world.agent("amal", capacity=1000)
    for number in range(200):
        world.mail(f"customer{number}")
    world.send(RemoveAgent(by=ADMIN, agent="amal"))
    assert takes(world, lambda: "amal" not in world.desk.agents) < SECOND
