"""No sentence without its Arabic, no value without its word, no refusal that people would read as a code."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from services.gateway.console.assets import FOLDER, read_assets
from services.gateway.console.labels import Labels, isolate, one_line
from services.gateway.console.words import TABLES
from shared.catalogue.facts import DeliveryReported
from shared.catalogue.values import Assurance, LinkKind, Role, TargetName, TaskPurpose
from shared.i18n import LANGUAGES, PLURALS, translations
from shared.policy.terms import Channel, Priority, Status, Strategy, TicketType
from tests.unit.gateway.console.house import policy

HERE = Path("services/gateway/console")
TEMPLATES = {path.name: path.read_text() for path in sorted((HERE / "templates").glob("*.html"))}
SCRIPTS = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.js"))}
ARABIC = re.compile("[\u0600-\u06ff]")


def arabic(context: str | None, key: str) -> str:
    words = translations("ar")
    return str(words.pgettext(context, key) if context else words.gettext(key))


def sentences() -> list[tuple[str | None, str]]:
    """Every key the console asks translations for: of templates, of the chronicle, of the tables."""
    found: list[tuple[str | None, str]] = []
    for text in TEMPLATES.values():
        found += [(None, key) for key in re.findall(r'(?<![a-z])_\("([^"]+)"', text)]
        found += re.findall(r'pgettext\("([^"]+)", "([^"]+)"', text)
    chronicle = (HERE / "chronicle.py").read_text()
    said = re.findall(r'(?:say|words|_named|_clock|_left)\(\s*"([^"]+)"|sentence = "([^"]+)"', chronicle)
    found += [(None, one or other) for one, other in said]
    found += [(table, english) for table, words in TABLES.items() for english in words.values()]
    return found


def test_there_are_sentences_to_look_at() -> None:
    assert len(sentences()) > 350


def test_every_sentence_is_said_in_arabic() -> None:
    assert [(context, key) for context, key in sentences() if not ARABIC.search(arabic(context, key))] == []


def test_an_arabic_sentence_keeps_every_placeholder() -> None:
    for context, key in sentences():
        said = arabic(context, key)
        assert sorted(re.findall(r"%\(\w+\)s", said)) == sorted(re.findall(r"%\(\w+\)s", key)), key


def test_no_translation_is_left_over() -> None:
    """What nobody asks for any more misleads whoever translates."""
    asked = {key for _, key in sentences()} | {"MB", "kB"}
    plurals = {
        one
        for text in TEMPLATES.values()
        for pair in re.findall(r'ngettext\("([^"]+)", "([^"]+)"', text)
        for one in pair
    }
    spam = {"Marked as spam", "No longer spam"}
    written = re.findall(r'^msgid "(.+)"$', Path("shared/locale/ar/console.po").read_text(), re.MULTILINE)
    assert [key for key in written if key.replace('\\"', '"') not in asked | plurals | spam] == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 11, 99, 100, 102, 103])
def test_counted_sentences_use_all_six_arabic_forms(count: int) -> None:
    pairs = {pair for text in TEMPLATES.values() for pair in re.findall(r'ngettext\("([^"]+)", "([^"]+)"', text)}
    assert len(pairs) == 4
    for one, many in pairs:
        said = translations("ar").ngettext(one, many, count)
        assert ARABIC.search(said)
        assert ("%(num)s" in said) is (count not in {0, 1, 2})


def test_the_po_file_has_six_forms_wherever_it_counts() -> None:
    text = Path("shared/locale/ar/console.po").read_text()
    assert PLURALS["ar"] in text
    assert text.count("msgid_plural") * 6 == len(re.findall(r"^msgstr\[\d\] \".+\"$", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("status", set(Status)), ("type", set(TicketType)), ("channel", set(Channel)), ("target", set(get_args(TargetName))),
        ("role", set(get_args(Role))), ("purpose", set(get_args(TaskPurpose))), ("assurance", set(get_args(Assurance))),
        ("link", set(get_args(LinkKind))), ("linked", set(get_args(LinkKind))), ("strategy", set(Strategy)),
        ("delivery", set(get_args(DeliveryReported.model_fields["outcome"].annotation))), ("language", set(LANGUAGES)),
    ],
)  # fmt: skip
def test_every_value_of_a_closed_set_has_its_word(table: str, values: set[str]) -> None:
    assert {str(value) for value in values} <= set(TABLES[table])


def test_every_refusal_of_the_desk_is_told_in_words() -> None:
    rules = "".join(path.read_text() for path in Path("services/router").rglob("*.py"))
    reasons = set(re.findall(r'Rejected\("([a-z_]+)"\)', rules))
    assert len(reasons) > 30
    people_only = reasons - {"already_exists", "belongs_to_another", "no_such_role", "not_linked", "same_customer"}
    unasked = {"shift_ends_before_it_starts", "unknown_tier", "until_without_hold"}
    assert people_only - unasked - set(TABLES["refusal"]) == set()


def test_every_exclusion_the_router_tells_has_its_word() -> None:
    crews = Path("services/router/desk/crews.py").read_text() + Path("services/router/rules/assignment.py").read_text()
    told = {reason for reason in ("not_ready", "channel", "skills", "capacity", "passed") if f'"{reason}"' in crews}
    assert len(told) == 5
    assert told <= set(TABLES["exclusion"])


def test_templates_say_nothing_that_is_not_translated() -> None:
    """Between tags stand only expressions: a word in a template would be English for everybody."""
    for name, text in TEMPLATES.items():
        shown = re.sub(r"{% block live %}.*?{% endblock %}", "", text)
        bare = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<!doctype html>|<code.*?</code>|&\w+;", " ", shown, flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", " ", bare)
        assert re.findall(r"[A-Za-z]{2,}|[\u0600-\u06ff]{2,}", words) == [], name


def test_every_word_scripts_ask_for_is_there() -> None:
    text = "".join(SCRIPTS.values())
    asked = set(re.findall(r'\bsay\("([a-z_]+)"', text)) | set(re.findall(r'show\("([a-z_]+)"', text))
    asked |= set(re.findall(r'dry \? "([a-z_]+)" : "([a-z_]+)"', text)[0]) | {"left", "late", "taken", "done"}
    assert asked == set(TABLES["script"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_scripts_get_their_words_as_a_module(language: str) -> None:
    module = read_assets().files[f"words-{language}.js"].decode()
    words = json.loads(module.removeprefix("export const words = ").removesuffix(";\n"))
    assert set(words) == {"script", "refusal", "delivery", "letter"}
    assert bool(ARABIC.search(words["script"]["done"])) is (language == "ar")


def test_the_policy_names_what_it_knows_and_ids_stand_for_the_rest() -> None:
    labels = Labels(policy().model_dump(mode="json"), "ar")
    assert labels.name("team", "cards") == "البطاقات"
    assert labels.name("team", "former") == "former"
    assert labels.name("team", None) == ""
    assert labels.desk == "العناية بعملاء بنك الواحة"
    assert labels.zone == "Asia/Riyadh"
    assert list(labels.away()) == ["break", "prayer", "training", "meeting", "offline"]
    assert [labels.name("priority", str(one)) for one in Priority] == ["عاجل", "مرتفع", "عادي", "منخفض"]


def test_a_name_in_one_language_stands_in_for_the_other() -> None:
    labels = Labels({"teams": {"a": {"name": {"en": "Only English", "ar": ""}}}}, "ar")
    assert labels.name("team", "a") == "Only English"


def test_a_desk_without_a_policy_has_numbers_and_a_zone() -> None:
    labels = Labels(None, "en")
    assert (labels.reference(7), labels.reference(None), labels.zone, labels.desk) == ("SUP-7", "", "UTC", "")


def test_one_line_is_one_line_without_direction() -> None:
    assert one_line("\u202ea\r\nb\u2066\x00 ") == "a  b"
    assert isolate("x\u2069y") == "\u2068xy\u2069"


def test_a_time_that_no_calendar_has_breaks_no_page() -> None:
    labels = Labels(None, "en")
    assert labels.iso(0) == "1970-01-01T00:00:00+00:00"
    assert [labels.iso(at) for at in (253_402_300_800_000, -(1 << 53), 1 << 62)] == ["", "", ""]
