"""The installation's secrets: read from its folder, made there on the very first start, never logged."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """`contacts` names contact points; `links` and `mail` sign, newest first (older ones still verify: rotation)."""

    contacts: bytes
    links: tuple[bytes, ...]
    mail: tuple[bytes, ...]


class SecretsMissing(Exception):
    """A folder with data but without its secrets: going on would make every old link and id invalid."""


def open_secrets(folder: Path, *, fresh: bool, holder: str = "", anew: str = "") -> Secrets:
    """The secrets in `folder`; made when the installation is `fresh`. Raises SecretsMissing, which says who holds a desk
    (`holder`; else the folder) and how to begin `anew`."""
    path = folder / "secrets.json"
    if not path.exists():
        if not fresh:
            otherwise = f"; {anew}" if anew else ""
            raise SecretsMissing(
                f"{path} is missing although {holder or folder} holds a desk: restore it from your backup{otherwise}"
            )
        made = {"contacts": secrets.token_hex(32), "links": [secrets.token_hex(32)], "mail": [secrets.token_hex(32)]}
        partial = path.with_suffix(".part")
        partial.touch(mode=0o600)
        with partial.open("w") as file:
            file.write(json.dumps(made))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    try:
        kept = json.loads(path.read_text())
        return Secrets(
            bytes.fromhex(kept["contacts"]),
            tuple(bytes.fromhex(key) for key in kept["links"]),
            tuple(bytes.fromhex(key) for key in kept["mail"]),
        )
    except (KeyError, ValueError, TypeError) as fault:
        raise SecretsMissing(f"{path} cannot be read ({type(fault).__name__}): restore it from your backup") from None
