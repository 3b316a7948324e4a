"""`dead-letters`: what could not be taken or applied."""

import base64
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.progress import track

from services.verbs.remote import Refused, Remote
from services.verbs.talk import REFUSED, WRONG, AsJson, Talk, talking, when

Letters = Annotated[list[str] | None, typer.Argument(help="Ids, as in the list.")]
All = Annotated[bool, typer.Option("--all", help="All that nobody has settled.")]


class State(StrEnum):
    """What may have become of one."""

    KEPT = "kept"
    REDRIVEN = "redriven"
    DISCARDED = "discarded"


def build() -> typer.Typer:
    app = typer.Typer(help="Dead letters: list, look at, try again, discard.")
    app.command("list")(show_all)
    app.command(no_args_is_help=True)(show)
    app.command(no_args_is_help=True)(redrive)
    app.command(no_args_is_help=True)(discard)
    return app


def show_all(state: Annotated[State, typer.Option()] = State.KEPT, as_json: AsJson = False) -> None:
    """List dead letters, newest first."""
    with talking() as talk:
        found = list(talk.remote.pages("/v1/dead-letters", state=state))
        if as_json:
            talk.show(found)
            return
        rows = [
            (one["id"], when(one["at"]), one["source"], one["reason"], one["attempts"], one["size"]) for one in found
        ]
        talk.table(("id", "since", "from", "reason", "attempts", "bytes"), rows)


def show(
    letter: Annotated[str, typer.Argument(help="Its id.")],
    original: Annotated[bool, typer.Option("--original", help="Its bytes as they came, to standard output.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one. Its bytes may be a customer's words, so they come only when asked for."""
    with talking() as talk:
        found = talk.remote.get(f"/v1/dead-letters/{letter}")
        content = base64.b64decode(found.pop("original"))
        if original:
            sys.stdout.buffer.write(content)
            return
        if as_json:
            talk.show(found)
            return
        origin = found["origin"] or {}
        place = "/".join(str(origin[part]) for part in ("topic", "partition", "offset")) if origin else "a door"
        told = {**found, "at": when(found["at"]), "state_at": when(found["state_at"]), "origin": place}
        talk.table(("", letter), [(name, value) for name, value in told.items() if name != "id"])


def redrive(letters: Letters = None, every: All = False) -> None:
    """Try again: a command is appended once more under its own id, mail is read once more."""
    with talking() as talk:
        _each(talk, _named(talk, letters, every=every), _redrive, "tried again")


def discard(letters: Letters = None, every: All = False) -> None:
    """Say that nothing is to be done about them; their bytes stay."""

    def drop(remote: Remote, letter: dict[str, Any]) -> None:
        remote.send("DELETE", f"/v1/dead-letters/{letter['id']}")

    with talking() as talk:
        _each(talk, _named(talk, letters, every=every), drop, "discarded")


def _named(talk: Talk, letters: list[str] | None, *, every: bool) -> list[dict[str, Any]]:
    if bool(letters) == every:
        talk.say("Name dead letters, or say --all.")
        raise typer.Exit(WRONG)
    if every:
        return list(talk.remote.pages("/v1/dead-letters", state=State.KEPT))
    return [talk.remote.get(f"/v1/dead-letters/{letter}") for letter in letters or ()]


def _redrive(remote: Remote, letter: dict[str, Any]) -> None:
    """What came through a door goes back to that door."""
    kind = "dead-letters" if letter["origin"] else "inbound"
    remote.send("POST", f"/v1/{kind}/{letter['id']}/redrive")


def _each(talk: Talk, letters: list[dict[str, Any]], act: Any, done: str) -> None:
    """One after another; a refusal of one stops no other."""
    failed = 0
    for letter in track(letters, done, console=talk.beside, disable=not talk.beside.is_terminal):
        try:
            act(talk.remote, letter)
        except Refused as refused:
            failed += 1
            talk.say(f"{letter['id']}: {refused}")
    talk.say(f"{len(letters) - failed} of {len(letters)} {done}.")
    if failed:
        raise typer.Exit(REFUSED)
