"""Which failures speak of the address a mail went to."""

import pytest

from services.ingest.channels.email.mail import Action, Bounce
from services.ingest.channels.email.statuses import is_of_the_address, status_of


@pytest.mark.parametrize("status", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"])
def test_an_address_that_takes_no_mail_is_dead(status: str) -> None:
    assert is_of_the_address(status)


@pytest.mark.parametrize(
    "status",
    ["5.1.7", "5.1.8", "5.1.9", "5.1.5", "5.1.11", "5.2.2", "5.2.10", "5.7.1", "5.0.0", "4.1.1", "4.2.1", "2.1.5", "15.1.1", "", "550"],
)  # fmt: skip
def test_what_is_said_of_the_sender_the_server_or_the_moment_is_not(status: str) -> None:
    assert not is_of_the_address(status)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("5.1.1 <huda@example.com> unknown", "5.1.1"), ("5.1.10", "5.1.10"), ("  5.2.1\nand more", "5.2.1"),
        ("no such user 5.1.1", ""), ("5.1.1.7 is its address", ""), ("", ""), ("User unknown", ""), ("5.1", ""),
    ],
)  # fmt: skip
def test_a_status_is_read_where_an_answer_begins(answer: str, status: str) -> None:
    assert status_of(answer) == status


@pytest.mark.parametrize(
    ("action", "status", "unreachable"),
    [("failed", "5.1.1", True), ("delayed", "5.1.1", False), ("failed", "", False), ("failed", "4.1.1", False)],
)
def test_only_a_failure_for_good_marks_an_address(action: Action, status: str, unreachable: bool) -> None:
    assert Bounce("huda@example.com", action, status).unreachable is unreachable
