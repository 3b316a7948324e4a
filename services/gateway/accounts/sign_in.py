"""Signing in by a one-time link. Who asks for one by address learns nothing; an admin sees the request and hands over.

A link is minted when somebody takes it and is kept nowhere; what is kept is that it was used.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.gateway.accounts.sessions import Sessions
from services.gateway.store import SIGN_IN_REQUESTS, USED_LINKS
from shared.clock import HOUR, MINUTE, Ms
from shared.desks import INSTALLATION, Desks
from shared.documents import Conflict, Documents, Put, by
from shared.links import Link, LinkRefused, mint, verify
from shared.texts import TEXTS

PURPOSE = "sign-in"
LIFETIME: Ms = HOUR
FIRST_LIFETIME: Ms = 24 * HOUR
"""Of the link printed at the first run."""
REQUEST_EVERY: Ms = MINUTE
MOST = 100


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """An agent asked to be let in."""

    agent: str
    at: Ms


class SignIn:
    """Links and requests for all desks."""

    def __init__(self, documents: Documents, desks: Desks, sessions: Sessions, keys: Sequence[bytes]) -> None:
        self._all, self._documents, self._keys = documents, documents.of(INSTALLATION), keys
        self._desks, self._sessions = desks, sessions

    def link(self, desk: str, agent: str, at: Ms, lifetime: Ms = LIFETIME) -> str:
        """The path of a fresh one-time link."""
        subject = f"{agent}\n{at}\n{secrets.token_urlsafe(9)}"
        return f"/sign-in/{mint(self._keys, PURPOSE, Link(desk, subject, at + lifetime))}"

    async def look(self, token: str, at: Ms) -> tuple[str, str]:
        """Desk and agent of a link that still opens, without using it. Raises LinkRefused."""
        link = verify(self._keys, PURPOSE, token, at)
        if await self._documents.get(USED_LINKS.name, _digest(token)):
            raise LinkRefused("used")
        agent, minted_at = _read(link.subject)
        if await self._sessions.principal(link.desk, agent, since=minted_at) is None:
            raise LinkRefused("no_seat")
        return link.desk, agent

    async def redeem(self, token: str, at: Ms) -> str:
        """Use the link up; returns the new session's cookie. Raises LinkRefused."""
        desk, agent = await self.look(token, at)
        expires_at = verify(self._keys, PURPOSE, token, at).expires_at
        try:
            await self._documents.replace(USED_LINKS.name, _digest(token), {"expires_at": expires_at}, None)
        except Conflict:
            raise LinkRefused("used") from None
        return await self._sessions.open(desk, agent, at)

    async def request(self, email: str, at: Ms) -> None:
        """Note the wish of whoever has this address, in every desk that knows it; silent where none does."""
        for place in await self._desks.all():
            page = await self._all.of(place.id).page(TEXTS.name, where=by(email=email.strip().lower()), limit=MOST)
            for document in page.documents:
                agent = document.key.partition("/")[2]
                if await self._sessions.principal(place.id, agent):
                    put = Put(SIGN_IN_REQUESTS.name, place.id, agent, at // REQUEST_EVERY, {"at": at})
                    await self._all.write([put])

    async def requests(self, desk: str) -> list[SignInRequest]:
        """Who asked lately, latest first."""
        page = await self._all.of(desk).page(SIGN_IN_REQUESTS.name, order="at", descending=True, limit=MOST)
        return [SignInRequest(document.key, document.body["at"]) for document in page.documents]


def _read(subject: str) -> tuple[str, Ms]:
    """Whose link it is and when it was minted. Raises LinkRefused: links of older releases do not say when."""
    try:
        agent, minted_at, _ = subject.rsplit("\n", 2)
        return agent, int(minted_at)
    except ValueError:
        raise LinkRefused("forged") from None


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
