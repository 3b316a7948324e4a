import csv
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from shared.text.courtesy import is_opt_out_only, is_thanks_only
from shared.text.folding import fold, visible, words
from shared.text.language import ARABIC_IN_LATIN, detect_language
from shared.text.phrases import WordIndex

MESSAGES = Path(__file__).parents[3].parent / "shared" / "data" / "messages"
DESK = ("ar", "en")


def _real_messages(name: str, column: int) -> list[str]:
    path = MESSAGES / name
    if not path.exists():
        pytest.skip(f"LOUD: {path} is absent, real messages were not tested")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in list(csv.reader(file))[1:]]


@pytest.mark.parametrize(
    ("written", "also_written"),
    [
        ("شُكْرًا جَزِيلًا", "شكرا جزيلا"),
        ("أحمد إلى آخر", "احمد الي اخر"),
        ("فاتورة", "فاتوره"),
        ("مـــرحـــبا", "مرحبا"),
        ("\u202bطلب\u202c \u200fرقم", "طلب رقم"),
        ("طلب ١٠٢٤", "طلب 1024"),
        ("طلب ۱۰۲۴", "طلب 1024"),
        ("ﻻ ﺷﻲء", "لا شيء"),
        ("STRASSE", "straße"),
        ("ﬁle", "FILE"),
    ],
)
def test_spellings_of_one_word_fold_to_the_same(written: str, also_written: str) -> None:
    assert fold(written) == fold(also_written)


def test_letters_that_tell_words_apart_survive_folding() -> None:
    assert len({fold(word) for word in ("علم", "عالم", "معلم", "card", "cord")}) == 5


def test_visible_drops_only_what_draws_nothing() -> None:
    assert visible("\u202eevil\u202c \u200bplain\ufeff") == "evil plain"
    assert visible("شُكْرًا") == "شُكْرًا"


def test_words_keep_inner_apostrophes_and_drop_signs() -> None:
    assert words("Don’t stop, e-mail: طلبي!") == ["don't", "stop", "e", "mail", "طلبي"]


def test_a_hostile_run_of_combining_marks_is_folded_in_bounded_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    # Normalisation is quadratic in such a run, so no piece may grow with the text.
    normalize, lengths = unicodedata.normalize, []

    def normalize_and_note(form: Literal["NFKC"], text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize_and_note)
    assert fold("a" + "\u0300\u0316" * 50_000).startswith("à")
    assert max(lengths) <= 128


class TestWordConditions:
    index = WordIndex(
        {
            "billing": ("فاتورة", "bill", "invoic*", "e-mail receipt"),
            "energy": ("طاقة",),
            "refund": ("استرجاع المبلغ", "money back"),
            "nothing": ("", " ", "!"),
        }
    )

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Where is my BILL?", ("billing",)),
            ("two invoices", ("billing",)),
            ("billing", ()),
            ("I need the e-mail receipt", ("billing",)),
            ("وين الفاتورة", ("billing",)),
            ("والفاتورةُ؟", ("billing",)),
            ("للفاتورة", ("billing",)),
            ("بطاقة", ()),
            ("الطاقة", ("energy",)),
            ("اريد استرجاع المبلغ من الفاتوره", ("billing", "refund")),
            ("استرجاع كل المبلغ", ()),
            ("I want my money back", ("refund",)),
            ("back money", ()),
            ("money", ()),
            ("", ()),
        ],
    )
    def test_phrases_are_runs_of_whole_words(self, text: str, found: tuple[str, ...]) -> None:
        assert self.index.find(text) == found

    def test_the_order_of_lists_does_not_matter(self) -> None:
        turned = WordIndex({"b": ("one two",), "a": ("one", "two*")})
        assert turned.find("one twofold two") == ("a",)
        assert turned.find("one two") == ("a", "b")

    def test_a_phrase_is_found_wherever_it_stands(self) -> None:
        assert WordIndex({"x": ("a a b",)}).find("a a a a b") == ("x",)


