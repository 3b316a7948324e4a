from pathlib import Path

import pytest

from services.gateway.api.times import LATEST
from shared.i18n import (
    PLURALS,
    TranslationFault,
    compile_folder,
    direction,
    duration,
    moment,
    number,
    preferred,
    translations,
)

HEADER = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {PLURALS["ar"]}\\n"\n'


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "لا ملفات"), (1, "ملف واحد"), (2, "ملفان"), (3, "%(num)s ملفات"), (11, "%(num)s ملفاً"), (100, "%(num)s ملف")],
)
def test_arabic_has_six_plural_forms(count: int, words: str) -> None:
    assert translations("ar").ngettext("%(num)s file", "%(num)s files", count) == words


def test_english_is_its_own_key() -> None:
    english = translations("en")
    assert english.ngettext("%(num)s file", "%(num)s files", 1) == "%(num)s file"
    assert english.ngettext("%(num)s file", "%(num)s files", 2) == "%(num)s files"
    assert english.gettext("Send") == "Send"


def test_a_language_the_product_does_not_speak_is_shown_english() -> None:
    assert translations("fr").gettext("Send") == "Send"


def test_a_regional_variant_is_its_language() -> None:
    assert translations("ar-EG").ngettext("%(num)s file", "%(num)s files", 2) == "ملفان"


def test_a_key_translated_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("one.po", "two.po"):
        (tmp_path / name).write_text(f'{HEADER}\nmsgid "Send"\nmsgstr "إرسال"\n')
    with pytest.raises(TranslationFault, match=r"two\.po: 'Send' is translated in one\.po as well"):
        compile_folder(tmp_path, "ar")


def test_a_guessed_translation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.po").write_text(f'{HEADER}\n#, fuzzy\nmsgid "Send"\nmsgstr "إرسال"\n')
    with pytest.raises(TranslationFault, match="fuzzy"):
        compile_folder(tmp_path, "ar")


def test_another_order_of_plurals_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.po").write_text(HEADER.replace(PLURALS["ar"], PLURALS["en"]))
    with pytest.raises(TranslationFault, match=r"one\.po: write the header Plural-Forms"):
        compile_folder(tmp_path, "ar")


@pytest.mark.parametrize(("language", "expected"), [("ar", "rtl"), ("en", "ltr"), ("ar-EG", "rtl"), ("??", "ltr")])
def test_direction_follows_the_language(language: str, expected: str) -> None:
    assert direction(language) == expected


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("ar", "ar"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.4,ar;q=0.8", "ar"),
        ("fr", "ar"),
        ("", "ar"),
        ("en;q=lots, , ;;", "ar"),
    ],
)
def test_the_browser_says_which_language(accepted: str, chosen: str) -> None:
    assert preferred(accepted, default="ar") == chosen


def test_numbers_and_times_are_written_as_the_language_does() -> None:
    assert number(1234.5, "en") == "1,234.5"
    assert moment(1_770_000_000_000, "Asia/Riyadh", "en") == "Feb 2, 2026, 5:40:00\u202fAM"
    assert "2026" in moment(1_770_000_000_000, "", "en")


def test_arabic_pages_are_written_in_arabic_digits() -> None:
    assert number(1234.5, "ar") == "١٬٢٣٤٫٥"
    assert "٢٠٢٦" in moment(1_770_000_000_000, "Asia/Riyadh", "ar")
    assert "2" not in moment(1_770_000_000_000, "Asia/Riyadh", "ar")


@pytest.mark.parametrize(
    ("length", "english", "arabic"),
    [
        (0, "0 sec", "٠ ث"),
        (59_999, "59 sec", "٥٩ ث"),
        (-61_000, "1 min", "١ د"),
        (3_600_000, "1 hr", "١ س"),
        (5_400_000, "1 hr 30 min", "١ س ٣٠ د"),
        (2 * 86_400_000 + 3_600_000 + 60_000, "2 days 1 hr", "يومان ١ س"),
        (86_400_000 + 60_000, "1 day", "يوم"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(length: int, english: str, arabic: str) -> None:
    assert duration(length, "en") == english
    assert duration(length, "ar") == arabic


@pytest.mark.parametrize("at", [253_402_300_799_000, 253_402_300_800_000, -(1 << 53), 1 << 62])
def test_a_time_that_no_calendar_has_is_written_as_nothing(at: int) -> None:
    assert moment(at, "Asia/Riyadh", "en") == ""


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("at", [0, LATEST])
def test_every_time_that_a_write_may_name_is_written(at: int, zone: str) -> None:
    assert moment(at, zone, "ar")
