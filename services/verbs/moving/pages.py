"""Lines on their way into members of about a megabyte each: what is long is never whole in memory."""

from services.verbs.moving.archive import Writing

MEMBER_BYTES = 1 << 20


class Pages:
    """One kind of lines: `<folder>/<number>.jsonl`. `lines` counts them."""

    def __init__(self, writing: Writing, folder: str) -> None:
        self._writing, self._folder = writing, folder
        self.lines = 0
        self._pages = self._size = 0
        self._waiting: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Raises OSError."""
        self._waiting.append(line)
        self._size += len(line)
        self.lines += 1
        if self._size >= MEMBER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Nothing waits any more. Raises OSError."""
        if self._waiting:
            self._writing.add(f"{self._folder}/{self._pages:08}.jsonl", b"\n".join(self._waiting))
            self._pages, self._size = self._pages + 1, 0
            self._waiting.clear()
