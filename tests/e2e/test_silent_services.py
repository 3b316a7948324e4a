"""A process whose consumer falls silent says so and ends, within half a minute; another one takes its place, and nothing is lost."""

import time
from collections.abc import Iterator

import pytest

from tests.e2e.service_desk import ServiceDesk, opened
from tests.engines.installation import SHELLS_OF_LONG_TESTS

pytestmark = [pytest.mark.engines, pytest.mark.slow]
FAILED = 1
PATHS = ["worker", "shell"]


@pytest.fixture(scope="module", params=SHELLS_OF_LONG_TESTS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDesk]:
    with opened(tmp_path_factory.mktemp("silent"), request.param) as desk:
        yield desk


@pytest.mark.parametrize("what", ["worker", pytest.param("shell", marks=pytest.mark.campaign)])
def test_a_consumer_that_falls_silent_is_noticed_and_its_process_ends(desk: ServiceDesk, what: str) -> None:
    assert desk.stop("router") == 0
    desk.start("router", "router-0", ("tests.e2e.stuck_launcher", "router", what))
    message, began = desk.write(PATHS.index(what)), time.monotonic()
    desk.until(lambda: desk.ended("router") is not None, "the stuck process ends")
    print(f"\nended after {time.monotonic() - began:.1f} s, its start among them")
    assert desk.ended("router") == FAILED
    assert '"consumer": "router/' in desk.log()
    assert "a consumer stands still" in desk.log()
    desk.start("router", "router-0")
    desk.until(lambda: message in desk.opened(), "the next process decides")
