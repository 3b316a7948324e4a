"""Every setting of the process: environment (`SANAD_…`), or a `.env` file. The README's table is made from here."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PORTS = range(1, 65_536)
Port = Annotated[int, Field(ge=0, le=65_535)]


def _each_a_network(value: str) -> str:
    for one in value.split(","):
        if one.strip():
            ip_network(one.strip())
    return value


def _each_a_server(value: str) -> str:
    for one in value.split(",") if value else ():
        host, _, port = one.strip().rpartition(":")
        if not host or not port.isdecimal() or int(port) not in PORTS:
            raise ValueError("each is to be host:port")
    return value


Networks = Annotated[str, AfterValidator(_each_a_network)]
Servers = Annotated[str, AfterValidator(_each_a_server)]


class Settings(BaseSettings):
    """What may differ from one installation to the next. What a desk promises is in desk.yaml, never here."""

    model_config = SettingsConfigDict(
        env_prefix="SANAD_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    engine: Literal["embedded", "kafka"] = Field(
        "embedded",
        description="What `run` starts: embedded, all in one process; kafka, a process per service on Kafka and MongoDB."
        " `export` and `import` do as it says, and, where it is unset, as SANAD_KAFKA_SERVERS and SANAD_MONGO_URL do.",
    )
    folder: Path = Field(
        Path(".sanad"),
        description="Folder of the embedded engine: log, documents, secrets, outbox; kafka: the last two.",
    )
    secrets_folder: Path | None = Field(
        None, description="Folder of secrets.json, the same for every process of a desk; unset: SANAD_FOLDER."
    )
    role: Literal["all", "projector", "http"] = Field(
        "all",
        description="What a gateway process does: projector keeps documents and no door; http is the doors, any number.",
    )
    shell: Literal["faust", "aiokafka"] = Field(
        "faust", description="What shares Kafka's partitions out among the processes of a service."
    )
    member: str = Field(
        "",
        description="Lasting name of this process in its service's group: back soon, the same partitions; empty: none.",
    )
    partitions: int = Field(4, ge=1, le=1_024, description="Partitions of every topic, fixed at the first start.")
    kafka_servers: Servers = Field("", description="Kafka's servers to begin with (host:port, with commas).")
    kafka_prefix: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]*$", description="What names of topics begin with on a shared cluster."
    )
    kafka_partitions: int = Field(
        96, ge=1, le=1_024, description="Partitions of every topic of Kafka, fixed at install."
    )
    kafka_replicas: int | None = Field(
        None, ge=1, le=7, description="Copies of every new topic of Kafka; unset: 3, or as many as there are nodes."
    )
    kafka_tls: bool = Field(default=False, description="Reach Kafka by TLS.")
    kafka_authorities_file: Path | None = Field(
        None, description="Certificates that vouch for Kafka's (PEM); unset: those this machine trusts."
    )
    kafka_certificate_file: Path | None = Field(None, description="Our own certificate for Kafka (PEM).")
    kafka_key_file: Path | None = Field(None, description="Its private key (PEM).")
    kafka_user: str = Field("", description="User name at Kafka (SASL/SCRAM); empty: none.")
    kafka_password_file: Path | None = Field(None, description="File holding that user's password.")
    kafka_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How that user signs in."
    )
    kafka_minutes_ahead: int = Field(
        15, ge=0, description="How far times of Kafka's may lie ahead of this machine's before nothing is read; 0: any."
    )
    mongo_url: str = Field(
        "", description="MongoDB's servers and their options (mongodb://host:port,…), without user or password."
    )
    mongo_database: str = Field(
        "sanad", pattern=r"^[A-Za-z0-9_-]{1,38}$", description="Database of MongoDB all documents lie in."
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        "motor", description="Through which library: Motor, or PyMongo's own client, its heir."
    )
    mongo_tls: bool = Field(default=False, description="Reach MongoDB by TLS.")
    mongo_authorities_file: Path | None = Field(
        None, description="Certificates that vouch for MongoDB's (PEM); unset: those this machine trusts."
    )
    mongo_certificate_file: Path | None = Field(
        None, description="Our own certificate for MongoDB with its private key (PEM)."
    )
    mongo_user: str = Field("", description="User name at MongoDB (SCRAM); empty: none.")
    mongo_password_file: Path | None = Field(None, description="File holding that user's password.")
    policy: Path = Field(Path("deploy/desk.yaml"), description="The desk's policy, applied at the first start.")
    http_host: str = Field("127.0.0.1", description="Address the HTTP door listens on.")
    http_port: Port = Field(8000, description="Port of the HTTP door; 0 picks a free one.")
    public_url: str = Field("", description="Address customers reach the HTTP door by; empty: host and port.")
    trusted_proxies: Networks = Field(
        "127.0.0.1,::1",
        description="Whose word for a caller's address the HTTP door takes: balancers (addresses or networks, with commas).",
    )
    smtp_host: str = Field("127.0.0.1", description="Address the mail door listens on.")
    smtp_port: Port = Field(2525, description="Port of the mail door; 0 picks a free one.")
    relay_host: str = Field("", description="SMTP relay for outgoing mail; empty: mail stays in the outbox, not sent.")
    relay_port: Port = Field(587, description="Port of the relay.")
    relay_user: str = Field("", description="User name at the relay; empty: none.")
    relay_password_file: Path | None = Field(None, description="File holding the relay's password.")
    relay_tls: bool = Field(default=True, description="Use STARTTLS with the relay.")
    authserv_id: str = Field(
        "", description="Our mail host's name in Authentication-Results and Received; others are ignored."
    )
    metrics_host: str = Field("127.0.0.1", description="Address the operators' door listens on.")
    metrics_port: Port | None = Field(
        None, description="Port of the operators' door (/metrics without a key, /livez, /readyz); unset: there is none."
    )
    url: str = Field("", description="Where verbs find the running desk; empty: where it says it is, in its folder.")
    key: str = Field("", repr=False, description="API key the verbs use; empty: the one in the folder (admin.key).")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe log line shown.")
    demo: bool = Field(default=False, description="Fill a new desk with example people (make run does).")
