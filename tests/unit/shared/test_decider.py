"""The fold of deciding services: seq, marks, desk time, saving, and rules that fail."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker import MAX_RECORD_BYTES, Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import ReceiveMessage, UpdateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import CommandSettled, MessageReceived
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK, SLA
from shared.decider import Decider
from shared.emissions import Ask, Emission, Output, Unreadable
from shared.fold import Gap, Spoiled
from shared.ids import fact_id, named_id
from tests.simulation.replay import dump
from tests.simulation.toy import FOLLOWER, TOY, ToyDesk
from tests.unit.shared.bench_desk import BY, message, update


def commands(*bodies: Any, at: int = 1_000, desk: str = "desk-1") -> list[Record]:
    records = []
    for offset, body in enumerate(bodies):
        name = f"command-{offset}"
        envelope = Envelope(name, "test", 0, "organisation-1", desk, name, name, body)
        records.append(as_record(encode(envelope, COMMANDS.name, 0), offset, at + offset))
    return records


def as_record(out: Outgoing, offset: int, at: int = 0) -> Record:
    return Record(out.topic, out.partition, offset, at, out.key, out.value, out.headers)


def outgoing(outputs: list[Output], topic: str = DESK.name) -> list[Envelope]:
    return [decode(as_record(o, 0)) for o in outputs if isinstance(o, Outgoing) and o.topic == topic]


def fold_all(fold: Decider[Any], records: list[Record]) -> list[Output]:
    return [output for record in records for output in fold.apply(record)]


def test_facts_are_numbered_and_named_by_desk_topic_and_seq() -> None:
    facts = outgoing(fold_all(Decider(TOY, 0), commands(message("a"), message("b"))))
    assert [(fact.seq, fact.id) for fact in facts] == [
        (1, fact_id("desk-1", DESK.name, 1)), (2, fact_id("desk-1", DESK.name, 2)),
    ]  # fmt: skip


def test_each_desk_of_a_partition_counts_for_itself() -> None:
    fold = Decider(TOY, 0)
    other = BY.model_copy(update={"desk": "desk-2"})
    mixed = [
        *commands(message("a")),
        *commands(message("a").model_copy(update={"by": other}), desk="desk-2"),
        *commands(message("b")),
    ]
    facts = outgoing(fold_all(fold, [replace(record, offset=i) for i, record in enumerate(mixed)]))
    assert [(fact.desk, fact.seq) for fact in facts] == [("desk-1", 1), ("desk-2", 1), ("desk-1", 2)]


def test_a_fact_names_its_input_and_the_last_one_says_so() -> None:
    facts = outgoing(fold_all(Decider(TOY, 0), commands(message("a"), message("b"), message("c"))))
    assert [(fact.position, fact.last) for fact in facts] == [(0, True), (1, True), (2, False), (2, True)]
    assert {fact.causation for fact in facts} == {"command-0", "command-1", "command-2"}


def test_the_desks_time_is_the_latest_append_time() -> None:
    fold = Decider(TOY, 0)
    first, second = commands(message("a"), message("b"), at=5_000)
    early = replace(second, appended_at=4_000)
    facts = outgoing([*fold.apply(first), *fold.apply(early)])
    assert [fact.time for fact in facts] == [5_000, 5_000]


def test_a_delivery_is_numbered_with_the_fact_that_counts_it() -> None:
    outputs = fold_all(Decider(TOY, 0), commands(*(message(name) for name in "abcdef")))
    assert [delivery.seq for delivery in outgoing(outputs, DELIVERIES.name)] == [1, 2]


def test_a_rule_sees_what_its_own_facts_did() -> None:
    seen: list[int] = []

    def decide(desk: ToyDesk, envelope: Envelope, at: int) -> Iterator[Emission]:
        for name in ("a", "b"):
            yield MessageReceived.model_validate({**example_received(), "message": name})
            seen.append(len(desk.seen))

    fold_all(Decider(replace(TOY, decide=decide), 0), commands(update()))
    assert seen == [1, 2]


def example_received() -> dict[str, Any]:
    from services.verbs.contract_files.examples import example

    return example("sanad.message.received.v1").model_dump()


def test_an_ask_is_named_after_its_fact_so_a_repeat_is_the_same_command() -> None:
    def decide(desk: ToyDesk, envelope: Envelope, at: int) -> Iterator[Emission]:
        yield CommandSettled(desk=desk.desk, command=envelope.id, command_type=envelope.type, by="x", outcome="done")
        yield Ask(UpdateTicket(by=BY, ticket="t"), "escalate")
        yield Ask(UpdateTicket(by=BY, ticket="t"), "invite", "an-id-of-its-own")

    logic = replace(TOY, decide=decide)
    asked = [outgoing(fold_all(Decider(logic, 0), commands(update())), COMMANDS.name) for _ in range(2)]
    assert asked[0] == asked[1]
    assert [ask.id for ask in asked[0]] == [
        named_id(fact_id("desk-1", DESK.name, 1), "router", "escalate"),
        "an-id-of-its-own",
    ]
    assert [ask.seq for ask in asked[0]] == [0, 0]


def test_copies_are_dropped_and_a_hole_is_loud() -> None:
    source = outgoing(fold_all(Decider(TOY, 0), commands(message("a"), message("b"), message("c"))))
    facts = [as_record(encode(fact, DESK.name, 0), index) for index, fact in enumerate(source)]
    follower = Decider(FOLLOWER, 0)
    assert follower.apply(facts[0]) != []
    assert follower.apply(replace(facts[0], offset=1)) == []
    with pytest.raises(Gap, match="seq 3 after 1"):
        follower.apply(facts[2])


def test_a_rule_that_fails_says_where() -> None:
    with pytest.raises(Spoiled) as spoiled:
        fold_all(Decider(TOY, 0), commands(message("a"), message("b", poison=True)))
    assert spoiled.value.offset == 1


def test_a_condemned_record_is_settled_and_kept() -> None:
    fold = Decider(TOY, 0)
    fold.condemn(0)
    outputs = fold_all(fold, commands(message("a", poison=True), message("b")))
    assert [fact.type for fact in outgoing(outputs)] == ["sanad.command.settled.v1", "sanad.message.received.v1"]
    assert [output.record.offset for output in outputs if isinstance(output, Unreadable)] == [0]


def test_memory_and_recursion_end_the_process_instead() -> None:
    def decide(desk: ToyDesk, envelope: Envelope, at: int) -> Iterator[Emission]:
        if at:
            raise RecursionError
        yield from ()

    with pytest.raises(RecursionError):
        fold_all(Decider(replace(TOY, decide=decide), 0), commands(update()))


def test_an_output_too_large_for_the_log_is_a_fault_of_its_rule() -> None:
    def decide(desk: ToyDesk, envelope: Envelope, at: int) -> Iterator[Emission]:
        yield CommandSettled(
            desk=desk.desk, command=envelope.id, command_type="x", by="x", outcome="done", reason="r" * MAX_RECORD_BYTES
        )

    with pytest.raises(Spoiled):
        fold_all(Decider(replace(TOY, decide=decide), 0), commands(update()))


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "!"]), max_size=12), st.data())
def test_any_cut_saved_and_loaded_goes_on_the_same(names: list[str], data: st.DataObject) -> None:
    records = commands(*(update() if name == "!" else message(name) for name in names))
    cut = data.draw(st.integers(0, len(records)))
    whole, first, second = Decider(TOY, 0), Decider(TOY, 0), Decider(TOY, 0)
    expected = fold_all(whole, records)
    outputs = fold_all(first, records[:cut])
    second.load({name: content for name, content in first.save() if content is not None})
    outputs += fold_all(second, records[cut:])
    assert outputs == expected
    assert dump(second) == dump(whole)


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "!"]), max_size=12), st.data())
def test_any_beginning_of_the_facts_is_recovered_and_completed(names: list[str], data: st.DataObject) -> None:
    records = commands(*(update() if name == "!" else message(name) for name in names))
    whole, recovered = Decider(TOY, 0), Decider(TOY, 0)
    facts = [
        output for output in fold_all(whole, records) if isinstance(output, Outgoing) and output.topic == DESK.name
    ]
    position = 0
    for index, fact in enumerate(facts[: data.draw(st.integers(0, len(facts)))]):
        position = recovered.recover(as_record(fact, index)) or position
    fold_all(recovered, records[position:])
    assert dump(recovered) == dump(whole)


def test_recovery_ignores_copies_and_is_loud_about_holes() -> None:
    outputs = fold_all(Decider(TOY, 0), commands(message("a"), message("b")))
    first, second = [as_record(out, i) for i, out in enumerate(o for o in outputs if isinstance(o, Outgoing))]
    fold = Decider(TOY, 0)
    assert [fold.recover(first), fold.recover(first), fold.recover(second)] == [1, None, 2]
    with pytest.raises(Gap):
        Decider(TOY, 0).recover(second)


def test_a_rebuild_stays_silent_up_to_the_last_published_group() -> None:
    inputs = outgoing(fold_all(Decider(TOY, 0), commands(message("a"), message("b"), message("c"))))
    facts = [as_record(encode(fact, DESK.name, 0), index) for index, fact in enumerate(inputs)]
    own = [out for out in fold_all(Decider(FOLLOWER, 0), facts) if isinstance(out, Outgoing) and out.topic == SLA.name]
    rebuilt = Decider(FOLLOWER, 0)
    for index, record in enumerate(own[:4]):
        assert rebuilt.recover(as_record(record, index)) is None
    assert [len(rebuilt.apply(fact)) for fact in facts] == [0, 2, 2, 0]


def test_timers_name_the_desks_that_want_a_tick() -> None:
    fold = Decider(TOY, 0)
    assert fold.timers() == {}
    fold_all(fold, commands(message("a"), at=1_000))
    assert fold.timers() == {"desk-1": ("organisation-1", 61_000)}


def test_the_states_may_be_looked_at() -> None:
    fold = Decider(TOY, 0)
    fold_all(fold, commands(ReceiveMessage.model_validate(message("a").model_dump())))
    assert list(fold.states["desk-1"].seen) == ["a"]
