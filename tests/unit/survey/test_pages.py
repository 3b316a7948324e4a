"""The page behind the link in the mail: shown to anybody who has the link, counted only when it is sent."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from services.survey.pages import REASONS, SurveyPages
from services.survey.pages.question import MOST_COMMENT, read_question
from shared.catalogue.facts import (
    Fact,
    PolicyApplied,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveySkipped,
)
from shared.clock import DAY
from shared.documents import DocumentsUnavailable
from shared.i18n import LANGUAGES, translations
from shared.policy.noun import Localised
from shared.policy.survey import CsatQuestion
from tests.unit.survey.desk_facts import DESK_ID, policy
from tests.unit.survey.page_world import SURVEY, PageWorld, page_world

pytestmark = pytest.mark.anyio
TEMPLATES = Path("services/survey/pages/templates")
NAMES: dict[str, Any] = {"survey": SURVEY, "ticket": "t1", "resolution": 1, "kind": "csat"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PageWorld]:
    async with page_world(tmp_path) as world:
        yield world


async def send(world: PageWorld, path: str, **fields: str) -> Any:
    return await world.browser.post(path, data=fields)


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
async def test_the_question_stands_in_the_customer_s_language(world: PageWorld, language: str, direction: str) -> None:
    page = await world.browser.get(world.link(language))
    question = CsatQuestion()
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    for words in (question.ask, question.lowest, question.highest, question.comment):
        assert words.in_language(language) in page.text


async def test_arabic_marks_are_written_in_arabic_digits_and_sent_as_numbers(world: PageWorld) -> None:
    page = (await world.browser.get(world.link("ar"))).text
    assert re.findall(r'value="(\d)" required><span class="mark">(.)</span>', page) == list(
        zip("12345", "١٢٣٤٥", strict=True)
    )


async def test_the_policy_s_own_words_are_asked(world: PageWorld) -> None:
    own = CsatQuestion(ask=Localised(en="Were we quick?", ar="هل كنا سريعين؟"))
    csat = policy().surveys.csat.model_copy(update={"question": own})
    changed = policy().model_copy(update={"surveys": policy().surveys.model_copy(update={"csat": csat})})
    await world.say(PolicyApplied(desk=DESK_ID, version=2, policy=changed))
    assert "هل كنا سريعين؟" in (await world.browser.get(world.link("ar"))).text
    assert "Were we quick?" in (await world.browser.get(world.link("en"))).text


async def test_an_older_policy_read_again_does_not_bring_its_words_back(world: PageWorld) -> None:
    csat = policy().surveys.csat.model_copy(update={"question": CsatQuestion(ask=Localised(en="New?", ar="New?"))})
    changed = policy().model_copy(update={"surveys": policy().surveys.model_copy(update={"csat": csat})})
    await world.say(PolicyApplied(desk=DESK_ID, version=2, policy=changed))
    for worker in world.workers:
        await worker.load()
    await world.catch_up()
    assert "New?" in (await world.browser.get(world.link("en"))).text


async def test_looking_at_the_question_counts_nothing(world: PageWorld) -> None:
    for _ in range(3):
        await world.browser.get(world.link())
    await world.browser.request("HEAD", world.link())
    assert await world.answers() == []


async def test_a_sent_answer_is_one_command_with_score_comment_language_and_wording(world: PageWorld) -> None:
    page = await send(world, world.link("ar"), score="4", comment=" ممتاز\r\nشكراً ", language="ar")
    assert page.status_code == 200
    assert CsatQuestion().thanks.ar in page.text
    ((_, answer),) = await world.answers()
    assert (answer.survey, answer.ticket, answer.resolution, answer.kind) == (SURVEY, "t1", 1, "csat")
    assert (answer.score, answer.comment, answer.language) == (4, "ممتاز\nشكراً", "ar")
    assert answer.wording == "ما مدى رضاك عن المساعدة التي تلقيتها؟ (1 = غير راضٍ إطلاقاً, 5 = راضٍ جداً)"
    assert (answer.by.desk, answer.by.organisation, answer.by.role) == (DESK_ID, "acme", "system")


async def test_a_form_sent_twice_is_one_answer(world: PageWorld) -> None:
    link = world.link()
    for score in ("5", "1"):
        await send(world, link, score=score)
    assert len({command for command, _ in await world.answers()}) == 1


async def test_the_language_can_be_changed_and_the_answer_says_which_one_was_read(world: PageWorld) -> None:
    page = await world.browser.get(world.link("ar"), params={"language": "en"})
    assert '<html lang="en" dir="ltr">' in page.text
    assert 'href="?language=ar"' in page.text
    await send(world, world.link("ar"), score="3", language="en")
    ((_, answer),) = await world.answers()
    assert answer.language == "en"
    assert answer.wording.startswith("How satisfied")


async def test_a_language_nobody_speaks_here_is_the_desk_s_first(world: PageWorld) -> None:
    assert '<html lang="ar"' in (await world.browser.get(world.link("fr"))).text


@pytest.mark.parametrize("score", ["", "0", "6", "3.5", "five", "٣", "-1"])
async def test_no_mark_or_a_wrong_one_is_asked_again_and_the_comment_kept(world: PageWorld, score: str) -> None:
    page = await send(world, world.link("en"), score=score, comment="please keep this")
    assert page.status_code == 422
    assert "Please choose one of the marks." in page.text
    assert "please keep this</textarea>" in page.text
    assert await world.answers() == []


async def test_a_comment_beyond_its_length_is_asked_for_again_with_the_mark_kept(world: PageWorld) -> None:
    page = await send(world, world.link("en"), score="2", comment="a" * (MOST_COMMENT + 1))
    assert page.status_code == 422
    assert 'value="2" required checked' in page.text
    assert await world.answers() == []


async def test_line_ends_count_as_the_browser_counts_them(world: PageWorld) -> None:
    page = await send(world, world.link("en"), score="2", comment="a\r\n" * (MOST_COMMENT // 2))
    assert page.status_code == 200
    ((_, answer),) = await world.answers()
    assert len(answer.comment) == MOST_COMMENT - 1


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            SurveyAnswered(
                **NAMES, customer="c1", owner=None, team="cards", score=5, low=False, comment=False, language="en", wording="w"
            ),
            "You have already answered",
        ),
        (SurveyExpired(**NAMES), "The time for answering is over."),
        (SurveyCancelled(**NAMES, cause="reopened"), "Your request was taken up again"),
        (SurveySkipped(**NAMES, reason="undeliverable"), "Your request was taken up again"),
    ],
)  # fmt: skip
async def test_a_question_that_is_no_longer_open_says_why_and_takes_no_answer(
    world: PageWorld, fact: Fact, words: str
) -> None:
    await world.end(fact)
    page = await world.browser.get(world.link("en"))
    assert page.status_code == 410
    assert words in page.text
    assert (await send(world, world.link("en"), score="5")).status_code == 410
    assert await world.answers() == []


async def test_an_expired_link_is_told_in_the_browser_s_language(world: PageWorld) -> None:
    link = world.link("ar", lasts=DAY)
    world.clock.time += DAY + 1
    page = await world.browser.get(link, headers={"Accept-Language": "ar"})
    assert page.status_code == 410
    assert "انتهت مهلة الإجابة" in page.text
    assert (await send(world, link, score="5")).status_code == 410


@pytest.mark.parametrize("path", ["/s/x", "/s/e30.AAAA", "/s/%00", "/s/" + "a" * 2_000])
async def test_a_made_up_link_leads_nowhere(world: PageWorld, path: str) -> None:
    page = await world.browser.get(path, headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "This link leads nowhere" in page.text
    assert (await send(world, path, score="5")).status_code == 404


async def test_a_link_of_a_desk_that_is_not_here_leads_nowhere(world: PageWorld) -> None:
    assert (await world.browser.get(world.link(desk="elsewhere"))).status_code == 404


async def test_a_link_changed_in_one_letter_leads_nowhere(world: PageWorld) -> None:
    link = world.link()
    swapped = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert (await world.browser.get(swapped)).status_code == 404


async def test_an_answer_that_cannot_be_stored_is_kept_in_the_form(world: PageWorld) -> None:
    await world.broker.close()
    page = await send(world, world.link("en"), score="2", comment="the queue was long")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert "could not be saved just now" in page.text
    assert "the queue was long</textarea>" in page.text
    assert 'value="2" required checked' in page.text


async def test_an_answer_outlives_a_store_that_is_away(world: PageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    link = world.link("ar")

    async def refuse(*_: object) -> None:
        raise DocumentsUnavailable

    with monkeypatch.context() as away:
        away.setattr(type(world.documents.of(DESK_ID)), "get", refuse)
        shown = await world.browser.get(link)
        page = await send(world, link, score="2", comment="the queue\nwas <long>", language="en")
    assert (shown.status_code, page.status_code, page.headers["Retry-After"]) == (503, 503, "5")
    assert '<html lang="ar" dir="rtl">' in shown.text
    assert "could not be saved just now" in page.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    assert fields == {"language": "en", "score": "2", "comment": "the queue\nwas &lt;long&gt;"}
    again = await send(world, link, **{name: unescape(value) for name, value in fields.items()})
    assert again.status_code == 200
    ((_, answer),) = await world.answers()
    assert (answer.score, answer.comment) == (2, "the queue\nwas <long>")


async def test_what_was_written_is_shown_as_text(world: PageWorld) -> None:
    page = await send(world, world.link("en"), comment="</textarea><script>alert(1)</script>")
    assert "<script" not in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page.text


async def test_the_page_runs_no_script_and_asks_nobody_else(world: PageWorld) -> None:
    page = await world.browser.get(world.link("ar"))
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    for forbidden in ("<script", "<style", " style=", "onclick", "http://", "https://"):
        assert forbidden not in page.text


async def test_the_style_is_ours_and_may_be_kept(world: PageWorld) -> None:
    style = await world.browser.get("/s/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert ".scale" in style.text
    assert "url(" not in style.text


async def test_every_field_has_its_name_for_those_who_hear_the_page(world: PageWorld) -> None:
    page = (await world.browser.get(world.link("en"))).text
    assert '<label for="comment">' in page
    assert "<legend" in page
    assert len(re.findall(r"<label><input", page)) == 5
    assert "<main>" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_sentence_in_both_languages(reason: str, language: str) -> None:
    page = SurveyPages().closed(reason, language)
    title, sentence = re.findall(r"<h1>(.*)</h1>\s*<p>(.*)</p>", page)[0]
    assert title
    assert bool(re.search("[\u0600-\u06ff]", sentence)) is (language == "ar")


def test_the_page_s_sentences_are_all_translated() -> None:
    arabic = translations("ar")
    said = [text for page in TEMPLATES.glob("*.html") for text in re.findall(r'_\("([^"]+)"\)', page.read_text())]
    assert len(said) >= 10
    assert [text for text in said if arabic.gettext(text) == text] == []


def test_the_wording_names_the_good_end_of_the_scale() -> None:
    wording = {"desk": {"en": "D", "ar": "د"}, "languages": ["en"], "question": CsatQuestion().model_dump()}
    question = read_question("csat", wording, "en")
    assert question.wording.endswith("(1 = Very dissatisfied, 5 = Very satisfied)")
    assert read_question("csat", wording, "ar").language == "en"
