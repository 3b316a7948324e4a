"""What a worker drives: one partition's records, one after another, into outputs."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from shared.broker import Record
from shared.clock import Ms
from shared.emissions import Output


class Gap(Exception):
    """A record with one writer came before its predecessor: something is lost, nothing may go on."""


class Spoiled(Exception):
    """A rule failed after its first fact: the state in memory is neither old nor new. Load again, without this record."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"a rule failed half way at offset {offset}")
        self.offset = offset


class Fold(Protocol):
    """Deterministic: same records, same outputs, whatever the batches. No I/O."""

    def apply(self, record: Record) -> list[Output]:
        """Fold one record. Raises Gap, Spoiled, UnknownType; an unreadable record is an output, not an error."""

    def timers(self) -> Mapping[str, tuple[str, Ms]]:
        """Per desk its organisation and when it next wants a tick; desks that want none are absent."""

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        """Freeze now, then give named chunks one by one; None where a chunk is as in the save before."""

    def unsaved(self) -> None:
        """The last save did not succeed: the next one must give every chunk."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        """Take in what `save` gave, into a fresh fold. Where its shape is another, any error that says so will do."""

    def condemn(self, offset: int) -> None:
        """The record at this offset breaks a rule half way: settle it as broken instead of deciding it."""

    def recover(self, own: Record) -> int | None:
        """Without any checkpoint: take in one record of the own topic, from its first one on.

        Returns the input offset to go on from after it, or None to read the input from its beginning.
        """

    @property
    def recovers_from(self) -> str | None:
        """The own topic to recover from, if any."""
