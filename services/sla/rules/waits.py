"""The customer's unanswered messages of a ticket: when each was sent, which it was, where it lies.

A message is remembered by a mark of 64 bits (its own and its conversation's checksum): the ids would take more room
than the clocks. Two messages of one ticket with one mark would only count as one when a split moves them.
"""

from collections.abc import Callable
from zlib import crc32

from services.sla.store.ticket import Ticket, Waits
from shared.clock import Ms

MOST = 32
"""Of a run of unanswered messages the oldest this many are remembered."""
_MESSAGE = 32
_CONVERSATION = (1 << _MESSAGE) - 1


def mark(message: str, conversation: str) -> int:
    """What is remembered of a message."""
    return crc32(message.encode()) << _MESSAGE | crc32(conversation.encode())


def oldest(waits: Waits) -> Ms | None:
    """Since when the customer waits for an answer, if they do."""
    return waits[0] if waits else None


def join(waits: Waits, others: Waits) -> Waits:
    """Both runs as one, oldest first."""
    if not waits or not others:
        return waits or others
    pairs = sorted({*zip(waits[::2], waits[1::2], strict=True), *zip(others[::2], others[1::2], strict=True)})
    return tuple(part for pair in pairs[:MOST] for part in pair)


def set_aside(ticket: Ticket) -> None:
    """Nobody waits any more, and the run is kept until the next one in case what ended it turns out to be void. Only on
    a row that `change` returned."""
    if ticket.waits:
        ticket.remember(waits=ticket.waits, answers=(), opening=not ticket.replied, caps=())
        ticket.waits = ()


def part_message(waits: Waits, message: str, conversation: str) -> tuple[Waits, Waits]:
    """The run without this message, and the message as a run of its own, now in `conversation`."""
    wanted = crc32(message.encode())
    kept, moved = _part(waits, lambda marked: marked >> _MESSAGE == wanted)
    return kept, tuple(part for sent_at in moved[::2] for part in (sent_at, mark(message, conversation)))


def part_conversation(waits: Waits, conversation: str) -> tuple[Waits, Waits]:
    """The run without this conversation's messages, and those."""
    wanted = crc32(conversation.encode())
    return _part(waits, lambda marked: marked & _CONVERSATION == wanted)


def _part(waits: Waits, goes: Callable[[int], bool]) -> tuple[Waits, Waits]:
    kept: list[int] = []
    moved: list[int] = []
    for sent_at, marked in zip(waits[::2], waits[1::2], strict=True):
        (moved if goes(marked) else kept).extend((sent_at, marked))
    return tuple(kept), tuple(moved)
