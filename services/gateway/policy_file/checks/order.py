"""Ordered lists: ids are unique, the last rule catches all, and nothing stands where it can't be reached."""

from collections.abc import Iterator, Sequence

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault
from shared.policy.classification import RuleFile
from shared.policy.sla import SlaPolicy


def check_order(file: PolicyFile, names: Names) -> Iterator[Fault]:
    if not names.faulty("sla"):
        yield from _check_list("sla", file.sla)
    if names.faulty("rules"):
        return
    yield from _check_list("rules", file.rules)
    if not file.rules[-1].when.always:
        steps = ("rules", len(file.rules) - 1)
        yield Fault(steps, "the last rule must hold always", "add a final rule without when, such as {id: default}")


def _check_list(section: str, items: Sequence[RuleFile | SlaPolicy]) -> Iterator[Fault]:
    ids: set[str] = set()
    conditions: dict[str, str] = {}
    catch_all = ""
    for place, item in enumerate(items):
        if item.id in ids:
            yield Fault((section, place, "id"), f"the id {item.id!r} is taken", "give every entry its own id")
        ids.add(item.id)
        if catch_all:
            yield Fault(
                (section, place),
                f"nothing gets here: {catch_all!r} above holds always",
                f"move {catch_all!r} to the end",
            )
            continue
        first = conditions.setdefault(item.when.model_dump_json(), item.id)
        if item.when.always:
            catch_all = item.id
        elif first != item.id:
            yield Fault((section, place), f"nothing gets here: {first!r} has the same conditions", "remove one of them")
