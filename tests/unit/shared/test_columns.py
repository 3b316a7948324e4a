"""Columns give back what they were made of, of the same type, in memory and from JSON; ids and repeated words take little."""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tables.columns import Column, pack_column, read_column

IDS = st.uuids(version=5).map(str)
NUMBERS = st.integers(-(2**63), 2**64 - 1)
WORDS = st.sampled_from(["open", "closed", "waiting"])
FIELDS = st.one_of(
    *(
        st.lists(values, max_size=20)
        for values in (
            IDS, NUMBERS, WORDS, st.booleans(), st.none() | NUMBERS, st.none() | IDS, st.text(max_size=40),
            st.lists(IDS, max_size=3).map(tuple), st.lists(st.tuples(WORDS, NUMBERS), max_size=3).map(tuple),
        )
    )
)  # fmt: skip


def again(column: Column, length: int) -> Column:
    return read_column(orjson.loads(orjson.dumps(column.saved())), length)


def typed(values: Sequence[Any]) -> list[tuple[type, Any]]:
    return [(type(value), value) for value in values]


@given(FIELDS)
def test_a_column_gives_back_its_values(values: list[Any]) -> None:
    packed = pack_column(values)
    for column in (packed, again(packed, len(values))):
        assert typed([*column.values()]) == typed(values)
        assert typed([column.at(place) for place in range(len(values))]) == typed(values)


def test_many_words_of_few_kinds_are_told_by_place() -> None:
    values = [f"word {place % 300}" for place in range(3_000)]
    column = again(pack_column(values), len(values))
    assert [*column.values()] == values
    assert column.at(2_999) == "word 299"


@pytest.mark.parametrize(
    "odd", ["6F0C5F0E-7D5B-5D0E-9A55-5A1AD0000001", "6f0c5f0e7-d5b-5d0e-9a55-5a1ad0000001", "6f0c5f0e-7d5b-5d0e-9a55-5a1ad000000g", ""]
)  # fmt: skip
def test_what_is_not_spelt_as_an_id_comes_back_as_it_was(odd: str) -> None:
    values = [odd, *(str(uuid.UUID(int=number)) for number in range(3))]
    assert [*again(pack_column(values), len(values)).values()] == values


def test_ids_take_sixteen_bytes_each() -> None:
    values = [str(uuid.UUID(int=number)) for number in range(100)]
    assert len(orjson.dumps(pack_column(values).saved())) < 100 * 33


def test_what_only_its_reader_can_make_is_not_taken_apart() -> None:
    values = [((f"skill {place}", place),) for place in range(8)]
    saved = orjson.loads(orjson.dumps(pack_column(values, opaque=True).saved()))
    column = read_column(saved, len(values), lambda read: ("made", *map(tuple, read)))
    assert column.at(3) == ("made", ("skill 3", 3))


@pytest.mark.parametrize("values", [[[1], [1]], [[1], [2]], [{}, {"key": 1}], [([1],), ([2],)]], ids=str)
def test_a_value_that_can_change_is_refused(values: list[Any]) -> None:
    for opaque in (False, True):
        with pytest.raises(TypeError):
            pack_column(values, opaque=opaque)


def test_values_of_a_column_as_format_2_once_had_it_are_read() -> None:
    assert [*read_column({"each": [[1], [2, 3]]}, 2).values()] == [(1,), (2, 3)]
