"""How many bytes one door holds at once for whoever sends or fetches them, and how many of that for one of them."""

from collections import Counter


class Full(Exception):
    """No room. `own`: the asker's share is used up, whatever there is left for others."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("own share used up" if own else "no room")
        self.own = own


class Room:
    """Bytes that may be held: `most` together, of them `share` by one holder."""

    def __init__(self, most: int, share: int | None = None) -> None:
        self._most, self._share = most, most if share is None else share
        self._held: Counter[str] = Counter()
        self._total = 0

    def holding(self, holder: str) -> "Holding":
        """One request's or mail's part of it, nothing yet."""
        return Holding(self, holder)

    def take(self, holder: str, size: int) -> None:
        """Raises Full, and takes nothing then."""
        if self._held[holder] + size > self._share:
            raise Full(own=True)
        if self._total + size > self._most:
            raise Full(own=False)
        self._held[holder] += size
        self._total += size

    def give_back(self, holder: str, size: int) -> None:
        self._total -= size
        self._held[holder] -= size
        if not self._held[holder]:
            del self._held[holder]


class Holding:
    """What is held for one request or mail. Whoever took lets go, once or more often."""

    def __init__(self, room: Room, holder: str) -> None:
        self._room, self._holder, self._size = room, holder, 0

    def take(self, size: int) -> None:
        """Raises Full; what was taken before stays."""
        self._room.take(self._holder, size)
        self._size += size

    def let_go(self) -> None:
        size, self._size = self._size, 0
        self._room.give_back(self._holder, size)
