"""What tests may reach."""

import socket

import pytest


def test_a_test_that_reaches_beyond_this_machine_fails() -> None:
    with socket.socket() as plug, pytest.raises(RuntimeError, match="tests stay on this machine"):
        plug.connect(("192.0.2.1", 9))


def test_a_test_may_reach_a_server_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as plug:
        assert plug.getpeername() == server.getsockname()
