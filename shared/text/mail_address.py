"""A mail address as people type it: the same judgement at every door where one is typed."""

import re

from shared.ids import one_spelling

LONGEST_ADDRESS = 254
"""Characters, RFC 5321."""
_NAME = r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_NAME}@{_LABEL}(?:\.{_LABEL})+")


def mail_address(written: str) -> str:
    """Its one spelling. Raises ValueError for what nothing could be sent to.

    Dots may stand anywhere before the @: some providers give out such addresses, and their mail arrives.
    """
    spelled = one_spelling("email", written.strip())
    if len(spelled) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(spelled):
        raise ValueError("no e-mail address")
    return spelled
