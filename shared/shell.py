"""The shell port: who says which partitions this process works on, and brings their records. Adapters live in `shells/`.

A shell is passive: workers own their positions and read by offset whatever a shell did not bring.
"""

from collections.abc import Collection
from typing import Protocol

Where = tuple[str, int]
"""A topic and a partition of it."""


class Member(Protocol):
    """This process, as a member of its service's group."""

    @property
    def topics(self) -> frozenset[str]:
        """What the group shares out. Equal partition numbers of all of them go to the same member."""

    async def assigned(self, places: Collection[Where]) -> None:
        """These are this process's from now on; workers begin beside the caller. Places it has already are left alone."""

    async def revoked(self, places: Collection[Where]) -> None:
        """When this returns nobody here works on these places any more, and where each stood is saved if there was time
        (3 s at most): the next owner may begin."""

    def position(self, topic: str, partition: int) -> int | None:
        """Everything below is applied and acknowledged by all who read this here; None: nobody can tell yet, or reads it."""


class Shell(Protocol):
    """One membership in the group."""

    async def run(self, member: Member) -> None:
        """Be a member until cancelled, then have everything revoked and leave the group. Raises what ended it early."""
