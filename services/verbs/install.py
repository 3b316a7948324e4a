"""`install`: what `run` does for a desk on one machine, for one whose services run elsewhere."""

from typing import Annotated

import typer
from rich.console import Console

from services.verbs.configured import SettingsWrong, lacking, read_settings
from services.verbs.talk import ended
from shared.logs import set_up_logs

Before = Annotated[bool, typer.Option("--before", help="Before services run: topics, indexes and secrets only.")]


def install(before: Before = False) -> None:
    """Prepare Kafka and MongoDB, then open the desk: policy, administrator, key. Repeat it as often as you like."""
    terminal = Console(stderr=True, highlight=False)
    with ended(terminal):
        settings = read_settings()
        if wrong := [*lacking(settings)]:
            raise SettingsWrong(wrong)
        if not before and not settings.public_url:
            raise SettingsWrong(["SANAD_PUBLIC_URL: is needed: where agents and customers reach the desk."])
    set_up_logs(settings.log_level)
    from services.verbs import opening  # slow to import, and other verbs need none of it
    from services.verbs.ending import ending, run_loop

    with ending(terminal, settings):
        run_loop(opening.install(settings, terminal, services_run=not before))
