"""The channels there are. A new one is a file beside this one and a row here; the contract suite then asks for a
sample of what it takes in, and of what proves it."""

from services.ingest.channel import Row
from services.ingest.channels.mailbox import channel as mailbox
from services.ingest.channels.web_form import door as web_form
from shared.policy.terms import Channel

CHANNELS: tuple[Row, ...] = (
    Row(Channel.WEBFORM, web_form.offer, replies_by=Channel.EMAIL),
    Row(Channel.EMAIL, mailbox.offer),
)
