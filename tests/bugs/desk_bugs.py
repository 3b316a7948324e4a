"""Bugs in the rules of the desk, its clocks and its surveys."""

from tests.bugs.plant import Bug

DESK = (
    Bug(
        "a counter instead of derived load",
        "services.router.desk.floor",
        "        seat.load += taken - before\n",
        "        seat.load += taken\n",
        "desk",
    ),
    Bug(
        "capacity off by one",
        "services.router.desk.seats",
        "    return room[1] if points == ALL else points <= room[0]",
        "    return room[1] if points == ALL else points <= room[0] + 1",
        "desk",
    ),
    Bug(
        "the wall clock in decide",
        "services.router.rules.assignment",
        "        until=at + crew.team.offer_timeout, why=why,",
        '        until=__import__("time").time_ns() // 1_000_000 + crew.team.offer_timeout, why=why,',
        "desk",
    ),
    Bug(
        "a change without table.change",
        "services.router.evolve.roster",
        '    row = desk.agents.change(fact.agent)\n    if fact.state == "ready"',
        '    row = desk.agents[fact.agent]\n    if fact.state == "ready"',
        "desk",
    ),
    Bug(
        "a refusal after the first fact",
        "services.router.rules.customers",
        """    if owner_of(desk, command.contact) != customer:
        raise Rejected("not_linked")
    yield ContactPointUnlinked(customer=customer, contact=command.contact)
""",
        """    former = owner_of(desk, command.contact)
    yield ContactPointUnlinked(customer=customer, contact=command.contact)
    if former != customer:
        raise Rejected("not_linked")
""",
        "desk",
    ),
    Bug(
        "an offer's epoch unchecked",
        "services.router.rules.work_commands",
        '    if row.holding != "offered" or row.epoch != epoch:',
        '    if row.holding != "offered":',
        "desk",
    ),
    Bug(
        "set order in a decision",
        "services.router.rules.assignment",
        "for agent in sorted(crew.members)]",
        "for agent in set(crew.members)]",
        "tests/simulation/test_hash_seeds.py",
    ),
    Bug(
        "a repeated message is another message",
        "services.router.handlers",
        '        return envelope.body.message in desk.memories["heard"]',
        '        return envelope.id in desk.memories["heard"]',
        "desk",
    ),
    Bug(
        "a repeated command is decided again",
        "services.router.handlers",
        '    return needs_outcome(envelope.body) and envelope.id in desk.memories["settled"]',
        "    return False",
        "desk",
    ),
    Bug(
        "a refusal in silence",
        "services.router.handlers",
        "    if needs_outcome(command):\n        yield settled",
        "    if needs_outcome(command) and not reason:\n        yield settled",
        "desk",
    ),
    Bug(
        "freed capacity goes unnoticed",
        "services.router.desk.floor",
        "        self._unlisted[seat.agent] = self._changed[seat.agent] = None",
        "        self._unlisted[seat.agent] = None",
        "desk",
    ),
    Bug(
        "two holders after somebody took it",
        "services.router.rules.work",
        '    if row.agent != agent:\n        yield from free(desk, work, "transferred")\n',
        "",
        "desk",
    ),
    Bug(
        "the youngest goes first",
        "services.router.desk.queues",
        "        heappush(self.heap, (key, work))",
        "        heappush(self.heap, (-key, work))",
        "desk",
    ),
    Bug(
        "a verdict's id with its outcome",
        "services.sla.rules.verdicts",
        "        ticket=key, target=clock.target, cycle=clock.cycle, verdict=verdict(key, clock), due_at=due\n",
        '        ticket=key, target=clock.target, cycle=clock.cycle, verdict=named_id(verdict(key, clock), "breached"), due_at=due\n',
        "desk",
    ),
    Bug(
        "late by a millisecond is in time",
        "services.sla.rules.lateness",
        "running if due < before]",
        "running if due < before - 1]",
        "desk",
    ),
    Bug(
        "a silent desk is never judged",
        "services.sla.handlers.decide",
        "    return None if clocks.earliest is None else clocks.earliest + 1",
        "    return None",
        "desk",
    ),
    Bug(
        "a second answer counts too",
        "services.survey.evolve",
        '    _end(desk, fact.survey, "answered", at)',
        "    desk.schedule(fact.survey, at + REMEMBERED)",
        "desk",
    ),
)
