"""`people`: who works at the desk."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.verbs.talk import REFUSED, AsJson, Talk, talking

Agent = Annotated[str, typer.Argument(help="Id of the seat, as in facts and reports; no e-mail address.")]
Several = list[str] | None


class Role(StrEnum):
    """What a seat may be."""

    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    ADMIN = "admin"


class State(StrEnum):
    """What presence may be."""

    READY = "ready"
    NOT_READY = "not_ready"


def build() -> typer.Typer:
    app = typer.Typer(help="People: list, take from a file, add or change one, say who is ready.")
    app.command("list")(show)
    app.command("import", no_args_is_help=True)(take)
    app.command(no_args_is_help=True)(add)
    app.command(no_args_is_help=True)(presence)
    return app


def show(team: Annotated[str | None, typer.Option(help="Of this team only.")] = None, as_json: AsJson = False) -> None:
    """List seats with presence and load."""
    with talking() as talk:
        found = list(talk.remote.pages("/v1/agents", team=team))
        if as_json:
            talk.show(found)
            return
        seats = [one for one in found if not one["removed"]]
        rows = [
            (one["id"], one["name"], one["role"], one["team"], one["state"], f"{one['load']}/{one['capacity']}")
            for one in seats
        ]
        talk.table(("id", "name", "role", "team", "presence", "load"), rows)


def take(
    file: Annotated[Path, typer.Argument(help="CSV, one line a seat.", exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add and change people from a CSV file: all lines or none. It is always checked first; it never removes anybody."""
    with talking() as talk:
        content = file.read_bytes()
        with talk.beside.status(f"checking {file} …"):
            result = talk.remote.upload("/v1/people/import", content, "text/csv", dry_run=True)
        if result["faults"]:
            _show_faults(talk, result, as_json=as_json)
            raise typer.Exit(REFUSED)
        if not dry_run:
            with talk.beside.status(f"{result['lines']} lines are in order; importing …"):
                result = talk.remote.upload("/v1/people/import", content, "text/csv")
        if as_json:
            talk.show(result)
        else:
            _show_result(talk, result)
        if result["refused"] or result["undecided"]:
            raise typer.Exit(REFUSED)


def add(
    agent: Agent,
    name: Annotated[str | None, typer.Option(help="As colleagues and customers read it.")] = None,
    email: Annotated[str | None, typer.Option(help="Where a sign-in link may be asked for.")] = None,
    role: Annotated[Role | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option(help="ar, en …")] = None,
    capacity: Annotated[int | None, typer.Option(min=0, help="How much work at once.")] = None,
    team: Annotated[str | None, typer.Option(help="Home team, as in the policy.")] = None,
    also: Annotated[Several, typer.Option("--also", help="A further team; may be repeated.")] = None,
    skill: Annotated[Several, typer.Option(help="<skill>:<level 1 to 5>; may be repeated.")] = None,
) -> None:
    """Add a seat, or change one: what is not said stays as it is."""
    said: dict[str, Any] = {
        "name": name, "email": email, "role": role, "language": language, "capacity": capacity, "team": team,
        "secondary_teams": also, "skills": [_skill(one) for one in skill] if skill else None,
    }  # fmt: skip
    with talking() as talk:
        body = {field: value for field, value in said.items() if value is not None}
        talk.remote.send("PUT", f"/v1/agents/{quote(agent, safe='')}", body)
        talk.say(f"{agent} has a seat.")


def presence(
    agent: Agent,
    state: Annotated[State, typer.Argument()],
    reason: Annotated[str, typer.Option(help="Why not ready, as in the policy.")] = "",
    channel: Annotated[Several, typer.Option(help="Ready on this channel only; may be repeated.")] = None,
) -> None:
    """Say whether somebody is ready for work."""
    body = {"state": state, "reason": reason, "channels": channel or []}
    with talking() as talk:
        talk.remote.send("PUT", f"/v1/agents/{quote(agent, safe='')}/presence", body)
        talk.say(f"{agent} is {state.replace('_', ' ')}.")


def _show_faults(talk: Talk, result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        talk.show(result)
        return
    for fault in result["faults"]:
        column = f", {fault['column']}" if fault["column"] else ""
        talk.say(f"line {fault['line']}{column}: {fault['wrong']}")
    talk.say("Nothing was changed.")


def _show_result(talk: Talk, result: dict[str, Any]) -> None:
    if result["dry_run"]:
        talk.say(f"{result['lines']} lines are in order. Nothing was changed.")
        return
    for refused in result["refused"]:
        talk.say(f"line {refused['line']}: refused ({refused['reason']})")
    undecided = f", {result['undecided']} not decided yet" if result["undecided"] else ""
    talk.say(f"{result['done']} of {result['lines']} lines are done{undecided}.")


def _skill(text: str) -> dict[str, Any]:
    name, _, level = text.rpartition(":")
    if not name:
        return {"id": text}
    if not level.isdecimal():
        return {"id": text}
    return {"id": name, "level": int(level)}
