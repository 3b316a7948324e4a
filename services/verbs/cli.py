"""`python -m services <verb>`: the table of verbs."""

import gc
from collections.abc import Callable, Mapping
from typing import Any

import typer

from services.verbs import contracts, dead_letters, desk, keys, people, set_aside
from services.verbs.indexes import indexes
from services.verbs.install import install
from services.verbs.moves import export, import_desk
from services.verbs.rebuild import rebuild
from services.verbs.settings import settings
from services.verbs.sign_in import sign_in
from services.verbs.topics import topics

HELP = (
    "Sanad, a customer-support desk. `run` starts one; all other verbs but contracts, settings, topics, indexes, install, export and import talk to a running one."
    " Exit codes: 0 done, 1 refused, 2 wrong call or settings, 3 no desk answers."
)


def main() -> None:
    """The door of the terminal."""
    build()(prog_name="python -m services")


def build() -> typer.Typer:
    """All verbs."""
    app = typer.Typer(name="sanad", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
    for name, verb in VERBS.items():
        app.command(name)(verb)
    for name, group in GROUPS.items():
        app.add_typer(group(), name=name, no_args_is_help=True)
    return app


def run() -> None:
    """Start the whole desk in one process: serve until Ctrl-C or SIGTERM, finish what was taken in, save."""
    # Nothing that is made while importing is garbage, so nobody need look for any: a sixth of a start.
    gc.disable()
    from services.verbs.run import run as start  # slow to import, and other verbs need none of it

    gc.freeze()
    gc.enable()
    start()


VERBS: Mapping[str, Callable[..., Any]] = {
    "run": run,
    "sign-in": sign_in,
    "rebuild": rebuild,
    "settings": settings,
    "topics": topics,
    "indexes": indexes,
    "install": install,
    "export": export,
    "import": import_desk,
}
GROUPS: Mapping[str, Callable[[], typer.Typer]] = {
    "desk": desk.build,
    "people": people.build,
    "keys": keys.build,
    "dead-letters": dead_letters.build,
    "set-aside": set_aside.build,
    "contracts": contracts.build,
}
