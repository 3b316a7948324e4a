"""Which language a text is in, among those a desk speaks. For doors only: models may change their minds."""

import functools
import threading
import unicodedata
from collections.abc import Sequence
from typing import Any

from shared.text.folding import visible, words

ARABIC_IN_LATIN = "ar-Latn"
"""Arabic written with Latin letters and digits ("3ayez a7awel")."""

_ARABIC_SCRIPT = ("ar", "fa", "ur", "ps", "ckb", "ug", "sd")
_OTHER_SCRIPTS = {
    "CYRILLIC": ("ru", "uk", "bg", "sr", "kk", "mk", "be"),
    "HEBREW": ("he", "yi"),
    "GREEK": ("el",),
    "DEVANAGARI": ("hi", "mr", "ne"),
    "CJK": ("zh", "ja"),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "THAI": ("th",),
    "BENGALI": ("bn",),
    "TAMIL": ("ta",),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "ETHIOPIC": ("am",),
}
_NOT_LATIN = frozenset(_ARABIC_SCRIPT).union(*_OTHER_SCRIPTS.values())
# Letters of Persian and Urdu that Arabic keyboards lack; چ گ پ alone also occur in Gulf and Iraqi dialect.
_BEYOND_ARABIC = frozenset("پچژگکیٹڈڑںےہھۀۂ")
_BEYOND_SHARE = 0.04
_READ_AT_MOST = 4_000
"""Characters looked at: the language shows early, and a door must not read 256 KiB letter by letter."""

_ARABIZI_DIGITS = frozenset("235679")
_ARABIZI_WORDS = frozenset(
    words(
        "ana enta enti ento e7na ehna el mesh msh mish mafi mafeesh mafish fe fi fein feen fen wein wain keda kda kida ezay "
        "ezzay izay leh leih lesh laish law lw sama7t samaht momken mumkin meen min shokran shukran habibi ya yalla wallah "
        "inshallah insha3allah bas bass keteer kteer awi awy gedan jiddan lessa lsa ba2a b2a 3ayez 3ayz ayez badi bedi abi "
        "abgha kont kunt kan kanet 7aga haga hagat delwa2ty dilwa2ti emta imta kam shu sho eh eih ma3 3ala 3la 3an ba3d abl"
    )
)
_ENGLISH_WITH_DIGITS = (
    "st",
    "nd",
    "rd",
    "th",
    "am",
    "pm",
    "kg",
    "km",
    "gb",
    "mb",
    "tb",
    "hrs",
    "x",
    "g",
    "d",
    "k",
    "m",
)
_asking = threading.Lock()


def detect_language(text: str, languages: Sequence[str]) -> str | None:
    """A language code, or None when the text shows none (no letters) or none the desk speaks.

    More Arabic than Latin letters is Arabic, or Persian or Urdu when their letters show. Several candidates of
    one script are settled by a detector restricted to them, loaded on its first use (about 1 s, 110 MiB).
    """
    prose = " ".join([token for token in text[:_READ_AT_MOST].split() if "@" not in token and "://" not in token])
    script = _script(prose)
    if script is None:
        return None
    if script == "ARABIC":
        return _of_arabic_script(prose, languages)
    if script == "LATIN":
        if _is_arabizi(prose):
            return ARABIC_IN_LATIN
        return _one_of([name for name in languages if name not in _NOT_LATIN], prose)
    return _one_of([name for name in languages if name in _OTHER_SCRIPTS.get(script, ())], prose)


def _script(text: str) -> str | None:
    """The script with most letters; Arabic needs more than Latin, a tie is Latin."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            script = _script_of(letter)
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return None
    return max(counts, key=lambda script: (counts[script], script == "LATIN", script))


@functools.lru_cache(maxsize=4_096)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]


def _of_arabic_script(text: str, languages: Sequence[str]) -> str | None:
    spoken = [name for name in languages if name in _ARABIC_SCRIPT]
    letters = [letter for letter in text if letter.isalpha()]
    beyond = sum(letter in _BEYOND_ARABIC for letter in letters)
    if beyond < _BEYOND_SHARE * len(letters):
        return "ar" if "ar" in spoken or not spoken else _one_of(spoken, text)
    return _one_of([*dict.fromkeys([*spoken, "ar", "fa", "ur"])], text)


def _is_arabizi(text: str) -> bool:
    spoken = words(text)
    digits = sum(_has_arabizi_digit(word) for word in spoken)
    known = sum(word in _ARABIZI_WORDS for word in spoken)
    score = 2 * digits + known
    return score >= 3 and (digits > 0 or known >= 3) and score * 4 >= len(spoken)  # noqa: PLR2004 - two clear signs, a quarter of the words


def _has_arabizi_digit(word: str) -> bool:
    """A digit that stands for a letter: before letters, or between them; not "2nd", "7am", "b2b"."""
    letters = [sign for sign in word if sign.isalpha()]
    if len(letters) < 2 or not any(sign in _ARABIZI_DIGITS for sign in word):  # noqa: PLR2004 - "x2" is no word
        return False
    if word.lstrip("0123456789") in _ENGLISH_WITH_DIGITS or word in ("b2b", "b2c", "p2p", "e2e", "h2o", "mp3", "mp4"):
        return False
    inner = any(word[at - 1].isalpha() and word[at] in _ARABIZI_DIGITS for at in range(1, len(word) - 1))
    leading = word[0] in _ARABIZI_DIGITS and word[1].isalpha()
    return leading or (inner and word[-1].isalpha())


def _one_of(candidates: Sequence[str], text: str) -> str | None:
    if not candidates:
        return None
    if len(candidates) == 1:
        return candidates[0]
    known = tuple(name for name in candidates if name in _labels())
    if not known:
        return candidates[0]
    return _ask(known, visible(text))


def _ask(known: tuple[str, ...], text: str) -> str:
    # The detector keeps its restriction as state, so asking is one step at a time and ends unrestricted.
    with _asking:
        detector = _detector()
        try:
            detector.set_languages(list(known))
            answer: str = detector.classify(text)[0]
        finally:
            detector.set_languages(None)
        return answer


@functools.cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


@functools.cache
def _labels() -> frozenset[str]:
    return frozenset(_detector().labels)
