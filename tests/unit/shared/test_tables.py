"""Tables that are saved while work goes on: what is written is the state at the freeze, whatever happens meanwhile."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from shared.tables import Shape, Table
from shared.tables import table as tables


@dataclass(slots=True)
class Number:
    value: int
    slot: int = -1


@dataclass(slots=True)
class Longer:
    value: int
    slot: int = -1
    more: int = 0


@dataclass(slots=True)
class Shorter:
    slot: int = -1


NUMBER = Shape(Number)


def table_of(*keys: str) -> Table[Number]:
    table = Table(NUMBER, resting=True)
    for index, key in enumerate(keys):
        table.add(key, Number(index))
    return table


def written(table: Table[Number]) -> dict[int, bytes | None]:
    return {bucket: table.write(bucket) for bucket in table.freeze()}


def loaded(chunks: dict[int, bytes], next_slot: int) -> Table[Number]:
    table = Table(NUMBER, resting=True)
    for bucket in sorted(chunks):
        table.load(chunks[bucket])
    table.next_slot = next_slot
    return table


def rows(table: Table[Number]) -> list[tuple[str, int, int]]:
    return [(key, row.value, row.slot) for key, row in table.items()]


def test_rows_keep_the_order_of_arrival() -> None:
    table = table_of("c", "a", "b")
    table.remove("a")
    table.add("a", Number(9))
    assert list(table) == ["c", "b", "a"]
    assert [row.slot for row in table.values()] == [0, 2, 3]


def test_rows_that_had_other_fields_are_not_read() -> None:
    (content,) = (content for content in written(table_of("a", "b")).values() if content)
    shapes: tuple[Shape[Any], ...] = (Shape(Longer), Shape(Shorter))
    for shape in shapes:
        with pytest.raises(KeyError):
            Table(shape, resting=True).load(content)
        with pytest.raises(KeyError):
            Table(shape, resting=True).load(b'[["a", {"value": 1, "slot": 0}]]')


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
    assert content is not None
    assert rows(loaded({0: content}, 2)) == [("a", 0, 0), ("b", 1, 1)]
    (content,) = written(table).values()
    assert content is not None
    assert rows(loaded({0: content}, 2)) == [("a", 99, 0)]


def test_a_checkpoint_of_format_1_is_read() -> None:
    table = loaded({0: b'[["a",{"value":0,"slot":0}],["b",{"value":7,"slot":3}]]'}, 4)
    assert rows(table) == [("a", 0, 0), ("b", 7, 3)]
    assert table.next_slot == 4


def test_a_row_is_one_object_until_its_bucket_is_written() -> None:
    table = table_of("a", "b")
    written(table)
    row = table["a"]
    assert table["a"] is row is table.change("a")
    assert table.get("b") == Number(1, 1)


def test_a_row_that_was_only_read_goes_back_to_rest() -> None:
    table = table_of("a", "b")
    written(table)
    row = table["a"]
    assert list(written(table).values()) == [None]
    assert table["a"] is not row
    assert table["a"] == row


def test_one_field_is_read_of_a_row_that_stays_at_rest() -> None:
    table = table_of("a", "b")
    table.change("b").value = 7
    row = table["b"]
    assert table.value("b", "value") == 7
    written(table)
    assert table.value("b", "value") == 7
    row.value = 8
    assert table.value("b", "value") == 7


def test_rows_that_are_no_longer_among_the_newest_go_to_rest_unsaved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUCKET", 2)
    table = table_of("a", "b", "c", "d", "e", "f", "g")
    before = {key: table[key] for key in table}
    for _ in range(4):
        table.rest()
    assert [key for key in before if table[key] is before[key]] == ["c", "d", "e", "f", "g"]
    table.change("b").value = 7
    assert rows(loaded({bucket: content for bucket, content in written(table).items() if content}, 7)) == rows(table)
    assert table["b"].value == 7


def test_a_row_that_does_not_rest_stays_one_object() -> None:
    table = Table(NUMBER)
    row = table.add("a", Number(1))
    written(table)
    assert table["a"] is row


def test_selected_fields_are_those_of_rows_at_rest_and_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUCKET", 2)
    table = table_of("a", "b", "c", "d", "e")
    written(table)
    table.change("c").value = 9
    table.remove("d")
    assert [*table.select("value", "slot")] == [("a", 0, 0), ("b", 1, 1), ("c", 9, 2), ("e", 4, 4)]


def test_a_key_is_found_by_its_slot_though_others_have_left() -> None:
    table = table_of("a", "b", "c", "d")
    written(table)
    table.remove("b")
    assert [table.key_of(slot) for slot in range(5)] == ["a", None, "c", "d", None]


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
        self.table = Table(NUMBER, resting=True)
        self.kept: dict[int, bytes] = {}
        self.frozen: list[int] | None = None
        self.picture: list[tuple[str, int, int]] = []
        self.now: dict[int, bytes | None] = {}
        self.count = 0

    def teardown(self) -> None:
        tables.BUCKET = self.bucket

    def state(self) -> list[tuple[str, int, int]]:
        return rows(self.table)

    @rule(target=keys, value=st.integers(0, 9))
    def add(self, value: int) -> str:
        self.count += 1
        self.table.add(f"k{self.count}", Number(value))
        return f"k{self.count}"

    @rule(key=keys, value=st.integers(0, 9))
    def change(self, key: str, value: int) -> None:
        if key in self.table:
            self.table.change(key).value = value

    @rule(key=keys)
    def read(self, key: str) -> None:
        assert self.table.get(key) == dict(self.table.items()).get(key)

    @rule(key=consumes(keys))
    def remove(self, key: str) -> None:
        self.table.remove(key)

    @rule()
    def rest(self) -> None:
        before = self.state()
        self.table.rest()
        assert self.state() == before

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
        assert rows(again) == self.picture
        self.kept = chunks

    @invariant()
    def order_is_that_of_slots(self) -> None:
        slots = [row.slot for row in self.table.values()]
        assert slots == sorted(slots)


SavedTable.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestSavedTable = SavedTable.TestCase
