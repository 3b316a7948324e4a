"""A Kafka of the tests' own: started when the first test asks for it, stopped when the last is done.

Where this machine cannot start one, tests that ask are skipped, and the end of the run says so; with
SANAD_ENGINES=required they fail instead.
"""

import os
import tempfile
from pathlib import Path

import pytest

from deploy.engines import kafka, maven
from deploy.engines.kafka import Cluster

ADDRESS = "SANAD_TEST_KAFKA"
"""Where child processes of a test find the broker it uses."""
ENGINES = "SANAD_ENGINES"
NOT_TESTED: list[str] = []
"""Why tests of real engines were skipped."""

_running: dict[int, tuple[Cluster, "tempfile.TemporaryDirectory[str]"]] = {}


def address() -> str:
    """The session's broker of one node. Skips or fails the asking test where there can be none."""
    known = os.environ.get(ADDRESS)
    if known:
        return known
    found = cluster().address
    os.environ[ADDRESS] = found
    return found


def cluster(nodes: int = 1) -> Cluster:
    """The session's own cluster of so many nodes, started at the first call. Who hurts it, heals it."""
    if nodes in _running:
        return _running[nodes][0]
    need_java()
    scratch = tempfile.TemporaryDirectory(prefix="sanad-kafka-")
    found = kafka.start(Path(scratch.name), quiet, nodes, first_port=None)
    _running[nodes] = (found, scratch)
    return found


def need_java() -> None:
    """Skip, or fail where engines are required, on a machine without Java and Maven."""
    need(maven.missing())


def need(lacks: str) -> None:
    """The same, for what this machine lacks; nothing where it lacks nothing."""
    if not lacks:
        return
    if os.environ.get(ENGINES) == "required":
        pytest.fail(f"{lacks}; {ENGINES}=required")
    NOT_TESTED.append(lacks)
    pytest.skip(lacks)


def stop() -> None:
    """Stop what was started here."""
    os.environ.pop(ADDRESS, None)
    while _running:
        _, (found, scratch) = _running.popitem()
        found.stop()
        scratch.cleanup()


def quiet(_line: str) -> None:
    """Progress nobody watches."""
