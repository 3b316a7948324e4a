"""Bugs in what the log has effects on: documents, the outbox, dead letters, projections."""

from tests.bugs.plant import Bug

BULK, MONGO = "shared.stores.mongo_bulk", "shared.stores.mongo"
DOCUMENTS = "tests/contracts/ports/test_documents.py"
MONGO_TESTS = "tests/unit/shared/test_mongo_documents.py"
SENDING = "tests/unit/ingest/test_sending.py"

EFFECTS = (
    Bug(
        "the second of two texts that are written once",
        "shared.documents",
        "        elif write.seq < later.get(place, 0):\n",
        "        elif write.seq <= later.get(place, 0):\n",
        "tests/unit/shared/test_lasting.py::test_the_first_of_two_texts_that_are_written_once_stays",
    ),
    Bug(
        "sent again when the log is read again",
        "services.ingest.delivery.fold",
        "        return [\n            Put(",
        "        return [\n"
        '            __import__("shared.documents", fromlist=["Drop"]).Drop(OUTBOX.name, envelope.desk, delivery.delivery),\n'
        "            Put(",
        f"{SENDING}::test_a_log_read_again_from_its_beginning_sends_nothing_again",
    ),
    Bug(
        "two senders, one delivery, no claim",
        "services.ingest.delivery.sending",
        "            claimed = await self._outbox.claim(item)\n",
        "            claimed = item\n",
        f"{SENDING}::test_two_processes_send_a_delivery_once",
    ),
    Bug(
        "a fact is redriven below the mark",
        "services.gateway.api.dead_letters",
        "    if found.origin is None or found.origin.topic != COMMANDS.name:\n",
        "    if found.origin is None:\n",
        "tests/unit/gateway/test_dead_letters_api.py::test_a_fact_is_never_appended_again",
    ),
    Bug(
        "a redriven command is another command",
        "services.gateway.api.dead_letters",
        "content, found.headers)",
        'content, tuple((name, b"again" if name == "ce_id" else value) for name, value in found.headers))',
        "tests/unit/gateway/test_dead_letters_api.py::test_a_command_is_appended_again_under_its_own_id",
    ),
    Bug(
        "a projection's mark over a gap",
        "services.gateway.handlers.projection",
        "        if envelope.seq != line.mark + 1:\n",
        "        if envelope.seq < line.mark:\n",
        "tests/unit/gateway/test_projector.py::test_a_hole_in_the_order_stops_the_projector",
    ),
    Bug(
        "a rebuild leaves what should not be there",
        "services.gateway.rebuild.rebuild",
        "                if expected != found:\n",
        "                if expected is not None and expected != found:\n",
        "tests/unit/gateway/test_rebuild.py::test_what_is_wrong_missing_or_extra_is_found_and_put_right[sqlite]",
    ),
    Bug(
        "a projection applies copies",
        "services.gateway.handlers.projection",
        "        if envelope.seq <= line.mark:\n            return []\n",
        "        if envelope.seq <= line.mark:\n            line.mark = envelope.seq - 1\n",
        "tests/unit/gateway/test_projector.py::test_facts_come_twice_and_count_once",
    ),
    Bug(
        "an effect without its guard",
        "shared.stores.sqlite_writer",
        "before.seq >= after.seq:\n",
        "before.seq > after.seq + 1_000:\n",
        f"{DOCUMENTS}::test_an_older_or_equal_seq_changes_nothing[sqlite-False]",
    ),
    Bug(
        "the two drivers are told different things",
        "shared.stores.mongo_driver",
        "AsyncIOMotorClient(address.url, **address.options())",
        "AsyncIOMotorClient(address.url)",
        "tests/unit/shared/test_mongo_address.py::test_both_drivers_are_told_the_same",
    ),
    Bug(
        "a write is acknowledged by the primary alone",
        "shared.stores.mongo_address",
        '"w": "majority"',
        '"w": 1',
        "tests/unit/shared/test_mongo_address.py::test_writes_are_acknowledged_by_a_majority_and_its_journals",
    ),
    Bug(
        "MongoDB: an upsert without its guard",
        BULK,
        '{"_id": one, "seq": {"$lt": write.seq}} if guarded',
        '{"_id": one} if guarded',
        f"{DOCUMENTS}::test_an_older_or_equal_seq_changes_nothing[mongo-False]",
        engines=True,
    ),
    Bug(
        "MongoDB: what a bulk could not do is nobody's business",
        BULK,
        "        first: dict[str, Any] = min(faults",
        "        return None\n        first: dict[str, Any] = min(faults",
        f"{DOCUMENTS}::test_a_taken_unique_set_is_refused_and_its_neighbours_are_not[mongo]",
        engines=True,
    ),
    Bug(
        "MongoDB: a taken name is taken for a late write",
        BULK,
        '                raise Conflict("a field that must be unique is taken")\n',
        "                break\n",
        f"{DOCUMENTS}::test_a_taken_unique_set_is_refused_and_its_neighbours_are_not[mongo]",
        engines=True,
    ),
    Bug(
        "MongoDB: a mark before what it speaks of",
        MONGO,
        "            own = groups.pop(write.collection, [])\n",
        "            own = groups.setdefault(write.collection, [])\n",
        f"{MONGO_TESTS}::test_a_mark_comes_after_all_it_speaks_of",
        engines=True,
    ),
    Bug(
        "MongoDB: replaced whatever is there",
        MONGO,
        '{"_id": stored["_id"], "seq": expected_seq}',
        '{"_id": stored["_id"]}',
        f"{DOCUMENTS}::test_compare_and_set_lets_one_of_many_win[mongo]",
        engines=True,
    ),
    Bug(
        "MongoDB: calls of one process overtake each other",
        MONGO,
        "            async with self._lanes.turn(writing):\n",
        "            async with self._lanes.turn(()):\n",
        f"{DOCUMENTS}::test_any_writes_leave_what_the_promise_says[mongo]",
        engines=True,
    ),
    Bug(
        "MongoDB: begins without its indexes",
        "shared.stores.mongo_indexes",
        "    if lacking:\n",
        "    if lacking is None:\n",
        "tests/unit/shared/test_mongo_indexes.py::test_without_its_indexes_nothing_begins",
        engines=True,
    ),
    Bug(
        "Kafka: the number of partitions is changed all the same",
        "services.verbs.topics",
        "            if any(one.refused for one in differences):\n",
        "            if len(differences) > 99:\n",
        "tests/engines/test_topics.py",
        engines=True,
    ),
)
