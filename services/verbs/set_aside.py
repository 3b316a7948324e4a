"""`set-aside`: messages that touch no ticket until somebody restores them."""

from typing import Annotated

import typer

from services.verbs.talk import AsJson, talking, when


def build() -> typer.Typer:
    app = typer.Typer(help="Messages set aside (spam, automatic, blocked …): list, restore.")
    app.command("list")(show)
    app.command(no_args_is_help=True)(restore)
    return app


def show(as_json: AsJson = False) -> None:
    """List them, latest first. Their text is in the JSON, and on the board."""
    with talking() as talk:
        found = list(talk.remote.pages("/v1/set-aside"))
        if as_json:
            talk.show(found)
            return
        rows = [
            (one["id"], when(one.get("at")), one.get("channel"), one.get("reason"), when(one.get("restorable_until")))
            for one in found
        ]
        talk.table(("message", "since", "channel", "reason", "restorable until"), rows)


def restore(message: Annotated[str, typer.Argument(help="Its id, as in the list.")]) -> None:
    """Take a message back into the desk, as if it had just been accepted."""
    with talking() as talk:
        talk.remote.send("POST", f"/v1/set-aside/{message}/restore")
        talk.say("Restored.")
