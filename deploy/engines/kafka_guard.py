"""A second door to Kafka as production has it: TLS with a certificate made here, and users who sign in by SCRAM."""

import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deploy.engines.running import EngineFailed

DOOR = "GUARDED"
USER = "sanad"
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512")
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True, slots=True)
class Guard:
    """What a client needs to get in, and the server's store of keys."""

    folder: Path
    user: str = USER
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    @property
    def authorities(self) -> Path:
        """The certificate to trust (PEM)."""
        return self.folder / "authorities.pem"

    @property
    def store(self) -> Path:
        """The server's key and certificate (PKCS12)."""
        return self.folder / "server.p12"

    def make(self) -> None:
        """Make the key and its certificate, good for 127.0.0.1 and some days. Raises EngineFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.store.exists():
            return
        kept = ["-keystore", str(self.store), "-storetype", "PKCS12", "-storepass", self.password, "-alias", "server"]
        _keytool("-genkeypair", *kept, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=127.0.0.1",
                 "-ext", "SAN=ip:127.0.0.1", "-ext", "BC=ca:true", "-validity", "30")  # fmt: skip
        _keytool("-exportcert", *kept, "-rfc", "-file", str(self.authorities))

    def settings(self, listeners: str, protocols: str, host: str, port: int) -> str:
        """Lines of server.properties that add the door to those there are: the last of two equal keys counts."""
        door = f"listener.name.{DOOR.lower()}"
        lines = [
            f"listeners={listeners},{DOOR}://{host}:{port}",
            f"advertised.listeners={listeners.split(',', maxsplit=1)[0]},{DOOR}://{host}:{port}",
            f"listener.security.protocol.map={protocols},{DOOR}:SASL_SSL",
            f"{door}.sasl.enabled.mechanisms={','.join(MECHANISMS)}",
            *(f"{door}.{mechanism.lower()}.sasl.jaas.config={LOGIN}" for mechanism in MECHANISMS),
            f"{door}.ssl.keystore.location={self.store}",
            f"{door}.ssl.keystore.password={self.password}",
            f"{door}.ssl.keystore.type=PKCS12",
        ]
        return "\n".join(lines) + "\n"

    def arguments(self) -> list[str]:
        """For the tool that prepares the storage: the user is there before anyone can sign in."""
        return [
            word
            for mechanism in MECHANISMS
            for word in ("--add-scram", f"{mechanism}=[name={self.user},password={self.password}]")
        ]


def _keytool(*arguments: str) -> None:
    ran = subprocess.run(["keytool", *arguments], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise EngineFailed(f"keytool failed:\n{ran.stdout}{ran.stderr}")
