"""Secrets: made once, read back, and joined when a desk brings its own."""

import json
from pathlib import Path

import pytest

from shared.secrets import (
    Secrets,
    SecretsDiffer,
    SecretsMissing,
    joined,
    open_secrets,
    read_secrets,
    told_secrets,
    write_secrets,
)

OWN = Secrets(b"c" * 32, (b"l" * 32,), (b"m" * 32,))
BROUGHT = Secrets(b"C" * 32, (b"L" * 32, b"k" * 32), (b"M" * 32,))


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    made = open_secrets(tmp_path, fresh=True)
    assert open_secrets(tmp_path, fresh=False) == open_secrets(tmp_path, fresh=True) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({made.contacts, *made.links, *made.mail}) == 3


def test_people_are_named_otherwise_by_each_organisation() -> None:
    assert len({OWN.contacts, OWN.contacts_of("waha"), OWN.contacts_of("rimal"), BROUGHT.contacts_of("waha")}) == 4
    assert OWN.contacts_of("waha") == read_secrets(told_secrets(OWN)).contacts_of("waha")


def test_what_lost_them_goes_no_further(tmp_path: Path) -> None:
    with pytest.raises(SecretsMissing):
        open_secrets(tmp_path, fresh=False)
    (tmp_path / "secrets.json").write_text(json.dumps({"contacts": "no"}))
    with pytest.raises(SecretsMissing):
        open_secrets(tmp_path, fresh=True)


def test_they_are_told_and_read_back(tmp_path: Path) -> None:
    assert read_secrets(told_secrets(BROUGHT)) == BROUGHT
    write_secrets(tmp_path, BROUGHT)
    assert open_secrets(tmp_path, fresh=False) == BROUGHT


def test_a_desk_that_is_alone_keeps_its_names_and_old_signatures_hold() -> None:
    both = joined(OWN, BROUGHT, alone=True)
    assert both.contacts == BROUGHT.contacts
    assert both.links == (*BROUGHT.links, *OWN.links)
    assert both.mail == (*BROUGHT.mail, *OWN.mail)
    assert joined(both, BROUGHT, alone=True) == both


def test_desks_with_different_names_for_people_do_not_mix() -> None:
    with pytest.raises(SecretsDiffer):
        joined(OWN, BROUGHT, alone=False)
    same = Secrets(OWN.contacts, BROUGHT.links, BROUGHT.mail)
    assert joined(OWN, same, alone=False).links == (*OWN.links, *BROUGHT.links)
