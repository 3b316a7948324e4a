import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.caller import subscriber


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_subscriber_s_whole_network_is_one(one: str, other: str, *, same: bool) -> None:
    assert (subscriber(one) == subscriber(other)) is same


@given(st.text(max_size=200))
def test_anything_can_be_an_address(client: str) -> None:
    assert len(subscriber(client)) <= 64
