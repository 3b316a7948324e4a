"""`rebuild`: fold a projection again and put right what differs."""

import time
from typing import Annotated, Any

import typer
from rich.progress import Progress

from services.verbs.talk import REFUSED, AsJson, Talk, talking

LOOK_EVERY = 0.2
ENDS = {"done", "failed"}
PROJECTIONS = ("console", "clocks", "surveys")


def rebuild(
    projection: Annotated[str, typer.Argument(help=f"{', '.join(PROJECTIONS)}, or all.")], as_json: AsJson = False
) -> None:
    """Fold a projection from its first fact again, and put right what differs. The desk goes on meanwhile.

    What people wrote (texts) is no projection of facts: it is restored from a backup.
    """
    with talking() as talk:
        found = [_rebuild(talk, name) for name in (PROJECTIONS if projection == "all" else (projection,))]
        if as_json:
            talk.show(found)
        else:
            columns = ("projection", "state", "documents", "wrong", "missing", "extra")
            talk.table(columns, [[one[column] for column in columns] for one in found])
        if any(one["state"] == "failed" for one in found):
            talk.say("A rebuild failed; the desk's log says where.")
            raise typer.Exit(REFUSED)


def _rebuild(talk: Talk, name: str) -> dict[str, Any]:
    path = f"/v1/projections/{name}/rebuild"
    answer: dict[str, Any] = talk.remote.send("POST", path)
    with Progress(console=talk.beside, transient=True, disable=not talk.beside.is_terminal) as progress:
        bar = progress.add_task(name, total=None)
        while answer["state"] not in ENDS:
            progress.update(bar, completed=answer["read"], total=answer["end"] or None)
            time.sleep(LOOK_EVERY)
            answer = talk.remote.get(path)
    return answer
