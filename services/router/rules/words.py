"""Words that people give things: short enough, and bare enough, that no message, name or address hides in one.

Facts are kept for ever and hold no text (design: "The flow"), so what goes into one from outside is a word or an id.
"""

import re
from collections.abc import Iterable

from services.router.rules.rejected import Rejected

LETTERS = "a-zA-Z0-9\u00c0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefc"
"""Fixed ranges: what a library takes for a letter is another year's another set, and a replay must decide the same."""
WORD = re.compile(f"[{LETTERS}][{LETTERS}_./-]{{0,63}}")
CAUSES = frozenset({"solved", "resolved", "silent", "duplicate", "spam"})
"""Why a ticket is resolved."""


def check_words(words: Iterable[str | None]) -> None:
    """Raise Rejected("invalid_word") for the first that is none; what is not given is fine."""
    if not all(word is None or WORD.fullmatch(word) for word in words):
        raise Rejected("invalid_word")


def check_cause(cause: str | None) -> None:
    """Raise Rejected("unknown_cause") for anything that is not on the list."""
    if cause is not None and cause not in CAUSES:
        raise Rejected("unknown_cause")
