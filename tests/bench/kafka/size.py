"""How much is measured: in a few minutes to see whether anything is badly wrong, or for figures to be written down."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Size:
    """Counts, and lengths in seconds."""

    copies: int
    rounds: int
    flood: int
    steady: int
    accepted: int
    desk: int
    due: int
    absence: int
    burst: int
    tickets: int
    """Of a large desk; each has two clocks."""
    rebuilt: int
    """Tickets of a desk whose documents are built anew; the server they lie on here looks through all of them for each page, so
    that twice as many take four times as long."""
    shares: bool
    """Whether one desk serves all sections, which costs seconds, not minutes, but leaves nobody a fresh start."""
    limit: int
    """Seconds after which a section counts as failed."""

    def lasting(self, seconds: int | None) -> "Size":
        """With so long for what lasts a given time."""
        if not seconds:
            return self
        return replace(self, steady=seconds, accepted=seconds, desk=seconds, absence=seconds, burst=seconds)


FULL = Size(
    copies=60_000, rounds=5, flood=6_000, steady=60, accepted=600, desk=300, due=300, absence=60, burst=300,
    tickets=50_000, rebuilt=5_000, shares=False, limit=1_800,
)  # fmt: skip
QUICK = Size(
    copies=6_000, rounds=2, flood=500, steady=6, accepted=10, desk=8, due=40, absence=6, burst=10,
    tickets=1_000, rebuilt=1_000, shares=True, limit=240,
)  # fmt: skip
