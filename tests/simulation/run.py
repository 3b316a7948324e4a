"""One seed, from the first command to the last check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from traceback import format_exception

from shared.documents import Body
from tests.invariants.checks import violations
from tests.invariants.evidence import DeadLetter, Entry, Evidence, Violation, gather
from tests.simulation.clients.desk import DeskCrowd
from tests.simulation.crew import Role
from tests.simulation.odds import draw_odds
from tests.simulation.post import Post
from tests.simulation.replay import check_replays
from tests.simulation.world import Stuck, World

STEPS = 20_000
ACTS = (3, 5, 8, 11, 16)
MANY_ACTS = (14, 20, 30)
HORIZONS = (0, 60_000, 20 * 60_000, 3 * 3_600_000)
DESKS = ("desk-1", "desk-2", "desk-3")


@dataclass(slots=True)
class Result:
    """What became of a seed."""

    seed: int
    violations: list[Violation]
    counts: Counter[str] = field(default_factory=Counter)
    records: int = 0
    facts: int = 0
    steps: int = 0
    error: str = ""
    entries: list[Entry] = field(default_factory=list)
    """The logs, kept where something is wrong."""

    @property
    def failed(self) -> bool:
        return bool(self.violations or self.error)

    @property
    def promises(self) -> list[str]:
        """The kinds of trouble, in order of appearance."""
        found = [violation.promise for violation in self.violations]
        return list(dict.fromkeys([*(["crash"] if self.error else []), *found]))


def build(seed: int, roles: Sequence[Role], *, thorough: bool = False) -> tuple[World, Post]:
    """The world of a seed, with everybody in place; `thorough`: more is done in it, and more of it is replayed."""
    rng = Random(seed)
    world = World(rng, roles, draw_odds(rng), partitions=rng.choice((1, 1, 3)))
    post = Post(world, rng)
    desks = rng.choices((1, 2, 3), (14, 5, 1))[0]
    for desk in DESKS[:desks]:
        world.clients += DeskCrowd(world, post, desk, rng).tasks(rng.choice(MANY_ACTS if thorough else ACTS) // desks)
    return world, post


def run_seed(seed: int, roles: Sequence[Role], *, thorough: bool = False) -> Result:
    """Run it and judge it. Nothing escapes: an error of the product is a result."""
    world, post = build(seed, roles, thorough=thorough)
    result = Result(seed, [])
    with world.patched():
        try:
            world.run(STEPS)
            world.settle(world.rng.choice(HORIZONS))
            result.violations, result.entries = judge(world, post, every=thorough)
        except Stuck as stuck:
            result.violations = [Violation("L1", str(stuck))]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the seed's result
            result.error = "".join(format_exception(error)[-6:])
    world.end()
    result.counts = world.counts + world.meter.counts
    result.records = sum(map(len, world.broker.logs.values()))
    result.facts = sum(len(log) for (topic, _), log in world.broker.logs.items() if topic != "sanad.commands")
    result.steps = world.steps
    return result


def judge(world: World, post: Post, *, every: bool = True) -> tuple[list[Violation], list[Entry]]:
    """All checks over all there is, and the records where something is wrong. `every` service is replayed, or some."""
    gathered = evidence(world, post)
    found = violations(gathered) + list(check_replays(world, every=every))
    return found, [entry for entries in gathered.entries.values() for entry in entries] if found else []


def evidence(world: World, post: Post) -> Evidence:
    letters = world.documents.shelf("dead_letters", "").values()
    records = (record for log in world.broker.logs.values() for record in log)
    return gather(
        records,
        sent=post.sent,
        ended_at=world.settled_at,
        organisations={desk: f"organisation-{desk}" for desk in DESKS},
        dead=[_dead(letter.body) for letter in letters],
    )


def _dead(body: Body) -> DeadLetter:
    topic, partition, offset = body["origin"]
    return DeadLetter(topic, partition, offset, body["source"], body["reason"])
