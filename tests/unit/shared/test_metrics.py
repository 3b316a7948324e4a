"""Every metric is well named, explained and bounded; counters count what is new, once."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.broker import Record
from shared.clock import SystemClock
from shared.documents import DocumentsUnavailable
from shared.metrics import ConsumerMeter, Metrics
from shared.metrics.registry import LABELS, OTHER, UNITS, Declared, Registry

pytestmark = pytest.mark.anyio
DECLARED = Metrics().registry.declared
MOST_SERIES = 12_000
"""Of one metric, whatever happens; per partition there are more, by the number of partitions."""


def record(offset: int, at: int = 0) -> Record:
    return Record("sanad.desk", 0, offset, at, b"desk", b"{}")


async def samples(metrics: Metrics) -> dict[str, float]:
    """What a reader of the text format sees, by name and labels."""
    return dict(_samples((await metrics.render()).decode()))


def _samples(text: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            yield f"{sample.name}{{{labels}}}", sample.value


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.name)
def test_a_metric_has_prefix_unit_help_and_bounded_labels(one: Declared) -> None:
    assert re.fullmatch(r"sanad_[a-z_]+", one.name)
    assert one.name.rpartition("_")[2] in UNITS
    assert len(one.says) > 15
    assert one.says.endswith(".")
    assert set(one.labels) <= set(LABELS)
    assert not set(one.labels) & {"ticket", "customer", "agent", "message", "conversation", "id", "path"}


def test_no_metric_is_declared_twice() -> None:
    names = [one.name for one in DECLARED]
    assert len(names) == len(set(names)) > 35


@pytest.mark.parametrize("one", [one for one in DECLARED if "partition" not in one.labels], ids=lambda one: one.name)
def test_no_metric_can_grow_without_end(one: Declared) -> None:
    series = 1
    for label in one.labels:
        series *= LABELS[label] + 1
    assert series <= MOST_SERIES * 10


@pytest.mark.parametrize(
    ("name", "says", "labels"),
    [
        ("desk_messages_total", "No prefix.", ()),
        ("sanad_messages", "No unit.", ()),
        ("sanad_wait_milliseconds", "Not the unit Prometheus wants.", ()),
        ("sanad_messages_total", "no sentence", ()),
        ("sanad_messages_total", "By ticket.", ("ticket",)),
    ],
)
def test_what_is_badly_declared_is_refused(name: str, says: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=name):
        Registry().counter(name, says, *labels)


def test_values_beyond_the_bound_are_told_together() -> None:
    registry = Registry()
    family = registry.counter("sanad_scores_total", "Scores.", "score")
    for score in range(50):
        family.one(str(score)).inc()
    shown = dict(_samples(registry.render().decode()))
    assert shown["sanad_scores_total{score=10}"] == 1
    assert shown[f"sanad_scores_total{{score={OTHER}}}"] == 39
    assert sum(name.startswith("sanad_scores_total") for name in shown) == LABELS["score"] + 1


def test_what_has_begun_is_shown_at_zero_under_every_combination() -> None:
    registry = Registry()
    registry.counter("sanad_mails_total", "Mails.", "channel", "outcome").begin(("a", "b"), ("in", "out"))
    shown = dict(_samples(registry.render().decode()))
    own = {name: value for name, value in shown.items() if name.startswith("sanad_mails")}
    assert own == {
        f"sanad_mails_total{{channel={channel},outcome={outcome}}}": 0 for channel in "ab" for outcome in ("in", "out")
    }


def test_a_cleared_gauge_shows_only_what_is_set_again() -> None:
    registry = Registry()
    family = registry.gauge("sanad_queue_items", "Waiting.", "desk", "team")
    family.one("d", "old").set(3)
    family.clear()
    family.one("d", "new").set(4)
    shown = dict(_samples(registry.render().decode()))
    assert {name for name in shown if name.startswith("sanad_queue")} == {"sanad_queue_items{desk=d,team=new}"}


async def test_two_engines_of_one_process_share_no_figure() -> None:
    one, other = Metrics(), Metrics()
    one.desk.accepted.one("email").inc()
    assert "sanad_messages_accepted_total{channel=email}" in await samples(one)
    assert "sanad_messages_accepted_total{channel=email}" not in await samples(other)


async def test_gauges_are_read_when_somebody_looks() -> None:
    metrics, looks = Metrics(), iter(range(1, 9))

    async def refresh() -> None:
        metrics.desk.oldest.one("d").set(next(looks))

    metrics.on_look(refresh)
    assert (await samples(metrics))["sanad_queue_oldest_seconds{desk=d}"] == 1
    assert (await samples(metrics))["sanad_queue_oldest_seconds{desk=d}"] == 2


async def test_while_the_store_is_away_everything_else_is_still_shown() -> None:
    metrics = Metrics()
    metrics.desk.accepted.one("email").inc()

    async def refresh() -> None:
        raise DocumentsUnavailable

    metrics.on_look(refresh)
    shown = await samples(metrics)
    assert shown["sanad_messages_accepted_total{channel=email}"] == 1
    assert shown["sanad_unread_gauges_total{}"] == 1


async def test_the_process_itself_is_measured_under_the_names_every_board_knows() -> None:
    assert (await samples(Metrics()))["process_resident_memory_bytes{}"] > 0


class Bench:
    """One worker's meter, and what its watcher was told."""

    def __init__(self) -> None:
        self.metrics, self.told = Metrics(), list[int]()
        self.meter = ConsumerMeter(
            self.metrics.consumers, SystemClock(), "console", "sanad.desk", 0,
            lambda records: self.told.extend(one.offset for one in records),
        )  # fmt: skip

    def apply(self, first: int, last: int) -> None:
        self.meter.applied([record(offset) for offset in range(first, last + 1)], last + 1)


