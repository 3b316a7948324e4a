"""Signing in: a link that shows a button, and asking for a link. GET uses nothing up."""

from typing import Any

from fastapi.responses import RedirectResponse, Response

from services.gateway.accounts.sessions import COOKIE, LENGTH
from services.gateway.api.asking import client_address, refuse_other_sites
from services.gateway.api.table import count
from services.gateway.console.visit import Page, Visit
from services.gateway.limits import SIGN_INS
from services.gateway.reading.desk import DeskReading
from shared.clock import SECOND
from shared.links import LinkRefused
from shared.text.mail_address import LONGEST_ADDRESS

OWN_FORMS = {"Referrer-Policy": "same-origin"}
"""With no-referrer, the usual here, a browser posts a form with the origin "null"; over plain HTTP nothing else says whose
form it is."""


async def show_request(visit: Visit) -> Response:
    """Where somebody without a session arrives."""
    return _show(visit, "sign_in.html", asked=False)


async def note_request(visit: Visit) -> Response:
    """The answer is the same whether the address is known or not."""
    refuse_other_sites(visit.request)
    count(visit.gate, f"sign-in {client_address(visit.request)}", SIGN_INS)
    form = await visit.request.form()
    email = str(form.get("email", "")).strip()
    if email and len(email) <= LONGEST_ADDRESS:
        await visit.gate.sign_in.request(email, visit.gate.clock.now())
    return _show(visit, "sign_in.html", asked=True)


async def show_link(visit: Visit) -> Response:
    """The button; a mail scanner that follows the link uses nothing up."""
    try:
        desk, agent = await visit.gate.sign_in.look(visit.request.path_params["token"], visit.gate.clock.now())
    except LinkRefused as refused:
        return _show(visit, "sign_in_link.html", 410, refused=refused.reason, name="")
    names = await DeskReading(visit.gate.documents.of(desk)).names([agent])
    return _show(visit, "sign_in_link.html", refused="", name=names.get(agent) or agent)


async def use_link(visit: Visit) -> Response:
    """Begin a session; the link opens nothing any more."""
    refuse_other_sites(visit.request)
    try:
        cookie = await visit.gate.sign_in.redeem(visit.request.path_params["token"], visit.gate.clock.now())
    except LinkRefused as refused:
        return _show(visit, "sign_in_link.html", 410, refused=refused.reason, name="")
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE, cookie, max_age=LENGTH // SECOND, httponly=True, samesite="lax", secure=visit.gate.encrypted, path="/"
    )
    return response


def _show(visit: Visit, template: str, code: int = 200, **values: Any) -> Response:
    page = visit.show(template, code, here="", **values)
    page.headers.update(OWN_FORMS)
    return page


PAGES = (
    Page("/sign-in", show_request, None),
    Page("/sign-in", note_request, None, "POST"),
    Page("/sign-in/{token}", show_link, None),
    Page("/sign-in/{token}", use_link, None, "POST"),
)
