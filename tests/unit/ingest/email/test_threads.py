import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.mail import Address, ParsedMail
from services.ingest.channels.email.threads import (
    LONGEST_LOCAL_PART,
    OwnMessageId,
    find_thread,
    own_message_id,
    own_messages,
    read_message_id,
    read_reply_token,
    reply_address,
    split_reply_address,
)
from shared.catalogue.values import FollowUp, Thread
from shared.policy.terms import Priority

KEYS = [b"new key" * 5, b"old key" * 5]
CONVERSATION, OTHER, DELIVERY, TICKET = (str(uuid.UUID(int=number)) for number in (1, 2, 3, 4))
INHERITED = FollowUp(
    ticket=TICKET, number=1024, team="billing", owner="سارة", category="card/lost", priority=Priority.HIGH
)
ADDRESS = reply_address("support@example.com", "desk", CONVERSATION, KEYS)
ID = own_message_id("example.com", "desk", CONVERSATION, DELIVERY, INHERITED, KEYS)


def token() -> str:
    return split_reply_address(ADDRESS)[1] or ""


def answering(
    *, to: str = "support@example.com", in_reply_to: tuple[str, ...] = (), references: tuple[str, ...] = ()
) -> ParsedMail:
    return ParsedMail("<1@x>", "", "", None, "", "", to=(Address(to),), in_reply_to=in_reply_to, references=references)


def test_our_reply_address_leads_to_its_conversation() -> None:
    assert ADDRESS.startswith("support+c.")
    assert len(ADDRESS.partition("@")[0]) <= LONGEST_LOCAL_PART
    assert split_reply_address(ADDRESS)[0] == "support@example.com"
    assert read_reply_token(token(), "desk", KEYS) == CONVERSATION


def test_mail_servers_may_change_the_case() -> None:
    account, upper = split_reply_address(ADDRESS.upper())
    assert account == "support@example.com"
    assert read_reply_token(upper or "", "desk", KEYS) == CONVERSATION
    assert read_message_id(ID.upper(), "desk", KEYS) == read_message_id(ID, "desk", KEYS)


def test_a_message_id_tells_conversation_delivery_and_inheritance() -> None:
    assert read_message_id(ID, "desk", KEYS) == OwnMessageId(CONVERSATION, DELIVERY, INHERITED)
    assert len(ID) < 320
    bare = own_message_id("example.com", "desk", CONVERSATION, DELIVERY, None, KEYS)
    assert read_message_id(bare, "desk", KEYS) == OwnMessageId(CONVERSATION, DELIVERY)


def test_the_same_delivery_has_the_same_id_at_every_attempt() -> None:
    assert own_message_id("example.com", "desk", CONVERSATION, DELIVERY, INHERITED, KEYS) == ID


def test_an_older_key_still_verifies_and_a_retired_one_does_not() -> None:
    old = split_reply_address(reply_address("support@example.com", "desk", CONVERSATION, KEYS[1:]))[1] or ""
    assert read_reply_token(old, "desk", KEYS) == CONVERSATION
    assert read_reply_token(token(), "desk", KEYS[1:]) is None


def test_another_desk_s_tokens_lead_nowhere() -> None:
    assert read_reply_token(token(), "other", KEYS) is None
    assert read_message_id(ID, "other", KEYS) is None


def test_a_token_of_one_purpose_does_not_serve_another() -> None:
    assert read_message_id(f"<c.{token()}@example.com>", "desk", KEYS) is None
    assert read_reply_token(ID.strip("<>").partition("@")[0].removeprefix("c."), "desk", KEYS) is None


@given(st.integers(0, 41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_forged_token_joins_nothing(place: int, letter: str) -> None:
    forged = token()[:place] + letter + token()[place + 1 :]
    found = read_reply_token(forged, "desk", KEYS)
    # The last letter of base32 holds unused bits: another spelling of the same bytes is no forgery.
    assert found is None or (found == CONVERSATION and (forged == token() or place == 41))


@given(st.integers(2, 200), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_forged_message_id_joins_nothing(place: int, letter: str) -> None:
    local = ID.strip("<>").partition("@")[0]
    forged = local[:place] + letter + local[place + 1 :]
    assert forged == local or read_message_id(f"<{forged}@example.com>", "desk", KEYS) is None


@given(st.text(max_size=80))
def test_anything_else_joins_nothing(text: str) -> None:
    assert read_reply_token(text, "desk", KEYS) is None
    assert read_message_id(f"<c.{text}@example.com>", "desk", KEYS) is None
    split_reply_address(text)


def test_an_account_without_room_for_a_token_keeps_its_address() -> None:
    account = f"{'a' * 40}@example.com"
    assert reply_address(account, "desk", CONVERSATION, KEYS) == account


def test_an_account_with_a_plus_of_its_own_keeps_it() -> None:
    address = reply_address("help+ar@example.com", "desk", CONVERSATION, KEYS)
    assert split_reply_address(address)[0] == "help+ar@example.com"


@pytest.mark.parametrize(
    ("mail", "recipients"),
    [
        (answering(to=ADDRESS), ()),
        (answering(), (ADDRESS,)),
        (answering(in_reply_to=(ID,)), ()),
        (answering(references=("<x@y>", ID, "<z@y>")), ()),
    ],
)
def test_any_right_mac_names_the_conversation(mail: ParsedMail, recipients: tuple[str, ...]) -> None:
    found = find_thread(mail, recipients, "desk", KEYS)
    assert found is not None
    assert found.conversation == CONVERSATION


def test_the_address_decides_and_the_id_adds_what_a_follow_up_inherits() -> None:
    other = own_message_id("example.com", "desk", OTHER, DELIVERY, INHERITED, KEYS)
    both = find_thread(answering(to=ADDRESS, in_reply_to=(ID,)), (), "desk", KEYS)
    mixed = find_thread(answering(to=ADDRESS, in_reply_to=(other,)), (), "desk", KEYS)
    assert both == Thread(conversation=CONVERSATION, follow_up=INHERITED)
    assert mixed == Thread(conversation=CONVERSATION)


def test_the_newest_reference_wins() -> None:
    newer = own_message_id("example.com", "desk", OTHER, DELIVERY, None, KEYS)
    assert find_thread(answering(references=(ID, newer)), (), "desk", KEYS) == Thread(conversation=OTHER)


def test_a_mail_without_our_mac_belongs_nowhere() -> None:
    mail = answering(to="support+c.aaaa@example.com", in_reply_to=("<c.aaaa@example.com>",), references=("<1@x>",))
    assert find_thread(mail, ("support@example.com",), "desk", KEYS) is None


def test_own_messages_are_found_among_others() -> None:
    assert [one.delivery for one in own_messages(("<1@x>", ID, ID), "desk", KEYS)] == [DELIVERY]


def test_inheritance_of_another_version_does_not_break_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ingest.channels.email.threads._packed", lambda follow_up: b'["only one"]')
    newer = own_message_id("example.com", "desk", CONVERSATION, DELIVERY, INHERITED, KEYS)
    assert read_message_id(newer, "desk", KEYS) == OwnMessageId(CONVERSATION, DELIVERY)
