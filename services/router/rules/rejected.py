"""What a rule is: its shape, and how it refuses."""

from collections.abc import Generator, Iterator

from shared.emissions import Emission

Made = dict[str, str]
"""What a command created: kind → id or number."""
Rule = Generator[Emission, None, Made]
"""A rule that answers a command."""
Part = Iterator[Emission]
"""A part of a rule."""


class Rejected(Exception):
    """The command is refused, for this reason: a stable snake_case word that doors translate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
