"""`keys`: API keys of the desk."""

from typing import Annotated

import typer

from services.verbs.talk import AsJson, talking, when


def build() -> typer.Typer:
    app = typer.Typer(help="API keys: list, create, revoke.")
    app.command("list")(show)
    app.command(no_args_is_help=True)(create)
    app.command(no_args_is_help=True)(revoke)
    return app


def show(as_json: AsJson = False) -> None:
    """List the desk's keys; their secrets are kept nowhere."""
    with talking() as talk:
        found = list(talk.remote.pages("/v1/keys"))
        if as_json:
            talk.show(found)
            return
        rows = [
            (
                one["id"],
                one["name"],
                one["role"],
                " ".join(one["scopes"]),
                when(one["created_at"]),
                when(one["revoked_at"]),
            )
            for one in found
        ]
        talk.table(("id", "name", "role", "scopes", "created", "revoked"), rows)


def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[str, typer.Option(help="integrator, lead, manager or admin.")] = "integrator",
    scope: Annotated[list[str] | None, typer.Option(help="tickets:read …; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown this once, on standard output."""
    with talking() as talk:
        made = talk.remote.send("POST", "/v1/keys", {"name": name, "role": role, "scopes": scope or []})
        if as_json:
            talk.show(made)
            return
        talk.say(f"Key {made['id']} ({role}); keep it well, it is not shown again:")
        talk.out.print(made["token"], markup=False, soft_wrap=True)


def revoke(key: Annotated[str, typer.Argument(help="Its id, as in the list.")]) -> None:
    """Revoke a key, at once and for ever."""
    with talking() as talk:
        talk.remote.send("DELETE", f"/v1/keys/{key}")
        talk.say(f"Key {key} opens nothing any more.")
