"""What YAML offers and a policy file does without: a value may say no more than is written where it stands."""

import re
from typing import Any

from ruamel.yaml.events import AliasEvent

MOST_DIGITS = 100
"""Far above every number of a policy, far below what Python refuses to read."""
_NUMBER = re.compile(rf"[-+]?(?:[0-9][0-9_]{{{MOST_DIGITS},}}|0[box][0-9a-fA-F_]{{{MOST_DIGITS},}})")
Refused = tuple[str, str]
ALIAS: Refused = ("anchors and aliases are not allowed", "write the value out where it is needed")
TAG: Refused = ("YAML tags are not allowed", "write the plain value")
MERGE: Refused = ("merge keys are not allowed", "write the values out, or put << in quotes where it is a text")
NUMBER: Refused = (f"this number has more than {MOST_DIGITS} digits", "shorten it, or put it in quotes if it is a text")


def find_cleverness(event: Any) -> Refused | None:
    """What is wrong with an alias, scalar or beginning of a mapping or list, and how to put it right; None: nothing."""
    if isinstance(event, AliasEvent) or event.anchor:
        return ALIAS
    if event.ctag is not None and str(event.ctag) not in {"", "None"}:
        return TAG
    plain = event.value if getattr(event, "style", "") is None else ""
    if plain == "<<":
        return MERGE
    return NUMBER if _NUMBER.fullmatch(plain) else None
