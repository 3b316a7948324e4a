"""The toy desk under the same seeds: what only a rule that breaks, or a lost acknowledgement, can show."""

from random import Random
from traceback import format_exception

from shared.catalogue.commands import ReceiveMessage, Tick, UpdateTicket
from shared.catalogue.values import Contact, Principal
from shared.policy.terms import Channel
from tests.invariants.evidence import Violation
from tests.invariants.messages import (
    check_deliveries,
    check_every_message_has_one_outcome,
    check_nothing_invented,
    check_one_effect,
)
from tests.invariants.order import check_groups, check_order, check_time
from tests.simulation.odds import draw_odds
from tests.simulation.pauses import Rest, pause
from tests.simulation.post import Post
from tests.simulation.replay import check_replays
from tests.simulation.run import Result, evidence
from tests.simulation.scheduler import Task
from tests.simulation.toy import ROLES
from tests.simulation.world import World

CHECKS = (
    check_order, check_time, check_groups, check_every_message_has_one_outcome, check_one_effect,
    check_nothing_invented, check_deliveries,
)  # fmt: skip
"""Those that say something of a desk without tickets and agents."""
GAPS = (0, 5, 300, 40_000)


def run_toy_seed(seed: int) -> Result:
    """Run it and judge it."""
    rng = Random(seed)
    world = World(rng, ROLES, draw_odds(rng), partitions=2)
    post = Post(world, rng)
    world.clients = [Task(f"client {number}", _write(world, post, rng)) for number in range(2)]
    result = Result(seed, [])
    with world.patched():
        try:
            world.run(8_000)
            world.settle(rng.choice((0, 100_000, 10_000_000)))
            result.violations = _judge(world, post)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the seed's result
            result.error = "".join(format_exception(error)[-6:])
    world.end()
    result.counts = world.counts + world.meter.counts
    return result


def _judge(world: World, post: Post) -> list[Violation]:
    gathered = evidence(world, post)
    return [found for check in CHECKS for found in check(gathered)] + list(check_replays(world))


async def _write(world: World, post: Post, rng: Random) -> None:
    for _ in range(8):
        await pause(Rest(world.time.now + rng.choice(GAPS)))
        desk = rng.choice(("desk-1", "desk-2"))
        by = Principal(organisation=f"organisation-{desk}", desk=desk, id="somebody", role="customer")
        kind = rng.random()
        if kind < 0.15:
            await post.send(UpdateTicket(by=by, ticket="t"))
        elif kind < 0.25:
            await post.send(Tick(by=by, desk=desk, due=world.time.now - 1_000))
        else:
            await post.send(_message(by, rng, world.time.now), source="ingest")


def _message(by: Principal, rng: Random, now: int) -> ReceiveMessage:
    return ReceiveMessage(
        by=by, message=f"{by.desk} message {rng.randint(1, 40)}", channel=Channel.EMAIL, account="mail", sent_at=now,
        sender=Contact(id="contact", kind="email", address="customer@example.org"),
        external_id=rng.choice(("poison", "poison at once")) if rng.random() < 0.08 else "",
    )  # fmt: skip