class TestThanks:
    @pytest.mark.parametrize(
        "text",
        [
            "Thanks!",
            "thank you so much",
            "Thank you very much for your help 🙏",
            "شكراً",
            "شكرا جزيلا لكم",
            "وشكرا",
            "يعطيك العافية",
            "جزاكم الله خيرا",
            "مشكور اخي",
            "Thanks,\nSara Ali",
        ],
    )
    def test_thanks_alone_is_recognised(self, text: str) -> None:
        assert is_thanks_only(text, sender_name="Sara Ali")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "ok",
            "Thanks, but it still fails",
            "Thanks, is it solved now?",
            "thanks is it solved now",
            "شكرا لكن المشكلة لم تحل",
            "شكرا متى يصل الطلب",
            "شكرا لم يصل",
            "Thanks. Order 1024",
            "Thanks for nothing",
            "thank you " * 20,
        ],
    )
    def test_anything_more_than_thanks_is_an_ordinary_message(self, text: str) -> None:
        assert not is_thanks_only(text, sender_name="Sara Ali")

    def test_no_real_question_counts_as_thanks(self) -> None:
        texts = _real_messages("banking77_en_train.csv", 0) + _real_messages("arbanking77_train.csv", 1)
        assert [text for text in texts if is_thanks_only(text) or is_opt_out_only(text)] == []


@pytest.mark.parametrize("text", ["STOP", " stop. ", "Unsubscribe", "إيقاف", "ايقاف!", "إلغاء الاشتراك"])
def test_an_opt_out_word_as_the_whole_message_counts(text: str) -> None:
    assert is_opt_out_only(text)


@pytest.mark.parametrize("text", ["إلغاء", "cancel", "stop sending me the wrong invoice", "please stop", "end", ""])
def test_words_that_also_mean_something_else_do_not_opt_out(text: str) -> None:
    assert not is_opt_out_only(text)


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("أين طلبي؟", "ar"),
            ("وين الطلب يا جماعة، شلونكم", "ar"),
            ("Where is my order?", "en"),
            ("طلبي من iPhone Store لم يصل حتى الآن", "ar"),
            ("My name is محمد and my card is lost", "en"),
            ("https://example.com/a/very/long/address وصل", "ar"),
            ("someone@example.com مشكلة", "ar"),
            ("3ayez a7awel floos", ARABIC_IN_LATIN),
            ("ana mesh 3aref a3mel eh", ARABIC_IN_LATIN),
            ("I got my 2nd card at 7am, 5kg, b2b", "en"),
            ("12345 !!", None),
            ("", None),
            ("где мой заказ", None),
        ],
    )
    def test_script_decides_between_arabic_and_english(self, text: str, language: str | None) -> None:
        assert detect_language(text, DESK) == language

    def test_a_desk_without_latin_languages_does_not_guess(self) -> None:
        assert detect_language("Where is my order?", ("ar",)) is None

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("می‌خواهم پولم را پس بگیرم، چرا جواب نمی‌دهید", "fa"),
            ("میرا آرڈر کہاں ہے، مجھے جلدی چاہیے", "ur"),
        ],
    )
    def test_persian_and_urdu_are_not_taken_for_arabic(self, text: str, language: str) -> None:
        assert detect_language(text, DESK) == language

    def test_latin_languages_of_the_desk_are_told_apart(self) -> None:
        desk = ("ar", "en", "fr", "de")
        assert detect_language("Où est ma commande, je l'attends depuis deux semaines", desk) == "fr"
        assert detect_language("Wo ist meine Bestellung, ich warte seit zwei Wochen", desk) == "de"
        assert detect_language("Where is my order, I have been waiting for two weeks", desk) == "en"

    def test_real_messages_get_their_language(self) -> None:
        arabic = [detect_language(text, DESK) for text in _real_messages("arbanking77_train.csv", 1)]
        english = [detect_language(text, DESK) for text in _real_messages("banking77_en_train.csv", 0)]
        assert arabic.count("ar") >= 0.999 * len(arabic)
        assert english.count("en") >= 0.999 * len(english)
