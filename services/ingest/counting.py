"""What the doors of all channels were handed and did not take, and what waits to go out, as figures."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.ingest.channel import Answer, Door, Refusal, Request
from services.ingest.channels.email.smtp_in import Accept, Envelope, Refused
from services.ingest.delivery.breaker import Breakers
from services.ingest.delivery.outbox import UNDONE, Outbox
from shared.clock import SECOND
from shared.desks import DeskPlace
from shared.metrics import Metrics
from shared.metrics.doors import MAILS, SESSIONS
from shared.policy.terms import Channel

OUR_FAULT = "unavailable"
NO_DESK = "no_such_desk"
REFUSALS = (
    OUR_FAULT, "desk_sealed", "too_many_requests", "origin", "not_found", "malformed", "invalid", "unsupported_media_type",
    "too_large", "too_many_parts", "too_many_files", "too_slow", "charset",
)  # fmt: skip
"""For which HTTP doors refuse."""


def count_door(metrics: Metrics, channel: Channel, door: Door) -> Door:
    """The same door; what it is handed is counted. One that reads no body takes no messages."""
    if not door.most_bytes:
        return door
    metrics.desk.received.begin((channel,))
    metrics.desk.refused.begin((channel,), REFUSALS)

    async def handle(request: Request) -> Answer:
        metrics.desk.received.one(channel).inc()
        try:
            answer = await door.handle(request)
        except Refusal as refusal:
            metrics.desk.refused.one(channel, refusal.reason).inc()
            raise
        except Exception:
            metrics.desk.refused.one(channel, OUR_FAULT).inc()
            raise
        if answer.reason:
            metrics.desk.refused.one(channel, answer.reason).inc()
        return answer

    return replace(door, handle=handle)


def count_mails(metrics: Metrics, accept: Accept) -> Accept:
    """The same, with mails counted by what their sender is answered."""
    metrics.desk.received.begin((Channel.EMAIL,))
    metrics.desk.refused.begin((Channel.EMAIL,), (OUR_FAULT, NO_DESK))
    metrics.doors.mails.begin(MAILS)
    metrics.doors.sessions.begin(SESSIONS)

    async def counted(raw: bytes, envelope: Envelope) -> None:
        metrics.desk.received.one(Channel.EMAIL).inc()
        try:
            await accept(raw, envelope)
        except Refused:
            metrics.doors.mails.one("refused").inc()
            metrics.desk.refused.one(Channel.EMAIL, NO_DESK).inc()
            raise
        except Exception:
            metrics.doors.mails.one("later").inc()
            metrics.desk.refused.one(Channel.EMAIL, OUR_FAULT).inc()
            raise
        metrics.doors.mails.one("taken").inc()

    return counted


def show_outbox(
    metrics: Metrics, outbox: Outbox, breakers: Breakers, places: Callable[[], list[DeskPlace]]
) -> Callable[[], Awaitable[None]]:
    """Sets how many deliveries are not done, since when, and what keeps them, when somebody looks."""

    async def refresh() -> None:
        for place in places():
            metrics.doors.oldest.one(place.id).set(await outbox.oldest(place.id) / SECOND)
            metrics.doors.paused.one(place.id).set(breakers.shut(place.id))
            for state in UNDONE:
                count = await outbox.count(place.id, state)
                metrics.doors.outbox.one(place.id, state).set(count)

    return refresh
