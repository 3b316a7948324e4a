"""A process of the simulation: whatever it begins is part of it, dies with it, and stands still while it is frozen."""

import asyncio
from contextvars import ContextVar


class Killed(BaseException):
    """The process is dead: nothing of it goes on, whatever it would catch."""


class Host:
    """Alive, frozen or dead. Its calls of the log and of the documents are where it notices."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self._going = asyncio.Event()
        self._going.set()

    @property
    def frozen(self) -> bool:
        return not self._going.is_set()

    def freeze(self) -> None:
        """As by SIGSTOP."""
        self._going.clear()

    def thaw(self) -> None:
        self._going.set()

    def kill(self) -> None:
        """As by SIGKILL."""
        self.dead = True
        self._going.set()

    async def passing(self) -> None:
        """Raises Killed. Waits while it is frozen."""
        await self._going.wait()
        if self.dead:
            raise Killed(self.name)


CURRENT: ContextVar[Host | None] = ContextVar("process", default=None)


async def passing() -> None:
    """A place where the process that runs here can stand still or die."""
    process = CURRENT.get()
    if process is not None:
        await process.passing()
