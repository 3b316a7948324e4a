"""What is told of a consumer's progress while the log does not say where it ends."""

from pathlib import Path

import pytest

from shared.catalogue.topics import COMMANDS
from shared.clock import MINUTE, SECOND
from shared.engine import no_step
from shared.engine.seat import Seat
from shared.service import Consumer
from tests.unit.shared.engine_stage import Copying, FrozenClock, open_ports, say

pytestmark = pytest.mark.anyio


async def test_a_lag_nobody_can_tell_is_told_as_it_was_last_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FrozenClock(MINUTE)
    async with open_ports(tmp_path, clock) as ports:
        seat = Seat(ports, Consumer("copier", COMMANDS.name, lambda _partition: Copying()), 0, no_step)
        await seat.load()
        await say(ports, 3)
        clock.time += 40 * SECOND
        seat.look()
        await seat.look_back()
        known = [(seat.progress.lag, seat.progress.age, *lags(await ports.metrics.render()))]
        monkeypatch.setattr(ports.broker, "end", lambda *_: None)
        seat.look()
        await seat.look_back()
        assert [(seat.progress.lag, seat.progress.age, *lags(await ports.metrics.render()))] == known
        assert known[0][:2] == (3, 40 * SECOND)
        seat.close()


def lags(page: bytes) -> list[str]:
    """What a scrape is told of it."""
    return [line for line in page.decode().splitlines() if "lag" in line and not line.startswith("#")]
