"""What every door of the gateway stands on: one wiring of accounts, writes, reads, limits and feed for a process."""

from collections import Counter
from dataclasses import dataclass, field

from services.gateway.accounts.keys import Keys
from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.sign_in import SignIn
from services.gateway.feed import Feed
from services.gateway.limits import Limits
from services.gateway.presence import Presence
from services.gateway.reading.desk import DeskReading
from services.gateway.reading.tickets import TicketReading
from services.gateway.rebuild import Rebuilds
from services.gateway.writing import Commands
from shared.blobs import Blobs
from shared.broker import Broker
from shared.catalogue.values import Principal
from shared.clock import Clock
from shared.dead_letters import DeadLetters
from shared.desks import DeskPlace, Desks
from shared.documents import Documents
from shared.room import Room
from shared.secrets import Secrets
from shared.service import Ports

FILES_HELD = 128 << 20
"""Bytes of all files that are being uploaded at once, and as many of those that are being downloaded."""
FILES_OF_ONE = FILES_HELD // 4
"""Of one seat or key: no less than the files of one reply, which are uploaded together, and than any one file."""


class NobodyKnown(Exception):
    """The credential is missing, wrong, revoked or expired."""


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """All of it. Nothing here knows HTTP."""

    broker: Broker
    documents: Documents
    blobs: Blobs
    dead_letters: DeadLetters
    clock: Clock
    secrets: Secrets
    desks: Desks
    keys: Keys
    sessions: Sessions
    sign_in: SignIn
    commands: Commands
    presence: Presence
    feed: Feed
    limits: Limits
    rebuilds: Rebuilds
    encrypted: bool
    open_feeds: Counter[str] = field(default_factory=Counter)
    """Live feeds of this process by who opened them."""
    uploads: Room = field(default_factory=lambda: Room(FILES_HELD, FILES_OF_ONE))
    downloads: Room = field(default_factory=lambda: Room(FILES_HELD, FILES_OF_ONE))

    def tickets(self, principal: Principal) -> TicketReading:
        return TicketReading(self.documents.of(principal.desk))

    def desk(self, principal: Principal) -> DeskReading:
        return DeskReading(self.documents.of(principal.desk))

    async def place(self, principal: Principal) -> DeskPlace:
        """Where the principal's desk lives. Raises NobodyKnown: the credential outlived its desk."""
        place = await self.desks.find(principal.desk)
        if place is None:
            raise NobodyKnown
        return place

    async def by_key(self, token: str) -> Principal:
        """Whose API key this is. Raises NobodyKnown."""
        principal = await self.keys.principal(token)
        if principal is None:
            raise NobodyKnown
        return principal

    async def by_cookie(self, cookie: str) -> Principal:
        """Whose session this is. Raises NobodyKnown."""
        session = await self.sessions.find(cookie, self.clock.now())
        if session is None:
            raise NobodyKnown
        return session.principal


def open_gate(ports: Ports) -> Gate:
    """Wire it from the ports of the process."""
    documents, broker, clock = ports.documents, ports.broker, ports.clock
    desks = Desks(documents, broker.partitions)
    sessions = Sessions(documents, desks)
    commands = Commands(broker, documents, desks, clock)
    return Gate(
        broker=broker, documents=documents, blobs=ports.blobs, dead_letters=ports.dead_letters, clock=clock,
        secrets=ports.secrets, desks=desks, keys=Keys(documents), sessions=sessions,
        sign_in=SignIn(documents, desks, sessions, ports.secrets.links), commands=commands,
        presence=Presence(documents, desks, commands, clock, ports.seals), feed=Feed(broker, documents, clock),
        limits=Limits(clock), rebuilds=Rebuilds(ports, desks), encrypted=ports.settings.public_url.startswith("https://"),
    )  # fmt: skip
