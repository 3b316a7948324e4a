"""Dead letters: what could not be applied or parsed, kept whole with its reason, visible and redrivable."""

import base64
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from shared.broker import Headers, Record
from shared.clock import Clock, Ms
from shared.documents import Collection, Conflict, Document, Documents, Put, by

LETTERS = Collection("dead_letters", indexed=("source", "desk", "state", "at"))
ORIGINALS = Collection("dead_letter_originals")
COLLECTIONS = (LETTERS, ORIGINALS)
IDS = uuid.UUID("5f0c2f0e-2f0b-5b5e-9d3a-8f1d6a3c7e11")

State = Literal["kept", "redriven", "discarded"]


class UnknownLetter(Exception):
    """There is no dead letter with that id."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record lay in the log."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What happened to one record or request. Its bytes are read apart."""

    id: str
    source: str
    reason: str
    error: str
    desk: str
    at: Ms
    attempts: int
    state: State
    state_at: Ms
    size: int
    key: bytes
    headers: Headers
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Letters:
    """Dead letters, newest first, and the cursor of the next page."""

    letters: list[DeadLetter]
    next: str | None


class DeadLetters:
    """Kept until somebody settles them. A repeat of the same trouble is the same dead letter."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def keep(
        self, record: Record, reason: str, *, consumer: str, error: str = "", desk: str | None = None, attempts: int = 1
    ) -> str:
        """Keep a record that `consumer` can never apply; durable when it returns. Raises DocumentsUnavailable.

        Its desk is the record's key, as of every record in the log, unless another is given.
        """
        desk = (record.key or b"").decode(errors="replace") if desk is None else desk
        origin = [record.topic, record.partition, record.offset]
        letter = str(uuid.uuid5(IDS, "/".join(map(str, (consumer, *origin, record.appended_at)))))
        key, headers = record.key or b"", record.headers
        about = _body(consumer, reason, error, desk, attempts, key, headers) | {"origin": origin}
        await self._keep(letter, about, record.value)
        return letter

    async def keep_request(
        self,
        source: str,
        content: bytes,
        reason: str,
        *,
        key: bytes = b"",
        headers: Headers = (),
        error: str = "",
        desk: str = "",
    ) -> str:
        """Keep what came in and could not be read; durable when it returns. Raises DocumentsUnavailable."""
        parts = [hashlib.sha256(part).hexdigest() for part in (key, content)]
        letter = str(uuid.uuid5(IDS, "/".join((source, desk, *parts))))
        await self._keep(letter, _body(source, reason, error, desk, 1, key, headers) | {"origin": None}, content)
        return letter

    async def get(self, letter: str) -> DeadLetter:
        """What is known of it. Raises UnknownLetter."""
        return _letter(await self._find(letter))

    async def original(self, letter: str) -> bytes:
        """The bytes as they came. Raises UnknownLetter."""
        found = await self._documents.of("").get(ORIGINALS.name, letter)
        if found is None:
            raise UnknownLetter(letter)
        content: bytes = found.body["content"]
        return content

    async def page(
        self,
        *,
        desk: str | None = None,
        source: str | None = None,
        state: State | None = "kept",
        after: str | None = None,
        limit: int = 50,
    ) -> Letters:
        """Newest first; of all desks when `desk` is None. Raises ValueError for a cursor that is not ours."""
        page = await self._documents.of("").page(
            LETTERS.name, where=_where(desk, source, state), order="at", descending=True, after=after, limit=limit
        )
        return Letters([_letter(document) for document in page.documents], page.next)

    async def count(self, *, desk: str | None = None, source: str | None = None, state: State | None = "kept") -> int:
        """How many there are."""
        return await self._documents.of("").count(LETTERS.name, _where(desk, source, state))

    async def redrive(self, letter: str, send: Callable[[DeadLetter, bytes], Awaitable[None]]) -> None:
        """Send it once more and mark it; when `send` raises, count the attempt, and the error goes on to the caller."""
        found = await self.get(letter)
        content = await self.original(letter)
        try:
            await send(found, content)
        except Exception as error:
            failed = type(error).__name__
            await self._change(letter, lambda body: {"attempts": body["attempts"] + 1, "error": failed})
            raise
        await self._settle(letter, "redriven", attempts=1)

    async def discard(self, letter: str) -> None:
        """Somebody looked and decided that nothing is to be done. Raises UnknownLetter."""
        await self._settle(letter, "discarded", attempts=0)

    async def _settle(self, letter: str, state: State, attempts: int) -> None:
        now = self._clock.now()
        await self._change(
            letter, lambda body: {"state": state, "state_at": now, "attempts": body["attempts"] + attempts}
        )

    async def _keep(self, letter: str, about: dict[str, Any], content: bytes) -> None:
        now = self._clock.now()
        stamped = about | {"at": now, "state": "kept", "state_at": now, "size": len(content)}
        # The same seq every time: a repeat changes nothing, also not what was settled meanwhile.
        original = Put(ORIGINALS.name, "", letter, 1, {"content": content})
        await self._documents.write([original, Put(LETTERS.name, "", letter, 1, stamped)])

    async def _change(self, letter: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        while True:
            found = await self._find(letter)
            try:
                await self._documents.of("").replace(LETTERS.name, letter, found.body | change(found.body), found.seq)
            except Conflict:
                continue
            return

    async def _find(self, letter: str) -> Document:
        found = await self._documents.of("").get(LETTERS.name, letter)
        if found is None:
            raise UnknownLetter(letter)
        return found


def _body(
    source: str, reason: str, error: str, desk: str, attempts: int, key: bytes, headers: Headers
) -> dict[str, Any]:
    return {
        "source": source, "reason": reason, "error": error, "desk": desk, "attempts": attempts, "key": _text(key),
        "headers": [[name, _text(value)] for name, value in headers],
    }  # fmt: skip


def _letter(document: Document) -> DeadLetter:
    body = dict(document.body)
    body["key"] = base64.b64decode(body["key"])
    body["headers"] = tuple((name, base64.b64decode(value)) for name, value in body["headers"])
    body["origin"] = Origin(*body["origin"]) if body["origin"] else None
    return DeadLetter(id=document.key, **body)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _where(desk: str | None, source: str | None, state: State | None) -> list[Any]:
    given = {"desk": desk, "source": source, "state": state}
    return by(**{name: value for name, value in given.items() if value is not None})
