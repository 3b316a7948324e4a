"""`desk`: the policy in force, and what a file would make of it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.verbs.talk import REFUSED, WRONG, AsJson, Talk, talking, when

File = Annotated[Path, typer.Argument(help="A desk.yaml.", exists=True, dir_okay=False, readable=True)]
YAML = "application/yaml"


def build() -> typer.Typer:
    app = typer.Typer(help="The desk's policy: show what is in force, check, compare and apply a desk.yaml.")
    for verb in (show, validate, diff, apply):
        app.command(no_args_is_help=verb is not show)(verb)
    return app


def show(as_json: AsJson = False) -> None:
    """Show the policy in force."""
    with talking() as talk:
        found = talk.remote.get("/v1/policy")
        if as_json:
            talk.show(found)
            return
        policy = found["policy"] or {}
        named = ("teams", "categories", "accounts", "skills", "calendars", "brands")
        rows = [("desk", policy.get("desk", {}).get("id")), ("version", found["version"])]
        rows += [("applied", when(found["applied_at"]))]
        rows += [(name, ", ".join(policy[name])) for name in named if policy.get(name)]
        talk.table(("", "in force"), rows)


def validate(file: File) -> None:
    """Check a file, without any desk. Everything wrong is told at once, with line, column and the fix."""
    from services.gateway.policy_file.findings import PolicyErrors
    from services.gateway.policy_file.loader import load_policy

    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        policy = load_policy(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        beside.print(f"{file} is not UTF-8", style="red", markup=False)
        raise typer.Exit(REFUSED) from None
    except PolicyErrors as wrong:
        for finding in wrong.findings:
            beside.print(f"{file}: {finding}", markup=False, soft_wrap=True)
        raise typer.Exit(REFUSED) from None
    out.print(f"{file} is in order: desk {policy.desk.id}, {len(policy.teams)} teams", markup=False)


def diff(file: File, as_json: AsJson = False) -> None:
    """Show what applying a file would change."""
    with talking() as talk:
        found = talk.remote.upload("/v1/policy/diff", file.read_bytes(), YAML)
        if as_json:
            talk.show(found)
        else:
            _show_changes(talk, found["version"], found["changes"])


def apply(file: File, yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")] = False) -> None:
    """Put a file in force, after showing what it changes. People, skills and shifts stay as they are."""
    with talking() as talk:
        content = file.read_bytes()
        found = talk.remote.upload("/v1/policy/diff", content, YAML)
        _show_changes(talk, found["version"], found["changes"])
        if not yes and not sys.stdin.isatty():
            talk.say("Nothing was applied: say --yes where nobody can be asked.")
            raise typer.Exit(WRONG)
        if not yes and not typer.confirm("Apply?", err=True):
            raise typer.Exit(REFUSED)
        talk.remote.upload("/v1/policy", content, YAML)
        talk.say(f"Version {talk.remote.get('/v1/policy')['version']} is in force.")


def _show_changes(talk: Talk, version: int, changes: list[dict[str, str]]) -> None:
    if not changes:
        talk.say(f"It decides like version {version}, which is in force." if version else "No policy is in force yet.")
    for change in changes:
        sign = "+" if not change["before"] else "-" if not change["after"] else "~"
        values = " → ".join(value for value in (change["before"], change["after"]) if value)
        talk.out.print(f"{sign} {change['path']}: {values}", markup=False, soft_wrap=True)
