"""A customer's message, as a command."""

from shared.catalogue.commands import ReceiveMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.values import Contact, Principal
from shared.policy.terms import Channel


def message(name: str, desk: str, sent_at: int = 0) -> Envelope:
    """The command's id, and what its facts are correlated by, is its name."""
    by = Principal(organisation="o", desk=desk, id="somebody", role="customer")
    command = ReceiveMessage(
        by=by, message=name, channel=Channel.EMAIL, account="mail", sent_at=sent_at, external_id="",
        sender=Contact(id="contact-1", kind="email", address="customer@example.org"),
    )  # fmt: skip
    return Envelope(name, "test", 0, by.organisation, desk, name, name, command)
