"""The form's door: a page to fill in, and the place it is posted to. Judged in the order that costs least."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from services.ingest.backlog import Behind
from services.ingest.channel import Answer, Door, Offer, Parts, Refusal, Request
from services.ingest.channels.web_form.bodies import MOST_BYTES, most_bytes, read_body
from services.ingest.channels.web_form.filled import Filled, arrive, read_form
from services.ingest.channels.web_form.origins import check_origin, cors, preflight
from services.ingest.channels.web_form.rates import Rates
from services.ingest.channels.web_form.sheet import Sheet, wants_page
from services.ingest.policies import Entry
from shared.broker import BrokerUnavailable
from shared.documents import DocumentsUnavailable
from shared.moves import DeskSealed
from shared.pages import plain_style

PATH = "/in/forms/{endpoint}"
STYLE = "/in/forms/plain.css"
OUR_FAULT = {"Retry-After": "5"}
MOVING = {"Retry-After": "60"}


def offer(parts: Parts) -> Offer:
    """The doors. Replies go out by e-mail: the table gives this channel the sender of that one."""
    forms = Forms(parts)
    return Offer(
        doors=(
            Door("form_style", STYLE, ("GET",), _style, "The style of the form's pages"),
            Door("form_page", PATH, ("GET", "HEAD"), forms.show, "The form as a page, in Arabic or English"),
            Door("form_preflight", PATH, ("OPTIONS",), forms.preflight, "Whether a site's script may post the form"),
            Door("form_post", PATH, ("POST",), forms.post, "Send a filled-in form", MOST_BYTES),
        )
    )


class Forms:
    """All forms of this process's desks."""

    def __init__(self, parts: Parts) -> None:
        self._policies, self._intake = parts.policies, parts.intake
        self._rates = Rates(parts.ports.clock)
        self._public_url = parts.ports.settings.public_url
        self._sheet = Sheet()

    async def show(self, request: Request) -> Answer:
        """The empty form."""
        try:
            form = self._find(request)
        except Refusal as refusal:
            return self._sheet.nowhere(request, refusal)
        headers = cors(request, form.account.origins, self._public_url)
        return self._sheet.blank(form, request, headers)

    async def preflight(self, request: Request) -> Answer:
        """A browser's question before a script's post."""
        form = self._find(request)
        return Answer(204, headers=preflight(request, form.account.origins, self._public_url))

    async def post(self, request: Request) -> Answer:
        """A message. Whoever reads pages is answered by one, programs by JSON."""
        try:
            form = self._find(request)
        except Refusal as refusal:
            return self._sheet.nowhere(request, refusal)
        headers = cors(request, form.account.origins, self._public_url)
        try:
            filled = await self._judge(form, request)
            message = await self._take(form, filled, request)
        except Refusal as refusal:
            if wants_page(request):
                return self._sheet.refused(form, request, refusal, headers)
            refusal.headers = {**headers, **refusal.headers}
            raise
        reference = reference_of(message)
        if wants_page(request):
            return self._sheet.thanks(form, request, reference, headers)
        body = {"message": message, "reference": reference}
        return Answer(202, orjson.dumps(body), headers=headers)

    async def _judge(self, form: Entry, request: Request) -> Filled:
        """From cheap to dear: whose page, how often, whether the desk keeps up, how large, what kind, what is in it."""
        limits = form.desk.policy.limits
        check_origin(request, form.account.origins, self._public_url)
        wait = self._rates.take(form.account.key, request.client, limits.form_posts_per_minute)
        if wait:
            raise Refusal(
                429, "too_many_requests", "Too many messages; wait a little.", headers={"Retry-After": str(wait)}
            )
        with _our_fault():
            self._intake.check(form.desk.place)
        content_type = request.header("content-type")
        content = await request.read(most_bytes(content_type, limits))
        return read_form(read_body(content, content_type, limits), limits)

    async def _take(self, form: Entry, filled: Filled, request: Request) -> str:
        arrival = arrive(filled, form.account.id, request.header("idempotency-key")[:200])
        with _our_fault():
            return (await self._intake.take(form.desk, arrival)).message

    def _find(self, request: Request) -> Entry:
        form = self._policies.form(request.endpoint)
        if form is None and not self._policies.complete.is_set():
            raise Refusal(503, "unavailable", "We are just starting; try again in a moment.", headers=OUR_FAULT)
        if form is None:
            raise Refusal(404, "not_found", "There is no such form.")
        return form


def reference_of(message: str) -> str:
    """The message's id as a person may read it out over the phone."""
    return f"{message[:4]}-{message[4:8]}".upper()


@contextmanager
def _our_fault() -> Iterator[None]:
    """What keeps us from taking a message is no fault of the sender's: 503, try again."""
    try:
        yield
    except DeskSealed as sealed:
        detail = "We are moving and cannot take messages right now; try again later."
        raise Refusal(503, "desk_sealed", detail, headers=MOVING) from sealed
    except (Behind, BrokerUnavailable, DocumentsUnavailable) as fault:
        detail = "We cannot take messages right now; try again in a moment."
        raise Refusal(503, "unavailable", detail, headers=OUR_FAULT) from fault


async def _style(request: Request) -> Answer:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Answer(200, plain_style().encode(), "text/css; charset=utf-8", headers)
