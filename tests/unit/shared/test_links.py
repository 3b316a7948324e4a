"""Signed links: for one purpose, one desk, one subject, for a while."""

from string import ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.links import LONGEST, Link, LinkRefused, mint, verify

LETTERS = f"{ascii_uppercase}{ascii_lowercase}{digits}-_"
OLD, NEW, ELSE = b"o" * 32, b"n" * 32, b"e" * 32
LINK = Link("desk", "sara", 1_000)


def refusal(keys: list[bytes], purpose: str, token: str, at: int = 0) -> str:
    with pytest.raises(LinkRefused) as refused:
        verify(keys, purpose, token, at)
    return refused.value.reason


@given(desk=st.text(max_size=40), subject=st.text(max_size=100), expires_at=st.integers(0, 1 << 53))
def test_a_link_says_what_it_was_minted_for(desk: str, subject: str, expires_at: int) -> None:
    link = Link(desk, subject, expires_at)
    assert verify([NEW], "sign-in", mint([NEW], "sign-in", link), expires_at) == link


def test_a_link_opens_up_to_its_expiry_and_not_beyond() -> None:
    token = mint([NEW], "survey", LINK)
    assert verify([NEW], "survey", token, 1_000) == LINK
    assert refusal([NEW], "survey", token, 1_001) == "expired"


def test_a_link_of_one_purpose_opens_nothing_else() -> None:
    assert refusal([NEW], "sign-in", mint([NEW], "survey", LINK)) == "forged"


def test_an_older_key_still_verifies_while_the_newest_signs() -> None:
    before = mint([OLD], "survey", LINK)
    assert verify([NEW, OLD], "survey", before, 0) == LINK
    assert mint([NEW, OLD], "survey", LINK) == mint([NEW], "survey", LINK) != before
    assert refusal([NEW], "survey", before) == "forged"
    assert refusal([ELSE], "survey", before) == "forged"


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_any_changed_letter_is_noticed(place: int) -> None:
    token = mint([NEW], "survey", LINK)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert refusal([NEW], "survey", changed) == "forged"


@given(subject=st.text(max_size=30), place=st.integers(0, 63), more=st.sampled_from(["", "=", "==", " ", "\n", "%3D"]))
def test_a_token_has_one_spelling(subject: str, place: int, more: str) -> None:
    token = mint([NEW], "sign-in", Link("desk", subject, 1_000))
    other = token[:-1] + LETTERS[place] + more
    if other != token:
        assert refusal([NEW], "sign-in", other) == "forged"


@given(token=st.text(max_size=300))
def test_made_up_tokens_are_refused_and_never_an_error_of_ours(token: str) -> None:
    assert refusal([NEW], "survey", token) == "forged"


def test_an_endless_token_is_not_even_looked_at() -> None:
    assert refusal([NEW], "survey", "x" * (LONGEST + 1)) == "forged"


def test_a_token_fits_into_an_address() -> None:
    token = mint([NEW], "sign-in", Link("مكتب", "سارة\n1", 1 << 50))
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert token.isascii()
