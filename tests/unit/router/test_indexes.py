"""The desk's indexes: memories, timers, queues, weights. Each against the plain thing it stands for."""

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.router.desk.memory import PAGE, Marks, Memory
from services.router.desk.queues import SLACK, Queue, Sort
from services.router.desk.seats import fits_in
from services.router.desk.timers import Timers
from services.router.desk.weights import ALL, Weights
from shared.clock import HOUR, MINUTE, Ms
from shared.policy.capacity import Capacity, Weight
from shared.policy.terms import Channel, WorkKind

NUMBERS = some.integers(0, 2**64 - 1)


@given(some.lists(some.tuples(some.booleans(), some.integers(0, 40) | NUMBERS)))
def test_marks_are_a_set(steps: list[tuple[bool, int]]) -> None:
    marks, plain = Marks(), set[int]()
    for adds, number in steps:
        if adds:
            assert marks.add(number) is (number not in plain)
            plain.add(number)
        elif number in plain:
            marks.discard(number)
            plain.discard(number)
        assert (number in marks) is (number in plain)
    assert len(marks) == len(plain)


def test_marks_can_be_made_of_numbers() -> None:
    assert 7 in Marks([5, 7])
    assert 8 not in Marks([5, 7])


def test_what_was_seen_is_remembered_for_the_span() -> None:
    memory = Memory(span=8 * HOUR, budget=100)
    memory.add("a", 0)
    memory.forget(8 * HOUR)
    assert "a" in memory
    memory.forget(8 * HOUR + 1)
    assert "a" not in memory
    assert len(memory) == 0


def test_nothing_is_remembered_much_longer_than_the_span() -> None:
    memory = Memory(span=8 * HOUR, budget=10_000)
    for minute in range(0, 48 * 60, 10):
        memory.add(f"at {minute}", minute * MINUTE)
        memory.forget(minute * MINUTE)
        kept = [then for then in range(0, minute + 1, 10) if f"at {then}" in memory]
        assert minute - kept[0] <= 9 * 60
        assert minute - kept[0] >= min(minute, 8 * 60)


def test_hearing_it_again_does_not_prolong_it() -> None:
    memory = Memory(span=HOUR, budget=100)
    memory.add("a", 0)
    memory.add("a", HOUR)
    assert len(memory) == 1
    memory.forget(HOUR + 1)
    assert "a" not in memory


@pytest.mark.parametrize("budget", [1, 64, 100, 1_000])
def test_the_newest_of_the_budget_are_remembered(budget: int) -> None:
    memory = Memory(span=None, budget=budget)
    for n in range(3_000):
        memory.add(f"id {n}", 0)
    assert budget <= len(memory) <= budget + 2 * PAGE
    assert all(f"id {n}" in memory for n in range(3_000 - budget, 3_000))
    assert "id 0" not in memory


def test_without_a_span_age_does_not_matter() -> None:
    memory = Memory(span=None, budget=100)
    memory.add("a", 0)
    memory.forget(1 << 50)
    assert "a" in memory


@given(some.lists(some.integers(0, 300), max_size=300))
def test_a_memory_comes_back_from_its_pages(numbers: list[int]) -> None:
    memory = Memory(span=100, budget=80)
    for at, number in enumerate(numbers):
        memory.add(f"id {number}", at)
    again = Memory(span=100, budget=80)
    for bucket in memory.pages.freeze():
        again.pages.load(memory.pages.write(bucket) or b"")
    again.pages.next_slot = memory.pages.next_slot
    again.restore(memory.rest())
    assert [f"id {n}" in again for n in range(301)] == [f"id {n}" in memory for n in range(301)]
    for each in (memory, again):
        each.add("one more", 500)
    assert [*again.pages.items()] == [*memory.pages.items()]


# Timers.


