"""The header fields of a mail as plain text: unfolded, decoded, never trusted, never recursive."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from services.ingest.channels.email.addresses import read_addresses
from services.ingest.channels.email.encoded_words import decode_words
from services.ingest.channels.email.mail import Address
from shared.clock import Ms

LONGEST_VALUE = 64 * 1024
_MOST_REFERENCES = 100
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_ID = re.compile(r"<[^<>\s]{1,990}>")


class Headers:
    """Fields in their order, names in lower case, values unfolded but still encoded."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = [(name.lower(), _FOLD.sub(" ", str(value)[:LONGEST_VALUE]).strip()) for name, value in fields]

    def all(self, name: str) -> list[str]:
        """All values of a field, topmost first."""
        return [value for field, value in self._fields if field == name]

    def first(self, name: str) -> str | None:
        """The topmost value, or None."""
        return next((value for field, value in self._fields if field == name), None)

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self._fields)

    def text(self, name: str) -> str:
        """The topmost value decoded for people: one line, no control characters, "" when missing."""
        return decode_words(self.first(name) or "")

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Mailboxes of all fields of that name, each address once."""
        found: dict[str, Address] = {}
        for value in self.all(name):
            for address in read_addresses(value):
                found.setdefault(address.address, address)
        return tuple(found.values())

    def ids(self, name: str) -> tuple[str, ...]:
        """Message-IDs with their angle brackets, at most the last 100."""
        found = [one for value in self.all(name) for one in _ID.findall(value)]
        return tuple(dict.fromkeys(found))[-_MOST_REFERENCES:]


def read_date(value: str | None) -> Ms | None:
    """Milliseconds since the epoch, or None for what is no date. A date without a zone is taken as UTC."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value[:100])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
