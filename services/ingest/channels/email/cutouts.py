"""Large base64 bodies taken out before parsing: the standard parser needs six times their size, a slice needs none."""

import binascii
import quopri
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SHORTEST = 64 * 1024
"""Bytes; below that the standard parser is as good."""

_RUN = re.compile(rb"[A-Za-z0-9+/=\r\n]*")
_STEP = SHORTEST // 2
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n|\n")
_NEAR = 400
_LINE_ENDS = 4
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Cutouts:
    """What was taken out, by the line that stands in its place. The names are fresh, so no mail can forge one."""

    name: bytes = b""
    pieces: Mapping[bytes, memoryview] = field(default_factory=dict)

    def content(self, payload: str, encoding: str) -> bytes | None:
        """The decoded bytes of a body with its pieces put back; None for a body nothing was taken from."""
        if not self.pieces or self.name.decode() not in payload:
            return None
        written = payload.encode("utf-8", "surrogateescape")
        whole = self.pieces.get(written.strip())
        return _decoded(memoryview(self.put_back(written)) if whole is None else whole, encoding)

    def put_back(self, content: bytes) -> bytes:
        """Bytes with the pieces in their places, as they were written."""
        if not self.pieces or self.name not in content:
            return content
        return re.sub(re.escape(self.name) + rb"\d+", lambda found: bytes(self.pieces[found[0]]), content)


NOTHING_CUT = Cutouts()


def cut_out(raw: bytes) -> tuple[bytes, Cutouts]:
    """The mail with a short line for each large run of base64, and the runs."""
    if len(raw) < SHORTEST:
        return raw, NOTHING_CUT
    name = b"cutout%s" % secrets.token_hex(8).encode()
    pieces: dict[bytes, memoryview] = {}
    view = memoryview(raw)
    kept: list[bytes] = []
    at = 0
    for first, last in _runs(raw):
        # The run may begin in the last header field ("base64") and ends with the line end before a delimiter.
        near = [one.end() for one in _EMPTY_LINE.finditer(raw, first, first + _NEAR)]
        start = near[0] if near else first
        end = max(start, last - _LINE_ENDS)
        end += len(raw[end:last].rstrip(b"\r\n"))
        label = name + b"%d" % len(pieces)
        pieces[label] = view[start:end]
        kept += [raw[at:start], label]
        at = end
    return (b"".join([*kept, raw[at:]]), Cutouts(name, pieces)) if pieces else (raw, NOTHING_CUT)


def _runs(raw: bytes) -> Iterator[tuple[int, int]]:
    """Where runs of at least SHORTEST begin and end, in one pass: such a run covers a whole step, so only from there is
    it looked how far it goes. A search for a long run would begin again at each byte of those nearly long enough."""
    behind = 0
    for at in range(0, len(raw), _STEP):
        if at < behind or _end(raw, at, at + _STEP) < at + _STEP:
            continue
        before = raw[max(behind, at - _STEP) : at][::-1]
        first, behind = at - _end(before, 0, len(before)), _end(raw, at, len(raw))
        if behind - first >= SHORTEST:
            yield first, behind


def _end(raw: bytes, at: int, limit: int) -> int:
    """Where the run that begins at `at` ends, `limit` at most."""
    found = _RUN.match(raw, at, limit)
    return found.end() if found else at


def _decoded(content: memoryview, encoding: str) -> bytes:
    if encoding == "base64":
        try:
            return binascii.a2b_base64(content)
        except binascii.Error:
            plain = _NOT_BASE64.sub(b"", bytes(content)).rstrip(b"=")
            plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
            return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    if encoding == "quoted-printable":
        return quopri.decodestring(bytes(content))
    return bytes(content)
