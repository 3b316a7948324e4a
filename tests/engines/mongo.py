"""A MongoDB-protocol server of the tests' own: started when the first test asks for it, stopped when the last is done."""

import os
import tempfile
from pathlib import Path

from deploy.engines import mongo
from deploy.engines.mongo import Server
from tests.engines.kafka import need_java, quiet

ADDRESS = "SANAD_TEST_MONGO"
"""Where child processes of a test find the server it uses."""

_running: list[tuple[Server, "tempfile.TemporaryDirectory[str]"]] = []


def address() -> str:
    """The session's server. Skips or fails the asking test where there can be none."""
    return os.environ.get(ADDRESS) or server().address


def server() -> Server:
    """The session's own server, in memory, started at the first call."""
    if _running:
        return _running[0][0]
    need_java()
    scratch = tempfile.TemporaryDirectory(prefix="sanad-mongo-")
    found = mongo.start(Path(scratch.name), quiet, durable=False, port=None)
    _running.append((found, scratch))
    os.environ[ADDRESS] = found.address
    return found


def stop() -> None:
    """Stop what was started here."""
    while _running:
        found, scratch = _running.pop()
        os.environ.pop(ADDRESS, None)
        found.stop()
        scratch.cleanup()
