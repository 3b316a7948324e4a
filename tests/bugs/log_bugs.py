"""Bugs in the log on Kafka, its tails, and the verb that makes its topics."""

from tests.bugs.plant import Bug

LANE, FOLLOWER, READER = "shared.brokers.kafka_lane", "shared.brokers.kafka_follower", "shared.brokers.kafka_reader"
PRODUCER, TOPICS, TAIL = "shared.brokers.kafka_producer", "shared.brokers.kafka_topics", "shared.brokers.tail"
KAFKA, VERB = "shared.brokers.kafka", "services.verbs.kafka_topics"
TESTS = "tests/unit/kafka/test_log.py"
CONTRACT = "tests/contracts/simulated_kafka/test_broker.py"
VERB_TESTS = "tests/unit/verbs/test_topics.py"

LOG = (
    Bug(
        "retries with the old producer",
        LANE,
        "            self._producers.discard(producer)\n",
        "            del producer\n",
        f"{TESTS}::test_after_a_failed_append_the_next_one_works_with_a_new_producer",
    ),
    Bug(
        "a producer that is not idempotent",
        PRODUCER,
        "            enable_idempotence=True,\n",
        "",
        f"{TESTS}::test_an_answer_lost_on_the_way_doubles_nothing",
    ),
    Bug(
        "acknowledged by the leader alone",
        PRODUCER,
        'acks="all"',
        "acks=1",
        f"{TESTS}::test_what_was_acknowledged_survives_its_leader",
    ),
    Bug(
        "not all of a call's acknowledgements are looked at",
        KAFKA,
        "                raise outcome\n",
        "                outcome = [Place(records[index].topic, records[index].partition, 0, 0) for index in part]\n",
        f"{TESTS}::test_a_call_is_acknowledged_when_all_its_partitions_are",
    ),
    Bug(
        "the rest of a call goes out after its beginning was lost",
        LANE,
        "                            self._waiting.popleft()  # its rest",
        "                            pass  # its rest",
        f"{TESTS}::test_the_rest_of_a_call_never_overtakes_what_was_lost_before_it",
    ),
    Bug(
        "the partition is chosen by a hash",
        LANE,
        "partition=self._partition)\n        return",
        "partition=len(self._name) % 2)\n        return",
        f"{CONTRACT}::test_offsets_are_dense_per_partition",
    ),
    Bug(
        "a record that is too large is noticed half way",
        LANE,
        "        raise RecordTooLarge(",
        "        print(",
        f"{CONTRACT}::test_a_record_that_is_too_large_takes_its_whole_call_with_it",
    ),
    Bug(
        "the writer's time is appended",
        LANE,
        "        if taken.timestamp_type != LOG_APPEND_TIME:\n",
        "        if taken.timestamp_type is None:\n",
        f"{TESTS}::test_a_topic_that_keeps_the_writers_time_is_not_written_to",
    ),
    Bug(
        "the writer's time is read",
        READER,
        "fetched[0].timestamp_type != LOG_APPEND_TIME",
        "fetched[0].timestamp_type is None",
        f"{TESTS}::test_a_topic_that_keeps_the_writers_time_is_not_read",
    ),
    Bug(
        "times far ahead are taken as they are",
        KAFKA,
        "        if ahead > self._address.most_ahead:\n",
        "        if ahead > self._address.most_ahead * 1_000_000:\n",
        f"{TESTS}::test_times_far_ahead_are_not_read_but_by_who_was_told_to",
    ),
    Bug(
        "a time far ahead hides before right ones",
        KAFKA,
        "        latest = max(found, key=_time)\n",
        "        latest = found[-1]\n",
        f"{TESTS}::test_a_time_far_ahead_is_not_read_either_once_the_clock_was_set_right",
    ),
    Bug(
        "what follows a hole is read in its place",
        READER,
        "                if hole is None:\n",
        "                if hole is None or hole:\n",
        f"{TESTS}::test_a_hole_in_the_middle_is_an_alarm",
    ),
    Bug(
        "the tail goes on behind a hole",
        FOLLOWER,
        "        if (hole := hole_in(new, tail.next)) is not None:\n",
        "        if (hole := hole_in(new, tail.next)) is not None and hole < 0:\n",
        f"{TESTS}::test_a_hole_at_the_end_is_an_alarm_for_everyone_also_for_who_waits",
    ),
    Bug(
        "a tail serves records past a hole",
        TAIL,
        "        if records[0].offset != self.next:\n",
        "        if records[0].offset < 0:\n",
        "tests/unit/shared/test_tail.py::test_what_lies_beyond_a_hole_is_served_under_its_own_offsets",
    ),
    Bug(
        "a record that comes wakes nobody",
        TAIL,
        "            if start < self.next and not future.done():\n",
        "            if start < 0 and not future.done():\n",
        f"{TESTS}::test_what_another_process_writes_wakes_who_waits",
    ),
    Bug(
        "an alarm wakes nobody",
        FOLLOWER,
        "        self.fault = fault\n        self._tails.wake_all()\n",
        "        self.fault = fault\n",
        f"{TESTS}::test_a_hole_at_the_end_is_an_alarm_for_everyone_also_for_who_waits",
    ),
    Bug(
        "an own record beyond the tail is taken for the end",
        FOLLOWER,
        "        return max(self._tails.of(*where).next, self._beyond.get(where, 0))\n",
        "        return self._tails.of(*where).next\n",
        f"{TESTS}::test_an_own_record_is_read_at_once_although_others_write_too",
    ),
    Bug(
        "a topic created anew is taken for the old one",
        TOPICS,
        "found[name].id != known.id",
        "found[name].name != known.name",
        f"{TESTS}::test_a_topic_created_anew_and_grown_as_long_is_noticed_too",
    ),
    Bug(
        "a log that lost its end is read on",
        FOLLOWER,
        "            if bounds.next < tail.next:\n",
        "            if bounds.next < 0:\n",
        f"{TESTS}::test_a_topic_created_anew_is_noticed_by_its_end",
    ),
    Bug(
        "any number of partitions will do",
        TOPICS,
        "        if shape.partitions != self._partitions:\n",
        "        if not shape.partitions:\n",
        f"{TESTS}::test_a_topic_with_other_partitions_is_refused",
    ),
    Bug(
        "what a shell leaves out is fetched by nobody",
        FOLLOWER,
        "            self._fed[where] = first > tail.next\n",
        "            self._fed[where] = False\n",
        f"{TESTS}::test_what_a_shell_leaves_out_is_fetched",
    ),
    Bug(
        "what a shell brings is fetched a second time",
        FOLLOWER,
        "if self._fed.get(where, True)}",
        "if where.topic}",
        f"{TESTS}::test_what_a_shell_brings_is_not_fetched_a_second_time",
    ),
    Bug(
        "a reader goes on where another one stood",
        READER,
        "        if self.at != (where, start):\n",
        "        if self.at is None:\n",
        f"{TESTS}::test_more_readers_than_the_log_has_cursors_for_read_on_where_each_of_them_stood",
    ),
    Bug(
        "a close is forgotten by who is just beginning",
        READER,
        "        async with asyncio.timeout(address.patience / SECOND):\n            await consumer.start()\n",
        "        await asyncio.wait_for(consumer.start(), address.patience / SECOND)\n",
        f"{TESTS}::test_a_log_that_is_closed_while_it_begins_to_follow_is_closed",
    ),
    Bug(
        "the topics verb changes the number of partitions",
        VERB,
        "    if shape.partitions != partitions:\n",
        "    if not shape.partitions:\n",
        f"{VERB_TESTS}::test_another_number_of_partitions_is_refused",
    ),
    Bug(
        "topics keep the writer's time",
        VERB,
        '    "message.timestamp.type": "LogAppendTime",',
        '    "message.timestamp.type": "CreateTime",',
        f"{VERB_TESTS}::test_time_is_the_logs_and_an_unclean_leader_is_never_chosen",
    ),
    Bug(
        "one replica in sync is enough",
        VERB,
        "str(max(1, replicas - 1))",
        "str(1)",
        f"{VERB_TESTS}::test_one_copy_may_be_away",
    ),
    Bug(
        "facts are forgotten",
        VERB,
        '        return {**wanted, "cleanup.policy": "delete", "retention.ms": "-1"}\n',
        '        return {**wanted, "cleanup.policy": "delete", "retention.ms": "604800000"}\n',
        f"{VERB_TESTS}::test_facts_are_kept_for_ever",
    ),
)
