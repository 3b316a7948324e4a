"""The suite of the port, unchanged, on the adapter of the simulation."""

from tests.contracts.ports.test_documents import *  # noqa: F403 - the same tests, collected once more here
