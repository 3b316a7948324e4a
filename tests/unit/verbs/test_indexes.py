"""What the verb says about MongoDB's indexes."""

import uuid

import pytest
from typer.testing import CliRunner, Result

from deploy.engines.ports import free_ports
from services.verbs.cli import build
from shared.stores import mongo_address
from tests.engines.mongo import address


def ask() -> Result:
    return CliRunner().invoke(build(), ["indexes"])


def test_without_an_address_the_setting_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANAD_MONGO_URL", raising=False)
    ran = ask()
    assert ran.exit_code == 2
    assert "SANAD_MONGO_URL" in ran.output


def test_a_mongodb_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo_address.MongoAddress.__init__, "__defaults__", patient(300))
    monkeypatch.setenv("SANAD_MONGO_URL", f"mongodb://127.0.0.1:{free_ports(1)[0]}")
    ran = ask()
    assert ran.exit_code == 3
    assert "does not answer" in ran.output


def patient(patience: int) -> tuple[object, ...]:
    """The defaults of an address, with another patience."""
    return (*(mongo_address.MongoAddress.__init__.__defaults__ or ())[:-1], patience)


def test_an_address_that_is_none_is_said_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_MONGO_URL", "mongodb://huda:secret@:99999999")
    ran = ask()
    assert ran.exit_code == 2
    assert "cannot be used" in ran.output
    assert "SANAD_MONGO_URL" in ran.output
    assert "secret" not in ran.output


@pytest.mark.engines
def test_indexes_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_MONGO_URL", address())
    monkeypatch.setenv("SANAD_MONGO_DATABASE", uuid.uuid4().hex)
    first, second = ask(), ask()
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "tickets: index 'by status' made" in first.output
    assert second.output == "All indexes are as they should be.\n"
