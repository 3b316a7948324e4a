"""Every test of verbs has a folder and an environment of its own."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.verbs.stand import Stand, standing


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No setting of whoever runs the tests, and no .env of theirs."""
    for name in [name for name in os.environ if name.upper().startswith("SANAD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    with standing() as stand:
        monkeypatch.setenv("SANAD_URL", stand.url)
        monkeypatch.setenv("SANAD_KEY", "sk_test")
        yield stand


@pytest.fixture
def as_before() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()
