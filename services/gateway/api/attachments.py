"""Files of messages: uploaded before the reply that names them, downloaded as what they are, never shown in place."""

import asyncio
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import Header, Response
from fastapi.requests import Request
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from services.gateway.api.asking import Asking
from services.gateway.api.listing import PathId, missing
from services.gateway.api.table import Asked, Route
from services.gateway.store import MESSAGES, SET_ASIDE
from shared.blobs import BlobMissing
from shared.clock import SECOND, Ms
from shared.http import Problem
from shared.http.body import PATIENCE, PORTION, BoundedBody, no_room
from shared.room import Full, Holding

MOST_BYTES = 10 << 20
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=3600, immutable",
}


class Uploaded(BaseModel):
    """Name it in a reply's `attachments`."""

    blob: str
    size: int


async def upload(
    asking: Asked, request: Request, _length: Annotated[int | None, Header(alias="Content-Length")] = None
) -> Uploaded:
    """Store a file (the raw body, at most 10 MiB) for a reply to come. The same content is the same file."""
    body = BoundedBody(request, asking.gate.uploads.holding(asking.caller), MOST_BYTES)
    try:
        content = await body.read(MOST_BYTES)
        if not content:
            raise Problem(422, "invalid", "The file is empty.")
        return Uploaded(blob=await asking.gate.blobs.put(asking.principal.desk, content), size=len(content))
    finally:
        body.let_go()


async def attachment(asking: Asked, message: PathId, number: int) -> Response:
    """Download the n-th file of a message, from 0."""
    desk = asking.principal.desk
    documents = asking.gate.documents.of(desk)
    known = await documents.get(MESSAGES.name, message) or await documents.get(SET_ASIDE.name, message)
    content = await asking.desk.texts.message(message) if known else None
    if content is None or not 0 <= number < len(content.attachments):
        raise missing("attachment")
    file = content.attachments[number]
    holding = asking.gate.downloads.holding(asking.caller)
    body = await _fetch(asking, file.blob, holding)
    name = quote(file.name.encode("utf-8", "replace"), safe="")
    headers = {**HARMLESS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HeldFile(body, headers, holding)


async def _fetch(asking: Asking, blob: str, holding: Holding) -> bytes:
    """The file, with room for it taken before. Raises Problem: 404, 429, 503."""
    try:
        holding.take(await asking.gate.blobs.size(asking.principal.desk, blob) or 0)
        return await asking.gate.blobs.get(asking.principal.desk, blob)
    except BaseException as fault:
        holding.let_go()
        if isinstance(fault, Full):
            raise no_room(fault) from None
        if isinstance(fault, BlobMissing):
            raise missing("attachment") from None
        raise


class HeldFile(Response):
    """Lets go of its room when it is sent: by portions, as the server keeps for the reader whatever it is given.

    A reader who takes no portion within the patience gets no more.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str], holding: Holding, patience: Ms = PATIENCE) -> None:
        super().__init__(body, headers=headers, media_type="application/octet-stream")
        self._holding, self._patience = holding, patience / SECOND

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        content = bytes(self.body)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for begin in range(0, len(content), PORTION):
                part = content[begin : begin + PORTION]
                async with asyncio.timeout(self._patience):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return
        finally:
            self._holding.let_go()


BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
UPLOAD = {
    "max_body_size": MOST_BYTES,
    "openapi_extra": {"requestBody": {**BYTES, "required": True}},
}
DOWNLOAD = {"response_class": Response, "responses": {200: {**BYTES, "description": "The file."}}}

ROUTES = (
    Route("POST", "/v1/attachments", upload, "ticket.update", UPLOAD),
    Route("GET", "/v1/messages/{message}/attachments/{number}", attachment, "ticket.read", DOWNLOAD),
)
