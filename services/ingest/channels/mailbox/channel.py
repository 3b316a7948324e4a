"""What e-mail brings to the table of channels."""

from services.ingest.channel import Offer, Parts
from services.ingest.channels.mailbox.posting import MailSender
from services.ingest.channels.mailbox.receiving import Mailboxes


def offer(parts: Parts) -> Offer:
    """The listener and the sender."""
    mailboxes = Mailboxes(parts)
    return Offer(loops=(mailboxes.loop(),), sender=MailSender(parts), redrive={"mail": mailboxes.redrive})
