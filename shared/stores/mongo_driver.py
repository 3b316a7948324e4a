"""How MongoDB is reached: through Motor, or PyMongo's own client, which is its heir; only what both have is used."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError, WriteError
from pymongo.errors import DocumentTooLarge as ServerDocumentTooLarge

from shared.broker import NotLetIn
from shared.documents import Conflict, DocumentsUnavailable, DocumentTooLarge
from shared.stores.mongo_address import MongoAddress

Found = dict[str, Any]
Client = AsyncMongoClient[Found]

TOO_LARGE = {10334, 17280, 17419, 17420}
"""What the server calls a document of more than 16 MiB."""
UNKNOWN_USER, UNAUTHORISED = {18, 8000}, 13
"""What it calls a wrong user or password, and one who may not."""

BY_NAME = "mongodb+srv:"
"""Its servers are asked of the name service, which may be away."""
SETTINGS = "SANAD_MONGO_URL, SANAD_MONGO_AUTHORITIES_FILE, SANAD_MONGO_CERTIFICATE_FILE"


def connect(address: MongoAddress) -> Client:
    """A client; nothing is sent yet. Raises NotLetIn: the address or a certificate cannot be used."""
    try:
        if address.driver == "pymongo":
            return AsyncMongoClient(address.url, **address.options())
        from motor.motor_asyncio import AsyncIOMotorClient

        # It looks like its heir in everything that is used here.
        return cast("Client", AsyncIOMotorClient(address.url, **address.options()))
    except (PyMongoError, OSError, ValueError) as error:
        if address.url.startswith(BY_NAME):
            raise DocumentsUnavailable(f"MongoDB's servers cannot be found: {type(error).__name__}") from None
        raise NotLetIn(f"MongoDB's address cannot be used: {type(error).__name__} ({SETTINGS})") from None


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


def refusal(error: PyMongoError) -> str:
    """By which setting the server keeps us out; empty where it is only away."""
    text = str(error)  # its own words about servers and certificates; of documents there is none in a greeting
    if getattr(error, "code", None) in UNKNOWN_USER:
        return "the user or the password is wrong (SANAD_MONGO_USER, SANAD_MONGO_PASSWORD_FILE)"
    if getattr(error, "code", None) == UNAUTHORISED:
        return "that user may not use this database (SANAD_MONGO_USER, SANAD_MONGO_DATABASE)"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "nobody we trust vouches for its certificate (SANAD_MONGO_AUTHORITIES_FILE)"
    if "SSL" in text:
        return "TLS fails (SANAD_MONGO_TLS, SANAD_MONGO_CERTIFICATE_FILE)"
    return ""


def refused(code: int | None) -> Exception:
    """The port's error for a write the server refused."""
    if code in TOO_LARGE:
        return DocumentTooLarge("more than MongoDB takes")
    return DocumentsUnavailable(f"MongoDB refused a write: error {code}")
