"""Whatever the form's pages say is said in Arabic too."""

import io
import re
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from services.ingest.channels.web_form import sheet
from shared.i18n import translations

TEMPLATES = Path(sheet.__file__).parent / "templates"
SENTENCES = {
    message
    for path in TEMPLATES.glob("*.html")
    for _, _, message, _ in babel_extract(io.BytesIO(path.read_bytes()), ["_", "gettext"], [], {"trimmed": "true"})
    if isinstance(message, str)
} | {*sheet.SAID.values(), *sheet.OTHERWISE.values(), "This does not fit.", "We could not take this message."}


def test_the_sentences_are_found() -> None:
    assert {"Send", "Your message", "Thank you"} <= SENTENCES


@pytest.mark.parametrize("sentence", sorted(SENTENCES))
def test_every_sentence_is_said_in_arabic(sentence: str) -> None:
    said = translations("ar").gettext(sentence)
    assert re.search(r"[\u0621-\u064a]", said)
    assert re.findall(r"%\(\w+\)s", said) == re.findall(r"%\(\w+\)s", sentence)
