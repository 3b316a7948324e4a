"""L2: nobody who is not there is waited for. Whoever has their work has a stated time to come back."""

from collections.abc import Iterator

from tests.invariants.evidence import DESK, Entry, Evidence, Violation
from tests.invariants.floor import FloorModel

SLICES = 60_000
"""Much may fall due together: so long after the desk first looked at its clock again it is through with it."""
COME_BACK = 900_000
AWAITED = ("new", "open")
MOVES = ("work.released", "work.finished", "work.assigned", "message.sent", "ticket.status_changed")


class Absences:
    """One desk: which tickets were given to somebody absent, or written to them, and until when that may last."""

    def __init__(self) -> None:
        self.floor = FloorModel()
        self.until: dict[str, tuple[int, Entry]] = {}
        self.noticed: dict[str, int] = {}

    def apply(self, entry: Entry) -> None:
        self.floor.apply(entry)
        ticket = entry.body.get("work") or entry.body.get("ticket")
        if entry.kind in MOVES and ticket in self.until and self._moved(entry):
            del self.until[ticket]
        elif entry.kind == "agent.presence_changed" and self.floor.people[entry.body["agent"]].ready:
            self.until = {name: each for name, each in self.until.items() if self._absent(name)}
        elif entry.kind == "message.received" and self._asks(entry) and self._absent(entry.body["ticket"]):
            self.until.setdefault(entry.body["ticket"], (entry.time + self._longest(), entry))
        if entry.kind == "work.assigned" and entry.body["how"] == "given" and self._lies(entry.body["work"]):
            self.until[entry.body["work"]] = (entry.time + self._longest(), entry)
        self.noticed = {name: at for name, at in self.noticed.items() if name in self.until}

    def overdue(self, now: int) -> Iterator[Entry]:
        """The messages that waited too long although the desk has looked at its clock since, a command ago or more."""
        for name, (until, entry) in [*self.until.items()]:
            if until < now and self.noticed.setdefault(name, now) + SLICES < now:
                del self.until[name]
                yield entry

    def _moved(self, entry: Entry) -> bool:
        """Whether it is somebody's who is there, or nobody's; back to the same absent person is no move."""
        if entry.kind == "work.assigned":
            return bool(entry.body["how"] != "returned")
        if entry.kind == "ticket.status_changed":
            return bool(entry.body["status"] not in AWAITED)
        return bool(entry.kind != "message.sent" or entry.body.get("author_kind") == "agent")

    def _asks(self, entry: Entry) -> bool:
        body = entry.body
        return bool(body["author_kind"] == "customer" and not body.get("thanks") and not body.get("automatic"))

    def _absent(self, ticket: str) -> bool:
        item = self.floor.items.get(ticket)
        if item is None or item.offered or item.agent not in self.floor.people:
            return False
        person = self.floor.people[item.agent]
        return not person.ready or bool(person.channels and item.channel not in person.channels)

    def _lies(self, work: str) -> bool:
        """Whether it is a ticket somebody should work on, with somebody who is not there."""
        item = self.floor.items.get(work)
        return item is not None and item.kind == "ticket" and item.status in AWAITED and self._absent(work)

    def _longest(self) -> int:
        teams = self.floor.policy.get("teams", {}).values()
        return max((team.get("requeue_after", COME_BACK) for team in teams), default=COME_BACK)


def check_nobody_absent_is_waited_for(evidence: Evidence) -> Iterator[Violation]:
    """What a customer writes to somebody absent, or a person gives them, is somebody else's after the team's time to come
    back, at the latest."""
    desks: dict[str, Absences] = {}
    for entry in evidence.kept(DESK):
        desk = desks.setdefault(entry.desk, Absences())
        desk.apply(entry)
        for message in desk.overdue(entry.time) if entry.last and desk.until else ():
            yield Violation("L2", "its customer waits for somebody who is not there", message)
    for desk in desks.values():
        for until, message in desk.until.values():
            if until < evidence.ended_at:
                yield Violation("L2", "its customer waits for somebody who is not there", message)
