"""Parsing in a child process with little time and memory, so that a hostile mail harms nothing but itself."""

import contextlib
import gc
import pickle
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import anyio
from anyio import CapacityLimiter, to_process

from services.ingest.channels.email.limits import check_size
from services.ingest.channels.email.mail import MailRefused, ParsedMail
from services.ingest.channels.email.parse import Reading, parse_mail

CPU_SECONDS = 0.8
"""Processor time for one mail; the kernel ends the child after that, whatever it is doing."""
MEMORY_BYTES = 88 * 1024 * 1024
"""Memory parsing may take beyond what the child has; with handing over and back it stays near 100 MiB."""
WALL_SECONDS = 10.0
"""Only for a child that does not run at all: on a busy machine honest mail must not run into this."""
START_SECONDS = 30.0
PAUSE_SECONDS = 0.01


Parse = Callable[[bytes, Reading], ParsedMail]
"""A module's function, for the child imports it by name."""


class MailReader:
    """A few warm child processes that parse mail. One per event loop; the loop's end ends the children."""

    def __init__(self, reading: Reading | None = None, children: int = 2, parse: Parse = parse_mail) -> None:
        self._reading = reading or Reading()
        self._parse = parse
        self._limiter = CapacityLimiter(children)
        self._slots = anyio.Semaphore(children)

    async def warm(self) -> None:
        """See to an idle child that has imported everything, so that parsing is all a mail's time is spent on."""
        with anyio.fail_after(START_SECONDS):
            while True:
                # An idle child may have died (a restart of the pool, the system short of memory): the next is asked.
                with contextlib.suppress(anyio.BrokenWorkerProcess):
                    return await to_process.run_sync(_prepare, cancellable=True, limiter=self._limiter)
                await anyio.sleep(PAUSE_SECONDS)

    async def read(self, raw: bytes) -> ParsedMail:
        """The parsed mail. Raises MailRefused; the caller keeps the raw bytes as a dead letter then.

        Any other error is ours (no process can be started): the sender is to try again later.
        """
        check_size(raw)
        async with self._slots:
            await self.warm()
            return await self._read(raw)

    async def _read(self, raw: bytes) -> ParsedMail:
        try:
            with anyio.fail_after(WALL_SECONDS):
                outcome = await to_process.run_sync(
                    _parse_within_limits, self._parse, raw, self._reading, cancellable=True, limiter=self._limiter
                )
        except (anyio.BrokenWorkerProcess, TimeoutError, MemoryError, pickle.PickleError):
            raise MailRefused("too expensive") from None
        if isinstance(outcome, MailRefused):
            raise outcome
        return outcome


def _prepare() -> None:
    """In the child: load what parsing needs, once."""
    import charset_normalizer  # noqa: F401 - loaded for its effect
    import inscriptis  # noqa: F401 - as above


def _parse_within_limits(parse: Parse, raw: bytes, reading: Reading) -> ParsedMail | MailRefused:
    """In the child: parse under limits of processor time and address space, and lift them again.

    The limits must not outlive the parsing: reading the next command has to work in any case, or parent and child
    would lose step.
    """
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        _limit_memory(_address_space() + MEMORY_BYTES)
        return parse(raw, reading)
    except MailRefused as refused:
        return refused
    except MemoryError:
        return MailRefused("too expensive")
    finally:
        _limit_memory(None)
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.collect(0)


def _limit_memory(size: int | None) -> None:
    """Bound the address space, or lift the bound. Where the system cannot (macOS), time is the only limit."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (hard if size is None else size, hard))


def _address_space() -> int:
    """Bytes of address space this process has now (Linux); elsewhere a generous idle child."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 256 * 1024 * 1024
    return pages * resource.getpagesize()
