"""Arabic and English words of the pages. English sentences are the keys; `.po` files hold all other languages.

Every `shared/locale/<language>/*.po` belongs to one part of the product; they are compiled when first asked for.
"""

import functools
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_datetime, get_timezone
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from shared.clock import DAY, HOUR, MINUTE, SECOND, Ms

LANGUAGES = ("ar", "en")
SOURCE = "en"
"""The language the keys are written in."""
FOLDER = Path(__file__).parent / "locale"
PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "en": "nplurals=2; plural=(n != 1);",
}
"""Zero, one, two, few, many, other: the order every translator's tool writes. Babel's own table for Arabic has another."""


class TranslationFault(Exception):
    """A `.po` file that would show somebody a wrong or missing sentence; named by file and key."""


@functools.cache
def translations(language: str) -> NullTranslations:
    """Gettext of a language of the product (`gettext`, `ngettext`, `pgettext` …). Raises TranslationFault.

    Another language is shown the source language: some words are better than none.
    """
    known = language.partition("-")[0]
    if known not in LANGUAGES:
        return translations(SOURCE)
    return compile_folder(FOLDER / known, known)


def compile_folder(folder: Path, language: str) -> NullTranslations:
    """All `.po` files of a folder as one. Raises TranslationFault for a key with two translations, or a fuzzy one."""
    whole = Catalog(locale=language)
    whole.mime_headers = [("Plural-Forms", PLURALS[language])]
    origin: dict[object, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
        if (catalog.plural_expr, catalog.num_plurals) != (whole.plural_expr, whole.num_plurals):
            raise TranslationFault(f"{path.name}: write the header Plural-Forms: {PLURALS[language]}")
        for message in catalog:
            if not message.id:
                continue
            key = (message.context, message.id)
            if message.fuzzy or key in origin:
                raise TranslationFault(f"{path.name}: {message.id!r} is {_wrong(origin.get(key))}")
            origin[key] = path.name
            whole.add(message.id, message.string, context=message.context)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def _wrong(former: str | None) -> str:
    return f"translated in {former} as well" if former else "marked fuzzy"


def direction(language: str) -> str:
    """`rtl` or `ltr`, as the attribute `dir` takes it."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def preferred(accepted: str, offered: Sequence[str] = LANGUAGES, default: str = "") -> str:
    """The offered language a browser's Accept-Language asks for most; else `default`, else the first offered."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, weight = part.strip().lower().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, name.partition("-")[0]))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wishes) if name in offered), default or offered[0])


DIGITS = {"ar": str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫٬")}
"""The digits pages in Arabic are written in. Ticket numbers are no figures: they stay ASCII everywhere."""
ONLY_DIGITS = {"ar": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")}
NO_DATE = (ValueError, OverflowError, OSError)
"""What Python says of a time after the year 9999 or far before 1970. A fact may name one; its page is shown all the same."""


@functools.lru_cache(maxsize=4_096)
def number(value: float, language: str) -> str:
    """A figure in the digits and separators of the language."""
    return format_decimal(value, locale=language).translate(DIGITS.get(language, {}))


@functools.lru_cache(maxsize=8_192)  # a live page writes the same times again and again
def moment(at: Ms, zone: str, language: str, style: str = "medium") -> str:
    """A time of the core (milliseconds, UTC) as people in `zone` write it; empty for one that no calendar has."""
    place = get_timezone(zone or "UTC")
    try:
        written = format_datetime(datetime.fromtimestamp(at / 1_000, UTC), style, tzinfo=place, locale=language)
    except NO_DATE:
        return ""
    return written.translate(ONLY_DIGITS.get(language, {}))


def duration(length: Ms, language: str) -> str:
    """A length of time in its two largest units, the rest left out; the sign is the reader's to write."""
    rest = abs(length)
    parts: list[str] = []
    for unit, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND)):
        count, rest = divmod(rest, size)
        if parts and (not count or unit == "second"):
            break
        if count or unit == "second":
            parts.append(_counted(count, unit, language))
        if len(parts) == 2:  # noqa: PLR2004 - two units say enough
            break
    return " ".join(parts).translate(ONLY_DIGITS.get(language, {}))


@functools.lru_cache(maxsize=4_096)
def _counted(count: int, unit: str, language: str) -> str:
    return format_unit(count, f"duration-{unit}", "short", locale=language)
