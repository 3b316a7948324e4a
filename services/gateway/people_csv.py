"""People as a CSV file: one line a seat. Everything wrong is said at once, with its line."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.catalogue.commands import PutAgent
from shared.catalogue.values import Principal

COLUMNS = ("id", "name", "email", "role", "language", "capacity", "team", "secondary_teams", "skills")
"""Several teams or skills are parted by `;`, a skill's level follows a `:` that is followed by a digit."""
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class LineFault:
    """Line from 1, as an editor counts; `column` is the heading, empty for the whole line."""

    line: int
    column: str
    wrong: str


@dataclass(frozen=True, slots=True)
class People:
    """What the file asks for. Faulty lines are not among the commands. `lines` says where each id stands first."""

    commands: list[tuple[int, PutAgent]]
    faults: list[LineFault]
    lines: dict[str, int] = field(default_factory=dict)


def read_people(text: str, by: Principal, teams: Mapping[str, Any], skills: Mapping[str, Any]) -> People:
    """Read the file. `teams` and `skills` are those of the policy in force; an empty cell leaves a field as it is."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    people = People([], [])
    try:
        headings = reader.fieldnames or ()
        wrong = [*_wrong_headings(headings)]
        if wrong:
            return People([], wrong)
        for row in reader:
            if len(people.commands) + len(people.faults) >= MOST_LINES:
                people.faults.append(LineFault(reader.line_num, "", f"more than {MOST_LINES} lines"))
                break
            _read_line(people, reader.line_num, row, by, teams, skills)
    except csv.Error:
        people.faults.append(LineFault(reader.reader.line_num, "", "this is not CSV"))
    return people


def _wrong_headings(headings: Any) -> Iterator[LineFault]:
    if "id" not in headings:
        yield LineFault(1, "id", "the first line must name the columns, `id` among them")
    for number, heading in enumerate(headings, 1):
        if heading not in COLUMNS:
            yield LineFault(1, f"column {number}", f"unknown; known are {', '.join(COLUMNS)}")
        elif heading in headings[: number - 1]:
            yield LineFault(1, f"column {number}", f"column {headings.index(heading) + 1} is {heading} already")


def _read_line(
    people: People,
    line: int,
    row: Mapping[str, Any],
    by: Principal,
    teams: Mapping[str, Any],
    skills: Mapping[str, Any],
) -> None:
    if None in row or None in row.values():
        people.faults.append(LineFault(line, "", "more or fewer cells than columns"))
        return
    cells = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    told: dict[str, Any] = {"agent": cells.pop("id", ""), "by": by}
    faults: list[LineFault] = []
    first = people.lines.setdefault(told["agent"], line)
    if told["agent"] and first != line:
        faults.append(LineFault(line, "id", f"line {first} has this id already"))
    for name, cell in cells.items():
        try:
            told[name] = READ[name](cell) if name in READ else cell
        except ValueError as fault:
            faults.append(LineFault(line, name, str(fault)))
    faults += _unknown(line, told, teams, skills)
    try:
        command = PutAgent(**told)
    except ValidationError as fault:
        for error in fault.errors(include_input=False):
            column = str(error["loc"][0])
            faults.append(LineFault(line, "id" if column == "agent" else column, error["type"]))
    else:
        if not faults:
            people.commands.append((line, command))
    people.faults.extend(faults)


def _unknown(
    line: int, told: Mapping[str, Any], teams: Mapping[str, Any], skills: Mapping[str, Any]
) -> Iterator[LineFault]:
    if told.get("team", "") not in {"", *teams}:
        yield LineFault(line, "team", "no such team in the policy")
    if set(told.get("secondary_teams", ())) - set(teams):
        yield LineFault(line, "secondary_teams", "no such team in the policy")
    named = {skill["id"] for skill in told.get("skills", ()) if not skill["id"].startswith("language:")}
    if named - set(skills):
        yield LineFault(line, "skills", "no such skill in the policy")


def _whole_number(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal()):
        raise ValueError("a whole number is needed")
    return int(cell)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _skills(cell: str) -> tuple[dict[str, Any], ...]:
    return tuple(_skill(part) for part in _names(cell))


def _skill(part: str) -> dict[str, Any]:
    name, _, level = part.rpartition(":")
    return {"id": name, "level": int(level)} if name and level.isascii() and level.isdecimal() else {"id": part}


READ: Mapping[str, Callable[[str], Any]] = {
    "capacity": _whole_number,
    "secondary_teams": _names,
    "skills": _skills,
}
