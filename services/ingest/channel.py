"""The contract of a channel: how messages come in, what proves them, what they are recognised by, how replies go out.

A channel offers HTTP doors, loops of its own (listeners), a sender, or several of these. It knows nothing of the log:
it makes an `Arrival` of what came, `Intake` does the rest. It reads bytes only after their limits were checked.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from services.ingest.intake import Intake
from services.ingest.policies import Policies
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import Ms
from shared.dead_letters import DeadLetter
from shared.desks import DeskPlace
from shared.policy.terms import Channel
from shared.service import Loop, Ports


class Read(Protocol):
    """Reads the body, after whatever can be judged without it."""

    def __call__(self, most: int) -> Awaitable[bytes]:
        """At most this many bytes. Raises Refusal: 413 for more, 408 for a caller who stalls, 429 or 503 without room."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as a channel sees it: names of headers in lower case, the body still unread."""

    method: str
    endpoint: str
    headers: Mapping[str, str]
    client: str
    read: Read
    query: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """The header's value, or nothing."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told. `reason` is a refusal's, where it is told as a page and not raised."""

    status: int
    body: bytes = field(default=b"", repr=False)
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


class Refusal(Exception):
    """The request is not taken. `reason` is stable and made for programs, `detail` for people; `headers` go along.

    Neither ever repeats what was sent.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        findings: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(reason)
        self.status, self.reason, self.detail = status, reason, detail
        self.headers, self.findings = dict(headers or {}), findings


class Handle(Protocol):
    """Answers one request. Raises Refusal; 2xx means that the message is durable."""

    def __call__(self, request: Request) -> Awaitable[Answer]:
        """The answer."""


@dataclass(frozen=True, slots=True)
class Door:
    """A place on the HTTP door. The path may hold `{endpoint}`; nothing above `most_bytes` is read."""

    name: str
    path: str
    methods: tuple[str, ...]
    handle: Handle
    summary: str
    most_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of an attempt. `temporary`: try again. `held`: somebody must put something right first.

    `code` is short and for people who run the desk; never an address or a server's words. `ours`: nobody outside was
    asked, so it says nothing about the other side. `unreachable`: it failed because of the address, which takes nothing.
    """

    result: Literal["delivered", "stored", "failed", "unknown", "temporary", "held"]
    code: str = ""
    ours: bool = False
    unreachable: bool = False


class Sender(Protocol):
    """Takes one delivery to its addressee."""

    async def send(self, place: DeskPlace, delivery: DeliverMessage, written_at: Ms) -> Sent:
        """Try once. Raises only what the stores raise. The same delivery is always the same outgoing message."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a channel is built from."""

    ports: Ports
    policies: Policies
    intake: Intake


Redrive = Callable[[DeadLetter, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a channel brings when it is built."""

    doors: tuple[Door, ...] = ()
    loops: tuple[Loop, ...] = ()
    sender: Sender | None = None
    redrive: Mapping[str, Redrive] = field(default_factory=dict)
    """By source: how a dead letter of what came in is tried again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of channels. `replies_by` is the channel our replies go out by, where it is another one."""

    channel: Channel
    build: Callable[[Parts], Offer]
    replies_by: Channel | None = None
