"""The content of one mail as SMTP brings it: searched in whole pieces, so that no kind of line costs more than another."""

from asyncio import StreamReader
from collections.abc import Callable

from shared.room import Full, Holding

END = b"\r\n.\r\n"
"""What ends a mail, and nothing else: a dot between bare line feeds would let one mail smuggle in a second."""
PORTION = 64 << 10
"""Bytes: with each the sender shows that it is still there. Single bytes show nothing, nor does what is not kept."""
_ALL = 1 << 30
"""More than a reader ever holds, so that it is empty after each reading."""


class TooLarge(Exception):
    """The mail is larger than whoever it is for takes."""


async def gather(
    reader: StreamReader, head: bytes, most: int, holding: Holding, came: Callable[[], None] = lambda: None
) -> bytes:
    """The mail below `head` (whole lines of ours), its dots undone; what was sent after its end stays in the reader.
    `came` is told of each portion.

    Raises TooLarge or Full, but only at the mail's end, as the sender listens to no answer before; nothing of such a
    mail is kept meanwhile. Whatever is raised, nothing is held then.
    """
    arriving, portion = _Arriving(head, most, holding), PORTION
    try:
        while (after := arriving.add(await _read(reader))) is None:
            if arriving.size >= portion:
                portion = arriving.size + PORTION
                came()
        reader.feed_data(after)
        return arriving.undotted()
    except BaseException:
        holding.let_go()
        raise


async def _read(reader: StreamReader) -> bytes:
    piece = await reader.read(_ALL)
    if not piece:
        raise ConnectionResetError
    return piece


class _Arriving:
    def __init__(self, head: bytes, most: int, holding: Holding) -> None:
        self._content = bytearray(head)
        self._most, self._holding = most + len(head), holding
        self._refusal: Exception | None = None

    def add(self, piece: bytes) -> bytes | None:
        """Take a piece in: None while the mail goes on, else what was sent after its end."""
        # the end may begin in the pieces before, or with the line above the first
        start = max(0, len(self._content) - len(END) + 1)
        self._content += piece
        end = self._content.find(END, start)
        after = None
        if end >= 0:
            after = bytes(self._content[end + len(END) :])
            del self._content[end + 2 :]
        self._refusal = self._refusal or self._judge(len(piece))
        if self._refusal is not None:
            del self._content[: 1 - len(END)]
            self._holding.let_go()
        return after

    def _judge(self, more: int) -> Exception | None:
        if len(self._content) > self._most:
            return TooLarge()
        try:
            self._holding.take(more)
        except Full as full:
            return full
        return None

    @property
    def size(self) -> int:
        """Bytes kept so far."""
        return len(self._content)

    def undotted(self) -> bytes:
        """The whole mail, handed out once. Raises what it is refused for."""
        if self._refusal is not None:
            raise self._refusal
        content = bytes(self._content)
        self._content = bytearray()
        return content.replace(b"\r\n.", b"\r\n")
