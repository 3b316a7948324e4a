"""The suite of the port, unchanged, on Kafka's adapter over a simulated cluster."""

from tests.contracts.ports.test_broker import *  # noqa: F403 - the same tests, collected once more here
