"""Every metric, declared once: name, help, labels. Labels are bounded: services, topics, partitions, outcomes, never ids."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.broker import Record
from shared.clock import Clock, Ms

AGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)


class Metrics:
    """The process's metrics in a registry of their own, so that tests and several engines never share one."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.applied = Counter(
            "sanad_records_applied_total",
            "Records folded, outputs acknowledged.",
            ["consumer", "topic"],
            registry=registry,
        )
        self.position = Gauge(
            "sanad_consumer_position", "Offset a consumer will read next.", ["consumer", "partition"], registry=registry
        )
        self.lag = Gauge(
            "sanad_consumer_lag_records", "Records a consumer has not applied yet.", ["consumer", "partition"],
            registry=registry,
        )  # fmt: skip
        self.age = Histogram(
            "sanad_record_age_seconds", "From a record's append to its outputs' acknowledgement.", ["consumer"],
            registry=registry, buckets=AGES,
        )  # fmt: skip
        self.dead_letters = Counter(
            "sanad_dead_letters_total", "Records kept as dead letters.", ["consumer"], registry=registry
        )
        self.retries = Counter(
            "sanad_retries_total", "Calls repeated because a store did not answer.", ["consumer", "store"],
            registry=registry,
        )  # fmt: skip
        self.saves = Counter("sanad_checkpoints_total", "Checkpoints in place.", ["consumer"], registry=registry)
        self.pause = Histogram(
            "sanad_checkpoint_pause_seconds", "Longest stop a checkpoint caused.", ["consumer"], registry=registry,
            buckets=AGES,
        )  # fmt: skip
        self.broken = Counter(
            "sanad_broken_rules_total", "Records a rule failed on; each is a bug to be fixed.", ["consumer"],
            registry=registry,
        )  # fmt: skip

    def render(self) -> bytes:
        """The text format Prometheus reads."""
        return generate_latest(self.registry)


class ConsumerMeter:
    """What one worker reports (see `worker.WorkerMeter`)."""

    def __init__(self, metrics: Metrics, clock: Clock, consumer: str, topic: str, partition: int) -> None:
        self._clock = clock
        self._applied = metrics.applied.labels(consumer, topic)
        self._position = metrics.position.labels(consumer, str(partition))
        self._age = metrics.age.labels(consumer)
        self._dead_letters = metrics.dead_letters.labels(consumer)
        self._saves, self._pause = metrics.saves.labels(consumer), metrics.pause.labels(consumer)
        self._broken = metrics.broken.labels(consumer)
        self._retries = {
            store: metrics.retries.labels(consumer, store) for store in ("broker", "documents", "checkpoints")
        }

    def applied(self, records: Sequence[Record], position: int) -> None:
        self._applied.inc(len(records))
        self._position.set(position)
        now = self._clock.now()
        for record in (records[0], records[-1]):
            self._age.observe(max(0, now - record.appended_at) / 1_000)

    def set_aside(self, reason: str) -> None:  # noqa: ARG002 - a reason is text without bounds, no label
        self._dead_letters.inc()

    def retried(self, what: str) -> None:
        self._retries[what].inc()

    def saved(self, longest_pause: Ms) -> None:
        self._saves.inc()
        self._pause.observe(longest_pause / 1_000)

    def broke(self) -> None:
        self._broken.inc()
