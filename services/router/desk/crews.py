"""Crews: the members of a team, who of them is ready, and what waits for them."""

from services.router.desk.needs import meets
from services.router.desk.queues import Queue, Sort
from services.router.desk.seats import Entry, Group, Kind, fits_in
from services.router.strategies import STRATEGIES
from shared.policy.team import Team
from shared.policy.terms import AssignmentMode, WorkKind

CLOSEST = 8
"""So many candidates an assignment tells about one by one."""


class Crew:
    """One team. Members by id with their rank; ready ones in groups; queues that are not empty."""

    def __init__(self, name: str, team: Team) -> None:
        self.name = name
        self.team = team
        self.members: dict[str, int] = {}
        self.leads: dict[str, None] = {}
        self.groups: dict[int, Group] = {}
        self.queues: dict[Sort, Queue] = {}
        self.assigns = team.mode is not AssignmentMode.PULL
        """Whether work is given here; in a pulling team people take it."""
        self.score = STRATEGIES[team.strategy]
        self._kinds: dict[Kind, Group] = {}

    def group_for(self, kind: Kind) -> Group:
        """Where ready members of this kind are listed."""
        group = self._kinds.get(kind)
        if group is None:
            group = self._kinds[kind] = Group(self.name, kind, len(self._kinds), self.groups)
        return group

    def pick(self, queue: Queue) -> str | None:
        """Who should get the head of the queue: the lowest score among the primary members who can, then the others."""
        best: Entry | None = None
        best_rank = 0
        for group in self.groups.values():
            rank = group.kind.rank
            if (best is None or rank <= best_rank) and can(group, queue):
                entry = _first(group, queue)
                if entry is not None and (best is None or rank < best_rank or entry < best):
                    best, best_rank = entry, rank
        return best[2] if best else None

    def survey(self, queue: Queue) -> tuple[list[Entry], dict[str, int]]:
        """The closest of those who could have the item, primary members first; how many could not, and for what.

        Of several reasons the first counts: not ready, channel, skills, capacity.
        """
        found: list[tuple[int, Entry]] = []
        counts = {"not_ready": len(self.members), "channel": 0, "skills": 0, "capacity": 0}
        for group in self.groups.values():
            able = can(group, queue)
            for room, entries in group.ready.items():
                counts["not_ready"] -= len(entries)
                if not able:
                    counts["channel" if not serves(group.kind, queue) else "skills"] += len(entries)
                elif not fits_in(room, queue.points):
                    counts["capacity"] += len(entries)
                else:
                    found += [(group.kind.rank, entry) for entry in entries[: CLOSEST + 1]]
        closest = [entry for _, entry in sorted(found) if entry[2] != queue.sort.not_agent]
        return closest[:CLOSEST], {reason: count for reason, count in counts.items() if count}


def serves(kind: Kind, queue: Queue) -> bool:
    """Whether the group is ready on the queue's channel; tasks belong to no channel."""
    return not kind.channels or queue.sort.kind == WorkKind.TASK or queue.sort.channel in kind.channels


def can(group: Group, queue: Queue) -> bool:
    """Whether members of the group can do what waits in the queue."""
    known = queue.fits.get(group.number)
    if known is None:
        known = serves(group.kind, queue) and meets(group.kind.skills, queue.sort.needs)
        queue.fits[group.number] = known
    return known


def _first(group: Group, queue: Queue) -> Entry | None:
    best: Entry | None = None
    for room, entries in group.ready.items():
        if fits_in(room, queue.points):
            entry = entries[0]
            if entry[2] == queue.sort.not_agent:
                if len(entries) == 1:
                    continue
                entry = entries[1]
            if best is None or entry < best:
                best = entry
    return best
