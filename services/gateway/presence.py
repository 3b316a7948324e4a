"""Presence by heartbeat: 90 seconds after the last one, from any process, an agent counts as disconnected.

A closed socket means nothing: people walk through lifts. Whoever never sent a heartbeat is ready until they say otherwise.
That holds for whoever is in a meeting or has missed an offer, too: what customers wait for must not stay with them for ever.
"""

from contextlib import suppress

from services.gateway.store import AGENTS, HEARTBEATS
from services.gateway.writing import Behind, Commands
from shared.broker import BrokerUnavailable
from shared.catalogue.commands import SetPresence
from shared.catalogue.values import Principal
from shared.clock import SECOND, Clock, Ms
from shared.desks import DeskPlace, Desks
from shared.documents import Document, Documents, DocumentsUnavailable, Drop, Put, Where
from shared.moves import Seals

SILENCE: Ms = 90 * SECOND
SWEEP_EVERY: Ms = 10 * SECOND
MOST = 200
GONE = ("offline", "disconnected")
"""Reasons of those whom silence can tell nothing new."""


class Presence:
    """Heartbeats of all desks, and what their absence means."""

    def __init__(self, documents: Documents, desks: Desks, commands: Commands, clock: Clock, seals: Seals) -> None:
        self._documents, self._desks, self._commands, self._clock = documents, desks, commands, clock
        self._seals = seals

    async def beat(self, desk: str, agent: str) -> Ms:
        """The agent is there; returns when the next heartbeat is due at the latest."""
        now = self._clock.now()
        await self._documents.write([Put(HEARTBEATS.name, desk, agent, now, {"at": now})])
        return now + SILENCE

    async def run(self) -> None:
        """Sweep for ever. The first time, and after a store was away, only after a full silence: our own absence, and
        that of what could not be written down, is nobody's."""
        pause = SILENCE
        while True:
            await self._clock.sleep(pause)
            try:
                seals = await self._seals.now()
                for place in await self._desks.all():
                    if place.id not in seals:
                        with suppress(Behind):  # whoever is silent still is when the desk decides again
                            await self.sweep(place)
            except (DocumentsUnavailable, BrokerUnavailable):
                pause = SILENCE
            else:
                pause = SWEEP_EVERY

    async def sweep(self, place: DeskPlace) -> int:
        """Ask the desk to count the silent as disconnected; returns how many. Raises Behind."""
        documents, found = self._documents.of(place.id), 0
        silent = Where("at", "<", self._clock.now() - SILENCE)
        page = await documents.page(HEARTBEATS.name, where=[silent], order="at", limit=MOST)
        for beat in page.documents:
            seat = await documents.get(AGENTS.name, beat.key)
            last = beat.body["at"] if seat is None else max(beat.body["at"], seat.body.get("state_since", 0))
            if seat is not None and _counts_as_here(seat):
                if last >= self._clock.now() - SILENCE:
                    continue
                await self._disconnect(place, beat, last)
                found += 1
            await self._documents.write([Drop(HEARTBEATS.name, place.id, beat.key)])
        return found

    async def _disconnect(self, place: DeskPlace, beat: Document, last: Ms) -> None:
        by = Principal(organisation=place.organisation, desk=place.id, id="gateway", role="system")
        command = SetPresence(by=by, agent=beat.key, state="not_ready", reason="disconnected")
        # two processes that notice the same silence ask for the same thing
        await self._commands.ask(command, f"disconnected/{beat.key}/{last}", patience=0)


def _counts_as_here(seat: Document) -> bool:
    """Whether the desk still takes them for somebody who will come back by themselves. A new seat is offline."""
    body = seat.body
    return not body.get("removed") and (body.get("state") == "ready" or (body.get("reason") or "offline") not in GONE)
