"""Ticks: whoever owns a partition asks the desk to look at its clock when a timer is due (R3)."""

from collections.abc import Mapping

from shared.broker import Broker, BrokerUnavailable
from shared.catalogue.codec import encode
from shared.catalogue.commands import Tick
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Principal
from shared.clock import SECOND, Clock, Ms
from shared.ids import random_id

FIRST_RETRY: Ms = SECOND
LAST_RETRY: Ms = 30 * SECOND


class Ticker:
    """One outstanding tick per desk and timer; appended again, later and later, while the timer has not moved."""

    def __init__(self, name: str, partition: int, broker: Broker, clock: Clock) -> None:
        self._name, self._partition, self._broker, self._clock = name, partition, broker, clock
        self._asked: dict[str, tuple[Ms, Ms, Ms]] = {}

    async def tick(self, timers: Mapping[str, tuple[str, Ms]]) -> Ms | None:
        """Append what is due. Returns how long until the next timer, None when there is none.

        `timers` gives per desk its organisation and when it wants a tick.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        nearest: Ms | None = None
        for desk in list(self._asked):
            if desk not in timers or timers[desk][1] != self._asked[desk][0]:
                del self._asked[desk]
        for desk, (organisation, due) in timers.items():
            wait = due - now
            if wait <= 0:
                wait = await self._ask(desk, organisation, due, monotonic)
            nearest = wait if nearest is None else min(nearest, wait)
        return nearest

    async def _ask(self, desk: str, organisation: str, due: Ms, monotonic: Ms) -> Ms:
        _, again_at, retry = self._asked.get(desk, (due, monotonic, FIRST_RETRY))
        if monotonic < again_at:
            return again_at - monotonic
        self._asked[desk] = (due, monotonic + retry, min(2 * retry, LAST_RETRY))
        principal = Principal(organisation=organisation, desk=desk, id=self._name, role="system")
        command_id = random_id()
        tick = Envelope(
            command_id, self._name, self._clock.now(), organisation, desk, command_id, command_id,
            Tick(by=principal, desk=desk, due=due),
        )  # fmt: skip
        try:
            await self._broker.append([encode(tick, COMMANDS.name, self._partition)])
        except BrokerUnavailable:
            del self._asked[desk]
            return SECOND
        return retry
