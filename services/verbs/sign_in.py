"""`sign-in`: let somebody in."""

from typing import Annotated
from urllib.parse import quote

import typer

from services.verbs.talk import AsJson, talking, when


def sign_in(
    agent: Annotated[str, typer.Argument(help="Whose seat; the first administrator is admin.")], as_json: AsJson = False
) -> None:
    """Make a one-time sign-in link for an agent. It is kept nowhere: hand it over."""
    with talking() as talk:
        made = talk.remote.send("POST", f"/v1/agents/{quote(agent, safe='')}/sign-in-link")
        url = talk.remote.url + made["path"]
        if as_json:
            talk.show({"url": url, "expires_at": made["expires_at"]})
            return
        talk.say(f"Opens once, until {when(made['expires_at'])}:")
        talk.out.print(url, markup=False, soft_wrap=True)
