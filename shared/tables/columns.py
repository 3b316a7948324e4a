"""Columns: the values of one field in neighbouring rows, in the least room their kind allows, as bytes of JSON too.

A row's fields say much the same as its neighbours' do: one word for all, times of one minute, ids of 16 bytes. As
objects of their own they take ten times the room, and ten times as long to read back.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from sys import intern
from typing import Any, Protocol

Reader = Callable[[Any], Any]
"""A value from its JSON."""
FEW = 4
"""Values that repeat at least so often on average are listed once."""
ID_LENGTH = 36
_DASHES = (8, 13, 18, 23)


class Column(Protocol):
    """Values by place; `at` reads one, `values` all."""

    @property
    def at(self) -> Callable[[int], Any]: ...

    def values(self) -> Iterable[Any]: ...
    def saved(self) -> dict[str, Any]:
        """As JSON: one key, which names the kind, and what `read_column` needs."""


class Same:
    """One value for all rows."""

    def __init__(self, value: Any, length: int) -> None:
        self.value, self._length = value, length

    def at(self, _place: int) -> Any:
        return self.value

    def values(self) -> Iterable[Any]:
        return [self.value] * self._length

    def saved(self) -> dict[str, Any]:
        return {"same": self.value}


class Numbers:
    """Whole numbers, as what they are above the least of them: times of one bucket lie close together."""

    def __init__(self, least: int, above: Sequence[int]) -> None:
        self._least = least
        self._above = array("I" if max(above) < 1 << 32 else "Q", above)

    def at(self, place: int) -> int:
        return self._least + self._above[place]

    def values(self) -> Iterable[Any]:
        least = self._least
        return [least + each for each in self._above]

    def saved(self) -> dict[str, Any]:
        return {"above": self._above.tolist(), "least": self._least}


class Ids:
    """UUIDs in their usual spelling, 16 bytes each."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def at(self, place: int) -> str:
        text = self._content[16 * place : 16 * place + 16].hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def values(self) -> Iterable[Any]:
        text = self._content.hex()
        return [
            f"{text[i : i + 8]}-{text[i + 8 : i + 12]}-{text[i + 12 : i + 16]}-{text[i + 16 : i + 20]}-{text[i + 20 : i + 32]}"
            for i in range(0, len(text), 32)
        ]

    def saved(self) -> dict[str, Any]:
        return {"ids": self._content.hex()}


class Words:
    """Values that repeat: each one once, and which one it is by place."""

    def __init__(self, words: Sequence[Any], places: Iterable[int]) -> None:
        self._words = words
        self._places: bytes | array[int] = bytes(places) if len(words) <= 1 << 8 else array("I", places)

    def at(self, place: int) -> Any:
        return self._words[self._places[place]]

    def values(self) -> Iterable[Any]:
        words = self._words
        return [words[place] for place in self._places]

    def saved(self) -> dict[str, Any]:
        return {"words": self._words, "places": list(self._places)}


class Runs:
    """Tuples of any length: their elements in a column of their own, and where each tuple ends."""

    def __init__(self, ends: Iterable[int], elements: Column) -> None:
        self._ends, self._elements = array("I", ends), elements

    def at(self, place: int) -> tuple[Any, ...]:
        at = self._elements.at
        begin = self._ends[place - 1] if place else 0
        return tuple([at(each) for each in range(begin, self._ends[place])])

    def values(self) -> Iterable[Any]:
        elements, begin = [*self._elements.values()], 0
        for end in self._ends:
            yield tuple(elements[begin:end])
            begin = end

    def saved(self) -> dict[str, Any]:
        return {"ends": self._ends.tolist(), "elements": self._elements.saved()}


def pack_column(values: Sequence[Any], *, opaque: bool = False) -> Column:
    """The values in the least room; `opaque` ones are never taken apart, for only their own reader can make them.

    Equal values become one object, so none may be of a kind that changes: raises TypeError where one has no hash."""
    if not values:
        return Same(None, 0)
    if values.count(values[0]) == len(values):
        hash(values[0])
        return Same(values[0], len(values))
    kinds = {type(value) for value in values}
    words = {word: place for place, word in enumerate(dict.fromkeys(values))}
    if len(words) * FEW > len(values) and not opaque:
        if kinds == {int} and (numbers := _numbers(values)):
            return numbers
        if kinds == {str} and (ids := _ids(values)):
            return ids
        if kinds == {tuple}:
            return _runs(values)
    return Words([*words], [words[value] for value in values])


def _numbers(values: Sequence[int]) -> Numbers | None:
    """None where they lie so far apart that 64 bits don't hold the difference."""
    least = min(values)
    return Numbers(least, [value - least for value in values]) if max(values) - least < 1 << 64 else None


def _ids(values: Sequence[str]) -> Ids | None:
    """None where any value is not spelt as we spell ids: it must come back as it was."""
    text, count = "".join(values), len(values)
    if len(text) != ID_LENGTH * count or text.count("-") != len(_DASHES) * count:
        return None
    if any(text[dash::ID_LENGTH] != "-" * count for dash in _DASHES) or any(
        len(value) != ID_LENGTH for value in values
    ):
        return None
    digits = text.replace("-", "")
    try:
        content = bytes.fromhex(digits)
    except ValueError:
        return None
    return Ids(_one_object(content)) if content.hex() == digits else None


@lru_cache(maxsize=16)
def _one_object(content: bytes) -> bytes:
    """Two fields of a row often name the same: the columns of one bucket are made one after another."""
    return content


def _runs(values: Sequence[tuple[Any, ...]]) -> Runs:
    return Runs(accumulate(map(len, values)), pack_column([*chain.from_iterable(values)]))


def plain(value: Any) -> Any:
    """What has no reader of its own: lists were tuples, words are one object."""
    if isinstance(value, list):
        return tuple([plain(part) for part in value])
    return intern(value) if isinstance(value, str) else value


def read_column(saved: dict[str, Any], length: int, read: Reader = plain) -> Column:
    """A column from its JSON."""
    if "same" in saved:
        return Same(read(saved["same"]) if length else None, length)
    if "above" in saved:
        return Numbers(saved["least"], saved["above"])
    if "ids" in saved:
        return Ids(_one_object(bytes.fromhex(saved["ids"])))
    if "words" in saved:
        return Words([read(word) for word in saved["words"]], saved["places"])
    if "ends" in saved:
        ends = saved["ends"]
        return Runs(ends, read_column(saved["elements"], ends[-1]))
    # a kind of column that format 2 once had, for values without a hash
    return pack_column([read(value) for value in saved["each"]], opaque=True)
