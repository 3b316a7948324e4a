"""A zone as a table of offsets: computed when a policy is compiled, so that no fold ever asks a time-zone database."""

from bisect import bisect_right
from functools import cached_property

from shared.clock import Ms
from shared.policy.noun import Noun


class Zone(Noun):
    """Offsets from UTC between two horizons. Before the first and after the last change the nearest offset holds."""

    name: str
    since: Ms
    until: Ms
    offset: Ms
    """In force at `since`."""
    changes: tuple[tuple[Ms, Ms], ...] = ()
    """(instant, offset from then on), ascending, all within the horizons."""

    @cached_property
    def _offsets(self) -> tuple[Ms, ...]:
        return (self.offset, *(offset for _, offset in self.changes))

    @cached_property
    def _instants(self) -> tuple[Ms, ...]:
        return tuple(instant for instant, _ in self.changes)

    @cached_property
    def _local_switches(self) -> tuple[Ms, ...]:
        pairs = zip(self.changes, self._offsets, strict=False)
        return tuple(instant + max(before, after) for (instant, after), before in pairs)

    def local(self, at: Ms) -> Ms:
        """What the clock on the wall shows, as milliseconds since 1970-01-01 00:00 of that wall."""
        return at + self._offsets[bisect_right(self._instants, at)]

    def instant(self, local: Ms) -> Ms:
        """The moment a wall clock shows `local`: of two the first; a time that is skipped counts from before the
        change, so it lies later by exactly what was skipped."""
        return local - self._offsets[bisect_right(self._local_switches, local)]
