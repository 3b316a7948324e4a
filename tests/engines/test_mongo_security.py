"""TLS in front of the documents, and what operators are told when they are not let in."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from shared.broker import NotLetIn
from shared.clock import SECOND
from shared.desks import COLLECTIONS, DESKS
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import MongoAddress
from shared.stores.mongo_driver import refusal
from tests.engines import mongo

pytestmark = pytest.mark.anyio


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Our own, good for 127.0.0.1; its key lies beside it."""
    made = tmp_path / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "server.key"),
         "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.fixture
async def door(certificate: Path) -> AsyncIterator[str]:
    """The session's server behind TLS, which it does not speak itself."""
    host, port = mongo.address().removeprefix("mongodb://").split(":")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("server.key"))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(1 << 16):
                writer.write(said)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, into = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pass_on(reader, into), pass_on(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield f"mongodb://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.engines
@pytest.mark.slow
@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_documents_are_kept_by_tls_and_a_stranger_is_not_trusted(
    door: str, certificate: Path, driver: Literal["motor", "pymongo"]
) -> None:
    address = MongoAddress(door, "guarded", driver, tls=True, authorities=certificate, patience=5 * SECOND)
    documents = MongoDocuments(address, COLLECTIONS, prepares=True)
    await documents.check_entry()
    await documents.of("").replace(DESKS.name, driver, {"organisation": "waha"}, None)
    found = await documents.of("").get(DESKS.name, driver)
    await documents.close()
    assert found is not None
    assert found.body == {"organisation": "waha"}
    strangers = MongoDocuments(replace(address, authorities=None), COLLECTIONS)
    with pytest.raises(NotLetIn, match="SANAD_MONGO_AUTHORITIES_FILE"):
        await strangers.check_entry()
    await strangers.close()


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (OperationFailure("Authentication failed.", 18), "SANAD_MONGO_PASSWORD_FILE"),
        (OperationFailure("not authorized on sanad", 13), "SANAD_MONGO_DATABASE"),
        (ServerSelectionTimeoutError("db:27017: [SSL: CERTIFICATE_VERIFY_FAILED] (_ssl.c:1006)"), "AUTHORITIES_FILE"),
        (ServerSelectionTimeoutError("db:27017: SSL handshake failed: EOF occurred"), "SANAD_MONGO_TLS"),
        (ServerSelectionTimeoutError("db:27017: [Errno 111] Connection refused"), ""),
    ],
)
async def test_who_is_kept_out_is_told_by_which_setting(error: OperationFailure, setting: str) -> None:
    assert setting in refusal(error)
    assert bool(refusal(error)) is bool(setting)


async def test_a_server_that_is_away_refuses_nobody() -> None:
    documents = MongoDocuments(MongoAddress("mongodb://127.0.0.1:1", patience=SECOND // 2), COLLECTIONS)
    await documents.check_entry()
    await documents.close()
