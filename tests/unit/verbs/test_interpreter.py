"""What a process that serves sets for itself."""

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import pytest

from services.verbs.interpreter import hasten_writers, spare_collector

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BUFFERS, BYTES = 100, 1 << 20
KEPT = f"""
import sys
from pathlib import Path
from services.verbs.interpreter import give_back_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if sys.argv[1] == "set":
    give_back_memory()
bytes({BYTES})
before, between = resident(), []
for _ in range(3):
    large = []
    for _ in range({BUFFERS}):
        large.append(bytearray(b"x") * {BYTES})
        between.append(bytes(1_000))
    del large
print(resident() - before)
"""


@pytest.mark.usefixtures("as_before")
def test_writers_wait_less_than_usual_for_a_busy_loop() -> None:
    usual = sys.getswitchinterval()
    hasten_writers()
    assert sys.getswitchinterval() == pytest.approx(usual / 5)


@pytest.mark.usefixtures("as_before")
def test_what_was_loaded_is_not_walked_again() -> None:
    usual = 700
    gc.set_threshold(usual)
    kept = [{"number": number} for number in range(1_000)]
    spare_collector()
    assert gc.get_freeze_count() > len(kept)
    assert gc.get_threshold()[0] > usual


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs Linux and the GNU C library"
)
def test_what_lies_between_large_buffers_does_not_keep_their_memory() -> None:
    kept = {}
    for how in ("usual", "set"):
        done = subprocess.run([sys.executable, "-c", KEPT, how], cwd=ROOT, capture_output=True, text=True, check=True)
        kept[how] = int(done.stdout)
    assert kept["usual"] > BUFFERS * BYTES / 2, "this C library gives everything back by itself"
    assert kept["set"] < BUFFERS * BYTES / 10
