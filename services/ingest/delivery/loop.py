"""Looks after the outboxes of all desks: often while there is something to do, else once a second."""

from collections.abc import Callable, Mapping

from services.ingest.channel import Sender
from services.ingest.counting import show_outbox
from services.ingest.delivery.breaker import Breakers
from services.ingest.delivery.outbox import Outbox
from services.ingest.delivery.sending import Sending
from services.ingest.intake import Intake
from shared.clock import HOUR, SECOND, Ms
from shared.desks import DeskPlace
from shared.documents import DocumentsUnavailable
from shared.policy.terms import Channel
from shared.service import Loop, Ports

BUSY: Ms = SECOND // 20
IDLE: Ms = SECOND
STAYS_BUSY: Ms = 5 * SECOND
SWEEP_EVERY: Ms = HOUR
DRAIN: Ms = 8 * SECOND


class Postman:
    """The loop. `noticed` is called when a delivery was written down: its sending does not wait for the next round."""

    def __init__(
        self, ports: Ports, intake: Intake, senders: Mapping[Channel, Sender], places: Callable[[], list[DeskPlace]]
    ) -> None:
        clock = self._clock = ports.clock
        self.outbox = Outbox(ports.documents, clock)
        self._seals = ports.seals
        breakers = Breakers(clock)
        self._sending, self._places = Sending(self.outbox, intake, senders, clock, breakers), places
        ports.metrics.on_look(show_outbox(ports.metrics, self.outbox, breakers, places))
        self._busy_until: Ms = clock.monotonic() + STAYS_BUSY
        self._swept_at: Ms = clock.monotonic()

    def noticed(self) -> None:
        self._busy_until = self._clock.monotonic() + STAYS_BUSY

    def loop(self) -> Loop:
        return Loop("outbox", self._run)

    async def _run(self) -> None:
        try:
            while True:
                try:
                    await self._round()
                except DocumentsUnavailable:
                    await self._clock.sleep(SECOND)
                await self._clock.sleep(BUSY if self._clock.monotonic() < self._busy_until else IDLE)
        finally:
            await self._sending.finish(DRAIN)

    async def _round(self) -> None:
        seals = await self._seals.now()
        if await self._sending.start(place for place in self._places() if place.id not in seals):
            self.noticed()
        if self._clock.monotonic() - self._swept_at > SWEEP_EVERY:
            self._swept_at = self._clock.monotonic()
            for place in self._places():
                await self.outbox.sweep(place.id)
