"""Enhanced status codes (RFC 3463, RFC 7505): which of them speak of the address a mail went to."""

import re

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\S)")
_OF_THE_ADDRESS = re.compile(r"5\.1\.(?:[0-46]|10)|5\.2\.1")
"""No such mailbox or domain, not spelled as one, moved away, a domain that takes no mail; disabled. Not what is said of our
own address (5.1.7, 5.1.8), of the other server (5.1.9), or of a mailbox that is full (5.2.2)."""


def is_of_the_address(status: str) -> bool:
    """Whether this failure would come back whatever we sent there."""
    return _OF_THE_ADDRESS.fullmatch(status) is not None


def status_of(answer: str) -> str:
    """The status a server's answer begins with, or nothing. Its words are not kept: they repeat addresses."""
    found = _STATUS.match(answer.lstrip())
    return found[1] if found else ""
