"""By what we recognise our own automatic mail when it comes back."""

import hmac
from collections.abc import Sequence
from hashlib import sha256


def loop_marks(keys: Sequence[bytes]) -> tuple[str, ...]:
    """One mark per key, the newest first: that one is written, all of them are recognised."""
    return tuple(hmac.new(key, b"sanad.loop", sha256).hexdigest()[:24] for key in keys)
