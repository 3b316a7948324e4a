"""Who sends what through which door, how often, and when: decided by a seed before anything is sent."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.traffic.corpus import Wording

DOORS = ("form", "mail")
MOST_OFTEN = 3
ENCLOSES = 5
"""Of so many messages one comes with a file."""
WINDOW = 40
"""Within so many places a delivery may be late or early."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one customer. `mark` stands in its text, so that it is found again wherever it ends up."""

    number: int
    customer: str
    door: str
    text: str
    language: str
    label: str
    written_at: datetime
    """What its mail says; the same at every delivery."""

    @property
    def mark(self) -> str:
        return f"ref{self.number:06d}x"

    @property
    def body(self) -> str:
        return f"{self.text}\n\n{self.mark}"

    @property
    def address(self) -> str:
        return f"{self.customer}@customers.example"

    @property
    def file(self) -> bytes:
        """What comes along, b"" where nothing does."""
        return b"\x89PNG of %s" % self.mark.encode() if self.number % ENCLOSES == 0 else b""

    @property
    def subject(self) -> str:
        """Of its mail; a form has none."""
        return f"Message {self.mark}" if self.door == "mail" else ""


def plan(wordings: Sequence[Wording], seed: int, first: int = 0) -> list[Message]:
    """Most customers write once, some two or three times; which door is decided per message, not per customer."""
    draw = random.Random(seed)
    customers = [f"customer{number}" for number in range(max(1, len(wordings) * 2 // 3))]
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        Message(number, draw.choice(customers), draw.choice(DOORS), wording.text, wording.language, wording.label, now)
        for number, wording in enumerate(wordings, first)
    ]


def deliveries(messages: Sequence[Message], seed: int) -> list[Message]:
    """Each message one to three times, repeats anywhere after or before their neighbours: nothing is in order."""
    draw = random.Random(seed)
    repeated = [message for message in messages for _ in range(draw.randint(1, MOST_OFTEN))]
    # a shuffle of places within a window: late and early, but not everything at once
    places = [(place + draw.uniform(0, WINDOW), message) for place, message in enumerate(repeated)]
    return [message for _, message in sorted(places, key=lambda place: place[0])]
