"""What workers report of themselves: how far they are, how old what they read is, what went wrong."""

from collections.abc import Callable, Sequence

from shared.broker import Record
from shared.clock import SECOND, Clock, Ms
from shared.logs import logger
from shared.metrics.registry import Registry
from shared.worker_ports import READING

SAY_AGAIN: Ms = 10 * SECOND
"""A store that stays away is told of this often, not at every attempt."""

STORES = ("broker", "documents", "checkpoints")
"""What may not answer (`sanad_retries_total`)."""

Watch = Callable[[Sequence[Record]], None]
"""Told of records that were applied live, once their outputs are acknowledged; each record once in a process."""


class ConsumerMetrics:
    """Of all consumers of the process."""

    def __init__(self, registry: Registry) -> None:
        self.applied = registry.counter(
            "sanad_records_applied_total", "Records folded, outputs acknowledged; repeats count again.", "consumer",
            "topic",
        )  # fmt: skip
        self.position = registry.gauge(
            "sanad_consumer_position_records", "Offset a consumer reads next.", "consumer", "partition"
        )
        self.lag = registry.gauge(
            "sanad_consumer_lag_records", "Records a consumer has not applied yet.", "consumer", "partition"
        )
        self.lag_age = registry.gauge(
            "sanad_consumer_lag_seconds", "Age of the oldest record a consumer has not applied yet.", "consumer",
            "partition",
        )  # fmt: skip
        self.age = registry.histogram(
            "sanad_record_age_seconds", "From a record's append to its outputs' acknowledgement.", "consumer"
        )
        self.ahead = registry.gauge(
            "sanad_append_ahead_seconds",
            "How far the append time of the newest record lies ahead of this machine's clock; 0 when it does not.",
            "consumer",
        )
        self.partitions = registry.gauge(
            "sanad_log_partitions", "Partitions of every topic: so many of each consumer somebody has to work on."
        )
        self.dead_letters = registry.counter("sanad_dead_letters_total", "Records kept as dead letters.", "consumer")
        self.retries = registry.counter(
            "sanad_retries_total", "Calls repeated because a store did not answer.", "consumer", "store"
        )
        self.saves = registry.counter("sanad_checkpoints_total", "Checkpoints in place.", "consumer")
        self.pause = registry.histogram(
            "sanad_checkpoint_pause_seconds", "Longest stop a checkpoint caused.", "consumer"
        )
        self.broken = registry.counter(
            "sanad_broken_rules_total", "Records a rule failed on; each is a bug to be fixed.", "consumer"
        )


class ConsumerMeter:
    """What one worker reports (see `worker.WorkerMeter`), to metrics and log."""

    def __init__(
        self,
        metrics: ConsumerMetrics,
        clock: Clock,
        consumer: str,
        topic: str,
        partition: int,
        watch: Watch | None = None,
    ) -> None:
        self._clock, self._watch = clock, watch
        self._metrics, self._consumer = metrics, consumer
        self._applied = metrics.applied.one(consumer, topic)
        self._position = metrics.position.one(consumer, str(partition))
        self._age, self._ahead = metrics.age.one(consumer), metrics.ahead.one(consumer)
        for family in (metrics.dead_letters, metrics.saves, metrics.pause, metrics.broken):
            family.begin((consumer,))
        metrics.retries.begin((consumer,), STORES)
        self._log = logger("worker").bind(consumer=consumer, partition=partition)
        self._told_at: dict[str, Ms] = {}
        self._live_from = 0
        self.retried_at: Ms = clock.monotonic()
        """When a store last took nothing: waiting for it is no standstill of ours. A log that gives nothing is told by its
        end, which then nobody knows; where it is known, what should bring us the records is at fault."""

    def begin_live(self, offset: int, position: int) -> None:
        """It begins at `position`. What lies below `offset` was in the log before this process began: it is applied,
        but no news to anybody."""
        self._live_from = offset
        self._position.set(position)

    def applied(self, records: Sequence[Record], position: int) -> None:
        self._applied.inc(len(records))
        self._position.set(position)
        live = [record for record in records if record.offset >= self._live_from]
        if not live:
            return
        self._live_from = position
        now = self._clock.now()
        for record in (live[0], live[-1]):
            self._age.observe(max(0, now - record.appended_at) / SECOND)
        self._ahead.set(max(0, live[-1].appended_at - now) / SECOND)
        if self._watch is not None:
            self._watch(live)

    def set_aside(self, reason: str) -> None:
        self._metrics.dead_letters.one(self._consumer).inc()
        self._log.warning("a record became a dead letter", reason=reason)

    def retried(self, what: str) -> None:
        self._metrics.retries.one(self._consumer, what).inc()
        now = self._clock.monotonic()
        if what != READING:
            self.retried_at = now
        if now - self._told_at.get(what, now - SAY_AGAIN) >= SAY_AGAIN:
            self._told_at[what] = now
            self._log.warning("a store does not answer; trying again", where=what)

    def saved(self, longest_pause: Ms) -> None:
        self._metrics.saves.one(self._consumer).inc()
        self._metrics.pause.one(self._consumer).observe(longest_pause / SECOND)

    def broke(self) -> None:
        self._metrics.broken.one(self._consumer).inc()
        self._log.error("a rule failed half way; its record is condemned")
