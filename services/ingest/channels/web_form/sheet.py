"""The form as pages: to fill in, to correct, and the thanks. They need no script and ask nobody else for anything."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.ingest.channel import Answer, Refusal, Request
from services.ingest.channels.web_form import filled
from services.ingest.channels.web_form.bodies import most_together
from services.ingest.channels.web_form.filled import Misfilled
from services.ingest.policies import Entry
from shared.i18n import LANGUAGES, preferred, translations
from shared.ids import random_id
from shared.pages import Pages
from shared.policy.limits import MIB

STRICT = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # with no-referrer, the usual here, a browser would post the form with the origin "null"
    "Referrer-Policy": "same-origin",
}
SAID = {
    "missing": "Please fill in this field.",
    "no_address": "This is no e-mail address.",
    "too_long": "This is too long.",
}
OTHERWISE = {
    404: "There is no such form.",
    413: "The files are too large or too many.",
    429: "You have sent many messages. Please wait a little and try again.",
    503: "We cannot take messages right now. Please try again in a moment.",
}


class Sheet:
    """Renders the pages of all forms."""

    def __init__(self) -> None:
        self._pages = Pages(Path(__file__).parent / "templates")

    def blank(self, form: Entry, request: Request, headers: Mapping[str, str]) -> Answer:
        """The empty form."""
        return self._form(form, request, 200, headers, {}, {})

    def refused(self, form: Entry, request: Request, refusal: Refusal, headers: Mapping[str, str]) -> Answer:
        """What was wrong; where it was the filling in, with everything still in place but the files."""
        headers = {**headers, **refusal.headers}
        if isinstance(refusal, Misfilled):
            wrong = {name: SAID.get(finding, "This does not fit.") for name, finding in refusal.findings}
            answer = self._form(
                form, request, refusal.status, headers, refusal.values, wrong, without_files=refusal.with_files
            )
            return replace(answer, reason=refusal.reason)
        said = OTHERWISE.get(refusal.status, "We could not take this message.")
        answer = self._page("refused.html", form, request, refusal.status, headers, said=said)
        return replace(answer, reason=refusal.reason)

    def nowhere(self, request: Request, refusal: Refusal) -> Answer:
        """There is no form to show; whoever reads no pages has the refusal raised."""
        if not wants_page(request):
            raise refusal
        asked = request.query.get("language", "")
        language = asked if asked in LANGUAGES else preferred(request.header("accept-language"), default=LANGUAGES[-1])
        said = OTHERWISE.get(refusal.status, OTHERWISE[404])
        headers = refusal.headers | {"Vary": "Accept, Accept-Language"}
        page = self._pages.render("nowhere.html", language, said=said)
        return replace(_answer(refusal.status, page, language, headers), reason=refusal.reason)

    def thanks(self, form: Entry, request: Request, reference: str, headers: Mapping[str, str]) -> Answer:
        """It is durable: say so."""
        return self._page("thanks.html", form, request, 202, headers, reference=reference)

    def _form(
        self, form: Entry, request: Request, status: int, headers: Mapping[str, str], values: Mapping[str, str],
        wrong: Mapping[str, str], *, without_files: bool = False,
    ) -> Answer:  # fmt: skip
        limits = form.desk.policy.limits
        return self._page(
            "form.html", form, request, status, headers, values=values, wrong=wrong, honeypot=filled.HONEYPOT,
            without_files=without_files,
            key=values.get(filled.KEY) or random_id(), files=limits.attachments,
            megabytes=limits.attachment_bytes / MIB, together=most_together(limits) / MIB,
        )  # fmt: skip

    def _page(
        self, template: str, form: Entry, request: Request, status: int, headers: Mapping[str, str], **values: Any
    ) -> Answer:
        language = language_of(form, request)
        name = (form.account.name or form.desk.policy.desk.name).in_language(language)
        other = next(one for one in LANGUAGES if one != language)
        page = self._pages.render(
            template, language, name=name, endpoint=form.account.key, other=other,
            in_other=translations(other).gettext("In English"), **values,
        )  # fmt: skip
        return _answer(status, page, language, headers)


def _answer(status: int, page: str, language: str, headers: Mapping[str, str]) -> Answer:
    return Answer(
        status, page.encode(), "text/html; charset=utf-8", {**STRICT, **headers, "Content-Language": language}
    )


def wants_page(request: Request) -> bool:
    """Whether whoever asks reads pages; programs are answered in JSON."""
    return "text/html" in request.header("accept")


def language_of(form: Entry, request: Request) -> str:
    """What the address asks for, else the browser, else the account's or the desk's own."""
    usual = form.account.language or form.desk.policy.desk.language
    asked = request.query.get("language", "")
    default = usual if usual in LANGUAGES else LANGUAGES[-1]
    return asked if asked in LANGUAGES else preferred(request.header("accept-language"), default=default)
