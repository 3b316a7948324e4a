"""A desk's post office in a test's hand: deliveries are told, rounds are made one at a time, crashes are put anywhere."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.ingest.backlog import Backlog
from services.ingest.channel import Parts, Sender
from services.ingest.channels.mailbox.posting import MailSender
from services.ingest.delivery.breaker import Breakers
from services.ingest.delivery.outbox import Item, Outbox
from services.ingest.delivery.sending import Sending, Step, no_step
from services.ingest.intake import Intake
from services.ingest.policies import DeskDoor, Policies
from shared import texts
from shared.catalogue.codec import encode
from shared.catalogue.commands import ReportDelivery
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import DELIVERIES
from shared.catalogue.values import FollowUp
from shared.clock import SECOND, Ms
from shared.desks import DeskPlace
from shared.ids import fact_id, named_id
from shared.policy.terms import Channel
from tests.unit.ingest.desk import Doors, HandClock, open_doors, policy
from tests.unit.ingest.mail import Relay

PLACE = DeskPlace("support", "acme", 0)
PATIENCE: Ms = 20 * SECOND


class Crash(Exception):
    """The process ends here."""


def named(*parts: str | int) -> str:
    """An id a test can say again."""
    return named_id("test", *parts)


class Post:
    """Deliveries of one desk, over a real outbox."""

    def __init__(self, doors: Doors) -> None:
        self.doors, self.clock = doors, doors.clock
        self.documents = doors.ports.documents
        self.outbox = Outbox(self.documents, self.clock)
        self._seq: Counter[str] = Counter()
        self._policies = Policies()
        self._policies.put(DeskDoor(PLACE, policy().at_version(1), 1))
        ports = doors.ports
        self.intake = Intake(ports.broker, ports.blobs, ports.clock, ports.secrets, Backlog(ports.clock))
        self.sender: Sender = MailSender(Parts(ports, self._policies, self.intake))

    def sending(self, step: Step = no_step, sender: Sender | None = None) -> Sending:
        """A sender of its own: another process."""
        one = sender or self.sender
        return Sending(
            self.outbox, self.intake, {Channel.EMAIL: one, Channel.WEBFORM: one}, self.clock, Breakers(self.clock), step
        )

    async def know(self, **addresses: str) -> None:
        """What the text store holds of contact points."""
        writes = [
            texts.change("support", "contact", contact, 0, {"kind": "email", "address": address, "name": contact})
            for contact, address in addresses.items()
        ]
        await self.documents.write(writes)

    async def tell(
        self, number: int = 1, *, conversation: str = "c1", at: Ms | None = None, desk: str = "support", **changes: Any
    ) -> str:
        """Append a delivery as the router would; its id."""
        delivery = DeliverMessage.model_validate(
            {
                "delivery": named("delivery", number), "message": named("message", number),
                "conversation": named(conversation), "ticket": "t1", "number": 7, "channel": "email",
                "account": "mail", "to": "huda", "kind": "reply", "text": f"text {number}", "language": "en",
                "follow_up": FollowUp(ticket="t1", number=7, team="front"), **changes,
            }
        )  # fmt: skip
        self._seq[desk] += 1
        seq = self._seq[desk]
        envelope = Envelope(
            fact_id(desk, DELIVERIES.name, seq), "router", self.clock.now() if at is None else at, "acme", desk, "c", "c",
            delivery, seq, seq, last=True,
        )  # fmt: skip
        await self.doors.ports.broker.append([encode(envelope, DELIVERIES.name, 0)])
        await self.doors.settle()
        return delivery.delivery

    async def round(self, sending: Sending | None = None) -> None:
        """Send all that is due now, to the end."""
        sending = sending or self.sending()
        while await sending.start([PLACE]):
            await sending.finish(PATIENCE)

    async def crash(self, at: str) -> None:
        """Make a round that ends at this step; then let the lease run out."""

        async def step(name: str) -> None:
            if name == at:
                raise Crash

        try:
            await self.round(self.sending(step))
        finally:
            self.clock.time += 31 * SECOND

    async def item(self, delivery: str) -> Item:
        found = await self.outbox.find("support", delivery)
        assert found is not None
        return found

    async def state(self, delivery: str) -> tuple[str, str]:
        item = await self.item(delivery)
        return item.state, item.body["code"]

    async def reports(self) -> list[ReportDelivery]:
        return await self.doors.bodies(ReportDelivery)

    async def outcomes(self) -> list[tuple[str, bool, str]]:
        return [(each.outcome, each.permanent, each.code) for each in await self.reports()]


@asynccontextmanager
async def open_post(
    folder: Path, relay: Relay | None = None, clock: HandClock | None = None, **settings: Any
) -> AsyncIterator[Post]:
    if relay:
        settings |= {"relay_host": "127.0.0.1", "relay_port": relay.port, "relay_tls": False}
    async with open_doors(folder, clock, **settings) as doors:
        post = Post(doors)
        await post.know(huda="huda@example.com", omar="omar@example.com")
        yield post
