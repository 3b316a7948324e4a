"""The names written in a file, and the question whether one of them is meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.gateway.policy_file.calendars import ALWAYS
from services.gateway.policy_file.compiler import GENERAL
from services.gateway.policy_file.explain import suggest
from services.gateway.policy_file.findings import Fault, Steps
from shared.policy.sections import shipped_tiers

KINDS = {
    "brands": "brand", "accounts": "channel account", "teams": "team", "skills": "skill", "calendars": "calendar",
    "categories": "category", "tiers": "customer tier", "words": "word list", "languages": "desk language",
}  # fmt: skip


class Names:
    """Taken from the raw file: a team with a faulty setting is still a team."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._faulty: set[Steps] = set()
        self._known: dict[str, list[str]] = {
            kind: [str(name) for name in raw[kind]] if isinstance(raw.get(kind), Mapping) else [] for kind in KINDS
        }
        desk = raw.get("desk")
        languages = desk.get("languages", ["ar", "en"]) if isinstance(desk, Mapping) else []
        self._known["languages"] = list(map(str, languages if isinstance(languages, list) else [languages]))
        self._known["skills"] += [f"language:{language}" for language in self._known["languages"]]
        self._known["calendars"].append(ALWAYS)
        self._known["categories"].append(GENERAL)
        if "tiers" not in raw:
            self._known["tiers"] += shipped_tiers()

    def of(self, kind: str) -> list[str]:
        return self._known[kind]

    def put_aside(self, faults: Iterable[Fault]) -> None:
        """Remember where faults were found already: what is missing there is their doing, not the author's."""
        self._faulty |= {fault.steps[:end] for fault in faults for end in range(len(fault.steps) + 1)}

    def faulty(self, *steps: str | int) -> bool:
        return steps in self._faulty

    def check(self, kind: str, name: str | None, steps: Steps) -> Iterator[Fault]:
        """At most one fault: nobody knows this name."""
        known = self._known[kind]
        if not name or name in known:
            return
        if kind == "categories" and any(path.startswith(f"{name}/") for path in known):
            return
        fix = suggest(name, known) if known else f"there is none yet; add it under {kind}"
        yield Fault(steps, f"there is no {KINDS[kind]} {name!r}", fix)

    def check_all(self, kind: str, names: Iterable[str], steps: Steps) -> Iterator[Fault]:
        for place, name in enumerate(names):
            yield from self.check(kind, name, (*steps, place))
