"""How to reach a Kafka cluster, and what both client libraries want to hear of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiokafka.helpers import create_ssl_context

from shared.clock import MINUTE, SECOND, Ms
from shared.settings import Settings

PATIENCE: Ms = 15 * SECOND
"""A leader that dies is replaced within 3 to 11 s; then whoever waits should be told."""


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """TLS where `tls`, with the system's authorities or those of `authorities`, and a certificate of our own where
    `certificate` and `key` are set; SASL/SCRAM where `user` is set."""

    tls: bool = True
    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"

    @property
    def protocol(self) -> str:
        """As Kafka names it."""
        return f"{'SASL_' if self.user else ''}{'SSL' if self.tls else 'PLAINTEXT'}"

    def sasl(self) -> dict[str, Any]:
        """The same words in both libraries."""
        if not self.user:
            return {}
        return {
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }


PLAIN = KafkaSecurity(tls=False)


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """A cluster: servers to begin with (host:port, with commas), what topics' names begin with there, for how long a
    call may wait for an answer before it is said to be unavailable, and how far a log's times may lie ahead (0: any)."""

    servers: str
    prefix: str = ""
    security: KafkaSecurity = PLAIN
    patience: Ms = PATIENCE
    most_ahead: Ms = 15 * MINUTE

    def asyncio_client(self) -> dict[str, Any]:
        """Arguments of every aiokafka client. Reads the files of certificates."""
        given: dict[str, Any] = {
            "bootstrap_servers": self.servers.split(","),
            "client_id": "sanad",
            "request_timeout_ms": self.patience,
            "security_protocol": self.security.protocol,
            **self.security.sasl(),
        }
        if self.security.tls:
            given["ssl_context"] = create_ssl_context(
                cafile=_text(self.security.authorities), certfile=_text(self.security.certificate),
                keyfile=_text(self.security.key),
            )  # fmt: skip
        return given

    def admin_client(self) -> dict[str, Any]:
        """Arguments of kafka-python's admin client."""
        return {
            "bootstrap_servers": self.servers.split(","),
            "client_id": "sanad-admin",
            "request_timeout_ms": self.patience,
            "bootstrap_timeout_ms": self.patience,
            "security_protocol": self.security.protocol,
            "ssl_cafile": _text(self.security.authorities),
            "ssl_certfile": _text(self.security.certificate),
            "ssl_keyfile": _text(self.security.key),
            **self.security.sasl(),
        }


def address_of(settings: Settings) -> KafkaAddress:
    """As the settings say. Reads the password's file."""
    secret = settings.kafka_password_file
    security = KafkaSecurity(
        tls=settings.kafka_tls,
        authorities=settings.kafka_authorities_file,
        certificate=settings.kafka_certificate_file,
        key=settings.kafka_key_file,
        user=settings.kafka_user,
        password=secret.read_text(encoding="utf-8").strip() if secret else "",
        mechanism=settings.kafka_mechanism,
    )
    return KafkaAddress(
        settings.kafka_servers, settings.kafka_prefix, security, most_ahead=settings.kafka_minutes_ahead * MINUTE
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
