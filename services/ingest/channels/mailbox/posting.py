"""Mail out: to the relay, or, where none is set, into a folder to look at, marked as not sent."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.ingest.channel import Parts, Sent
from services.ingest.channels.email.compose import NotSendable, Outgoing, compose
from services.ingest.channels.email.smtp_out import Outcome, Relay, Submission
from services.ingest.channels.email.statuses import is_of_the_address
from services.ingest.channels.mailbox.letters import Letters, NotReady
from services.ingest.policies import Policies
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import Ms
from shared.desks import DeskPlace
from shared.settings import Settings

FOLDER = "outbox"
COPIES_REFUSED = "copies_refused"
DIRECT = 465
"""The port where TLS comes first (RFC 8314); at all others STARTTLS is demanded."""


class MailSender:
    """The sender of e-mail, for e-mail's own deliveries and for those of every channel that is answered by mail."""

    def __init__(self, parts: Parts) -> None:
        ports = parts.ports
        self._policies: Policies = parts.policies
        self._letters = Letters(
            ports.documents, ports.blobs, ports.secrets, ports.settings.public_url, ports.clock
        )  # fmt: skip
        self._folder = ports.settings.folder / FOLDER
        self._relay = open_relay(ports.settings)

    async def send(self, place: DeskPlace, delivery: DeliverMessage, written_at: Ms) -> Sent:
        door = self._policies.desk(place.id)
        if door is None:
            return Sent("temporary", "no_policy", ours=True)
        try:
            letter = await self._letters.write(door, delivery, written_at)
            mail = compose(letter)
        except NotReady as missing:
            return Sent("temporary" if missing.later else "held", missing.code, ours=True)
        except NotSendable:
            return Sent("failed", "not_sendable")
        if self._relay is None:
            await asyncio.to_thread(_store, self._folder, delivery.delivery, mail)
            return Sent("stored", "no_relay")
        return sent(await self._relay.send(mail), mail.left_out)


def sent(outcome: Outcome, left_out: Sequence[str] = ()) -> Sent:
    """What is known of it, in few words. Who was copied and did not get it is told of; the customer did."""
    if outcome.refused or (left_out and outcome.result == "delivered"):
        return Sent("delivered", COPIES_REFUSED)
    code = outcome.status or str(outcome.code or "") or outcome.reason
    if outcome.result == "permanent":
        return Sent("failed", code, unreachable=is_of_the_address(outcome.status))
    return Sent(outcome.result, code)


def open_relay(settings: Settings) -> Submission | None:
    """The relay of the settings, if one is set. Raises OSError for a password file that cannot be read."""
    if not settings.relay_host:
        return None
    password = settings.relay_password_file
    return Submission(
        Relay(
            settings.relay_host,
            settings.relay_port,
            tls=("direct" if settings.relay_port == DIRECT else "start") if settings.relay_tls else "none",
            user=settings.relay_user or None,
            password=password.read_text(encoding="utf-8").strip() if password else None,
        )
    )


def _store(folder: Path, delivery: str, mail: Outgoing) -> None:
    """Whole or not at all; a repeat replaces it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f"{delivery}.part"
    partial.write_bytes(b"X-Sanad-Not-Sent: no relay is set\r\n" + mail.raw)
    partial.replace(folder / f"{delivery}.eml")
