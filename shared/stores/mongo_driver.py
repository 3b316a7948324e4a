"""How MongoDB is reached: through Motor, or PyMongo's own client, which is its heir; only what both have is used."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError, WriteError
from pymongo.errors import DocumentTooLarge as ServerDocumentTooLarge

from shared.clock import SECOND, Ms
from shared.documents import Conflict, DocumentsUnavailable, DocumentTooLarge

Found = dict[str, Any]
Client = AsyncMongoClient[Found]
Driver = Literal["motor", "pymongo"]

PATIENCE = 10 * SECOND
TOO_LARGE = {10334, 17280, 17419, 17420}
"""What the server calls a document of more than 16 MiB."""


def connect(url: str, driver: Driver = "motor", patience: Ms = PATIENCE) -> Client:
    """A client; nothing is sent yet. Credentials and TLS are part of the address.

    A write is acknowledged when a majority has it in its journal, and only such writes are read: what was seen once
    cannot be undone by a fail-over. No call takes longer than `patience`.
    """
    options: Any = {
        "appname": "sanad", "w": "majority", "journal": True, "readConcernLevel": "majority",
        "timeoutMS": patience, "serverSelectionTimeoutMS": patience, "connectTimeoutMS": patience,
    }  # fmt: skip
    if driver == "pymongo":
        return AsyncMongoClient(url, **options)
    from motor.motor_asyncio import AsyncIOMotorClient

    # It looks like its heir in everything that is used here.
    return cast("Client", AsyncIOMotorClient(url, **options))


async def disconnect(client: Client) -> None:
    """Let go of all connections."""
    closing: object = client.close()
    if inspect.isawaitable(closing):  # Motor's returns nothing
        await closing


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as the port's, but those of bulks. Their texts hold customers' words and go no further."""
    try:
        yield
    except BulkWriteError:
        raise
    except DuplicateKeyError:
        raise Conflict("another version is stored, or a field that must be unique is taken") from None
    except ServerDocumentTooLarge:
        raise DocumentTooLarge("more than MongoDB takes") from None
    except WriteError as error:
        raise refused(error.code) from None
    except PyMongoError as error:
        code = getattr(error, "code", None)
        raise DocumentsUnavailable(f"MongoDB: {type(error).__name__}{f' {code}' if code else ''}") from None


def refused(code: int | None) -> Exception:
    """The port's error for a write the server refused."""
    if code in TOO_LARGE:
        return DocumentTooLarge("more than MongoDB takes")
    return DocumentsUnavailable(f"MongoDB refused a write: error {code}")
