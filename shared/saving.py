"""When and how a worker saves: frozen at a batch boundary, collected in slices, never ahead of acknowledged outputs (R4)."""

from collections.abc import Iterator

from shared.checkpoints import Checkpoint
from shared.clock import MINUTE, SECOND, Clock, Ms
from shared.documents import DocumentsUnavailable
from shared.fold import Fold
from shared.logs import logger
from shared.worker_ports import Running, WorkerPorts

SAVE_AT_LEAST: Ms = MINUTE
SAVE_AT_MOST: Ms = 2 * SECOND
SAVE_RECORDS = 20_000


def fits(fold: Fold, checkpoint: Checkpoint, name: str) -> bool:
    """Whether the fold could take it in; a fold that could not is spoiled.

    A release before or after this one may have given its state another shape. A checkpoint is a cache of the log.
    """
    try:
        fold.load(checkpoint.chunks)
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        told = "a checkpoint of another release does not fit: its log is folded again"
        logger("worker").warning(told, consumer=name, error=type(fault).__name__)
        return False
    return True


class Saver:
    """The checkpoints of one worker. The caller says when the state is exactly that of its position.

    A save is frozen at once, collected a slice at a time, and stored beside the loop; the next one begins only when it
    is known what became of it.
    """

    def __init__(self, name: str, partition: int, ports: WorkerPorts) -> None:
        self._name, self._partition, self._ports = name, partition, ports
        self._saving: Saving | None = None
        self._storing: tuple[Saving, Running] | None = None
        self._topic_id = ""
        self.saved_position = 0
        self._saved_at: Ms = ports.clock.monotonic()
        self._wanted_past = -1

    @property
    def collecting(self) -> bool:
        """Whether there is a slice to be collected at the next turn."""
        return self._saving is not None

    def begin_at(self, position: int, topic_id: str) -> None:
        """A fold was loaded at this position; what was being saved of the one before is dropped."""
        self._saving, self.saved_position, self._topic_id = None, position, topic_id

    def hasten(self, past: int) -> None:
        """Save as soon as the record at this offset is behind: nobody wants to come this way again."""
        self._wanted_past = past

    async def slice(self, fold: Fold, position: int, *, now: bool = False) -> None:
        """Begin a save when it is time, go on with a running one a slice at a time; `now` finishes one at once."""
        if self._storing is not None:
            saving, running = self._storing
            if not now and not running.done():
                return
            self._conclude(fold, saving, saved=await running)
        if self._saving is None and (now or self._is_due(position)):
            self._saving = Saving(fold.save(), position, self._ports.clock)
        while self._saving is not None:
            if self._saving.collect():
                saving, self._saving = self._saving, None
                await self._ports.step("saving")
                if now:
                    self._conclude(fold, saving, saved=await self._store(saving))
                else:
                    self._storing = saving, self._ports.spawn(self._store(saving))
            if not now:
                return

    async def settle(self) -> None:
        """Wait for what is being stored, whatever becomes of it: the fold it was taken of is about to be dropped."""
        if self._storing is not None:
            _, running = self._storing
            await running
            self._storing = None

    def _is_due(self, position: int) -> bool:
        waited = self._ports.clock.monotonic() - self._saved_at
        moved = position - self.saved_position
        wanted = -1 < self._wanted_past < position or waited >= SAVE_AT_LEAST
        return moved > 0 and (wanted or (moved >= SAVE_RECORDS and waited >= SAVE_AT_MOST))

    async def _store(self, saving: "Saving") -> bool:
        try:
            saved = await self._ports.checkpoints.save(
                self._name, self._partition, saving.offset, self._topic_id, saving.chunks
            )
        except DocumentsUnavailable:
            self._ports.meter.retried("checkpoints")
            saved = False
        await self._ports.step("saved")
        return saved

    def _conclude(self, fold: Fold, saving: "Saving", *, saved: bool) -> None:
        self._storing = None
        if saved:
            self.saved_position, self._wanted_past = saving.offset, -1
            self._ports.meter.saved(saving.longest)
        else:
            fold.unsaved()
        self._saved_at = self._ports.clock.monotonic()


class Saving:
    """A save under way: chunks as of its offset, collected a slice at a time."""

    SLICE: Ms = 4

    def __init__(self, chunks: Iterator[tuple[str, bytes | None]], offset: int, clock: Clock) -> None:
        self._rest, self.offset, self._clock = chunks, offset, clock
        self.chunks: dict[str, bytes | None] = {}
        self.longest: Ms = 0

    def collect(self) -> bool:
        """One slice; True when all chunks are there."""
        began = self._clock.monotonic()
        for name, content in self._rest:
            self.chunks[name] = content
            spent = self._clock.monotonic() - began
            self.longest = max(self.longest, spent)
            if spent >= self.SLICE:
                return False
        return True
