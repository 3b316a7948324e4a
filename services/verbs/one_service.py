"""`python -m services.<name>`: one process of one service, on Kafka and MongoDB."""

import typer
from rich.console import Console

from services.verbs.configured import SettingsWrong, lacking, probable_typos, read_settings
from services.verbs.distributed import distributed, shell_of
from services.verbs.ending import TOLD, ending, run_loop, tell
from services.verbs.lifeline import hold_on
from services.verbs.parts import alone
from services.verbs.places import watching
from services.verbs.serving import Plan, obey_signals, running
from services.verbs.talk import ended
from shared.engine import no_step
from shared.logs import logger, place, set_up_logs
from shared.settings import Settings
from shared.stores.mongo_indexes import NotPrepared
from shared.worker_ports import Step

DOORS = {"ingest", "gateway"}


def main(name: str, step: Step = no_step) -> None:
    """Serve until Ctrl-C or SIGTERM, give back what is ours, save. `step` is for tests that crash between the steps."""
    terminal = Console(stderr=True, highlight=False)
    try:
        with ended(terminal):
            settings = read_settings()
            if wrong := [*lacking(settings), *_unusable(name, settings)]:
                raise SettingsWrong(wrong)
        for line in probable_typos():
            tell(terminal, line, style="yellow")
        set_up_logs(settings.log_level)
        hold_on()
        with ending(terminal, settings, (*TOLD, NotPrepared)):
            run_loop(serve(name, settings, step))
    except typer.Exit as over:
        raise SystemExit(over.exit_code) from None


async def serve(name: str, settings: Settings, step: Step = no_step) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    log = logger("verb")
    log.info("starting")
    gateway = name == "gateway"
    plan = Plan(
        opened=distributed,
        parts=lambda ports: alone(name, ports),
        sharing=lambda ports: shell_of(ports, name),
        doors=name in DOORS and not (gateway and settings.role == "projector"),
        known=gateway,
        beside=lambda ports: (watching(ports),),
    )
    try:
        async with running(settings, plan, step) as process:
            obey_signals(process)
            log.info("ready", address=process.url)
            await process.stop.wait()
    except Exception as fault:
        log.error("stopped by a failure", error=type(fault).__name__, where=place(fault))  # noqa: TRY400 - its message may quote a customer
        raise
    log.info("stopped")


def _unusable(name: str, settings: Settings) -> list[str]:
    if name == "ingest" and not settings.public_url:
        return ["SANAD_PUBLIC_URL: is needed by ingest: links in mails lead there, not to one process."]
    return []
