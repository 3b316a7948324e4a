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

_running: list[tuple[Cluster, "tempfile.TemporaryDirectory[str]"]] = []


def address() -> str:
    """The session's broker of one node. Skips or fails the asking test where there can be none."""
    known = os.environ.get(ADDRESS)
    if known:
        return known
    return cluster().address


def cluster() -> Cluster:
    """The session's own broker, started at the first call."""
    if _running:
        return _running[0][0]
    need_java()
    scratch = tempfile.TemporaryDirectory(prefix="sanad-kafka-")
    found = kafka.start(Path(scratch.name), quiet, first_port=None)
    _running.append((found, scratch))
    os.environ[ADDRESS] = found.address
    return found


def need_java() -> None:
    """Skip, or fail where engines are required, on a machine without Java and Maven."""
    lacks = maven.missing()
    if not lacks:
        return
    if os.environ.get(ENGINES) == "required":
        pytest.fail(f"{lacks}; {ENGINES}=required")
    NOT_TESTED.append(lacks)
    pytest.skip(lacks)


def stop() -> None:
    """Stop what was started here."""
    while _running:
        found, scratch = _running.pop()
        os.environ.pop(ADDRESS, None)
        found.stop()
        scratch.cleanup()


def quiet(_line: str) -> None:
    """Progress nobody watches."""
