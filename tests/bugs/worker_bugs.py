"""Bugs in who works where and how far it is: seats, worker, checkpoints, health."""

from tests.bugs.plant import Bug

WORKER, SEATS, CHECKPOINTS = "shared.worker", "shared.engine.seats", "shared.checkpoints"
SAVING, HEALTH = "shared.saving", "shared.engine.health"
WORKER_TESTS, SEAT_TESTS = "tests/unit/shared/test_worker.py", "tests/unit/shared/test_seats.py"
CHECKPOINT_TESTS = "tests/contracts/ports/test_checkpoints.py"

WORK = (
    Bug(
        "revoked without waiting for the run under way",
        SEATS,
        "            rested = await _rested(tasks, patience)\n",
        "            rested = set[Seat]()\n",
        f"{SEAT_TESTS}::test_the_run_under_way_is_finished_before_a_partition_is_given_up",
    ),
    Bug(
        "who gave up a partition goes on",
        SEATS,
        "        leaving = [seat for where in places for seat in self._assigned.get(where, ())]\n",
        "        leaving = list[Seat]()\n",
        f"{SEAT_TESTS}::test_who_gives_up_a_partition_has_saved_where_it_stood_and_never_goes_on",
    ),
    Bug(
        "a hand-over waits as long as a save hangs",
        SEATS,
        "            async with asyncio.timeout(HAND_OVER / SECOND):\n",
        "            async with asyncio.timeout(None):\n",
        f"{SEAT_TESTS}::test_a_save_that_hangs_keeps_no_partition_from_its_next_owner",
    ),
    Bug(
        "the furthest of all readers is where the group stands",
        SEATS,
        "        return min(seat.worker.position for seat in seats)\n",
        "        return max(seat.worker.position for seat in seats)\n",
        f"{SEAT_TESTS}::test_the_slowest_reader_is_where_the_group_stands",
    ),
    Bug(
        "a position is told before it is known",
        SEATS,
        "        if not seats or not all(seat.loaded for seat in seats):\n",
        "        if not seats:\n",
        f"{SEAT_TESTS}::test_nobody_can_tell_a_position_before_all_who_read_there_are_loaded",
    ),
    Bug(
        "given the same again, a second worker begins",
        SEATS,
        "            if where not in self._assigned:\n",
        "            if where:\n",
        f"{SEAT_TESTS}::test_being_given_the_same_again_changes_nothing",
    ),
    Bug(
        "a failed seat in a living process",
        SEATS,
        "            self._failed.set()\n",
        "",
        f"{SEAT_TESTS}::test_a_failing_seat_ends_the_process",
    ),
    Bug(
        "the watchdog never fires",
        HEALTH,
        "            if gone := self.stalled(ENOUGH):\n",
        "            if gone := self.stalled(ENOUGH * ENOUGH):\n",
        "tests/unit/shared/test_engine.py::test_a_consumer_that_stands_still_is_named_and_then_ends_the_process",
    ),
    Bug(
        "a gap between batches is jumped",
        WORKER,
        "        if run[0].offset != self.position:\n",
        "        if run[0].offset < self.position:\n",
        f"{WORKER_TESTS}::test_a_shell_that_skips_records_is_refused",
    ),
    Bug(
        "a checkpoint of another release ends the process",
        "shared.saving",
        "    except (LookupError, TypeError, ValueError, AttributeError) as fault:\n",
        "    except NotImplementedError as fault:\n",
        f"{WORKER_TESTS}::test_a_checkpoint_of_another_release_is_made_good_from_the_facts",
    ),
    Bug(
        "a re-created topic is read on",
        WORKER,
        "        if checkpoint is not None and checkpoint.topic_id != topic_id:\n",
        "        if checkpoint is not None and not checkpoint.topic_id:\n",
        f"{WORKER_TESTS}::test_another_incarnation_of_the_topic_stops_the_worker",
    ),
    Bug(
        "a history that is gone is done without",
        WORKER,
        "        if not bounds.first <= self.position <= bounds.next:\n",
        "        self.position = max(bounds.first, self.position)\n        if self.position > bounds.next:\n",
        f"{WORKER_TESTS}::test_a_history_that_is_gone_stops_the_worker",
    ),
    Bug(
        "seeks back without putting the state back",
        WORKER,
        "        if not self._whole:\n            # a run was cut short",
        "        if self.position < 0:\n            # a run was cut short",
        f"{WORKER_TESTS}::test_a_run_that_was_cut_short_is_decided_again_from_what_is_sure",
    ),
    Bug(
        "the documents of a failed write are given up",
        WORKER,
        """                await self._ports.documents.write(writes)
                return
            except DocumentsUnavailable:
                await self._pause("documents")
""",
        """                await self._ports.documents.write(writes)
                return
            except DocumentsUnavailable:
                return
""",
        "tests/unit/shared/test_worker.py::test_documents_are_written_again_until_the_store_answers",
    ),
    Bug(
        "how far it was published is read from the end offset",
        "shared.decider",
        "            self._published = max(self._published, envelope.position)\n",
        "            self._published = own.offset\n",
        f"{WORKER_TESTS}::test_a_rebuild_repeats_only_the_last_group_even_when_it_is_interrupted",
    ),
    Bug(
        "a checkpoint says one record more than it holds",
        SAVING,
        "Saving(fold.save(), position, self._ports.clock)",
        "Saving(fold.save(), position + 1, self._ports.clock)",
        f"{WORKER_TESTS}::test_a_checkpoint_carries_seq_time_and_state",
    ),
    Bug(
        "what a failed save held is never saved again",
        SAVING,
        "            fold.unsaved()\n",
        "            pass\n",
        f"{WORKER_TESTS}::test_a_checkpoint_that_could_not_be_stored_is_made_whole_the_next_time",
    ),
    Bug(
        "the manifest before its chunks",
        CHECKPOINTS,
        """        await write_parts(self._documents, pack)
        entries =""",
        """        chunked = write_parts(self._documents, pack)
        asyncio.get_running_loop().call_later(0.01, asyncio.ensure_future, chunked)
        entries =""",
        f"{CHECKPOINT_TESTS}::test_a_death_at_any_step_leaves_a_whole_checkpoint_and_no_rubbish",
    ),
    Bug(
        "two savers share their chunks' names",
        CHECKPOINTS,
        "        save = uuid.uuid4().hex\n",
        '        save = f"{name} {offset}"\n',
        f"{CHECKPOINT_TESTS}::test_concurrent_saves_leave_one_whole_checkpoint",
    ),
    Bug(
        "a zombie's manifest is written without looking",
        CHECKPOINTS,
        "            await desk.replace(MANIFESTS.name, place, body, stored.seq if stored else None)\n",
        "            latest = await desk.get(MANIFESTS.name, place)\n"
        "            await desk.replace(MANIFESTS.name, place, body, latest.seq if latest else None)\n",
        f"{CHECKPOINT_TESTS}::test_who_was_overtaken_while_saving_replaces_nothing_newer",
    ),
    Bug(
        "a torn checkpoint is loaded as it is",
        "shared.checkpoint_chunks",
        '        if hashlib.sha256(packed).hexdigest() != entry["sum"]:\n',
        '        if not entry["sum"]:\n',
        f"{CHECKPOINT_TESTS}::test_a_torn_checkpoint_gives_way_to_the_one_before",
    ),
)
