"""The least HTTP/1.1 client that can load a server: what it spends of the same two cores is not there to be measured."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

END = b"\r\n\r\n"
RESTS = 2
"""Seconds a connection may rest and be used again."""


class Answer(NamedTuple):
    """`later`: whether it says when to try again."""

    status: int
    body: bytes
    later: bool


class Line:
    """One kept connection: requests one after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The answer. Raises ConnectionError, asyncio.IncompleteReadError."""
        self._send(method, path, headers, body)
        head = await self._head()
        _, found, rest = head.partition(b"content-length:")
        length = int(rest.split(b"\r\n", 1)[0]) if found else 0
        return Answer(_status(head), await self._reader.readexactly(length), b"\r\nretry-after:" in head)

    async def follow(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Lines of an endless answer, once its head has come; sizes of chunks are among them."""
        self._send("GET", path, headers, b"")
        status = _status(await self._head())
        if status != 200:
            raise ConnectionError(f"{path} answers {status}")
        while line := await self._reader.readline():
            yield line

    def close(self) -> None:
        self._writer.close()

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join(lines).encode() + END + body)

    async def _head(self) -> bytes:
        return (await self._reader.readuntil(END)).lower()


def _status(head: bytes) -> int:
    return int(head.split(b" ", 2)[1])


class Lines:
    """Connections from one loopback address, as many as are used at once."""

    def __init__(self, url: str, source: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._source = str(parts.hostname), int(parts.port or 80), source
        self._free: list[tuple[Line, float]] = []

    async def open(self) -> Line:
        """A connection of one's own."""
        local = (self._source, 0)
        reader, writer = await asyncio.open_connection(self._host, self._port, local_addr=local, limit=1 << 20)
        return Line(reader, writer, f"{self._host}:{self._port}")

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Over whichever connection is free; one that fails is not used again."""
        line = self._rested() or await self.open()
        try:
            answer = await line.ask(method, path, headers, body)
        except BaseException:
            line.close()
            raise
        self._free.append((line, time.monotonic()))
        return answer

    def _rested(self) -> Line | None:
        """The one used last; a server hangs up on those that rested long."""
        while self._free:
            line, since = self._free.pop()
            if time.monotonic() - since < RESTS:
                return line
            line.close()
        return None

    def close(self) -> None:
        for line, _ in self._free:
            line.close()
