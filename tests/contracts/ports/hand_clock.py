"""The suites' clock."""

from shared.clock import Ms


class HandClock:
    """A clock somebody turns by hand, also backwards."""

    def __init__(self, at: Ms = 1_000_000) -> None:
        self.at = at

    def now(self) -> Ms:
        return self.at

    def monotonic(self) -> Ms:
        return self.at

    async def sleep(self, length: Ms) -> None:
        self.at += length