def test_the_earliest_goes_first_then_kind_then_name() -> None:
    due = {"b": 5, "a": 5, "c": 3}
    timers = Timers({"later": due.get, "kind": due.get})
    for kind in ("later", "kind"):
        for name in due:
            timers.set(kind, name)
    order = []
    while (entry := timers.first()) is not None:
        order.append(entry)
        if entry[1] == "later":
            del due[entry[2]]
        else:
            timers = Timers({"later": due.get, "kind": lambda name: None})
            for name in due:
                timers.set("later", name)
            order[-1] = (order[-1][0], "kind", order[-1][2])
    assert order[0] == (3, "kind", "c")
    assert [name for _, kind, name in order if kind == "later"] == ["c", "a", "b"]


@given(some.lists(some.tuples(some.sampled_from("abcde"), some.none() | some.integers(0, 20))))
def test_moved_and_cancelled_times_count_as_they_are_now(moves: list[tuple[str, int | None]]) -> None:
    due: OrderedDict[str, Ms | None] = OrderedDict()
    timers = Timers({"kind": due.get})
    for name, at in moves:
        due[name] = at
        timers.set("kind", name)
        pending = sorted((at, "kind", name) for name, at in due.items() if at is not None)
        assert timers.first() == (pending[0] if pending else None)
    rebuilt = Timers({"kind": due.get})
    rebuilt.rebuild({"kind": due})
    assert rebuilt.first() == timers.first()


# Queues.

SORT = Sort("front", "ticket", "email", "new", (), None)


@given(some.lists(some.tuples(some.integers(0, 5), some.integers(-9, 9), some.booleans())))
def test_a_queue_gives_the_lowest_key_of_what_still_waits(steps: list[tuple[int, int, bool]]) -> None:
    waiting: dict[str, Ms] = {}
    queue = Queue(SORT, 1, lambda work, key, sort: waiting.get(work) == key and sort == SORT)
    for number, key, enters in steps:
        work = f"work{number}"
        if work in waiting:
            queue.leave()
            del waiting[work]
        if enters:
            waiting[work] = key
            queue.enter(key, work)
        expected = min(((key, work) for work, key in waiting.items()), default=None)
        assert (queue.head(), queue.length) == (expected, len(waiting))


def test_a_queue_that_is_left_from_the_middle_does_not_grow() -> None:
    waiting: dict[str, Ms] = {"last": 10**9}
    queue = Queue(SORT, 1, lambda work, key, sort: waiting.get(work) == key)
    queue.enter(-1, "first")
    waiting["first"] = -1
    queue.enter(10**9, "last")
    for n in range(10_000):
        waiting["comes and goes"] = n
        queue.enter(n, "comes and goes")
        queue.leave()
        del waiting["comes and goes"]
    assert len(queue.heap) <= 2 * queue.length + SLACK
    assert queue.head() == (-1, "first")


# Weights.

CAPACITY = Capacity(
    weights=(
        Weight(state=("pending",), points=0),
        Weight(kind=(WorkKind.CALL,), points="all"),
        Weight(channel=(Channel.CHAT,), points=4),
        Weight(kind=(WorkKind.TICKET,), points=2),
    )
)


@given(
    kind=some.sampled_from(WorkKind), channel=some.sampled_from(Channel), state=some.sampled_from(["open", "pending"]),
    capacity=some.integers(0, 20),
)  # fmt: skip
def test_weights_are_the_policys(kind: WorkKind, channel: Channel, state: str, capacity: int) -> None:
    weights = Weights(CAPACITY)
    for _ in range(2):
        assert weights.taken(kind, channel, state, capacity) == CAPACITY.weight(kind, channel, state, capacity)


def test_what_takes_all_needs_empty_hands() -> None:
    assert Weights(CAPACITY).points(WorkKind.CALL, Channel.VOICE, "open") == ALL
    assert fits_in((12, True), ALL)
    assert not fits_in((11, False), ALL)
    assert fits_in((2, False), 2)
    assert not fits_in((1, True), 2)
    assert fits_in((0, False), 0)
    assert not fits_in((-1, False), 0)
