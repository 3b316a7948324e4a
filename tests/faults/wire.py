"""The network in front of the engines, as a process of its own: busy customers must not make it slow.

`python -m tests.faults.wire <front>:<server>,<server> …` passes on until its standard input ends; each line there hurts one way.
"""

import asyncio
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import orjson
import uvloop

from tests.e2e.living_desk import HOUSE
from tests.faults.proxy import Proxy

READY = b"READY\n"


@dataclass(slots=True)
class Way:
    """The way to one server. What it is told happens within moments."""

    port: int
    _number: int
    _told: asyncio.StreamWriter

    def lose_answers(self, draw: random.Random, share: float) -> None:
        """Of that share of the connections: what is asked arrives, what is answered does not."""
        self._tell("lose_answers", share, draw.getrandbits(32))

    def lose_all(self, draw: random.Random, share: float) -> None:
        """Of that share of the connections nothing arrives any more on either side, and nobody is told."""
        self._tell("lose_all", share, draw.getrandbits(32))

    def slow(self, delay: float) -> None:
        """Everything takes so many seconds longer."""
        self._tell("slow", delay)

    def heal(self) -> None:
        """What lost anything is cut, everything else goes on."""
        self._tell("heal")

    def cut(self) -> None:
        """Every connection ends now."""
        self._tell("cut")

    def _tell(self, *what: Any) -> None:
        self._told.write(orjson.dumps([self._number, *what]) + b"\n")


class Wire:
    """The running process, and the ways in it."""

    def __init__(self, process: asyncio.subprocess.Process, fronts: Iterable[int]) -> None:
        assert process.stdin is not None
        self._process = process
        self.ways = [Way(front, number, process.stdin) for number, front in enumerate(fronts)]

    @classmethod
    async def stretch(cls, ways: Iterable[tuple[int, *tuple[int, ...]]]) -> Self:
        """Listen at each front for what goes to its servers. Raises AssertionError where it cannot."""
        told = [f"{front}:{','.join(map(str, servers))}" for front, *servers in ways]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.wire", *told, cwd=HOUSE,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert await process.stdout.readline() == READY
        return cls(process, [int(pair.partition(":")[0]) for pair in told])

    def end(self) -> None:
        """Nobody reaches anything any more."""
        if self._process.returncode is None:
            self._process.kill()


async def pass_on(pairs: Iterable[str]) -> None:
    """Until standard input ends."""
    split = (pair.partition(":") for pair in pairs)
    proxies = [Proxy(int(front), *map(int, servers.split(","))) for front, _, servers in split]
    for proxy in proxies:
        await proxy.open()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(READY.decode(), end="", flush=True)
    async for line in reader:
        number, what, *values = orjson.loads(line)
        hurt(proxies[number], what, values)


def hurt(proxy: Proxy, what: str, values: list[Any]) -> None:
    """One line's worth."""
    match what, values:
        case (("lose_answers" | "lose_all"), [share, seed]):
            getattr(proxy, what)(random.Random(seed), share)
        case "slow", [delay]:
            proxy.slow(delay)
        case (("heal" | "cut"), []):
            getattr(proxy, what)()
        case _:
            raise ValueError(what)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(pass_on(sys.argv[1:]))
