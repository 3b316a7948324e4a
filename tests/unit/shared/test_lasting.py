"""Writes that the next one of the same call writes over need not be sent; whatever is stored, the same is left."""

from hypothesis import given
from hypothesis import strategies as st

from shared.documents import Collection, Document, Drop, Put, Write, lasting
from tests.simulation.drive import drive
from tests.simulation.memory_documents import MemoryDocuments

THINGS = Collection("things")
KEYS = ("a", "b")


def put(seq: int, key: str = "a", *, patch: bool = False, over: int | None = None) -> Put:
    return Put(THINGS.name, "desk", key, seq, {f"field{seq}": patch, "last": seq}, patch=patch, over=over)


def drop(key: str = "a") -> Drop:
    return Drop(THINGS.name, "desk", key)


def test_of_several_marks_only_the_last_is_written() -> None:
    assert lasting([put(1), put(1, "b"), put(2), put(3)]) == [put(1, "b"), put(3)]


def test_the_first_of_two_texts_that_are_written_once_stays() -> None:
    assert lasting([put(1), put(1)]) == [put(1), put(1)]


SEQS, NAMES = st.integers(1, 5), st.sampled_from(KEYS)
WRITES = st.lists(
    st.builds(put, SEQS, NAMES, patch=st.booleans(), over=st.none() | SEQS) | st.builds(drop, NAMES), max_size=8
)


@given(stored=WRITES, writes=WRITES)
def test_whatever_is_stored_the_same_is_left(stored: list[Write], writes: list[Write]) -> None:
    assert left(stored, writes) == left(stored, lasting(writes))


def left(stored: list[Write], writes: list[Write]) -> dict[str, Document]:
    """What is there after `writes` came upon `stored`."""
    documents = MemoryDocuments([THINGS])
    drive(documents.write(stored))
    drive(documents.write(writes))
    return drive(documents.of("desk").get_many(THINGS.name, KEYS))
