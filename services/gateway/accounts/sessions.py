"""Sessions of people: kept at the server, so that they can be ended. The cookie is random, its digest is the key."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

from services.gateway.store import AGENTS, SESSIONS
from shared.catalogue.values import Principal
from shared.clock import HOUR, Ms
from shared.desks import INSTALLATION, Desks
from shared.documents import Documents, Drop, by

COOKIE = "sanad_session"
LENGTH: Ms = 12 * HOUR
"""Of a session: a long shift. Whoever stays asks for a new link."""
FORM = re.compile(r"[A-Za-z0-9_-]{43}")
MOST = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Someone signed in."""

    principal: Principal
    expires_at: Ms


class Sessions:
    """All sessions of the installation."""

    def __init__(self, documents: Documents, desks: Desks) -> None:
        self._all, self._documents, self._desks = documents, documents.of(INSTALLATION), desks

    async def open(self, desk: str, agent: str, at: Ms) -> str:
        """Begin a session; returns the cookie's value, which is kept nowhere."""
        cookie = secrets.token_urlsafe(32)
        body = {"desk": desk, "agent": agent, "holder": f"{desk}/{agent}", "began_at": at, "expires_at": at + LENGTH}
        await self._documents.replace(SESSIONS.name, _key(cookie), body, None)
        return cookie

    async def find(self, cookie: str, at: Ms) -> Session | None:
        """Who is signed in, in the role they have now. None: never, no longer, or the seat ended."""
        found = await self._documents.get(SESSIONS.name, _key(cookie)) if FORM.fullmatch(cookie) else None
        if found is None or at >= found.body["expires_at"]:
            return None
        principal = await self.principal(found.body["desk"], found.body["agent"], since=found.body["began_at"])
        return Session(principal, found.body["expires_at"]) if principal else None

    async def principal(self, desk: str, agent: str, since: Ms | None = None) -> Principal | None:
        """The agent as the desk knows them now; None where the seat never was or has ended, be it once after `since`:
        whoever has it by then may be somebody else."""
        place, seat = await self._desks.find(desk), await self._all.of(desk).get(AGENTS.name, agent)
        if place is None or seat is None or seat.body.get("removed", True):
            return None
        if since is not None and since <= seat.body.get("removed_at", -1):
            return None
        return Principal(organisation=place.organisation, desk=desk, id=agent, role=seat.body["role"])

    async def close(self, cookie: str) -> None:
        """End this session."""
        await self._all.write([Drop(SESSIONS.name, INSTALLATION, _key(cookie))])

    async def close_all(self, desk: str, agent: str) -> int:
        """End every session of an agent; returns how many there were."""
        ended = 0
        while True:
            page = await self._documents.page(SESSIONS.name, where=by(holder=f"{desk}/{agent}"), limit=MOST)
            if not page.documents:
                return ended
            await self._all.write([Drop(SESSIONS.name, INSTALLATION, document.key) for document in page.documents])
            ended += len(page.documents)


def _key(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()
