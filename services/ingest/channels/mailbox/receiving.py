"""Mail in: raw bytes durable first, read in a child process, then a command, or a dead letter with its reason.

Returning means 250, so nothing is returned from before all of it is durable. What cannot be read is kept and visible;
what is ours to blame raises, and the sender's server tries again.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from services.ingest.arrival import Address as Contacted
from services.ingest.channel import Parts
from services.ingest.channels.email.child import MailReader
from services.ingest.channels.email.mail import MailRefused, ParsedMail
from services.ingest.channels.email.parse import Reading
from services.ingest.channels.email.smtp_in import Envelope, MailListener, Refused
from services.ingest.channels.email.threads import own_messages, split_reply_address
from services.ingest.channels.mailbox.marks import loop_marks
from services.ingest.channels.mailbox.understood import sender_of, understand
from services.ingest.counting import count_mails
from services.ingest.delivery.outbox import Outbox
from services.ingest.delivery.report import report_bounce
from services.ingest.intake import UNWRITABLE
from services.ingest.policies import Entry
from shared.clock import Ms
from shared.dead_letters import DeadLetter
from shared.metrics.doors import MAILS
from shared.service import Loop

SOURCE = "mail"
MOST_IN_LETTER = 8 << 20
"""Bytes of a mail kept in its dead letter; the whole is in the blob it names."""

NEVER_LEFT = frozenset({"waiting", "held", "stored", "failed"})


class Mailboxes:
    """The mail door of all desks of this process."""

    def __init__(self, parts: Parts) -> None:
        ports = parts.ports
        self._policies, self._intake, self._dead_letters = parts.policies, parts.intake, ports.dead_letters
        self._blobs, self._settings, self._keys = ports.blobs, ports.settings, ports.secrets.mail
        self._outbox = Outbox(ports.documents, ports.clock)
        marks = frozenset(loop_marks(ports.secrets.mail))
        self._reader = MailReader(Reading(ports.settings.authserv_id or None, marks))
        self._metrics = ports.metrics
        self.port: int | None = None
        """Where it listens, once it does."""

    def loop(self) -> Loop:
        return Loop("mail", self._listen)

    async def _listen(self) -> None:
        await self._policies.complete.wait()
        listener = MailListener(
            count_mails(self._metrics, self.accept), self._knows,
            hostname=self._settings.authserv_id or "localhost", noticed=self._notice,
        )  # fmt: skip
        self.port = await listener.start(self._settings.smtp_host, self._settings.smtp_port)
        try:
            await asyncio.Event().wait()
        finally:
            await listener.stop()

    def _notice(self, outcome: str) -> None:
        doors = self._metrics.doors
        (doors.mails if outcome in MAILS else doors.sessions).one(outcome).inc()

    async def _knows(self, address: str) -> int:
        entry = self._find(address)
        return entry.desk.policy.limits.mail_bytes if entry else 0

    def _find(self, address: str) -> Entry | None:
        return self._policies.mailbox(split_reply_address(address)[0])

    async def accept(self, raw: bytes, envelope: Envelope) -> None:
        """One mail for whichever desks it names: durable in each. Raises Refused, or what the sender shall retry."""
        entries = self._desks(envelope.recipients)
        if not entries:
            raise Refused
        for entry in entries:
            self._intake.check(entry.desk.place)
        for entry in entries:
            blob = await self._blobs.put(entry.desk.place.id, raw)
            try:
                await self._take(raw, blob, entry, envelope)
            except MailRefused as refused:
                await self._keep(raw, blob, entry, envelope, refused.reason)

    async def redrive(self, letter: DeadLetter, _content: bytes) -> None:
        """Try to read a dead letter of this source once more. Raises MailRefused as before, or what stores raise."""
        told = {name: value.decode() for name, value in letter.headers}
        entry = self._find(told["account"])
        if entry is None:
            raise Refused
        raw = await self._blobs.get(letter.desk, told["blob"])
        envelope = Envelope(told["mail_from"], tuple(told["recipients"].split()), "")
        await self._take(raw, told["blob"], entry, envelope, letter.at)

    async def _take(self, raw: bytes, blob: str, entry: Entry, envelope: Envelope, arrived: Ms | None = None) -> None:
        if len(raw) - raw.index(b"\n") - 1 > entry.desk.policy.limits.mail_bytes:
            # another desk it was sent to takes more, so the sender was not refused
            raise MailRefused("too large")
        mail = await self._reader.read(raw)
        sender = sender_of(mail, envelope.mail_from, entry)
        await self._report_bounces(mail, entry)
        arrival = understand(mail, sender, entry, envelope.recipients, blob, self._keys)
        try:
            await self._intake.take(entry.desk, replace(arrival, sent_at=arrival.sent_at or arrived))
        except UNWRITABLE:
            raise MailRefused("not readable") from None

    async def _report_bounces(self, mail: ParsedMail, entry: Entry) -> None:
        """Mail of ours that came back: the reply it carried has not arrived."""
        failed = [bounce for bounce in mail.bounces if bounce.action == "failed" and not bounce.guessed]
        place = entry.desk.place
        for own in own_messages(mail.concerns, place.id, self._keys) if failed else ():
            item = await self._outbox.find(place.id, own.delivery)
            if item is None or item.state in NEVER_LEFT:
                continue
            to, alone = item.delivery.to, not item.delivery.copied
            theirs = [bounce for bounce in failed if self._intake.contact(place, Contacted(bounce.recipient)).id == to]
            # that somebody copied was not reached takes nothing from the reply; of an address the mail was passed on
            # to, a report says that it has not arrived, and nothing of the address it was sent to
            for bounce in (theirs or (failed if alone else []))[:1]:
                told = report_bounce(
                    place, item, permanent=bounce.permanent, code=bounce.status or "bounced",
                    unreachable=bounce.unreachable and bounce in theirs,
                )  # fmt: skip
                await self._intake.append(place, *told)

    async def _keep(self, raw: bytes, blob: str, entry: Entry, envelope: Envelope, reason: str) -> None:
        about = {
            "blob": blob, "mail_from": envelope.mail_from, "recipients": " ".join(envelope.recipients),
            "account": entry.account.address,
        }  # fmt: skip
        headers = tuple((name, value.encode()) for name, value in about.items())
        self._metrics.consumers.dead_letters.one(SOURCE).inc()
        content, desk = raw[:MOST_IN_LETTER], entry.desk.place.id
        await self._dead_letters.keep_request(SOURCE, content, reason, key=blob.encode(), headers=headers, desk=desk)

    def _desks(self, recipients: Iterable[str]) -> list[Entry]:
        """One mailbox per desk: the first that is named."""
        found: dict[str, Entry] = {}
        for recipient in recipients:
            if (entry := self._find(recipient)) is not None:
                found.setdefault(entry.desk.place.id, entry)
        return list(found.values())