async def test_what_lay_in_the_log_before_the_start_is_applied_but_no_news() -> None:
    bench = Bench()
    bench.meter.begin_live(10, 4)
    bench.apply(4, 9)
    assert bench.told == []
    bench.apply(10, 12)
    assert bench.told == [10, 11, 12]
    shown = await samples(bench.metrics)
    assert shown["sanad_records_applied_total{consumer=console,topic=sanad.desk}"] == 9
    assert shown["sanad_record_age_seconds_count{consumer=console}"] == 2


async def test_a_consumer_that_has_nothing_to_do_shows_where_it_stands_and_that_nothing_went_wrong() -> None:
    bench = Bench()
    bench.meter.begin_live(10, 10)
    shown = await samples(bench.metrics)
    assert shown["sanad_consumer_position_records{consumer=console,partition=0}"] == 10
    assert shown["sanad_retries_total{consumer=console,store=broker}"] == 0
    for name in ("dead_letters_total", "checkpoints_total", "broken_rules_total", "record_age_seconds_count"):
        assert shown[f"sanad_{name}{{consumer=console}}"] == 0


async def test_a_log_whose_times_lie_ahead_of_the_clock_is_shown() -> None:
    bench = Bench()
    bench.meter.applied([record(0, at=SystemClock().now() + 90_000)], 1)
    assert 80 < (await samples(bench.metrics))["sanad_append_ahead_seconds{consumer=console}"] <= 90
    bench.meter.applied([record(1, at=SystemClock().now() - 90_000)], 2)
    assert (await samples(bench.metrics))["sanad_append_ahead_seconds{consumer=console}"] == 0


def test_a_run_that_begins_before_the_start_and_ends_after_it_is_cut() -> None:
    bench = Bench()
    bench.meter.begin_live(5, 3)
    bench.apply(3, 6)
    assert bench.told == [5, 6]


def test_what_is_read_again_is_told_once() -> None:
    bench = Bench()
    bench.apply(0, 5)
    bench.apply(2, 7)
    bench.apply(0, 7)
    assert bench.told == [0, 1, 2, 3, 4, 5, 6, 7]


async def test_letters_retries_saves_and_broken_rules_are_counted() -> None:
    bench = Bench()
    bench.meter.set_aside("JSONDecodeError: body")
    bench.meter.retried("documents")
    bench.meter.retried("documents")
    bench.meter.saved(7)
    bench.meter.broke()
    shown = await samples(bench.metrics)
    assert shown["sanad_dead_letters_total{consumer=console}"] == 1
    assert shown["sanad_retries_total{consumer=console,store=documents}"] == 2
    assert shown["sanad_checkpoints_total{consumer=console}"] == 1
    assert shown["sanad_checkpoint_pause_seconds_sum{consumer=console}"] == 0.007
    assert shown["sanad_broken_rules_total{consumer=console}"] == 1


async def test_a_request_is_counted_by_template_and_class_of_status() -> None:
    metrics = Metrics()
    metrics.doors.answered("GET", "/v1/tickets/{ticket}", 404, 12)
    metrics.doors.answered("GET", "/v1/tickets/{ticket}", 200, 8)
    shown = await samples(metrics)
    assert shown["sanad_http_requests_total{method=GET,route=/v1/tickets/{ticket},status=4xx}"] == 1
    assert shown["sanad_http_answer_seconds_sum{route=/v1/tickets/{ticket}}"] == 0.02
    assert shown["sanad_http_requests_total{method=GET,route=/v1/tickets/{ticket},status=5xx}"] == 0
