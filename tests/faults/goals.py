"""What a campaign must have done before its peace means anything, and how far it has come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.faults.journal import BROKER, EVERY_NODE, FROZEN, LEADER, Journal
from tests.faults.points import POINTS

SERVICE_KILLS, BROKER_KILLS, ZOMBIES = "services killed", "nodes of Kafka killed", "zombies"
DEATHS = "deaths at each named point"


@dataclass(frozen=True, slots=True)
class Goal:
    """`reached` of what is counted; of points it is the one hit least."""

    name: str
    wanted: int
    reached: int


@dataclass(frozen=True, slots=True)
class Goals:
    """Of an hour."""

    service_kills: int = 500
    broker_kills: int = 50
    zombies: int = 100
    deaths: int = 10

    def table(self, journal: Journal) -> list[Goal]:
        """Each goal, and what there is of it."""
        return [
            Goal(SERVICE_KILLS, self.service_kills, journal.service_kills),
            Goal(BROKER_KILLS, self.broker_kills, len(journal.of(BROKER, LEADER, EVERY_NODE))),
            Goal(ZOMBIES, self.zombies, len(journal.of(FROZEN))),
            Goal(DEATHS, self.deaths, min(journal.struck(point) for point in POINTS)),
        ]

    def missed(self, journal: Journal) -> Iterator[str]:
        """A sentence for each goal that was not reached, and for each point that was not hit often enough."""
        for goal in self.table(journal):
            if goal.reached < goal.wanted and goal.name != DEATHS:
                yield f"{goal.name}: {goal.reached}, and {goal.wanted} were wanted"
        for point in POINTS:
            if journal.struck(point) < self.deaths:
                yield f"killed at {point}: {journal.struck(point)} times, and {self.deaths} were wanted"

    def needs(self, journal: Journal, left: float) -> Mapping[str, float]:
        """By goal: the share of it that is missing, per share of the time that is left. Above 1 it lags."""
        missing = {goal.name: 1 - goal.reached / goal.wanted for goal in self.table(journal) if goal.wanted}
        lacking = sum(max(0, self.deaths - journal.struck(point)) for point in POINTS)
        missing[DEATHS] = lacking / max(1, self.deaths * len(POINTS))
        return {name: max(0.0, share) / max(left, 0.01) for name, share in missing.items()}
