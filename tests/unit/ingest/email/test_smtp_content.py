import asyncio
import re
import tracemalloc
from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.smtp_content import END, PORTION, TooLarge, gather
from shared.room import Full, Room

pytestmark = pytest.mark.anyio

HEAD = b"Return-Path: <a@b.example>\r\n"
MIB = 1 << 20
PIECE = 64 * 1024
CONTENTS = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"..", b"x", b".\r\n", b"\n.\n"]), max_size=30).map(
    b"".join
)


def stuffed(content: bytes) -> bytes:
    """As a sender puts it on the wire: whole lines, each dot at the beginning of one doubled, then the end."""
    whole = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
    return re.sub(rb"(\A|(?<=\r\n))\.", b"..", whole) + b".\r\n"


async def receive(
    *pieces: bytes, most: int = 10 * MIB, room: Room | None = None, reader: asyncio.StreamReader | None = None
) -> tuple[bytes, bytes]:
    """The mail, and what was left in the reader."""
    reader = reader or asyncio.StreamReader(limit=PIECE)
    gathering = asyncio.ensure_future(gather(reader, HEAD, most, (room or Room(2 * most)).holding("peer")))
    for piece in pieces:
        reader.feed_data(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    reader.feed_eof()
    return (await gathering).removeprefix(HEAD), await reader.read()


@given(CONTENTS, st.sets(st.integers(0, 80), max_size=6))
async def test_a_mail_arrives_as_it_was_written_wherever_the_network_cuts_it(content: bytes, places: set[int]) -> None:
    wire = stuffed(content) + b"QUIT\r\n"
    cuts = sorted(place for place in places if place < len(wire))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    got, left = await receive(*filter(None, pieces))
    assert got in {content, content + b"\r\n"}
    assert left == b"QUIT\r\n"


@pytest.mark.parametrize("size", range(1, len(END) + 1))
async def test_the_end_is_seen_across_pieces_of_any_size(size: int) -> None:
    wire = b"a\r\n.\rb\r\n.\r\nNOOP\r\n"
    assert await receive(*(wire[at : at + size] for at in range(0, len(wire), size))) == (b"a\r\n\rb\r\n", b"NOOP\r\n")


async def test_an_empty_mail_is_one() -> None:
    assert await receive(b".\r\nNOOP\r\n") == (b"", b"NOOP\r\n")


@pytest.mark.parametrize(
    "no_end", [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\n.\r\r\n", b"\r\n.\x00\r\n"]
)
async def test_nothing_else_ends_a_mail_so_none_smuggles_in_another(no_end: bytes) -> None:
    smuggled = b"hi" + no_end + b"MAIL FROM:<evil@b.example>\r\nDATA\r\nforged\r\n"
    got, left = await receive(smuggled + b".\r\n")
    assert got == smuggled.replace(b"\r\n.", b"\r\n")
    assert left == b""


@pytest.mark.parametrize("line", [b"\r\n", b"..\r\n", b"\r\n.\r", b"\n", b".", b"x" * 70_000 + b"\r\n"])
async def test_no_kind_of_line_costs_more_than_its_bytes(line: bytes) -> None:
    content = line * (5 * MIB // len(line)) + b"\r\n"
    tracemalloc.start()
    try:
        got, _ = await receive(*(content[at : at + PIECE] for at in range(0, len(content), PIECE)), b".\r\n")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got == (b"\r\n" + content).replace(b"\r\n.", b"\r\n").removeprefix(b"\r\n")
    assert peak < 4 * len(content)


async def test_others_have_their_turn_while_a_mail_arrives() -> None:
    pieces = [b"\r\n" * (PIECE // 2)] * 80
    reader = asyncio.StreamReader(limit=PIECE)
    gathering = asyncio.ensure_future(gather(reader, HEAD, 10 * MIB, Room(20 * MIB).holding("peer")))
    waited = []
    for piece in [*pieces, b".\r\n"]:
        reader.feed_data(piece)
        waited.append(0)
        while reader._buffer:  # type: ignore[attr-defined] # a reader says nowhere else whether it is empty
            await asyncio.sleep(0)
            waited[-1] += 1
    assert max(waited) <= 2
    assert len(await gathering) == len(HEAD) + 80 * PIECE


async def test_a_sender_shows_with_each_portion_that_it_is_there_and_with_nothing_less() -> None:
    reader, told, counts = asyncio.StreamReader(limit=PIECE), Counter[str](), []
    came = partial(told.update, ["came"])
    gathering = asyncio.ensure_future(gather(reader, HEAD, 5 * PORTION, Room(MIB).holding("peer"), came))
    for piece in [b"x" * 100] * 20 + [b"x" * PORTION] * 8 + [b"\r\n.\r\n"]:
        reader.feed_data(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        counts.append(told["came"])
    with pytest.raises(TooLarge):
        await gathering
    assert counts == [0] * 20 + [1, 2, 3, 4] + [4] * 5


async def test_too_large_a_mail_is_refused_at_its_end_and_not_kept_until_then() -> None:
    room, reader = Room(1_000), asyncio.StreamReader(limit=PIECE)
    with pytest.raises(TooLarge):
        await receive(*[b"x" * 99 + b"\r\n"] * 50, b".\r", b"\nNOOP\r\n", most=300, room=room, reader=reader)
    assert await reader.read() == b"NOOP\r\n"
    room.holding("peer").take(1_000)


async def test_a_mail_of_just_the_size_is_taken() -> None:
    assert await receive(b"x" * 98 + b"\r\n.\r\n", most=100) == (b"x" * 98 + b"\r\n", b"")
    with pytest.raises(TooLarge):
        await receive(b"x" * 99 + b"\r\n.\r\n", most=100)


async def test_a_mail_there_is_no_room_for_is_refused_at_its_end() -> None:
    room, reader = Room(100), asyncio.StreamReader(limit=PIECE)
    with pytest.raises(Full):
        await receive(b"x" * 60, b"x" * 60, b"\r\n.\r\nNOOP\r\n", room=room, reader=reader)
    assert await reader.read() == b"NOOP\r\n"
    room.holding("peer").take(100)


async def test_a_sender_that_hangs_up_holds_no_room() -> None:
    room = Room(100)
    with pytest.raises(ConnectionResetError):
        await receive(b"x" * 60, room=room)
    room.holding("peer").take(100)
