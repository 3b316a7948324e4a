"""What a seed has in store: some are calm, some storm in one way, some in every way."""

from random import Random

from tests.simulation.scheduler import Odds


def draw_odds(rng: Random) -> Odds:
    """The odds of one run."""
    return Odds(
        crash=rng.choice((0, 0.003, 0.01, 0.02)),
        fail=rng.choice((0, 0, 0.01, 0.08)),
        torn=rng.choice((0, 0, 0.02, 0.1)),
        zombie=rng.choice((0, 0.3, 0.8)),
        spoil=rng.choice((0, 0, 0, 0.3)),
        repeat=rng.choice((0, 0.1, 0.4)),
        stop=rng.choice((0, 0, 0.003)),
        save=rng.choice((0, 0.01, 0.04)),
    )
