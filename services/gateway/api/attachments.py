"""Files of messages: uploaded before the reply that names them, downloaded as what they are, never shown in place."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Header, Response
from fastapi.requests import Request
from pydantic import BaseModel

from services.gateway.api.listing import PathId, missing
from services.gateway.api.table import Asked, Route
from services.gateway.store import MESSAGES, SET_ASIDE
from shared.blobs import BlobMissing
from shared.http import Problem

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
    content = await request.body()
    if not content:
        raise Problem(422, "invalid", "The file is empty.")
    return Uploaded(blob=await asking.gate.blobs.put(asking.principal.desk, content), size=len(content))


async def attachment(asking: Asked, message: PathId, number: int) -> Response:
    """Download the n-th file of a message, from 0."""
    desk = asking.principal.desk
    documents = asking.gate.documents.of(desk)
    known = await documents.get(MESSAGES.name, message) or await documents.get(SET_ASIDE.name, message)
    content = await asking.desk.texts.message(message) if known else None
    if content is None or not 0 <= number < len(content.attachments):
        raise missing("attachment")
    file = content.attachments[number]
    try:
        body = await asking.gate.blobs.get(desk, file.blob)
    except BlobMissing:
        raise missing("attachment") from None
    name = quote(file.name.encode("utf-8", "replace"), safe="")
    headers = {**HARMLESS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(body, headers=headers, media_type="application/octet-stream")


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
