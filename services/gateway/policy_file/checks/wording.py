"""Word lists and automatic texts."""

from collections.abc import Iterator
from string import Formatter

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.noun import Localised
from shared.policy.texts import PLACEHOLDERS, AutomaticTexts
from shared.policy.words import WordListFile
from shared.text.folding import words as spoken

AMBIGUOUS = (["الغاء"], ["cancel"], ["no"], ["لا"])
"""Alone, these mean as often "cancel my order" or "no" to a question as "stop writing to me"."""


SHORTEST_BEGINNING = 2
ASKING = ("survey_invitation", "survey_reminder")
"""Texts that are sent for their link alone."""


def check_words(file: PolicyFile, names: Names) -> Iterator[Fault]:
    del names
    for name, words in file.words.items():
        yield from _check_list(words, ("words", name))
    yield from _check_list(file.thanks, ("thanks",))
    yield from _check_list(file.opt_out, ("opt_out",))
    for language in ("ar", "en"):
        for place, phrase in enumerate(getattr(file.opt_out, language)):
            if spoken(phrase) in AMBIGUOUS:
                wrong = f"{phrase!r} alone may also mean an order or an answer"
                yield Fault(("opt_out", language, place), wrong, "use an unmistakable word such as STOP or إيقاف")


def _check_list(words: WordListFile, steps: Steps) -> Iterator[Fault]:
    if not words.phrases:
        yield Fault(steps, "this word list is empty", "give it phrases under ar and en")
    for language in ("ar", "en"):
        for place, phrase in enumerate(getattr(words, language)):
            if not spoken(phrase):
                yield Fault((*steps, language, place), "this phrase has no word in it", "write at least one word")
            elif any(len("".join(spoken(word))) < SHORTEST_BEGINNING for word in phrase.split() if word.endswith("*")):
                wrong = "this beginning is too short: it would fit almost anything"
                yield Fault(
                    (*steps, language, place), wrong, f"write at least {SHORTEST_BEGINNING} letters before the *"
                )


def check_texts(file: PolicyFile, names: Names) -> Iterator[Fault]:
    del names
    for kind in AutomaticTexts.model_fields:
        written = getattr(file.texts, kind)
        for part in ("subject", "body"):
            text: Localised = getattr(written, part)
            for language in ("ar", "en"):
                yield from _check_placeholders(getattr(text, language), ("texts", kind, part, language))
        if kind in ASKING and written.enabled:
            yield from _check_link(written.body, ("texts", kind, "body"))
        if written.enabled and not written.body:
            yield Fault(("texts", kind), "this text has no body", "write one, or set enabled: false")


def _check_link(body: Localised, steps: Steps) -> Iterator[Fault]:
    for language in ("ar", "en"):
        text = getattr(body, language)
        if text and "{link}" not in text.replace("{{", ""):
            wrong = "nobody could answer this question: it has no {link}"
            yield Fault((*steps, language), wrong, "write {link} where the address of its page belongs")


def _check_placeholders(text: str, steps: Steps) -> Iterator[Fault]:
    choice = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        fields = [(field, spec, change) for _, field, spec, change in Formatter().parse(text) if field is not None]
    except ValueError:
        yield Fault(steps, "a brace stands alone here", "write {{ or }} for the sign itself")
        return
    for field, spec, change in fields:
        if field not in PLACEHOLDERS or spec or change:
            yield Fault(steps, f"there is no placeholder {{{field}}}", f"choose from {choice}")
