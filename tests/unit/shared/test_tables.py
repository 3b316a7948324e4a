"""Tables that are saved while work goes on: what is written is the state at the freeze, whatever happens meanwhile."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from shared import tables
from shared.tables import Table


@dataclass(slots=True)
class Number:
    value: int
    slot: int = -1


def read_number(fields: dict[str, Any]) -> Number:
    return Number(**fields)


def table_of(*keys: str) -> Table[Number]:
    table = Table(read_number)
    for index, key in enumerate(keys):
        table.add(key, Number(index))
    return table


def written(table: Table[Number]) -> dict[int, bytes | None]:
    return {bucket: table.write(bucket) for bucket in table.freeze()}


def loaded(chunks: dict[int, bytes], next_slot: int) -> Table[Number]:
    table = Table(read_number)
    for bucket in sorted(chunks):
        table.load(chunks[bucket])
    table.next_slot = next_slot
    return table


def test_rows_keep_the_order_of_arrival() -> None:
    table = table_of("c", "a", "b")
    table.remove("a")
    table.add("a", Number(9))
    assert list(table) == ["c", "b", "a"]
    assert [row.slot for row in table.values()] == [0, 2, 3]


def test_a_bucket_that_has_not_changed_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUCKET", 2)
    table = table_of("a", "b", "c", "d", "e")
    assert None not in written(table).values()
    table.change("c").value = 7
    assert [content is not None for content in written(table).values()] == [False, True, False]


def test_a_row_changed_during_a_save_is_saved_as_it_was() -> None:
    table = table_of("a", "b")
    buckets = table.freeze()
    table.change("a").value = 99
    table.remove("b")
    (content,) = (table.write(bucket) for bucket in buckets)
    assert content == b'[["a",{"value":0,"slot":0}],["b",{"value":1,"slot":1}]]'
    assert list(written(table).values()) == [b'[["a",{"value":99,"slot":0}]]']


def test_after_a_failed_save_everything_is_written() -> None:
    table = table_of("a")
    written(table)
    table.soil()
    assert None not in written(table).values()


def test_a_loaded_table_is_as_saved_and_clean() -> None:
    chunks = {bucket: content for bucket, content in written(table_of("a", "b")).items() if content is not None}
    assert list(written(loaded(chunks, 2)).values()) == [None]


def test_slots_of_removed_rows_are_not_given_again() -> None:
    table = loaded({}, 5)
    assert table.add("a", Number(1)).slot == 5


def test_missing_rows_are_missing() -> None:
    table = table_of("a")
    assert table.get(None) is None
    assert table.get("b") is None
    assert "b" not in table
    assert len(table) == 1
    with pytest.raises(KeyError):
        table.change("b")


class SavedTable(RuleBasedStateMachine):
    """Any mixture of changes and slices of saves: what was saved is what was there at the freeze."""

    keys = Bundle("keys")

    @initialize()
    def begin(self) -> None:
        self.bucket, tables.BUCKET = tables.BUCKET, 2
        self.table = Table(read_number)
        self.kept: dict[int, bytes] = {}
        self.frozen: list[int] | None = None
        self.picture: list[tuple[str, int, int]] = []
        self.now: dict[int, bytes | None] = {}
        self.count = 0

    def teardown(self) -> None:
        tables.BUCKET = self.bucket

    def state(self) -> list[tuple[str, int, int]]:
        return [(key, row.value, row.slot) for key, row in self.table.items()]

    @rule(target=keys, value=st.integers(0, 9))
    def add(self, value: int) -> str:
        self.count += 1
        self.table.add(f"k{self.count}", Number(value))
        return f"k{self.count}"

    @rule(key=keys, value=st.integers(0, 9))
    def change(self, key: str, value: int) -> None:
        if key in self.table:
            self.table.change(key).value = value

    @rule(key=consumes(keys))
    def remove(self, key: str) -> None:
        self.table.remove(key)

    @precondition(lambda self: self.frozen is None)
    @rule()
    def freeze(self) -> None:
        self.frozen, self.picture, self.next_slot = self.table.freeze(), self.state(), self.table.next_slot
        self.now = {}

    @precondition(lambda self: bool(self.frozen))
    @rule()
    def write_one(self) -> None:
        assert self.frozen
        bucket = self.frozen.pop(0)
        self.now[bucket] = self.table.write(bucket)

    @precondition(lambda self: self.frozen == [])
    @rule(succeeds=st.booleans())
    def finish(self, succeeds: bool) -> None:
        self.frozen = None
        if not succeeds:
            self.table.soil()
            self.kept = {}
            return
        chunks = {bucket: content or self.kept[bucket] for bucket, content in self.now.items()}
        again = loaded(chunks, self.next_slot)
        assert [(key, row.value, row.slot) for key, row in again.items()] == self.picture
        self.kept = chunks

    @invariant()
    def order_is_that_of_slots(self) -> None:
        slots = [row.slot for row in self.table.values()]
        assert slots == sorted(slots)


SavedTable.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestSavedTable = SavedTable.TestCase
