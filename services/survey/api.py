"""The signed page of a survey. GET shows and counts nothing (mail scanners follow links), POST counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response

from services.survey.answering import Answers, NoDesk
from services.survey.pages import SCALES, Question, SurveyPages
from services.survey.pages.question import MOST_COMMENT, read_question
from services.survey.store import ENDED, WORDINGS
from shared.broker import BrokerUnavailable
from shared.desks import Desks
from shared.documents import DocumentsUnavailable
from shared.i18n import preferred
from shared.links import LinkRefused
from shared.pages import plain_style
from shared.service import Ports
from shared.survey_links import SurveyLink, read_survey_token

STYLE = Path(__file__).parent / "pages" / "survey.css"
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
SOON = {"Retry-After": "5"}
Written = Annotated[str, Form()]


class Closed(Exception):
    """There is no question behind this link, for a reason of the pages' REASONS."""

    def __init__(self, reason: str, language: str, desk: str = "") -> None:
        super().__init__(reason)
        self.reason, self.language, self.desk = reason, language, desk


class Away(Exception):
    """The store does not answer: nobody knows what is asked."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language


@dataclass(frozen=True)
class SurveyDoor:
    """Opens links: what they ask, in which language, and why not."""

    ports: Ports

    async def open(self, token: str, language: str, accepted: str) -> tuple[SurveyLink, Question]:
        """What the token asks. Raises Closed, Away."""
        try:
            link = read_survey_token(self.ports.secrets.links, token, self.ports.clock.now())
        except LinkRefused as refused:
            reason = "expired" if refused.reason == "expired" else "unknown"
            raise Closed(reason, language or preferred(accepted)) from None
        documents = self.ports.documents.of(link.desk)
        try:
            wording = await documents.get(WORDINGS.name, link.kind)
            ended = await documents.get(ENDED.name, link.survey)
        except DocumentsUnavailable:
            raise Away(language or link.language) from None
        if wording is None or link.kind not in SCALES:
            raise Closed("unknown", language or link.language)
        question = read_question(link.kind, wording.body, language or link.language)
        if ended:
            raise Closed(ended.body["how"], question.language, question.desk)
        return link, question


def build_routes(ports: Ports) -> APIRouter:
    """The routes below /s, in no schema: they are for browsers, and an address is a secret."""
    router = APIRouter(prefix="/s", include_in_schema=False)
    door, pages = SurveyDoor(ports), SurveyPages()
    answers = Answers(ports.broker, Desks(ports.documents, ports.broker.partitions), ports.clock)
    _add_style(router)

    @router.get("/{token}")
    async def ask(request: Request, token: str, language: Annotated[str, Query()] = "") -> HTMLResponse:
        try:
            _, question = await door.open(token, language, request.headers.get("accept-language", ""))
        except (Closed, Away) as fault:
            return _unasked(pages, fault)
        return HTMLResponse(pages.question(question))

    @router.post("/{token}")
    async def count(
        request: Request, token: str, score: Written = "", comment: Written = "", language: Written = ""
    ) -> HTMLResponse:
        try:
            link, question = await door.open(token, language, request.headers.get("accept-language", ""))
        except (Closed, Away) as fault:
            return _unasked(pages, fault, {"language": language, "score": score, "comment": comment})
        mark = int(score) if score in map(str, question.scale) else None
        comment = comment.replace("\r\n", "\n").strip()  # a browser counts a line's end as one character
        if mark is None or len(comment) > MOST_COMMENT:
            wrong = "score" if mark is None else "comment"
            return HTMLResponse(pages.question(question, wrong, comment, mark), 422)
        try:
            await answers.give(link, question, mark, comment)
        except NoDesk:
            return _unasked(pages, Closed("unknown", question.language))
        except (BrokerUnavailable, DocumentsUnavailable):
            return HTMLResponse(pages.question(question, "unavailable", comment, mark), 503, headers=SOON)
        return HTMLResponse(pages.thanks(question))

    return router


def _unasked(pages: SurveyPages, fault: Closed | Away, written: Mapping[str, str] | None = None) -> HTMLResponse:
    if isinstance(fault, Away):
        return HTMLResponse(pages.away(fault.language, written), 503, headers=SOON)
    status = 404 if fault.reason == "unknown" else 410
    return HTMLResponse(pages.closed(fault.reason, fault.language, fault.desk), status)


def _add_style(router: APIRouter) -> None:
    style = plain_style() + STYLE.read_text()

    @router.get("/style.css")
    async def show_style() -> Response:
        return Response(style, media_type="text/css", headers=FOR_AN_HOUR)
