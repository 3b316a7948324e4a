from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.arrival import Address, Arrival
from services.ingest.rules import (
    OLDEST,
    Stored,
    bounded_fields,
    clamp,
    fits_inline,
    make_contact,
    name_message,
    normalise_address,
    one_line,
    receive,
    well_formed,
)
from shared.broker import MAX_RECORD_BYTES
from shared.catalogue.codec import encode
from shared.catalogue.commands import ReceiveMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.values import Attachment
from shared.text.phrases import WordIndex
from tests.unit.ingest.desk import NOW, SECRETS, policy

POLICY = policy().at_version(3)
INDEX = WordIndex(POLICY.conditions)
NOTHING = Stored()
ARRIVAL = Arrival("mail", "<1@example.com>", Address("huda@example.com", "Huda"), "I lost my card")


def read(arrival: Arrival = ARRIVAL, stored: Stored = NOTHING) -> ReceiveMessage:
    return receive(arrival, stored, POLICY, INDEX, NOW, partial(make_contact, SECRETS.contacts))


def test_the_desk_comes_from_the_policy_and_from_nowhere_else() -> None:
    message = read()
    assert (message.by.desk, message.by.organisation, message.policy_version) == ("support", "acme", 3)


def test_the_same_mail_read_later_is_the_same_message() -> None:
    assert read().message == name_message("support", replace(ARRIVAL, sent_at=NOW - 5, subject="other"))


def test_what_names_a_message() -> None:
    others = (
        replace(ARRIVAL, sender_id="<2@example.com>"), replace(ARRIVAL, content="other"), replace(ARRIVAL, account="web"),
    )  # fmt: skip
    assert len({name_message("support", one) for one in (ARRIVAL, *others)}) == 4
    assert name_message("rival-desk", ARRIVAL) != name_message("support", ARRIVAL)


def test_no_sender_can_shift_an_id_into_its_neighbour() -> None:
    shifted = replace(ARRIVAL, sender_id="a\x1fb", content="c")
    assert name_message("support", shifted) != name_message(
        "support", replace(ARRIVAL, sender_id="a", content="b\x1fc")
    )


@given(st.integers(0, 2**45), st.integers(OLDEST, 2**45))
def test_the_sent_time_is_never_in_the_future_nor_older_than_seven_days(sent_at: int, now: int) -> None:
    assert now - OLDEST <= clamp(sent_at, now) <= now


@given(st.integers(0, OLDEST))
def test_a_sent_time_within_seven_days_is_believed(age: int) -> None:
    assert clamp(NOW - age, NOW) == NOW - age


def test_without_a_sent_time_now_counts() -> None:
    assert clamp(None, NOW) == NOW


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Huda@Example.COM", "huda@example.com"),
        (" huda@example.com. ", "huda@example.com"),
        ("huda@بنك.example", "huda@xn--ngb8ci.example"),
        ("huda+tag@example.com", "huda+tag@example.com"),
        ("no address", "no address"),
    ],
)
def test_one_spelling_for_every_address(written: str, normal: str) -> None:
    assert normalise_address("email", written) == normal


def test_a_domain_nobody_can_have_is_left_as_it_is() -> None:
    assert normalise_address("email", "x@" + "é" * 300) == "x@" + "é" * 300


def test_phone_numbers_keep_their_case_and_plus() -> None:
    assert normalise_address("phone", " +9665 ") == "+9665"


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(address: str) -> None:
    once = normalise_address("email", address)
    assert normalise_address("email", once) == once


def test_contact_ids_cannot_be_computed_without_the_secret() -> None:
    ours = make_contact(SECRETS.contacts, Address("huda@example.com"))
    assert make_contact(b"guess" * 8, Address("huda@example.com")).id != ours.id
    assert make_contact(SECRETS.contacts, Address("huda@example.com", kind="handle")).id != ours.id


@given(st.text(alphabet=st.characters(), max_size=50))
def test_every_text_becomes_one_that_stores_take(text: str) -> None:
    well_formed(text).encode()
    assert "\n" not in one_line(text)


@given(st.text(max_size=200))
def test_whole_text_is_left_as_it_is(text: str) -> None:
    assert well_formed(text) == text


def test_the_language_is_the_text_s_then_the_hint_s_then_the_account_s() -> None:
    assert read(replace(ARRIVAL, text="ضاعت بطاقتي", language="en")).language == "ar"
    assert read(replace(ARRIVAL, text="123", language="ar")).language == "ar"
    assert read(replace(ARRIVAL, text="123", language="<script>")).language is None
    assert read(replace(ARRIVAL, text="123")).language is None


def test_words_are_found_in_the_subject_too() -> None:
    assert len(read(replace(ARRIVAL, subject="Card", text="lost it")).words) == 2


def test_word_conditions_are_named_by_what_they_mean() -> None:
    assert set(read().words) == {POLICY.words["card"].condition, POLICY.words["lost"].condition}


def test_thanks_signed_with_the_sender_s_name_are_thanks() -> None:
    assert read(replace(ARRIVAL, text="Thank you! Huda")).thanks
    assert not read(replace(ARRIVAL, text="Thank you! Omar?")).thanks


def test_thanks_that_bring_a_file_are_more() -> None:
    file = Attachment(blob="b", name="a", media_type="text/plain", size=1)
    assert not read(replace(ARRIVAL, text="thanks"), Stored((file,))).thanks


def test_a_full_text_travels_only_where_it_says_more_and_fits() -> None:
    assert read(replace(ARRIVAL, full_text=ARRIVAL.text)).full_text is None
    assert read(replace(ARRIVAL, full_text="I lost my card\n> hi")).full_text == "I lost my card\n> hi"
    assert read(replace(ARRIVAL, full_text="x" * 300_000)).full_text is None


def test_a_text_in_a_blob_does_not_travel_as_well() -> None:
    message = read(replace(ARRIVAL, full_text="more"), Stored(text_blob="b"))
    assert (message.text, message.full_text, message.text_blob) == ("", None, "b")


def test_what_fits_is_measured_as_it_is_written() -> None:
    assert fits_inline("x" * 262_000, "", POLICY)
    assert not fits_inline("\x01" * 50_000, "", POLICY)
    assert not fits_inline("ق" * 131_073, "", POLICY)
    assert not fits_inline("x" * 200_000, "x" * 100_000, POLICY)


def test_fields_are_few_and_short() -> None:
    kept = bounded_fields({f"field {n}\n": "x" * 10_000 for n in range(99)})
    assert len(kept) == 30
    assert all(len(value) == 2_000 for value in kept.values())
    assert "field 0" in kept


def test_the_largest_message_there_can_be_fits_a_record() -> None:
    wide = "\x01"
    arrival = Arrival(
        "mail", "x" * 9_000, Address("a@" + "b" * 400, "😀" * 300), "x" * 262_000, subject="😀" * 900,
        external_id="<" + "x" * 9_000, references=tuple("😀" * 2_000 for _ in range(90)),
        copied=tuple(Address("c" * 400, "😀" * 300) for _ in range(400)),
        fields={f"{n}{'😀' * 300}": wide * 9_000 for n in range(90)},
    )  # fmt: skip
    files = tuple(Attachment(blob="b" * 64, name="😀" * 50, media_type="x/" + "y" * 90, size=9) for _ in range(50))
    message = read(arrival, Stored(files))
    envelope = Envelope("i", "ingest", NOW, "acme", "support", "i", "i", message)
    record = encode(envelope, "t", 0)
    assert len(record.value) + sum(len(name) + len(value) for name, value in record.headers) < MAX_RECORD_BYTES
