"""The committed figures of each engine: `figures-<engine>.json` keeps them by section, the pages are written from these.

`python -m tests.bench.report` writes the pages again without measuring anything.
"""

import inspect
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.figures import Figure, beside, number, rows, verdict

HERE = Path(__file__).parent
PAGES = {"embedded": "EMBEDDED.md", "kafka": "KAFKA.md"}
HEADS = {
    "embedded": """# Figures of the embedded engine

All five services in one process, on SQLite; the load comes from a second process on the same cores.
Written by `make bench REPORT=--report`.""",
    "kafka": """# Figures on Kafka and MongoDB

A process per service, one Apache Kafka, and a server that speaks MongoDB's protocol and keeps everything in memory; all of
them, and the load, on the same cores. Written by `make bench ENGINE=kafka REPORT=--report`.

How many decisions a second a desk takes with a thousand agents and 1,000 or 100,000 waiting does not depend on the engine:
`decide` knows no broker. These figures are in `tests/bench/EMBEDDED.md`, section *decisions*.""",
}
REASONS = {
    (
        "decisions",
        "decisions, ",
    ): "an assignment is about five facts of 18 µs each, decided, validated and folded in Python."
    " The profile is flat: cheaper models, ids and headers gained nothing.",
    (
        "large",
        "memory meanwhile",
    ): "the load and all it was answered lie in this process, too; what the desk alone takes with"
    " as many tickets stands below, as the memory of a process that was started anew.",
    (
        "burst",
        "memory at the end",
    ): "it grows with open tickets, 345,000 by then and about 0.7 KiB each, and with nothing else.",
}
"""Why what is short is short: section and begin of a figure's name, and what was found."""
TAIL = (
    "Sections are measured alone and may come from several runs; a bare reference is always of the same run as the figure "
    "beside it.\nTimes depend on what else the machine does; ratios, and processor time, much less."
)


@dataclass(frozen=True, slots=True)
class Part:
    """What was measured in one section, and on what."""

    machine: str
    figures: tuple[Figure, ...]


Parts = Mapping[str, Part]
Sections = Mapping[str, Any]
"""Functions by name, in the order in which they are shown; each one's docstring says what is measured."""


def this_machine() -> str:
    """In words; no name of it and no place on it."""
    memory = psutil.virtual_memory().total / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory:.0f} GiB of memory, {platform.system()}, Python {platform.python_version()}"


def kept(engine: str, folder: Path = HERE) -> Parts:
    """What was measured before."""
    path = _figures(engine, folder)
    found = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {
        name: Part(part["machine"], tuple(Figure(**row) for row in part["figures"])) for name, part in found.items()
    }


def keep(
    engine: str, sections: Sections, name: str, figures: Sequence[Figure], machine: str, folder: Path = HERE
) -> None:
    """In place of what that section had; the page is written anew."""
    parts = {**kept(engine, folder), name: Part(machine, tuple(figures))}
    ordered = {
        one: {"machine": parts[one].machine, "figures": rows(parts[one].figures)} for one in sections if one in parts
    }
    _figures(engine, folder).write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_page(engine, sections, folder)


def write_page(engine: str, sections: Sections, folder: Path = HERE) -> None:
    (folder / PAGES[engine]).write_text(page(HEADS[engine], sections, kept(engine, folder)), "utf-8")


def page(head: str, sections: Sections, parts: Parts) -> str:
    """The whole text."""
    blocks = [head, _summary(sections, parts), TAIL]
    for name, measure in sections.items():
        says = (inspect.getdoc(measure) or "").replace("\n", " ")
        blocks += [f"## {name}", says, *(_section(parts[name]) if name in parts else ["*Not measured yet.*"])]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _section(part: Part) -> Iterator[str]:
    yield f"*{part.machine}*"
    lines = ["| figure | measured | aim | | bare reference of the same run | ratio |", "|---|---:|---|---|---|---:|"]
    for one in part.figures:
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        judged = f"**{verdict(one)}**" if one.met is False else verdict(one)
        measured = f"{number(one.value)} {one.unit}"
        lines.append(f"| {one.name} | {measured} | {one.aim} | {judged} | {beside(one)} | {ratio} |")
    yield "\n".join(lines)


def _summary(sections: Sections, parts: Parts) -> str:
    judged = [(name, one) for name in sections if name in parts for one in parts[name].figures if one.met is not None]
    short = [(name, one) for name, one in judged if not one.met]
    said = f"**{len(judged) - len(short)} of {len(judged)} aims met.**"
    if not short:
        return said if judged else ""
    lines = [
        f"- {one.name} (*{name}*): {number(one.value)} {one.unit}, wanted {one.aim}{_reason(name, one)}"
        for name, one in short
    ]
    return f"{said} Short:\n\n" + "\n".join(lines)


def _reason(section: str, figure: Figure) -> str:
    found = (why for (name, begin), why in REASONS.items() if name == section and figure.name.startswith(begin))
    return "".join(f"; {why}" for why in found)


def _figures(engine: str, folder: Path) -> Path:
    return folder / f"figures-{engine}.json"


if __name__ == "__main__":
    from tests.bench.table import SECTIONS

    for each in PAGES:
        write_page(each, SECTIONS[each])
