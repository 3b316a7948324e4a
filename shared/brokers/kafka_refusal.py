"""Whether Kafka refuses us for good, and by which setting: its library calls all of it unavailable."""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    RequestTimedOutError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from shared.broker import NotLetIn
from shared.brokers.kafka_address import KafkaAddress, KafkaSecurity
from shared.clock import SECOND, Ms

LOOKS = 5
BETWEEN: Ms = SECOND
"""A node that has just started may not know its users yet."""
MOMENT: Ms = SECOND // 2
HANGS_UP = "it hangs up on us (SANAD_KAFKA_TLS, SANAD_KAFKA_USER)"


async def check_entry(address: KafkaAddress) -> None:
    """Raises NotLetIn. A cluster that does not answer refuses nobody: whoever needs it waits for it."""
    reason = await refusal(address)
    for _ in range(LOOKS - 1):
        if not reason:
            return
        await asyncio.sleep(BETWEEN / SECOND)
        reason = await refusal(address)
    if reason:
        raise NotLetIn(f"Kafka at {address.servers} refuses: {reason}")


async def refusal(address: KafkaAddress) -> str:
    """Why the first server that says so does not let us in; empty where one does, or none answers. One that hangs up may
    only be ending, or beginning: others are asked, too."""
    given = address.asyncio_client()
    known = {name: given[name] for name in given if name.startswith(("sasl", "ssl", "security", "client", "request"))}
    hung_up = ""
    for server in given["bootstrap_servers"]:
        host, _, port = server.strip().rpartition(":")
        reason = await _knock(host, int(port), address.security, known)
        if reason == HANGS_UP:
            hung_up = HANGS_UP
        elif reason is not None:
            return reason
    return hung_up


async def _knock(host: str, port: int, security: KafkaSecurity, known: dict[str, Any]) -> str | None:
    """None: it does not answer."""
    try:
        connection = await create_conn(host, port, **known)
    except (SaslAuthenticationFailed, AuthenticationFailedError):
        return "the user or the password is wrong (SANAD_KAFKA_USER, SANAD_KAFKA_PASSWORD_FILE)"
    except UnsupportedSaslMechanismError:
        return f"users do not sign in by {security.mechanism} there (SANAD_KAFKA_MECHANISM)"
    except IllegalSaslStateError:
        return "nobody signs in there (SANAD_KAFKA_USER)"
    except ssl.SSLCertVerificationError:
        return "nobody we trust vouches for its certificate (SANAD_KAFKA_AUTHORITIES_FILE)"
    except ssl.SSLError:
        return "TLS fails (SANAD_KAFKA_TLS, SANAD_KAFKA_CERTIFICATE_FILE, SANAD_KAFKA_KEY_FILE)"
    except (ConnectionRefusedError, TimeoutError, RequestTimedOutError):
        return None
    except (KafkaError, OSError):
        return HANGS_UP if await _listens(host, port) else None
    try:
        # without a user one gets as far as this where users are wanted
        await connection.send(MetadataRequest([]))
    except (TimeoutError, RequestTimedOutError):
        return None
    except (KafkaError, OSError):
        return HANGS_UP if await _listens(host, port) else None
    finally:
        connection.close()
    return ""


async def _listens(host: str, port: int) -> bool:
    """Whether anybody is there who waits for what we say; a balancer without a server behind it hangs up at once."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        await asyncio.wait_for(reader.read(1), MOMENT / SECOND)
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()
    return False
