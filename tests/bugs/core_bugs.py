"""Bugs in what all services share: the worker, the fold, tables, ticks, the log."""

from tests.bugs.plant import Bug

WORKER = "tests/unit/shared/test_worker.py"

CORE = (
    Bug(
        "acknowledge before durable",
        "shared.worker",
        """                except BrokerUnavailable:
                    await self._pause("broker")

    async def _keep(""",
        """                except BrokerUnavailable:
                    return

    async def _keep(""",
        "desk",
    ),
    Bug(
        "acknowledge before the commit",
        "shared.group_commit",
        "                committed = self._commit([waiting.job for waiting in batch])\n",
        "                committed = Committed([None] * len(batch))\n"
        "                batch[0].future.get_loop().call_soon_threadsafe(self._settle, batch, committed)\n"
        "                self._commit([waiting.job for waiting in batch])\n"
        "                continue\n",
        "tests/unit/shared/test_sqlite_broker.py",
    ),
    Bug(
        "a retry drops the rest of the batch",
        "shared.worker",
        """                    await self._pause("broker")

    async def _keep(""",
        """                    await self._pause("broker")
                    records = records[1:]

    async def _keep(""",
        "desk",
    ),
    Bug(
        "facts before what accompanies them",
        "shared.worker",
        """        await self._append([record for record in records if record.topic != own])
        await self._ports.step("accompanied")""",
        """        await self._append([record for record in records if record.topic == own])
        own, records = "", [record for record in records if record.topic != own]
        await self._ports.step("accompanied")
        await self._append(records)""",
        "desk",
    ),
    Bug(
        "checkpoint ahead of its outputs",
        "shared.worker",
        """        await self._ports.step("applied")
""",
        """        await self._ports.step("applied")
        if applied == len(run):
            await self._saver.slice(self.fold, run[-1].offset + 1, now=True)
""",
        "desk",
    ),
    Bug(
        "a run that was cut short is saved",
        "shared.worker",
        "        if self._whole:\n            await self._saver",
        "        if self.fold:\n            await self._saver",
        f"{WORKER}::test_a_run_that_was_cut_short_is_never_saved",
    ),
    Bug(
        "the position moves before the acknowledgement",
        "shared.worker",
        """        await self._ports.step("applied")
        await self._publish(outputs)""",
        """        await self._ports.step("applied")
        self.position = run[-1].offset + 1
        await self._publish(outputs)""",
        f"{WORKER}::test_the_position_moves_only_after_the_acknowledgement",
    ),
    Bug(
        "a dead letter inside decide",
        "shared.decider",
        "            raise Spoiled(record.offset) from fault",
        '            return [Unreadable(record, "a rule failed on it")]',
        "toy",
    ),
    Bug(
        "a mark over a gap",
        "shared.decider",
        """            if envelope.seq != line.mark + 1:
                raise Gap(f"{record.topic}""",
        """            if envelope.seq < line.mark:
                raise Gap(f"{record.topic}""",
        f"{WORKER}::test_a_hole_between_facts_stops_the_follower",
    ),
    Bug(
        "a mark not restored from the checkpoint",
        "shared.decider",
        '"mark": line.mark, "slots"',
        '"mark": 0, "slots"',
        "desk",
    ),
    Bug(
        "seq not restored from the checkpoint",
        "shared.decider",
        '"time": line.time, "seq": line.seq, "delivered"',
        '"time": line.time, "seq": 0, "delivered"',
        "desk",
    ),
    Bug(
        "deliveries counted from zero after a restart",
        "shared.decider",
        '"delivered": line.delivered,',
        '"delivered": 0,',
        "desk",
    ),
    Bug(
        "recovery takes half a group for the whole",
        "shared.decider",
        "        if not envelope.last:\n            return None\n",
        "",
        f"{WORKER}::test_half_of_a_groups_facts_are_not_taken_for_the_whole",
    ),
    Bug(
        "a rebuild forgets how far it was",
        "shared.decider",
        "        if self._published >= 0:\n            rests.append",
        "        if self._published >= 1 << 60:\n            rests.append",
        f"{WORKER}::test_a_rebuild_repeats_only_the_last_group_even_when_it_is_interrupted",
    ),
    Bug(
        "an unscoped id",
        "shared.ids",
        "    return named_id(desk, topic, seq)",
        "    return named_id(topic, seq)",
        "desk",
    ),
    Bug(
        "the first fact's id stands for the whole input",
        "shared.draft",
        "                parent = self._facts[-1].id if self._facts else self._cause.id",
        "                parent = self._cause.desk",
        "desk",
    ),
    Bug(
        "a tick de-duplicated",
        "shared.ticks",
        "        if monotonic < again_at:",
        "        if desk in self._asked:",
        "desk",
    ),
    Bug(
        "a table saved as it is, not as it was",
        "shared.tables.table",
        "            self._written[bucket] = self._pack(bucket).dump()\n",
        "            self._dirty.add(bucket)\n            self._frozen.add(bucket)\n",
        "tests/unit/shared/test_tables.py",
    ),
    Bug(
        "an unsaved table taken for saved",
        "shared.tables.table",
        "        self._dirty = set(self._buckets)\n        self._frozen",
        "        self._frozen",
        "tests/unit/shared/test_tables.py",
    ),
    Bug(
        "a change is forgotten when its row is laid down",
        "shared.tables.table",
        "        self._dirty.add(bucket)\n        self._packs.pop(bucket, None)\n",
        "        self._dirty.add(bucket)\n",
        "tests/unit/shared/test_tables.py",
    ),
    Bug(
        "an older checkpoint replaces a newer one",
        "shared.checkpoints",
        """        if offset < current["offset"] or topic_id""",
        """        if offset < 0 or topic_id""",
        "tests/contracts/ports/test_checkpoints.py",
    ),
    Bug(
        "chunks of somebody else's checkpoint",
        "shared.checkpoints",
        """        return not kept or (self._mine.get(place) == current["save"] and current["chunks"].keys() >= set(kept))""",
        """        return current["chunks"].keys() >= set(kept)""",
        "tests/contracts/ports/test_checkpoints.py",
    ),
)
