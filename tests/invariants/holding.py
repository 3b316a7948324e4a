"""S5, S6, L2: one holder at most, capacity respected, and nobody waits while somebody could help."""

from collections.abc import Callable, Iterator

from tests.invariants.evidence import COMMANDS, DESK, Entry, Evidence, Violation
from tests.invariants.floor import FloorModel, Item

AUTOMATIC = ("automatic",)


def walk(evidence: Evidence, judge: Callable[[FloorModel, Entry], Iterator[Violation]]) -> Iterator[Violation]:
    """Every fact of every desk: judged against what was before, then taken in."""
    desks: dict[str, FloorModel] = {}
    for entry in evidence.kept(DESK):
        model = desks.setdefault(entry.desk, FloorModel())
        yield from judge(model, entry)
        model.apply(entry)


def check_one_holder(evidence: Evidence) -> Iterator[Violation]:
    """S5: at every prefix an item has one holder at most, and epochs rise."""
    yield from walk(evidence, _one_holder)


def _one_holder(model: FloorModel, entry: Entry) -> Iterator[Violation]:
    if not entry.kind.startswith("work."):
        return
    item = model.items.get(entry.body["work"])
    if item is None:
        yield Violation("S5", "no such item exists", entry)
    elif entry.kind in ("work.assigned", "work.offered"):
        yield from _given(model, item, entry)
    elif entry.kind in ("work.released", "work.offer_lapsed"):
        offered = entry.kind == "work.offer_lapsed"
        if (item.agent, item.epoch, item.offered) != (entry.body["agent"], entry.body["epoch"], offered):
            yield Violation("S5", f"{item.agent} has it under epoch {item.epoch} (offered: {item.offered})", entry)
    elif entry.kind == "work.queued" and item.agent is not None:
        yield Violation("S5", f"it waits although {item.agent} has it", entry)
    elif entry.kind == "work.finished" and item.agent is not None and item.agent != entry.body.get("agent"):
        yield Violation("S5", f"it was {item.agent}'s", entry)


def _given(model: FloorModel, item: Item, entry: Entry) -> Iterator[Violation]:
    agent, epoch = entry.body["agent"], entry.body["epoch"]
    if item.agent not in (None, agent):
        yield Violation("S5", f"{item.agent} has it still (epoch {item.epoch})", entry)
    if entry.kind == "work.offered" and item.agent is not None:
        yield Violation("S5", f"it is offered although {item.agent} has it", entry)
    if epoch <= item.epoch:
        yield Violation("S5", f"the epoch was {item.epoch} already", entry)
    if agent not in model.people:
        yield Violation("S5", "there is no such agent", entry)


def check_epochs(evidence: Evidence) -> Iterator[Violation]:
    """R7: whoever acts under an epoch acts under the present one; an old screen decides nothing."""
    commands = {(entry.desk, entry.id): entry for entry in evidence.all(COMMANDS)}

    def judge(model: FloorModel, entry: Entry) -> Iterator[Violation]:
        cause = commands.get((entry.desk, entry.causation))
        acted = cause is not None and entry.kind == ACTS.get(
            (cause.kind, entry.body.get("how", entry.body.get("cause")))
        )
        if cause is None or not acted or cause.body["work"] != entry.body["work"] or cause.body.get("epoch") is None:
            return
        item = model.items[cause.body["work"]]
        if item.epoch != cause.body["epoch"]:
            yield Violation("S5", f"the epoch was {item.epoch}, the command said {cause.body['epoch']}", entry)

    yield from walk(evidence, judge)


ACTS = {
    ("work.accept", "accepted"): "work.assigned",
    ("work.decline", "declined"): "work.offer_lapsed",
    ("work.release", "released"): "work.released",
}
"""Command, and how or why its fact says it happened → that fact."""


def check_capacity(evidence: Evidence) -> Iterator[Violation]:
    """S6: what is given or offered without anybody's decision fits into the room the person had."""
    yield from walk(evidence, _capacity)


def _capacity(model: FloorModel, entry: Entry) -> Iterator[Violation]:
    body = entry.body
    by_itself = entry.kind == "work.offered" or (entry.kind == "work.assigned" and body["how"] in AUTOMATIC)
    given = entry.kind in ("work.assigned", "work.offered")
    if not given or body["work"] not in model.items or body["agent"] not in model.people:
        return
    work, agent = body["work"], body["agent"]
    model.begin(work, entry.time)
    person, points = model.people[agent], model.points(work)
    if by_itself and not model.fits(work, agent):
        yield Violation(
            "S6", f"{agent} has {model.load(agent, but=work)} of {person.capacity}, it takes {points}", entry
        )
    if by_itself and (not person.ready or person.gone):
        yield Violation("S6", f"{agent} is not ready", entry)
    if body["weight"] != model.weight(work, agent):
        yield Violation("S6", f"it weighs {model.weight(work, agent)}", entry)
    if entry.kind == "work.assigned" and not by_itself and body["how"] != "accepted":
        over = not model.fits(work, agent) if points != "all" else model.load(agent, but=work) > 0 < person.capacity
        if over and not body.get("forced", False):
            yield Violation("S6", "it exceeds their capacity and is not marked", entry)


def check_nobody_waits_in_vain(evidence: Evidence) -> Iterator[Violation]:
    """L2: when all is silent, no waiting item could be given to anybody by itself."""
    desks: dict[str, FloorModel] = {}
    for entry in evidence.kept(DESK):
        desks.setdefault(entry.desk, FloorModel()).apply(entry)
    for desk, model in desks.items():
        teams = model.policy.get("teams", {})
        for work, item in model.items.items():
            if item.queued and teams.get(item.team, {}).get("mode", "push") != "pull":
                takers = list(model.takers(work))
                if takers and item.team in teams:
                    yield Violation("L2", f"{work} of {desk} waits for {item.team} while {takers} could have it")


def check_order_of_service(evidence: Evidence) -> Iterator[Violation]:
    """Of those an agent could be given, the lowest queue key goes first (domain: "Routing")."""
    yield from walk(evidence, _order_of_service)


def _order_of_service(model: FloorModel, entry: Entry) -> Iterator[Violation]:
    body = entry.body
    by_itself = entry.kind == "work.offered" or (entry.kind == "work.assigned" and body["how"] in AUTOMATIC)
    if not by_itself or body["work"] not in model.items:
        return
    chosen = model.items[body["work"]]
    if not chosen.queued:
        yield Violation("S6", "it was given although it did not wait", entry)
        return
    teams = model.policy.get("teams", {})
    for work, item in model.items.items():
        same = item.queued and item.team == chosen.team and item.key < chosen.key
        if same and teams.get(item.team, {}).get("mode") != "pull" and model.could_take(work, body["agent"]):
            yield Violation("S6", f"{work} has waited longer (key {item.key} before {chosen.key})", entry)
            return
