"""The log: JSON lines, listed keys, nobody's words; what operators are told of failures."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.engine.telling import tell_failure
from shared.fold import Gap
from shared.logs import KEYS, logger, place, report_failure, set_up_logs
from shared.metrics import ConsumerMeter, Metrics
from shared.worker import LogTruncated
from tests.unit.shared.engine_stage import FrozenClock

QUOTE = "my card is 4111"


class Written(io.StringIO):
    """What was written, line by line."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """The log as the product sets it up, for one test."""
    written, handlers, level = Written(), logging.root.handlers[:], logging.root.level
    monkeypatch.setattr(sys, "stderr", written)
    set_up_logs("INFO")
    yield written
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level


def test_a_line_is_one_json_object_with_time_level_and_service(written: Written) -> None:
    logger("engine").info("ready", desk="support")
    (line,) = written.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "ready", "level": "info", "service": "engine", "desk": "support"}


def test_what_is_below_the_level_is_not_written(written: Written) -> None:
    logger("engine").debug("details")
    assert written.lines == []


def test_a_key_that_is_not_listed_is_dropped_and_named(written: Written) -> None:
    logger("engine").info("ready", subject=QUOTE)
    assert QUOTE not in written.getvalue()
    assert written.lines[0]["error"] == "dropped keys: subject"


@pytest.mark.parametrize("key", ["text", "subject", "body", "name", "email", "sender", "to", "comment", "message"])
def test_no_key_could_hold_what_a_customer_says(key: str) -> None:
    assert key not in KEYS


def test_another_librarys_warning_is_told_by_its_place_alone(written: Written) -> None:
    logging.getLogger("some.library").warning("MAIL FROM %s", QUOTE)
    logging.getLogger("some.library").info("chatter")
    (line,) = written.lines
    assert line["where"].startswith("some.library:")
    assert QUOTE not in written.getvalue()


def test_a_failed_request_is_told_by_its_kind_and_place(written: Written) -> None:
    report_failure("request-1", _fault())
    (line,) = written.lines
    assert (line["request"], line["error"]) == ("request-1", "LookupError")
    assert line["where"].startswith("test_logs.py:")
    assert QUOTE not in written.getvalue()


def test_a_fault_that_was_never_raised_has_no_place() -> None:
    assert place(LookupError(QUOTE)) == ""


def test_what_ends_the_process_is_told_without_the_words_it_quotes(written: Written) -> None:
    tell_failure(logger("engine"), "console/0", _fault())
    (line,) = written.lines
    assert (line["consumer"], line["error"]) == ("console/0", "LookupError")
    assert "reason" not in line
    assert QUOTE not in written.getvalue()


def test_a_gap_is_an_alarm_of_its_own_with_its_reason(written: Written) -> None:
    tell_failure(logger("engine"), "console/0", Gap("sanad.desk support: seq 9 after 7"))
    tell_failure(logger("engine"), "router/0", LogTruncated("router stands at 3 of sanad.commands/0"))
    gap, truncated = written.lines
    assert (gap["event"], gap["reason"]) == ("a gap in the log", "sanad.desk support: seq 9 after 7")
    assert truncated["reason"].startswith("router stands at 3")


def test_a_store_that_stays_away_is_told_now_and_then(written: Written) -> None:
    clock = FrozenClock(0)
    meter = ConsumerMeter(Metrics().consumers, clock, "router", "sanad.commands", 0)
    for _ in range(300):
        meter.retried("broker")
        clock.time += 100
    assert [line["where"] for line in written.lines] == ["broker"] * 3


def test_dead_letters_and_broken_rules_are_told(written: Written) -> None:
    meter = ConsumerMeter(Metrics().consumers, FrozenClock(0), "router", "sanad.commands", 3)
    meter.set_aside("ValidationError: text: string_too_long")
    meter.broke()
    letter, broken = written.lines
    assert (letter["consumer"], letter["partition"], letter["reason"][:15]) == ("router", 3, "ValidationError")
    assert broken["level"] == "error"


def _fail() -> None:
    raise LookupError(QUOTE)


def _fault() -> LookupError:
    with pytest.raises(LookupError) as caught:
        _fail()
    return caught.value
