"""What Faust's agents took of one partition and its worker is not past yet."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from shared.brokers.tail import RECORD_BYTES


class Taken:
    """Events in order, and about how many bytes they and the records made of them take."""

    def __init__(self) -> None:
        self.events: deque[Any] = deque()
        self.size = 0

    def extend(self, events: Iterable[Any]) -> None:
        for event in events:
            self.events.append(event)
            self.size += _weight(event)

    def acknowledge(self, position: int) -> None:
        """The worker is past all below."""
        events = self.events
        while events and events[0].message.offset < position:
            event = events.popleft()
            self.size -= _weight(event)
            event.ack()


def _weight(event: Any) -> int:
    return RECORD_BYTES + len(event.message.value or b"")
