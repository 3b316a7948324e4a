"""Finding word conditions in a text, at the doors. Whoever decides afterwards sees condition ids, never the text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from shared.policy.policy import Policy
from shared.policy.words import WordList

MOST_WORDS = 2_000
"""A message beyond this many words is classified by its beginning."""
SHORTEST_STEM = 3
LONGEST_FORMULA = 12
"""Thanks and opt-outs are short; a longer message says something else as well."""
_WORD = re.compile(r"\w+")
_DROPPED = {ord(sign): None for sign in "'\u2019\u02bc\u0640\u0670\u200e\u200f\u061c"} | dict.fromkeys(
    [*range(0x064B, 0x0653), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_UNIFIED = str.maketrans("أإآٱىیةک", "اااايي\u0647ك")
_JOINED = ("و", "ف")
_PREFIXED = ("ب", "ل", "ك")
_ARTICLE = "ال"


def fold_words(text: str) -> list[str]:
    """The words of a text with everything gone that two people write differently: case, diacritics, tatweel, bidi
    controls, apostrophes, the forms of alef, ya, kaf and ta marbuta. Numerals become European."""
    plain = unicodedata.normalize("NFKC", text).translate(_DROPPED).translate(_UNIFIED).casefold()
    return [_europeanise(word) for word in _WORD.findall(plain)]


def _europeanise(word: str) -> str:
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in word) if not word.isascii() else word


def stems(word: str) -> Iterator[str]:
    """The word, then without what Arabic writes onto its front: and, so; with, to, like; the article."""
    yield word
    if word.isascii():
        return
    if word.startswith("لل"):
        yield word[2:]
    for fronts in (_JOINED, _PREFIXED, (_ARTICLE,)):
        front = next((front for front in fronts if word.startswith(front)), "")
        if front and len(word) - len(front) >= SHORTEST_STEM:
            word = word[len(front) :]
            yield word


def fold_phrase(phrase: str) -> tuple[str, ...]:
    """A phrase as `fold_words` would see it; `*` stays at the end of a word that may go on."""
    words: list[str] = []
    for part in phrase.split():
        folded = fold_words(part)
        words += [*folded[:-1], folded[-1] + "*" * part.endswith("*")] if folded else []
    return tuple(words)


class Matcher:
    """Built once per policy version; a look-up costs some dictionary accesses a word, whatever the number of lists."""

    def __init__(self, policy: Policy) -> None:
        self.version = policy.version
        self._whole: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._begun: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for words in policy.words.values():
            for phrase in map(fold_phrase, words.phrases):
                table = self._begun if phrase[0].endswith("*") else self._whole
                table.setdefault(phrase[0].rstrip("*"), []).append((phrase[1:], words.condition))
        self._lengths = sorted({len(beginning) for beginning in self._begun})
        self._thanks, self._opt_out = _formulas(policy.thanks), _formulas(policy.opt_out)

    def conditions(self, *texts: str) -> tuple[str, ...]:
        """Ids of the word lists of which a phrase occurs in one of the texts (a subject, a body), sorted."""
        found: set[str] = set()
        for text in texts:
            sentence = [tuple(stems(word)) for word in fold_words(text)[:MOST_WORDS]]
            for place, forms in enumerate(sentence):
                found.update(
                    condition
                    for rest, condition in self._begins(forms)
                    if condition not in found and _continues(sentence, place + 1, rest)
                )
        return tuple(sorted(found))

    def thanks_only(self, text: str) -> bool:
        """Nothing but words of thanks, however many and however decorated."""
        return _consists_of(self._thanks, text)

    def opts_out(self, text: str) -> bool:
        """Nothing but an opt-out word."""
        return _consists_of(self._opt_out, text)

    def _begins(self, forms: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
        for form in forms:
            yield from self._whole.get(form, ())
            for length in self._lengths:
                yield from self._begun.get(form[:length], ())


def _continues(sentence: list[tuple[str, ...]], place: int, rest: tuple[str, ...]) -> bool:
    if place + len(rest) > len(sentence):
        return False
    return all(
        any(form.startswith(word[:-1]) if word.endswith("*") else form == word for form in sentence[place + ahead])
        for ahead, word in enumerate(rest)
    )


def _formulas(words: WordList) -> frozenset[tuple[str, ...]]:
    return frozenset(map(fold_phrase, words.phrases))


def _consists_of(formulas: frozenset[tuple[str, ...]], text: str) -> bool:
    words = tuple(fold_words(text)) if len(text) <= LONGEST_FORMULA * 80 else ()
    if not words or len(words) > LONGEST_FORMULA:
        return False
    reached = {0}
    for end in range(1, len(words) + 1):
        if any(words[start:end] in formulas for start in reached):
            reached.add(end)
    return len(words) in reached
