"""The one rule of the worker, and what each wrong order would lose."""

from collections.abc import Iterator

import orjson
import pytest

from shared.broker import BrokerUnavailable, Outgoing, Record
from shared.catalogue.codec import UnknownType, decode
from shared.catalogue.commands import Tick
from shared.catalogue.topics import COMMANDS, DELIVERIES, DESK, SLA
from shared.checkpoints import Checkpoints
from shared.clock import MINUTE
from shared.decider import Decider
from shared.documents import Collection, DocumentsUnavailable, Put
from shared.emissions import Output
from shared.fold import Gap
from shared.worker import LogTruncated
from shared.worker_ports import STEPS
from tests.simulation.crew import Member, Role
from tests.simulation.drive import drive, drive_to
from tests.simulation.replay import dump
from tests.simulation.toy import TOY, ToyDesk
from tests.unit.shared.bench_desk import BY, Bench, bench, message, update


@pytest.fixture
def desk() -> Iterator[Bench]:
    with bench() as made:
        yield made


def checkpoint_offset(desk: Bench) -> int | None:
    checkpoint = drive(Checkpoints(desk.world.documents).load("router", 0))
    return checkpoint.offset if checkpoint else None


def test_a_run_becomes_facts_in_order(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), message("c"), update())
    assert drive(worker.advance(), desk.world.time) == 4
    assert desk.types(DESK.name) == ["message.received"] * 3 + ["message.sent", "command.settled"]
    assert desk.seqs(DESK.name) == [1, 2, 3, 4, 5]
    assert worker.position == 4


def test_what_accompanies_a_fact_is_durable_before_it(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), message("c"))
    drive_to(worker.advance(), "accompanied")
    assert desk.types(DELIVERIES.name) == ["message.deliver"]
    assert desk.types(DESK.name) == []


@pytest.mark.parametrize("place", ["applied", "append", "appended", "accompanied", "written", "published"])
def test_a_death_at_any_step_loses_nothing_and_doubles_nothing_for_readers(desk: Bench, place: str) -> None:
    desk.post(message("a"), message("b"), message("c"))
    drive_to(desk.loaded().worker.advance(), place)
    drive(desk.loaded().worker.advance(), desk.world.time)
    seen = dict.fromkeys((decode(record).seq, decode(record).id) for record in desk.log(DESK.name))
    assert [seq for seq, _ in seen] == [1, 2, 3, 4]
    assert {decode(record).id for record in desk.log(DELIVERIES.name)} == {decode(desk.log(DELIVERIES.name)[0]).id}


def test_every_named_step_is_reached(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), message("c"))
    reached = []
    for coroutine in (worker.advance(), worker.save_slice(now=True)):
        try:
            while True:
                reached.append(getattr(coroutine.send(None), "name", ""))
        except StopIteration:
            continue
    assert [name for name in reached if name in STEPS] == list(STEPS)


def test_the_same_list_is_sent_again_until_the_log_answers(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), update())
    run = worker.advance()
    while getattr(run.send(None), "name", "") != "append":
        pass
    desk.world.broker.torn = 2
    drive(run, desk.world.time)
    assert desk.seqs(DESK.name) == [1, 2, 1, 2, 3]


