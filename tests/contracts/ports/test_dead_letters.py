"""Dead letters: kept whole, once, until somebody settles them."""

import pytest

from shared.broker import Record
from shared.dead_letters import DeadLetter, DeadLetters, Origin, UnknownLetter
from shared.documents import Documents
from tests.contracts.ports.hand_clock import HandClock

pytestmark = pytest.mark.anyio

NOT_TEXT = bytes(range(256))


@pytest.fixture
def letters(documents: Documents, clock: HandClock) -> DeadLetters:
    return DeadLetters(documents, clock)


def record(offset: int = 7, value: bytes = NOT_TEXT) -> Record:
    return Record("commands", 3, offset, 500, b"desk\xff", value, (("ce_type", b"\xfe"), ("ce_id", b"1")))


async def test_a_record_is_kept_whole(letters: DeadLetters, clock: HandClock) -> None:
    clock.at = 9_000
    letter = await letters.keep(record(), "unknown type", consumer="router", error="ValueError", desk="d", attempts=3)
    assert await letters.get(letter) == DeadLetter(
        id=letter, source="router", reason="unknown type", error="ValueError", desk="d", at=9_000, attempts=3,
        state="kept", state_at=9_000, size=256, key=b"desk\xff",
        headers=(("ce_type", b"\xfe"), ("ce_id", b"1")), origin=Origin("commands", 3, 7),
    )  # fmt: skip
    assert await letters.original(letter) == NOT_TEXT


async def test_a_record_belongs_to_the_desk_it_is_keyed_by(letters: DeadLetters) -> None:
    for key, desk in ((b"d1", "d1"), (None, ""), (b"\xff", "\ufffd")):
        letter = await letters.keep(Record("commands", 0, 1, 1, key, b""), "broken", consumer=str(key))
        assert (await letters.get(letter)).desk == desk


async def test_a_request_is_kept_whole(letters: DeadLetters) -> None:
    letter = await letters.keep_request("inbound mail", NOT_TEXT, "no sender", headers=(("to", b"a@b"),))
    found = await letters.get(letter)
    assert (found.source, found.reason, found.desk, found.origin) == ("inbound mail", "no sender", "", None)
    assert found.headers == (("to", b"a@b"),)
    assert await letters.original(letter) == NOT_TEXT


async def test_a_repeat_is_the_same_dead_letter(letters: DeadLetters, clock: HandClock) -> None:
    first = [
        await letters.keep(record(), "broken", consumer="router"),
        await letters.keep_request("mail", b"raw", "broken"),
    ]
    clock.at += 1_000
    again = [
        await letters.keep(record(), "broken", consumer="router"),
        await letters.keep_request("mail", b"raw", "broken"),
    ]
    assert again == first
    assert await letters.count() == 2
    assert (await letters.get(first[0])).at == 1_000_000


async def test_different_troubles_are_different_dead_letters(letters: DeadLetters) -> None:
    kept = {
        await letters.keep(record(), "broken", consumer="router"),
        await letters.keep(record(), "broken", consumer="texts"),
        await letters.keep(record(offset=8), "broken", consumer="router"),
        await letters.keep_request("mail", b"raw", "broken"),
        await letters.keep_request("form", b"raw", "broken"),
        await letters.keep_request("mail", b"raw", "broken", desk="d"),
        await letters.keep_request("mail", b"raw", "broken", key=b"k"),
        await letters.keep_request("mail", b"other", "broken"),
    }
    assert len(kept) == await letters.count() == 8


async def test_pages_are_newest_first_and_by_what_is_asked(letters: DeadLetters, clock: HandClock) -> None:
    for number in range(5):
        clock.at += 1
        await letters.keep(record(number), "broken", consumer=("router", "texts")[number % 2], desk=f"d{number % 3}")
    first = await letters.page(limit=3)
    second = await letters.page(limit=3, after=first.next)
    offsets = [letter.origin.offset for letter in first.letters + second.letters if letter.origin]
    assert (offsets, second.next) == ([4, 3, 2, 1, 0], None)
    only = await letters.page(source="router", desk="d2")
    assert [letter.origin for letter in only.letters] == [Origin("commands", 3, 2)]
    assert await letters.count(source="router") == 3
    assert await letters.count(desk="d0") == 2
    assert await letters.count(desk="") == 0


async def test_a_redriven_letter_is_settled_and_stays_so(letters: DeadLetters, clock: HandClock) -> None:
    letter = await letters.keep(record(), "broken", consumer="router")
    sent: list[tuple[str, bytes]] = []

    async def send(found: DeadLetter, content: bytes) -> None:
        sent.append((found.id, content))

    clock.at = 2_000_000
    await letters.redrive(letter, send)
    assert sent == [(letter, NOT_TEXT)]
    found = await letters.get(letter)
    assert (found.state, found.state_at, found.attempts) == ("redriven", 2_000_000, 2)
    assert await letters.count() == 0
    # Its consumer is rebuilt from the log and meets the same record again.
    await letters.keep(record(), "broken", consumer="router")
    assert (await letters.get(letter)).state == "redriven"
    assert await letters.count(state="redriven") == await letters.count(state=None) == 1


async def test_a_redrive_that_fails_again_is_counted_and_stays(letters: DeadLetters) -> None:
    letter = await letters.keep_request("mail", b"raw", "broken")

    async def send(found: DeadLetter, content: bytes) -> None:
        raise RuntimeError(f"{found.id} of {len(content)} bytes cannot be read")

    with pytest.raises(RuntimeError, match=letter):
        await letters.redrive(letter, send)
    found = await letters.get(letter)
    assert (found.state, found.attempts, found.error) == ("kept", 2, "RuntimeError")


async def test_a_discarded_letter_is_settled_and_its_bytes_stay(letters: DeadLetters) -> None:
    letter = await letters.keep(record(), "broken", consumer="router")
    await letters.discard(letter)
    assert (await letters.get(letter)).state == "discarded"
    assert await letters.count() == 0
    assert await letters.original(letter) == NOT_TEXT


async def test_a_letter_nobody_kept_is_unknown(letters: DeadLetters) -> None:
    with pytest.raises(UnknownLetter):
        await letters.get("nothing")
    with pytest.raises(UnknownLetter):
        await letters.original("nothing")
    with pytest.raises(UnknownLetter):
        await letters.discard("nothing")
