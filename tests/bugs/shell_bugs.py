"""Bugs in both shells: in what changes hands, what is committed, and what nobody notices."""

from tests.bugs.plant import Bug

PLAIN, FAUST = "shared.shells.aiokafka_shell", "shared.shells.faust_shell"
SHELLS = "tests/unit/kafka/test_shells.py"
MEANWHILE = f"{SHELLS}::test_what_comes_while_partitions_change_hands_is_applied_without_another_record"
COMMITTED = f"{SHELLS}::test_what_is_committed_was_applied"
FAUST_ROOM = "tests/unit/shared/test_faust_room.py"
ROOM = f"{SHELLS}::test_a_partition_whose_worker_is_slow_is_brought_no_more_than_it_can_take"
FAILS = f"{SHELLS}::test_a_member_that_fails_while_partitions_change_hands_ends_the_shell"
GIVEN_BACK = f"{SHELLS}::test_who_stops_gives_everything_back_before_it_leaves_the_group"
UNDER_LOAD = f"{SHELLS}::test_members_that_come_and_go_under_load_lose_nothing_and_do_nothing_twice"

SHELL = (
    Bug(
        "a batch dropped on a rebalance is never sought again",
        PLAIN,
        "                self._consumer.seek(where, held)\n",
        "",
        MEANWHILE,
    ),
    Bug(
        "a batch is dropped because partitions changed hands, and the next one taken",
        PLAIN,
        "            if found and where in self._given:\n",
        "            if where not in self._given:\n"
        "                self._given[where] = found[-1].offset + 1\n"
        "            elif found:\n",
        MEANWHILE,
    ),
    Bug(
        "committed as soon as it is given",
        PLAIN,
        "where: self._member.position(self._group.ours(where.topic), where.partition) for where in self._given",
        "where: self._given[where] for where in self._given",
        COMMITTED,
    ),
    Bug(
        "others begin before this one has let go",
        PLAIN,
        "                await self._member.revoked(places)\n",
        "                self._leaving = asyncio.ensure_future(self._member.revoked(places))\n",
        UNDER_LOAD,
    ),
    Bug(
        "leaves the group with everything in its hands",
        PLAIN,
        "            await membership.on_partitions_revoked(consumer.assignment())\n",
        "            await asyncio.sleep(0)\n",
        GIVEN_BACK,
    ),
    Bug(
        "brings more than a slow worker can take",
        PLAIN,
        "            if self._given[where] - position < AHEAD:\n",
        "            if position >= 0:\n",
        ROOM,
    ),
    Bug(
        "a failure during a rebalance is swallowed",
        PLAIN,
        "            if self._faults:\n",
        "            if len(self._faults) > 99:\n",
        FAILS,
    ),
    Bug(
        "partitions are dealt out one by one over all topics",
        PLAIN,
        "(RangePartitionAssignor,)",
        '(__import__("aiokafka.coordinator.assignors.roundrobin", fromlist=["x"]).RoundRobinPartitionAssignor,)',
        f"{SHELLS}::test_equal_numbers_of_all_topics_stay_together",
    ),
    Bug(
        "Faust: acknowledged as soon as it is taken",
        FAUST,
        "        stream.enable_acks = False\n",
        "        stream.enable_acks = True\n",
        COMMITTED,
    ),
    Bug(
        "Faust: acknowledged one too many",
        "shared.shells.faust_taken",
        "events[0].message.offset < position",
        "events[0].message.offset <= position",
        COMMITTED,
    ),
    Bug(
        "Faust: others begin before this one has let go",
        FAUST,
        "        await self._member.revoked(places)\n",
        "        self._leaving = asyncio.ensure_future(self._member.revoked(places))\n",
        UNDER_LOAD,
    ),
    Bug(
        "Faust: a stop gives nothing back",
        FAUST,
        "                await membership.let_go()\n",
        "                await asyncio.sleep(0)\n",
        GIVEN_BACK,
    ),
    Bug(
        "Faust: who had no room looks again after a second",
        "shared.shells.faust_haste",
        "            if n != IDLE or not self._is_full():\n",
        "            if n:\n",
        "tests/unit/shared/test_faust_haste.py::test_who_has_no_room_goes_on_as_soon_as_there_is_some",
    ),
    Bug(
        "Faust: never paused",
        FAUST,
        "len(taken.events) >= AHEAD or",
        "len(taken.events) < 0 or",
        f"{FAUST_ROOM}::test_nothing_is_fetched_of_a_partition_that_brought_enough_until_its_worker_is_past_it",
    ),
    Bug(
        "Faust: however large what is brought",
        FAUST,
        "or taken.size > share}",
        "or taken.size < 0}",
        f"{FAUST_ROOM}::test_large_records_of_one_partition_fill_the_room_of_all",
    ),
    Bug(
        "Faust: told of a full buffer once",
        FAUST,
        "for where in self._theirs(full):",
        "for where in self._theirs(full - self._full):",
        f"{FAUST_ROOM}::test_a_buffer_that_is_empty_in_fausts_eyes_only_is_said_to_be_full_again",
    ),
    Bug(
        "Faust: a crashed app in a living process",
        FAUST,
        "            if fault is not None or self._app.crashed:\n",
        "            if fault is not None:\n",
        f"{SHELLS}::test_an_app_that_crashed_ends_the_process",
    ),
    Bug(
        "Faust: an app that never started",
        FAUST,
        "            fault = starting.exception() if starting.done() else None\n",
        "            fault = starting.exception() if starting.cancelled() else None\n",
        f"{SHELLS}::test_an_app_that_does_not_start_ends_the_process",
    ),
    Bug(
        "Faust: a log that is away for a moment ends who joins",
        FAUST,
        "                if not self._joined and isinstance(",
        "                if self._joined and isinstance(",
        f"{SHELLS}::test_who_finds_no_log_to_join_asks_again_until_there_is_one",
    ),
    Bug(
        "Faust: a failure during a rebalance is swallowed",
        FAUST,
        "            if self._faults:\n",
        "            if len(self._faults) > 99:\n",
        FAILS,
    ),
    Bug(
        "Faust: an older run behind a newer one is taken for its continuation",
        FAUST,
        "        if run and record.offset != run[-1].offset + 1:\n",
        "        if run and record.offset < 0:\n",
        f"{SHELLS}::test_an_older_run_that_comes_again_behind_a_newer_one_hides_nothing",
    ),
    Bug(
        "Faust: the writer's time is taken for the log's",
        FAUST,
        "    if message.timestamp_type != LOG_APPEND_TIME:\n",
        "    if message.timestamp_type is None:\n",
        f"{SHELLS}::test_events_with_the_writers_time_are_not_taken",
    ),
)
