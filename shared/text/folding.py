"""One spelling for matching: Arabic and Latin text folded, and cut into words."""

import re
import unicodedata

_DIACRITICS = [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD), 0x0640]
_INVISIBLE = [
    *(0x00AD, 0x061C, 0x180E, 0x2060, 0xFEFF),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
]
_SAME_LETTER = str.maketrans("أإآٱىیېةۀکڪ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "اااايييههكك01234567890123456789")
_BIDI_FREE: dict[int, int | None] = dict.fromkeys(_INVISIBLE)
_FOLD: dict[int, int | None] = {**_SAME_LETTER, **dict.fromkeys([*_DIACRITICS, *_INVISIBLE])}
# Normalisation sorts runs of combining marks quadratically, so a hostile run is cut into pieces.
_PIECE = re.compile(r"\S{1,128}|\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def visible(text: str) -> str:
    """The text without characters that draw nothing (bidi controls, joiners, marks of order)."""
    return text if text.isascii() else text.translate(_BIDI_FREE)


def fold(text: str) -> str:
    """One spelling for matching: NFKC, no Arabic diacritics, tatweel or bidi controls, one alef, ya, kaf and
    ta marbuta, ASCII digits, lower case. Linear in the length."""
    if text.isascii():
        return text.casefold()
    if not unicodedata.is_normalized("NFKC", text):
        text = "".join([unicodedata.normalize("NFKC", piece) for piece in _PIECE.findall(text)])
    return text.translate(_FOLD).casefold()


def words(text: str) -> list[str]:
    """The folded words in order: runs of letters and digits, with inner apostrophes."""
    return _WORD.findall(fold(text).replace("’", "'"))
