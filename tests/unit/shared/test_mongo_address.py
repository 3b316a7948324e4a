"""How MongoDB is reached: what operators set arrives at the driver, and secrets are not shown."""

from pathlib import Path

import pytest

from shared.broker import NotLetIn
from shared.settings import Settings
from shared.stores.mongo_address import Driver, MongoAddress, address_of
from shared.stores.mongo_driver import connect, disconnect


def settings(**given: object) -> Settings:
    return Settings.model_validate({"mongo_url": "mongodb://db:27017/?replicaSet=rs0", **given})


def test_writes_are_acknowledged_by_a_majority_and_its_journals() -> None:
    options = address_of(settings()).options()
    assert (options["w"], options["journal"], options["readConcernLevel"]) == ("majority", True, "majority")
    assert not {"tls", "username"} & options.keys()


@pytest.mark.anyio
async def test_both_drivers_are_told_the_same() -> None:
    told = []
    drivers: tuple[Driver, ...] = ("motor", "pymongo")
    for driver in drivers:
        client = connect(MongoAddress("mongodb://127.0.0.1:1", driver=driver, user="sanad", password="open"))
        options = client.delegate.options if driver == "motor" else client.options
        told.append((
            client.write_concern.document, client.read_concern.document, options.timeout,
            options.server_selection_timeout, options.pool_options.appname, options.pool_options.connect_timeout,
            options._options["username"],
        ))  # fmt: skip
        await disconnect(client)
    assert told[0] == told[1]
    assert told[0][:2] == ({"w": "majority", "j": True}, {"level": "majority"})


def test_a_user_comes_with_the_password_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    address = address_of(settings(mongo_user="sanad", mongo_password_file=tmp_path / "password"))
    options = address.options()
    assert (options["username"], options["password"]) == ("sanad", "open sesame")
    assert "sesame" not in repr(address)


def test_tls_takes_the_certificates_that_are_set(tmp_path: Path) -> None:
    plain = address_of(settings(mongo_tls=True)).options()
    assert plain["tls"]
    assert not {"tlsCAFile", "tlsCertificateKeyFile"} & plain.keys()
    pinned = settings(mongo_tls=True, mongo_authorities_file=tmp_path / "ca", mongo_certificate_file=tmp_path / "own")
    options = address_of(pinned).options()
    assert (options["tlsCAFile"], options["tlsCertificateKeyFile"]) == (str(tmp_path / "ca"), str(tmp_path / "own"))


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
@pytest.mark.parametrize("url", ["mongodb://", "mongodb://u:secret@db:99999999", "mongodb://u:sec/ret@db"])
def test_an_address_that_is_none_is_refused_without_repeating_it(driver: str, url: str) -> None:
    with pytest.raises(NotLetIn, match="cannot be used") as refusal:
        connect(MongoAddress(url, driver="motor" if driver == "motor" else "pymongo"))
    assert "secret" not in str(refusal.value)


def test_a_certificate_that_is_not_there_is_refused(tmp_path: Path) -> None:
    address = MongoAddress("mongodb://db", driver="pymongo", tls=True, authorities=tmp_path / "missing")
    with pytest.raises(NotLetIn, match="cannot be used"):
        connect(address)
