"""The sender: in order within a conversation, several conversations at once, at least once and mostly once."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from services.ingest.channel import Sender, Sent
from services.ingest.delivery.breaker import Breakers
from services.ingest.delivery.outbox import LEASE, Item, Outbox, backoff
from services.ingest.delivery.report import report
from services.ingest.intake import Intake
from shared.broker import BrokerUnavailable
from shared.clock import DAY, SECOND, Clock, Ms
from shared.desks import DeskPlace
from shared.documents import Conflict, DocumentsUnavailable
from shared.policy.terms import Channel

LATE: Ms = DAY
GIVE_UP: Ms = 2 * DAY
TOGETHER = 16
"""Conversations sent to at once."""
EACH = 8
"""Of one desk: what a slow relay or a flood keeps busy is not all there is."""
LOOKED_AT = 50
T = TypeVar("T")
Step = Callable[[str], Awaitable[None]]


async def no_step(_name: str) -> None:
    """Tests that crash between claim and report pass their own."""


class Sending:
    """Works through the outboxes of desks. `senders` are by channel: how its replies go out."""

    def __init__(
        self,
        outbox: Outbox,
        intake: Intake,
        senders: Mapping[Channel, Sender],
        clock: Clock,
        breakers: Breakers,
        step: Step = no_step,
    ) -> None:
        self._outbox, self._intake, self._senders, self._clock = outbox, intake, senders, clock
        self._step = step
        self._breakers = breakers
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}
        """By desk and conversation."""
        self._turns: dict[str, int] = {}
        self._turn = 0

    async def start(self, places: Iterable[DeskPlace]) -> int:
        """Begin with what is due, as far as there is room, desk by desk in turn; how many conversations are under way."""
        self._reap()
        waiting = {place: await self._startable(place) for place in places}
        while (place := self._whose_turn(waiting)) is not None:
            conversation, item = waiting[place].popitem(last=False)
            task = asyncio.create_task(self._converse(place, item), name="sending")
            self._under_way[place.id, conversation] = task
        return len(self._under_way)

    def _whose_turn(self, waiting: Mapping[DeskPlace, Mapping[str, Item]]) -> DeskPlace | None:
        """Of those with work and room: who has least under way, and among them who had no turn for longest."""
        busy = Counter(desk for desk, _ in self._under_way)
        able = [place for place, items in waiting.items() if items and busy[place.id] < EACH]
        if not able or len(self._under_way) >= TOGETHER:
            return None
        place = min(able, key=lambda one: (busy[one.id], self._turns.get(one.id, 0)))
        self._turn += 1
        self._turns[place.id] = self._turn
        return place

    async def _startable(self, place: DeskPlace) -> OrderedDict[str, Item]:
        """What is due of conversations that are not under way, one of each, the longest due first."""
        found: OrderedDict[str, Item] = OrderedDict()
        for item in await self._outbox.due(place.id, LOOKED_AT):
            found.setdefault(item.body["conversation"], item)
        return OrderedDict((name, item) for name, item in found.items() if (place.id, name) not in self._under_way)

    async def finish(self, patience: Ms) -> None:
        """Let what is under way end; cut off what takes longer (it is taken up again when its lease has run out)."""
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience / SECOND)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def _reap(self) -> None:
        for key in [key for key, task in self._under_way.items() if task.done()]:
            self._under_way.pop(key).result()

    async def _converse(self, place: DeskPlace, due: Item) -> None:
        """Send from the head of the conversation on, until something has to wait."""
        try:
            while (head := await self._outbox.head(place.id, due.body["conversation"])) is not None:
                if head.body["due_at"] > self._clock.now():
                    if head.id != due.id:
                        soon = self._clock.now() + SECOND
                        waits = head.body["due_at"] if head.state == "waiting" else min(head.body["due_at"], soon)
                        await self._outbox.change(due, due_at=waits)
                    return
                await self._attend(place, head)
        except (Conflict, DocumentsUnavailable, BrokerUnavailable):
            # somebody else has it, or a store is away: it is due again, at the latest when the lease runs out
            return

    async def _attend(self, place: DeskPlace, item: Item) -> None:
        """One step for the head of a conversation."""
        if item.state == "reporting":
            await self._report(place, await self._outbox.claim(item))
            return
        delivery = item.delivery
        late = self._clock.now() - item.body["at"] > LATE and not item.body["attempts"]
        sender = self._senders.get(delivery.channel)
        if sender is None or (late and not item.body["released"]):
            await self._outbox.hold(item, "late" if sender else "no_sender")
            return
        pause = self._breakers.enter(place.id, delivery.account)
        if pause:
            await self._outbox.wait(item, self._clock.now() + pause, "account_pauses")
            return
        try:
            claimed = await self._outbox.claim(item)
            await self._step("claimed")
            item, sent = await self._send(place, claimed, sender)
        finally:
            self._breakers.left(place.id, delivery.account)
        await self._step("sent")
        await self._settle(place, item, sent)

    async def _send(self, place: DeskPlace, item: Item, sender: Sender) -> tuple[Item, Sent]:
        """Send, and keep the lease meanwhile. No trouble with the lease cuts a sending off: it may arrive all the same."""
        delivery, kept = item.delivery, True
        sending = asyncio.ensure_future(_guarded(sender.send(place, delivery, item.body["at"])))
        try:
            while not (await asyncio.wait({sending}, timeout=(LEASE / 3 if kept else SECOND) / SECOND))[0]:
                item, kept = await self._keep(item, sure=kept)
        finally:
            sending.cancel()
        sent = await sending
        if not sent.ours:
            tell = self._breakers.failed if sent.result == "temporary" else self._breakers.worked
            tell(place.id, delivery.account)
        return item if kept else await self._surely(self._outbox.again, item), sent

    async def _keep(self, item: Item, *, sure: bool) -> tuple[Item, bool]:
        """The item with a longer lease, and whether it is sure to be stored so: what was not answered may be."""
        try:
            return await self._outbox.renew(item if sure else await self._outbox.again(item)), True
        except (Conflict, DocumentsUnavailable):
            return item, False

    async def _settle(self, place: DeskPlace, item: Item, sent: Sent) -> None:
        now = self._clock.now()
        since = max(item.body["at"], item.body.get("released_at", 0))
        if sent.result == "held":
            await self._surely(self._outbox.hold, item, sent.code)
        elif sent.result == "temporary" and now - since < GIVE_UP:
            await self._surely(self._outbox.wait, item, now + backoff(item.body["attempts"], ours=sent.ours), sent.code)
        else:
            outcome = "failed" if sent.result == "temporary" else sent.result
            code = "expired" if sent.result == "temporary" else sent.code
            conclude = partial(self._outbox.conclude, permanent=outcome == "failed", unreachable=sent.unreachable)
            item = await self._surely(conclude, item, outcome, code)
            await self._step("concluded")
            await self._report(place, item)

    async def _report(self, place: DeskPlace, item: Item) -> None:
        """Tell the desk, then close. In between a crash tells it again, with the same id."""
        command_id, command = report(place, item)
        await self._surely(self._intake.append, place, command_id, command)
        await self._step("reported")
        await self._surely(self._outbox.finish, item)

    async def _surely(self, act: Callable[..., Awaitable[T]], *given: object) -> T:
        """What follows a sending is written down however long the stores are away: sending again is worse."""
        while True:
            try:
                return await act(*given)
            except (DocumentsUnavailable, BrokerUnavailable):
                await self._clock.sleep(SECOND)


async def _guarded(sending: Awaitable[Sent]) -> Sent:
    """A sender that fails in an unforeseen way holds one delivery, not the desk."""
    try:
        return await sending
    except (DocumentsUnavailable, BrokerUnavailable):
        return Sent("temporary", "store_away", ours=True)
    except Exception as fault:  # noqa: BLE001 - whatever one letter does, all others still go out
        return Sent("held", type(fault).__name__, ours=True)
