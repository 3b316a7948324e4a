"""Submitting mail to the relay, and what is known of it afterwards."""

import ssl
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from services.ingest.channels.email.compose import Outgoing
from services.ingest.channels.email.statuses import status_of
from shared.clock import Ms

Result = Literal["delivered", "permanent", "temporary", "unknown"]
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """`delivered`: the relay took it for at least the customer. `permanent`: it never will. `temporary`: again later.
    `unknown`: the connection broke after the mail was handed over; it may or may not have been taken.

    `code` is the relay's reply code, 0 if there was none; `status` the enhanced one it refused the customer's address with.
    `refused` are copied recipients the relay did not take.
    The relay's words are not kept: they repeat addresses.
    """

    result: Result
    code: int = 0
    reason: str = ""
    refused: tuple[str, ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is submitted. `tls`: "start" (STARTTLS demanded), "direct" (port 465), or "none" (loopback, tests)."""

    host: str
    port: int
    tls: Literal["start", "direct", "none"] = "start"
    user: str | None = None
    password: str | None = None
    local_name: str | None = None
    timeout: Ms = 60_000
    context: ssl.SSLContext | None = None


class Submission:
    """Sends one mail per connection: simple, and no state to be wrong about between two mails."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def send(self, mail: Outgoing) -> Outcome:
        """Never raises for what a relay or network does; the outcome says what is known."""
        relay = self._relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "direct",
            start_tls=relay.tls == "start",
            username=relay.user,
            password=relay.password,
            local_hostname=relay.local_name,
            timeout=relay.timeout / 1_000,
            tls_context=relay.context,
        )
        try:
            await client.connect()
        except SMTPAuthenticationError as error:
            # Wrong credentials are the operator's to mend: the mail is good and waits.
            return Outcome("temporary", error.code, "relay refused our credentials")
        except (SMTPException, OSError, ValueError) as error:
            return Outcome("temporary", getattr(error, "code", 0), "relay not reachable")
        try:
            return await self._hand_over(client, mail)
        finally:
            await _leave(client)

    async def _hand_over(self, client: SMTP, mail: Outgoing) -> Outcome:
        try:
            await client.mail(
                mail.mail_from, options=[f"SIZE={len(mail.raw)}"] if client.supports_extension("size") else []
            )
            refused = await self._name_recipients(client, mail)
        except SMTPRecipientRefused as error:
            return _failed(error.code, "recipient refused", status_of(error.message))
        except SMTPResponseException as error:
            return _failed(error.code, "sender refused")
        except (SMTPException, OSError):
            return Outcome("temporary", 0, "connection lost before the mail was handed over")
        try:
            await client.data(mail.raw)
        except SMTPResponseException as error:
            return _failed(error.code, "mail refused")
        except (SMTPException, OSError):
            return Outcome("unknown", 0, "connection lost while the mail was handed over")
        return Outcome("delivered", 250, refused=refused)

    @staticmethod
    async def _name_recipients(client: SMTP, mail: Outgoing) -> tuple[str, ...]:
        """The customer must be taken; copied people may be refused."""
        customer, *copied = mail.recipients
        await client.rcpt(customer)
        refused = []
        for address in copied:
            try:
                await client.rcpt(address)
            except SMTPRecipientRefused:
                refused.append(address)
        return tuple(refused)


def _failed(code: int, reason: str, status: str = "") -> Outcome:
    return Outcome("permanent" if code >= _PERMANENT else "temporary", code, reason, status=status)


async def _leave(client: SMTP) -> None:
    """QUIT politely; a relay that is gone already changes nothing about the outcome."""
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        client.close()
