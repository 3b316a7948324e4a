"""How header fields of our own mail are written: short lines in 7 bit, by hand where the library writes them wrong."""

from email import policy
from email.header import Header
from email.headerregistry import Address as Mailbox
from email.policy import EmailPolicy
from typing import Any

ADDRESS_FIELDS = frozenset({"from", "to", "cc", "reply-to"})
_ID_FIELDS = frozenset({"message-id", "in-reply-to", "references"})
_LONGEST_LINE = 75
_LONGEST_NAME = 60
"""Characters of a name that is written plainly or quoted."""


class _Wire(EmailPolicy):
    """The SMTP policy, folding by hand where the library (3.11-3.13) cuts Message-IDs, loses spaces of long encoded
    subjects, or drops the quotes of a long name, whose commas then part addresses."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _ID_FIELDS:
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"
        if name.lower() in ADDRESS_FIELDS:
            mailboxes = [_mailbox(one, self.linesep) for one in value.addresses]
            return f"{name}: {f',{self.linesep} '.join(mailboxes)}{self.linesep}"
        if name.lower() == "subject" and not str(value).isascii():
            return f"{name}: {_words(str(value), name, self.linesep)}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "replace")


# 7 bit only: not every relay takes more, and no content is touched on the way then.
WIRE = _Wire(linesep=policy.SMTP.linesep, cte_type="7bit")


def _mailbox(one: Mailbox, linesep: str) -> str:
    """A name with its address, on a line of its own unless the name is short."""
    name, address = one.display_name, one.addr_spec
    shown = str(one).removesuffix(f" <{address}>")
    if not name:
        return address
    if not name.isascii() or len(shown) > _LONGEST_NAME:
        shown = _words(name, "Reply-To", linesep)
    separator = " " if len(shown) + len(address) < _LONGEST_NAME else f"{linesep} "
    return f"{shown}{separator}<{address}>"


def _words(text: str, name: str, linesep: str) -> str:
    """Encoded words (RFC 2047) that fit behind the field's name."""
    return Header(text, "utf-8", maxlinelen=_LONGEST_LINE, header_name=name).encode(linesep=linesep)
