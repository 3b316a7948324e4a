"""The longest pause of a checkpoint is read from a histogram, per consumer."""

import pytest

from shared.metrics import Metrics
from tests.bench.pauses import longest_pause

pytestmark = pytest.mark.anyio


async def test_the_highest_bucket_that_holds_anything_is_the_longest_pause() -> None:
    metrics = Metrics()
    for pause in (0.003, 0.02, 0.004):
        metrics.consumers.pause.one("router").observe(pause)
    metrics.consumers.pause.one("sla").observe(0.001)
    assert longest_pause((await metrics.render()).decode()) == {"router": 25.0, "sla": 5.0}
