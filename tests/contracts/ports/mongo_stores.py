"""MongoDB's side of the suite. Every place is a database of its own on the session's server."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pymongo import MongoClient

from shared.documents import Collection, Documents
from shared.stores.mongo import MongoDocuments
from shared.stores.mongo_address import Driver, MongoAddress
from tests.engines import mongo


class MongoStores:
    """The session's server through one of the two drivers."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def open(self, place: Path, collections: Sequence[Collection]) -> Documents:
        # of one length: the test server takes a name that begins another's for part of it
        database = hashlib.sha256(str(place).encode()).hexdigest()[:32]
        address = MongoAddress(mongo.address(), database, self._driver)
        return MongoDocuments(address, collections, prepares=True)

    def starve(self, documents: Documents) -> None:
        tell_starving(starving=True)

    def mend(self, documents: Documents) -> None:
        tell_starving(starving=False)


def tell_starving(*, starving: bool) -> None:
    """Our launcher's own command: every write fails as on a full disk."""
    with MongoClient[dict[str, object]](mongo.address()) as client:
        client.admin.command({"starve": starving})
