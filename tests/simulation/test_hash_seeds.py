"""S10: another hash seed, another process: the same logs to the byte."""

import os
import subprocess
import sys

import pytest

from tests.bugs.plant import ROOT

SEEDS = "3 5 8 13"
SCRIPT = """
import sys
from tests.bugs.plant import plant_asked
plant_asked()
from tests.simulation.digest import digests
print(*digests([int(seed) for seed in sys.argv[1:]]))
"""


def digests_under(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *SEEDS.split()],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@pytest.mark.slow
def test_hash_seeds_change_nothing() -> None:
    assert digests_under("1") == digests_under("2") == digests_under("4242")
