"""The installation's secrets: read from its folder, made there on the very first start, never logged."""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "secrets.json"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Of `contacts` comes what names contact points; `links` and `mail` sign, newest first (older ones still verify:
    rotation)."""

    contacts: bytes
    links: tuple[bytes, ...]
    mail: tuple[bytes, ...]

    def contacts_of(self, organisation: str) -> bytes:
        """The organisation's own: who writes to two of them is named otherwise at each, so neither tells of the other."""
        return hmac.digest(self.contacts, organisation.encode(), "sha256")


class SecretsMissing(Exception):
    """A folder with data but without its secrets: going on would make every old link and id invalid."""


class SecretsDiffer(Exception):
    """Contact points are named by two different secrets: one person would become two."""


def open_secrets(folder: Path, *, fresh: bool, holder: str = "", anew: str = "") -> Secrets:
    """The secrets in `folder`; made when the installation is `fresh`. Raises SecretsMissing, which says who holds a desk
    (`holder`; else the folder) and how to begin `anew`."""
    path = folder / FILE
    if not path.exists():
        if not fresh:
            otherwise = f"; {anew}" if anew else ""
            raise SecretsMissing(
                f"{path} is missing although {holder or folder} holds a desk: restore it from your backup{otherwise}"
            )
        write_secrets(folder, Secrets(_new(), (_new(),), (_new(),)))
    try:
        return read_secrets(json.loads(path.read_text()))
    except (KeyError, ValueError, TypeError) as fault:
        raise SecretsMissing(f"{path} cannot be read ({type(fault).__name__}): restore it from your backup") from None


def told_secrets(kept: Secrets) -> dict[str, Any]:
    """As JSON."""
    return {
        "contacts": kept.contacts.hex(), "links": [key.hex() for key in kept.links],
        "mail": [key.hex() for key in kept.mail],
    }  # fmt: skip


def read_secrets(told: Mapping[str, Any]) -> Secrets:
    """From JSON. Raises KeyError, ValueError, TypeError."""
    return Secrets(
        bytes.fromhex(told["contacts"]),
        tuple(bytes.fromhex(key) for key in told["links"]),
        tuple(bytes.fromhex(key) for key in told["mail"]),
    )


def joined(own: Secrets, brought: Secrets, *, alone: bool) -> Secrets:
    """Under which both what was signed here and what a desk brings along still holds.

    A desk that is `alone` here decides how contact points are named, and what signs. Raises SecretsDiffer.
    """
    if not alone and own.contacts != brought.contacts:
        raise SecretsDiffer
    first, then = (brought, own) if alone else (own, brought)
    return Secrets(
        brought.contacts,
        tuple(dict.fromkeys((*first.links, *then.links))),
        tuple(dict.fromkeys((*first.mail, *then.mail))),
    )


def write_secrets(folder: Path, kept: Secrets) -> None:
    """Readable by the owner alone, whole or not at all. Raises OSError."""
    path = folder / FILE
    partial = path.with_suffix(".part")
    partial.touch(mode=0o600)
    with partial.open("w") as file:
        file.write(json.dumps(told_secrets(kept)))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _new() -> bytes:
    return secrets.token_bytes(32)
