"""What goes along when a desk moves, beside its facts: what is no fold of them, and how each is carried.

What is folded from facts is not carried but folded again: it is right by construction, and need not be trusted.
"""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import orjson

from services.gateway.store import (
    DESK_PROJECTION,
    HEARTBEATS,
    KEYS,
    MARKS,
    REBUILDS,
    REBUILT,
    REQUESTS,
    SESSIONS,
    SIGN_IN_REQUESTS,
    SLA_PROJECTION,
    SURVEY_PROJECTION,
    USED_LINKS,
)
from services.ingest.store import OUTBOX
from services.survey.store import ENDED, WORDINGS
from shared import blobs, checkpoints
from shared.dead_letters import LETTERS, ORIGINALS
from shared.desks import DESKS, INSTALLATION
from shared.documents import Collection, Document, Documents, Put, Where, all_of, by
from shared.texts import ERASED, ONCE, TEXTS

OF_THE_DESK = (TEXTS, OUTBOX, REQUESTS, HEARTBEATS)
OF_THE_INSTALLATION: Mapping[Collection, bool] = {LETTERS: True, ORIGINALS: True, USED_LINKS: False, KEYS: True}
"""Whether a document says whose it is; links that were used say only that. Keys are last: they open the desk."""
CARRIED = (*OF_THE_DESK, *OF_THE_INSTALLATION)
FOLDED = (*DESK_PROJECTION, *SLA_PROJECTION, *SURVEY_PROJECTION, MARKS, WORDINGS, ENDED)
LEFT: Mapping[Collection, str] = {
    SESSIONS: "people sign in again at the new address",
    SIGN_IN_REQUESTS: "they are open for minutes",
    REBUILT: "belonged to rebuilds of a release before",
    REBUILDS: "tells of rebuilds there",
    DESKS: "the place here is another",
    blobs.BLOBS: "carried as what they are, by their digest",
    blobs.PARTS: "as blobs",
    **dict.fromkeys(checkpoints.COLLECTIONS, "offsets there; deciders fold their facts here"),
}

AT_ONCE = 100
EARLIER = 1 << 40
"""Of what was carried, places in the outbox come before all that are made here, and stay in order over any number of moves."""


async def carried(documents: Documents, desk: str, collection: Collection) -> AsyncIterator[Document]:
    """Its documents of one collection, by key."""
    where: Sequence[Where] = ()
    owner = desk
    if collection in OF_THE_INSTALLATION:
        owner = INSTALLATION
        if collection is ORIGINALS:
            async for letter in carried(documents, desk, LETTERS):
                if (original := await documents.of(owner).get(ORIGINALS.name, letter.key)) is not None:
                    yield original
            return
        where = by(desk=desk) if OF_THE_INSTALLATION[collection] else ()
    async for document in all_of(documents.of(owner), collection.name, where=where, limit=AT_ONCE):
        yield document


def write_document(document: Document) -> bytes:
    """As a line of the file."""
    line: dict[str, Any] = {"key": document.key, "seq": document.seq, "body": document.body}
    if isinstance(content := document.body.get("content"), bytes):
        rest = {name: value for name, value in document.body.items() if name != "content"}
        line |= {"body": rest, "content": base64.b64encode(content).decode()}
    return orjson.dumps(line)


def read_documents(collection: str, desk: str, content: bytes) -> Iterator[Put]:
    """The lines of one member, as they are written here. Repeating it changes nothing."""
    owner = INSTALLATION if collection in {one.name for one in OF_THE_INSTALLATION} else desk
    for line in content.splitlines():
        told = orjson.loads(line)
        body, seq = told["body"], told["seq"]
        if "content" in told:
            body["content"] = base64.b64decode(told["content"])
        if collection == TEXTS.name and seq != ERASED:
            seq = (
                ONCE  # guards are offsets of commands, and those of this log begin anew: whatever is said here is later
            )
        if collection == OUTBOX.name:
            body["place"] -= EARLIER
        yield Put(collection, owner, told["key"], seq, body)
