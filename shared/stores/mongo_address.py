"""How to reach a MongoDB."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.clock import SECOND, Ms
from shared.settings import Settings

Driver = Literal["motor", "pymongo"]

PATIENCE: Ms = 15 * SECOND
"""A primary that dies is replaced within 12 s as a rule; then whoever waits should be told."""


@dataclass(frozen=True, slots=True)
class MongoAddress:
    """`url` names the servers and their options, without credentials. TLS and a user where they are set.

    `certificate` is our own, with its private key in the same file.
    """

    url: str
    database: str = "sanad"
    driver: Driver = "motor"
    tls: bool = False
    authorities: Path | None = None
    certificate: Path | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    patience: Ms = PATIENCE

    def options(self) -> dict[str, Any]:
        """As both drivers want it. A write is acknowledged when a majority has it in its journal, and only such
        writes are read: what was seen once cannot be undone by a fail-over. No call takes longer than `patience`."""
        found: dict[str, Any] = {
            "appname": "sanad", "w": "majority", "journal": True, "readConcernLevel": "majority",
            "timeoutMS": self.patience, "serverSelectionTimeoutMS": self.patience, "connectTimeoutMS": self.patience,
        }  # fmt: skip
        if self.tls:
            found["tls"] = True
            found |= {"tlsCAFile": str(self.authorities)} if self.authorities else {}
            found |= {"tlsCertificateKeyFile": str(self.certificate)} if self.certificate else {}
        if self.user:
            found |= {"username": self.user, "password": self.password}
        return found


def address_of(settings: Settings) -> MongoAddress:
    """As the operator set it. Raises OSError where the password cannot be read."""
    password = settings.mongo_password_file.read_text(encoding="utf-8").strip() if settings.mongo_password_file else ""
    return MongoAddress(
        settings.mongo_url, settings.mongo_database, settings.mongo_driver, settings.mongo_tls,
        settings.mongo_authorities_file, settings.mongo_certificate_file, settings.mongo_user, password,
    )  # fmt: skip
