"""Who sends what through which door, how often, and when: decided by a seed before anything is sent."""

import random
from dataclasses import dataclass

from tests.traffic.corpus import Wording

DOORS = ("form", "mail")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one customer. `mark` stands in its text, so that it is found again wherever it ends up."""

    number: int
    customer: str
    door: str
    text: str
    language: str
    label: str

    @property
    def mark(self) -> str:
        return f"ref{self.number:06d}x"

    @property
    def body(self) -> str:
        return f"{self.text}\n\n{self.mark}"

    @property
    def address(self) -> str:
        return f"{self.customer}@customers.example"


def plan(wordings: list[Wording], seed: int) -> list[Message]:
    """A customer writes one to three times and stays with a door per message, not per customer."""
    draw = random.Random(seed)
    customers = [f"customer{number}" for number in range(max(1, len(wordings) * 2 // 3))]
    return [
        Message(number, draw.choice(customers), draw.choice(DOORS), wording.text, wording.language, wording.label)
        for number, wording in enumerate(wordings)
    ]


def deliveries(messages: list[Message], seed: int) -> list[Message]:
    """Each message one to three times, repeats anywhere after or before their neighbours: nothing is in order."""
    draw = random.Random(seed)
    repeated = [message for message in messages for _ in range(draw.randint(1, 3))]
    # a shuffle of places within a window: late and early, but not everything at once
    places = [(place + draw.uniform(0, 40), message) for place, message in enumerate(repeated)]
    return [message for _, message in sorted(places, key=lambda place: place[0])]
