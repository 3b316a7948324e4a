"""What conditions look at: the traits of a ticket, as the commands and the desk's state know them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traits:
    """Unknown traits stay empty and fit no condition that asks for them."""

    account: str = ""
    channel: str = ""
    brand: str = ""
    address: str = ""
    """The sender's address, in lower case."""
    language: str = ""
    tier: str = ""
    conditions: frozenset[str] = frozenset()
    """Ids of the word conditions the door found."""
    category: str = ""
    type: str = ""
    priority: str = ""
    team: str = ""


def one_of(wanted: Iterable[str], value: str) -> bool:
    """An empty wish fits everything."""
    wishes = tuple(wanted)
    return not wishes or value in wishes


def below_one_of(paths: Iterable[str], path: str) -> bool:
    """A category fits itself and every category above it; an empty wish fits everything."""
    wishes = tuple(paths)
    return not wishes or any(path == wish or path.startswith(f"{wish}/") for wish in wishes)
