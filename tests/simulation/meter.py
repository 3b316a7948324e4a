"""What workers report, counted and kept."""

from collections import Counter
from collections.abc import Sequence

from shared.broker import Record


class QuietMeter:
    """A WorkerMeter without metrics."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def applied(self, records: Sequence[Record], position: int) -> None:
        self.counts["applied"] += len(records)

    def set_aside(self, reason: str) -> None:
        self.counts["dead letters"] += 1

    def retried(self, what: str) -> None:
        self.counts["retries"] += 1

    def saved(self, longest_pause: int) -> None:
        self.counts["saves"] += 1

    def broke(self) -> None:
        self.counts["broken rules"] += 1
