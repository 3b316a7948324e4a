"""What a process that serves sets for itself."""

import gc
import sys
from collections.abc import Iterator

import pytest

from services.verbs.serving import hasten_writers, spare_collector


@pytest.fixture
def as_before() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_writers_wait_less_than_usual_for_a_busy_loop() -> None:
    usual = sys.getswitchinterval()
    hasten_writers()
    assert sys.getswitchinterval() == pytest.approx(usual / 5)


@pytest.mark.usefixtures("as_before")
def test_what_was_loaded_is_not_walked_again() -> None:
    usual = gc.get_threshold()[0]
    kept = [{"number": number} for number in range(1_000)]
    spare_collector()
    assert gc.get_freeze_count() > len(kept)
    assert gc.get_threshold()[0] > usual
