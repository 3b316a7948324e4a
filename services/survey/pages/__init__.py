"""The survey's pages: the question, the thanks, and why there is no question. They work without scripts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.survey.pages.question import SCALES, Question
from shared.i18n import LANGUAGES, number
from shared.pages import Pages

__all__ = ["SCALES", "Question", "SurveyPages"]

REASONS = ("answered", "cancelled", "expired", "skipped", "unknown")
"""Why a link asks nothing; the template has a sentence for each."""


class SurveyPages:
    """Pages in the language asked for."""

    def __init__(self) -> None:
        self._pages = Pages(Path(__file__).parent / "templates")

    def question(self, question: Question, wrong: str = "", comment: str = "", score: int | None = None) -> str:
        """The form; with what was wrong with the last attempt, and what was filled in."""
        marks = [(mark, number(mark, question.language)) for mark in question.scale]
        return self._render(
            "question.html", question, marks=marks, wrong=wrong, comment=comment, score=score,
            others=[language for language in question.languages if language != question.language and language in LANGUAGES],
        )  # fmt: skip

    def thanks(self, question: Question) -> str:
        return self._render("thanks.html", question)

    def closed(self, reason: str, language: str, desk: str = "") -> str:
        """No question here, for one of REASONS."""
        return self._pages.render("closed.html", language, reason=reason, desk=desk)

    def away(self, language: str, written: Mapping[str, str] | None = None) -> str:
        """The question cannot be read now; `written` are fields that were sent, to be sent once more as they are."""
        return self._pages.render("away.html", language, written=written, desk="")

    def _render(self, template: str, question: Question, **values: Any) -> str:
        texts: Mapping[str, str] = question.texts
        return self._pages.render(template, question.language, desk=question.desk, texts=texts, **values)
