"""Finding the phrases of named word lists in a text."""

from collections.abc import Iterable, Mapping, Sequence

from shared.text.folding import words

# The article, alone or behind a conjunction or preposition; shorter prefixes also begin ordinary words.
_ARTICLES = ("وبال", "وكال", "ولل", "وال", "فال", "بال", "كال", "فلل", "لل", "ال")
_SHORTEST_STEM = 3


def _stem(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _SHORTEST_STEM:
            return word[len(article) :]
    return word


class _Fits:
    """One word of a phrase: the word itself, with or without the Arabic article, or any ending after `*`."""

    __slots__ = ("open_end", "word")

    def __init__(self, word: str, *, open_end: bool) -> None:
        self.word = word
        self.open_end = open_end

    def __call__(self, word: str) -> bool:
        if self.open_end:
            return word.startswith(self.word) or _stem(word).startswith(self.word)
        return self.word in (word, _stem(word))


def _read_phrase(phrase: str) -> list[_Fits]:
    fits = []
    for part in phrase.split():
        spoken = words(part)
        for at, word in enumerate(spoken, start=1):
            fits.append(_Fits(word, open_end=part.endswith("*") and at == len(spoken)))
    return fits


class WordIndex:
    """Finds which of many named phrase lists occur in a text, looking at each word of the text once.

    A phrase is a run of whole words; `*` at the end of a word stands for any ending. Arabic words fit with or
    without the article (ال, وال, بال, لل …). Built once per policy version.
    """

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._exact: dict[str, list[tuple[list[_Fits], str]]] = {}
        self._open: dict[str, list[tuple[list[_Fits], str]]] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                if fits := _read_phrase(phrase):
                    table = self._open if fits[0].open_end else self._exact
                    table.setdefault(fits[0].word, []).append((fits[1:], name))
        self._open_lengths = sorted({len(word) for word in self._open})

    def find(self, text: str) -> tuple[str, ...]:
        """The names of the lists of which at least one phrase occurs, sorted."""
        found: set[str] = set()
        spoken = words(text)
        for at, word in enumerate(spoken):
            for rest, name in self._starting(word):
                if name not in found and self._continues(spoken, at + 1, rest):
                    found.add(name)
        return tuple(sorted(found))

    def _starting(self, word: str) -> Iterable[tuple[list[_Fits], str]]:
        for form in {word, _stem(word)}:
            yield from self._exact.get(form, ())
            for length in self._open_lengths:
                if length > len(form):
                    break
                yield from self._open.get(form[:length], ())

    @staticmethod
    def _continues(spoken: Sequence[str], at: int, rest: Sequence[_Fits]) -> bool:
        if at + len(rest) > len(spoken):
            return False
        return all(fits(spoken[at + step]) for step, fits in enumerate(rest))
