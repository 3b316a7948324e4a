"""Logs: one JSON object a line, on standard error, with no key that is not on the list: so no customer's text."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

KEYS = frozenset({
    "timestamp", "level", "event", "service", "consumer", "topic", "partition", "offset", "desk", "request", "reason",
    "error", "where", "count", "seconds", "address", "port", "path", "status", "version", "attempts", "delivery",
})  # fmt: skip
"""Ids, places, names of ours. Whoever adds a key says why no customer's word can ever be in it."""


def set_up_logs(level: str) -> None:
    """Make `logger()` write JSON lines of at least this level; other libraries' warnings come through the same door."""
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(least, logging.WARNING), handlers=[_Foreign()], force=True)


def keep_listed(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is not on the list, and say which keys those were."""
    dropped = sorted(entry.keys() - KEYS)
    kept = {key: value for key, value in entry.items() if key in KEYS}
    return kept | ({"error": f"dropped keys: {', '.join(dropped)}"} if dropped else {})


def logger(service: str) -> Any:
    """Where a service writes what operators should know."""
    return structlog.get_logger().bind(service=service)


def report_failure(request: str, fault: BaseException) -> None:
    """A request failed for a reason of ours: which, what kind of fault, and where in the code. Never the request."""
    logger("http").error("request failed", request=request, error=type(fault).__name__, where=place(fault))


def place(fault: BaseException) -> str:
    """File and line of the innermost frame: exceptions' own messages may quote a customer."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    file = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{file}:{trace.tb_lineno}"


class _Foreign(logging.Handler):
    """Other libraries' records: their place and level, not their message, which may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        where = f"{record.name}:{record.lineno}"
        logger("library").log(record.levelno, "a library reports", where=where, **({"error": error} if error else {}))
