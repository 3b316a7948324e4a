"""What holds for every test: one event loop, no clock on properties, nothing beyond this machine."""

import gc
import os
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.engines import kafka, mongo

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - the address servers listen on is recognised, not used

# No deadlines: a slow machine is no failure. In CI the examples are the same at every run.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("house"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not host.startswith(LOOPBACK):
            raise RuntimeError(f"a test reached for {host}: tests stay on this machine")


def pytest_configure() -> None:
    sys.addaudithook(_stay_on_this_machine)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # aiokafka 0.14 forgets a connection it was just making when it is told to stop, kafka-python one that was refused, and
    # asyncio of Python 3.11 one whose TLS handshake failed; the collector closes them, perhaps in somebody else's test.
    forgotten = (
        "ignore:Exception ignored in. <(socket.socket|ssl.SSLSocket|function _Selector|function _SSLProtocol)"
        ":pytest.PytestUnraisableExceptionWarning"
    )
    for item in items:
        if item.get_closest_marker("engines"):
            item.add_marker(pytest.mark.filterwarnings(forgotten))


def pytest_collection_finish() -> None:
    # thousands of tests are there to stay: looking at them for rings again and again was a seventh of all processor time
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_sessionfinish() -> None:
    kafka.stop()
    mongo.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if kafka.NOT_TESTED:
        terminalreporter.section("NOT TESTED", sep="!", red=True)
        for reason, count in Counter(kafka.NOT_TESTED).items():
            terminalreporter.write_line(f"{count} tests on real engines: {reason}")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The product runs on asyncio alone, so do its tests."""
    return "asyncio"
