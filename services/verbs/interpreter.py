"""How Python and the C library below it are set for a process that serves for weeks."""

import ctypes
import gc
import sys

from shared.clock import SECOND, Ms

WRITERS_WAIT: Ms = 1
"""Of the usual 5 ms thirty statements of a commit waited 150, and the pipeline with them: a quarter more tickets."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3), as in <malloc.h> of the GNU C library."""
OF_ITS_OWN = 128 << 10
ARENAS = 2


def spare_collector() -> None:
    """What was loaded stays, so the garbage collector need not walk it again and again: its walks stop everything.

    Young objects are walked often, a few at a time: mails are cycles, and 50,000 of their parts at once are a pause of a
    tenth of a second and 25 MiB.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 100)


def hasten_writers() -> None:
    """The threads that write wait a fifth as long for a busy loop: they need it for moments, many times a commit."""
    sys.setswitchinterval(WRITERS_WAIT / SECOND)


def give_back_memory() -> None:
    """A large buffer's memory goes back to the system with the buffer: a sixth of what a busy router takes.

    By itself the GNU C library learns from the first large buffer to keep what the next ones leave, and what stays
    between them keeps all of it. Other C libraries do not, and are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, OF_ITS_OWN)
        mallopt(M_ARENA_MAX, ARENAS)
