"""A parsed mail as a message for one mailbox: who wrote, to whom, what is new in it, what no person wrote."""

from collections.abc import Sequence

from services.ingest.arrival import Address, Arrival, File
from services.ingest.channels.email.mail import Address as Mailbox
from services.ingest.channels.email.mail import MailRefused, ParsedMail
from services.ingest.channels.email.threads import find_thread, own_messages, read_message_id, split_reply_address
from services.ingest.policies import Entry
from shared.catalogue.values import Thread
from shared.ids import one_spelling

ECHO = "echo"


def sender_of(mail: ParsedMail, mail_from: str, entry: Entry) -> Mailbox:
    """Who wrote; for a report, which come from all kinds of things that are no addresses, at least some address. Raises
    MailRefused."""
    if mail.sender is None and mail.automatic is None:
        raise MailRefused("not readable")
    return mail.sender or Mailbox(mail_from or f"mailer-daemon@{entry.account.address.rpartition('@')[2]}")


def understand(
    mail: ParsedMail, sender: Mailbox, entry: Entry, recipients: Sequence[str], raw_blob: str, keys: Sequence[bytes]
) -> Arrival:
    """The message. An echo of our own mail belongs to no conversation, whatever it says."""
    desk = entry.desk.place.id
    automatic = automatic_kind(mail, desk, keys)
    return Arrival(
        account=entry.account.id,
        sender_id=mail.message_id,
        content=mail.fingerprint,
        sender=Address(sender.address, sender.name),
        text=mail.reply,
        full_text=mail.text,
        html=mail.html,
        raw_blob=raw_blob,
        subject=mail.subject,
        sent_at=mail.accepted_at,
        files=tuple(File(file.name, file.media_type, file.content, file.content_id) for file in mail.files),
        external_id=mail.message_id if mail.message_id.startswith("<") else "",
        references=tuple(dict.fromkeys((*mail.references, *mail.in_reply_to))),
        copied=() if automatic else copied(mail, sender, entry),
        automatic=automatic,
        assurance="aligned_mail" if mail.authentication.aligned else "none",
        thread=None if automatic in {ECHO, "loop"} else thread_of(mail, recipients, desk, keys),
    )


def automatic_kind(mail: ParsedMail, desk: str, keys: Sequence[bytes]) -> str | None:
    """What no person wrote, and what we wrote ourselves: a Message-ID with our own MAC that came back as it went out."""
    return ECHO if read_message_id(mail.message_id, desk, keys) else mail.automatic


def thread_of(mail: ParsedMail, recipients: Sequence[str], desk: str, keys: Sequence[bytes]) -> Thread | None:
    """The conversation named with our MAC; for a report also by the mail of ours it is about."""
    found = find_thread(mail, recipients, desk, keys)
    if found is not None or not mail.automatic:
        return found
    concerned = own_messages(mail.concerns, desk, keys)
    return Thread(conversation=concerned[0].conversation) if concerned else None


def copied(mail: ParsedMail, sender: Mailbox, entry: Entry) -> tuple[Address, ...]:
    """Everybody else the mail went to, without the desk itself under any of its addresses."""
    accounts = entry.desk.policy.accounts.values()
    own = {one_spelling("email", address) for account in accounts for address in account.addresses}
    others = {
        one.address: Address(one.address, one.name)
        for one in (*mail.to, *mail.cc)
        if one.address != sender.address and split_reply_address(one.address)[0] not in own
    }
    return tuple(others.values())