def test_the_position_moves_only_after_the_acknowledgement(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    run = worker.advance()
    while getattr(run.send(None), "name", "") != "append":
        pass
    run.throw(BrokerUnavailable())
    assert worker.position == 0


def test_a_run_that_was_cut_short_is_never_saved(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    run = worker.advance()
    while getattr(run.send(None), "name", "") != "applied":
        pass
    run.close()
    drive(worker.save_slice(now=True))
    assert checkpoint_offset(desk) is None


def test_a_run_that_was_cut_short_is_decided_again_from_what_is_sure(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    run = worker.advance()
    while getattr(run.send(None), "name", "") != "applied":
        pass
    run.close()
    drive(worker.advance(), desk.world.time)
    assert desk.types(DESK.name) == []
    drive(worker.advance(), desk.world.time)
    assert desk.types(DESK.name) == ["message.received"]


def test_a_checkpoint_carries_seq_time_and_state(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"))
    drive(worker.advance(), desk.world.time)
    drive(worker.save_slice(now=True))
    desk.post(message("b"), message("c"))
    successor = desk.loaded().worker
    assert successor.position == 2
    drive(successor.advance(), desk.world.time)
    assert desk.seqs(DESK.name) == [1, 2, 3, 4]
    drive(worker.advance(), desk.world.time)
    assert dump(worker.fold) == dump(successor.fold)


def test_a_lost_checkpoint_is_made_good_from_the_facts(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), message("c"))
    drive(worker.advance(), desk.world.time)
    desk.world.broker.logs[COMMANDS.name, 0].clear()
    desk.world.broker.first[COMMANDS.name, 0] = 3  # retention took the commands
    successor = desk.loaded().worker
    assert successor.position == 3
    assert dump(worker.fold) == dump(successor.fold)


def test_a_checkpoint_of_another_release_is_made_good_from_the_facts(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"), message("c"))
    drive(worker.advance(), desk.world.time)
    drive(worker.save_slice(now=True))
    kept = drive(Checkpoints(desk.world.documents).load("router", 0))
    assert kept is not None
    rest = next(name for name in kept.chunks if name.endswith("/rest"))
    own, state = orjson.loads(kept.chunks[rest])
    shorter = {name: own[name] for name in own if name != "slots"}
    for bent in ([own | {"new": 1}, state], [shorter, state], []):
        chunks = kept.chunks | {rest: orjson.dumps(bent)}
        with pytest.raises((LookupError, TypeError, ValueError)):
            desk.hire().worker.fold.load(chunks)
        assert drive(Checkpoints(desk.world.documents).save("router", 0, kept.offset, kept.topic_id, chunks))
        successor = desk.loaded().worker
        assert successor.position == 3
        assert dump(worker.fold) == dump(successor.fold)


def test_half_of_a_groups_facts_are_not_taken_for_the_whole(desk: Bench) -> None:
    desk.post(message("a"), message("b"), message("c"))
    run = desk.loaded().worker.advance()
    places = 0
    while places < 2:  # the second append is that of the facts
        places += getattr(run.send(None), "name", "") == "append"
    desk.world.broker.torn = 3
    run.send(None)
    run.close()
    assert desk.seqs(DESK.name) == [1, 2, 3]
    successor = desk.loaded().worker
    assert successor.position == 2
    drive(successor.advance(), desk.world.time)
    assert desk.seqs(DESK.name) == [1, 2, 3, 3, 4]


def test_a_history_that_is_gone_stops_the_worker(desk: Bench) -> None:
    desk.post(message("a"), message("b"))
    desk.world.broker.logs[COMMANDS.name, 0].clear()
    desk.world.broker.first[COMMANDS.name, 0] = 2
    with pytest.raises(LogTruncated, match="stands at 0"):
        desk.loaded()


def test_a_log_that_is_shorter_than_the_checkpoint_stops_the_worker(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    drive(worker.advance(), desk.world.time)
    drive(worker.save_slice(now=True))
    desk.world.broker.logs[COMMANDS.name, 0].clear()
    with pytest.raises(LogTruncated, match="stands at 1"):
        desk.loaded()


def test_another_incarnation_of_the_topic_stops_the_worker(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    drive(worker.advance(), desk.world.time)
    drive(worker.save_slice(now=True))
    desk.world.broker.incarnation = 2
    with pytest.raises(LogTruncated, match="created anew"):
        desk.loaded()


def test_a_shell_that_skips_records_is_refused(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"))
    with pytest.raises(LogTruncated, match="was given 1 at 0"):
        drive(worker.feed(desk.log(COMMANDS.name)[1:]))


def test_records_already_applied_are_dropped(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b"))
    drive(worker.feed(desk.log(COMMANDS.name)))
    drive(worker.feed(desk.log(COMMANDS.name)))
    assert desk.seqs(DESK.name) == [1, 2]


def test_a_rule_that_breaks_half_way_spoils_one_record_only(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b", poison=True), message("c"))
    for _ in range(4):
        drive(worker.advance(), desk.world.time)
    assert desk.types(DESK.name)[-3:] == ["message.received", "command.settled", "message.received"]
    kept = [decode(record) for record in desk.log(DESK.name)]
    assert sorted({envelope.seq for envelope in kept}) == [1, 2, 3]
    assert desk.world.meter.counts["broken rules"] == 1
    assert len(desk.world.documents.shelf("dead_letters", "")) == 1


def test_a_rule_that_breaks_before_its_first_fact_needs_no_new_beginning(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"), message("b", at_once=True), message("c"))
    assert drive(worker.advance(), desk.world.time) == 3
    assert desk.types(DESK.name) == ["message.received", "command.settled", "message.received"]
    assert desk.world.meter.counts["broken rules"] == 1
    assert len(desk.world.documents.shelf("dead_letters", "")) == 1


def test_a_record_that_breaks_its_rule_is_left_behind_by_a_checkpoint(desk: Bench) -> None:
    member = desk.loaded()
    desk.post(message("a"), message("b", poison=True), message("c"))
    for _ in range(3):
        drive(member.worker.advance(), desk.world.time)
    store(member)
    drive(member.worker.advance(), desk.world.time)
    assert checkpoint_offset(desk) == 3


def store(member: Member) -> None:
    """Let what the worker spawned come to its end."""
    for task in member.beside:
        while not task.over:
            task.step()


def test_the_loop_goes_on_while_a_checkpoint_is_stored(desk: Bench) -> None:
    member = desk.loaded()
    worker = member.worker
    desk.post(message("a"))
    worker._saver.hasten(0)
    drive(worker.advance(), desk.world.time)
    assert len(member.beside) == 1
    desk.post(message("b"), message("c"))
    drive(worker.advance(), desk.world.time)
    assert (worker.position, worker.saved_position, checkpoint_offset(desk)) == (3, 0, None)
    store(member)
    drive(worker.advance(), desk.world.time)
    assert (worker.saved_position, checkpoint_offset(desk)) == (1, 1)
    successor = desk.loaded().worker
    drive(successor.advance(), desk.world.time)
    assert dump(successor.fold) == dump(worker.fold)


def test_a_checkpoint_that_could_not_be_stored_is_made_whole_the_next_time(desk: Bench) -> None:
    member = desk.loaded()
    worker = member.worker
    desk.post(message("a"))
    drive(worker.advance(), desk.world.time)
    drive(worker.save_slice(now=True))
    desk.post(message("b"))
    worker._saver.hasten(1)
    drive(worker.advance(), desk.world.time)
    member.beside[0].step()
    member.beside[0].step(DocumentsUnavailable())
    store(member)
    drive(worker.advance(), desk.world.time)
    assert (worker.saved_position, checkpoint_offset(desk)) == (1, 1)
    store(member)
    drive(worker.advance(), desk.world.time)
    assert (worker.saved_position, checkpoint_offset(desk)) == (2, 2)
    assert dump(desk.loaded().worker.fold) == dump(worker.fold)


def test_loading_again_waits_for_what_is_being_stored(desk: Bench) -> None:
    member = desk.loaded()
    worker = member.worker
    desk.post(message("a"))
    worker._saver.hasten(0)
    drive(worker.advance(), desk.world.time)
    loading = worker.load()
    loading.send(None)
    assert checkpoint_offset(desk) is None
    store(member)
    drive(loading)
    assert worker.position == 1


def test_an_unreadable_record_becomes_a_dead_letter_and_work_goes_on(desk: Bench) -> None:
    worker = desk.loaded().worker
    drive(desk.world.broker.append([Outgoing(COMMANDS.name, 0, b"desk-1", b"{}")]))
    desk.post(message("a"))
    drive(worker.advance(), desk.world.time)
    assert desk.types(DESK.name) == ["message.received"]
    letters = drive(desk.world.dead_letters.page()).letters
    assert [(letter.origin.offset, letter.source) for letter in letters if letter.origin] == [(0, "router")]


def test_a_dead_letter_waits_for_a_silent_store(desk: Bench) -> None:
    worker = desk.loaded().worker
    drive(desk.world.broker.append([Outgoing(COMMANDS.name, 0, b"desk-1", b"{}")]))
    run = worker.advance()
    while getattr(run.send(None), "name", "") != "write":
        pass
    run.throw(DocumentsUnavailable())
    assert worker.position == 0
    drive(run, desk.world.time)
    assert worker.position == 1
    assert len(desk.world.documents.shelf("dead_letters", "")) == 1


class Noting(Decider[ToyDesk]):
    """Writes a document for every record."""

    def apply(self, record: Record) -> list[Output]:
        return [Put("notes", "desk-1", str(record.offset), 1, {})]


def test_documents_are_written_again_until_the_store_answers(desk: Bench) -> None:
    desk.world.documents.collections["notes"] = Collection("notes")
    member = desk.world.start(Role("noting", COMMANDS.name, lambda partition: Noting(TOY, partition)))
    member.kill()  # the test takes the worker's steps itself
    worker = member.worker
    drive(worker.load(), desk.world.time)
    desk.post(message("a"), message("b"))
    run = worker.advance()
    for _ in range(2):
        while getattr(run.send(None), "name", "") != "write":
            pass
        run.throw(DocumentsUnavailable())
        assert worker.position == 0
    drive(run, desk.world.time)
    assert worker.position == 2
    assert set(desk.world.documents.shelf("notes", "desk-1")) == {"0", "1"}


def test_a_type_of_a_newer_sanad_stops_the_worker_and_is_no_dead_letter(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    record = desk.log(COMMANDS.name)[0]
    headers = tuple((k, b"sanad.message.receive.v9" if k == "ce_type" else v) for k, v in record.headers)
    newer = Record(record.topic, 0, 0, record.appended_at, record.key, record.value, headers)
    with pytest.raises(UnknownType):
        drive(worker.feed([newer]))
    assert desk.world.documents.shelf("dead_letters", "") == {}


def test_a_hole_between_facts_stops_the_follower(desk: Bench) -> None:
    desk.post(message("a"), message("b"))
    drive(desk.loaded().worker.advance(), desk.world.time)
    follower = desk.loaded(1).worker
    del desk.world.broker.logs[DESK.name, 0][0]
    desk.log(DESK.name)[0].offset = 0
    with pytest.raises(Gap):
        drive(follower.advance(), desk.world.time)


def test_a_follower_drops_copies(desk: Bench) -> None:
    owner, zombie = desk.loaded().worker, desk.loaded().worker
    desk.post(message("a"), message("b"))
    drive(owner.advance(), desk.world.time)
    drive(zombie.advance(), desk.world.time)
    assert desk.seqs(DESK.name) == [1, 2, 1, 2]
    drive(desk.loaded(1).worker.advance(), desk.world.time)
    assert desk.seqs(SLA.name) == [1, 2, 3, 4]


def test_a_rebuild_repeats_only_the_last_group_even_when_it_is_interrupted(desk: Bench) -> None:
    desk.post(message("a"), message("b"), message("c"))
    drive(desk.loaded().worker.advance(), desk.world.time)
    drive(desk.loaded(1).worker.advance(), desk.world.time)
    written = len(desk.log(SLA.name))
    rebuilding = desk.loaded(1).worker
    drive(rebuilding.feed(desk.log(DESK.name)[:1]))
    drive(rebuilding.save_slice(now=True))
    resumed = desk.loaded(1).worker
    assert resumed.position == 1
    drive(resumed.advance(), desk.world.time)
    assert len(desk.log(SLA.name)) == written + 2


def test_a_due_timer_asks_for_one_tick(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(message("a"))
    drive(worker.advance(), desk.world.time)
    desk.world.time.now += MINUTE + 1
    drive(worker.advance(), desk.world.time)
    assert desk.types(COMMANDS.name) == ["message.receive", "desk.tick"]
    drive(worker.advance(), desk.world.time)
    assert desk.types(DESK.name) == ["message.received", "desk.time_reached"]


def test_an_idle_worker_waits_no_longer_than_its_next_timer(desk: Bench) -> None:
    worker = desk.loaded().worker
    desk.post(Tick(by=BY, desk="desk-1", due=0), message("a"))
    drive(worker.advance(), desk.world.time)
    began = desk.world.time.now
    drive(worker.advance(patience=10 * MINUTE), desk.world.time)
    assert desk.world.time.now - began == MINUTE


def test_loading_waits_for_silent_stores(desk: Bench) -> None:
    worker = desk.hire().worker
    loading = worker.load()
    loading.send(None)
    loading.throw(DocumentsUnavailable())
    drive(loading, desk.world.time)
    assert worker.position == 0
    assert desk.world.meter.counts["retries"] == 1
