"""`run`: the whole desk, in one process on the embedded engine or in one process per service."""

from rich.console import Console

from services.verbs.configured import probable_typos, read_settings
from services.verbs.embedded import LOG_FILE
from services.verbs.ending import ending, run_loop, tell
from services.verbs.example_people import add_example_people
from services.verbs.first_start import check_policy, hand_over_key, start_desk
from services.verbs.serving import obey_signals, serving
from services.verbs.talk import ended
from services.verbs.welcome import greet
from shared.engine import no_step
from shared.logs import logger, place, set_up_logs
from shared.settings import Settings
from shared.worker_ports import Step


def run() -> None:
    """Start, serve until Ctrl-C or SIGTERM, drain, save. Whatever goes wrong ends in sentences, never in a trace."""
    terminal = Console(stderr=True, highlight=False)
    with ended(terminal):
        settings = read_settings()
    for line in probable_typos():
        tell(terminal, line, style="yellow")
    set_up_logs(settings.log_level)
    with ending(terminal, settings):
        if settings.engine == "kafka":
            from services.verbs.fleet import lead  # its libraries are slow to import

            run_loop(lead(settings, terminal))
            return
        # before anything is made: a folder without a log gets its policy now
        if not (settings.folder / LOG_FILE).exists():
            check_policy(settings)
        run_loop(serve(settings, terminal))


async def serve(settings: Settings, terminal: Console, step: Step = no_step) -> None:
    """Everything a start does, in order. Raises what refused or ended it."""
    terminal.print(f"Sanad starts; its log, documents and secrets are in {settings.folder.resolve()}", markup=False)
    log = logger("verb")
    log.info("starting")
    try:
        async with serving(settings, step) as running:
            obey_signals(running)
            desk, fresh = await start_desk(running.ports)
            people = await add_example_people(running.ports, desk) if fresh and settings.demo else 0
            if fresh:
                await hand_over_key(running.ports, desk)
            await greet(terminal, running.ports, running.url, desk, people=people)
            log.info("ready", desk=desk, address=running.url)
            await running.stop.wait()
            terminal.print("Stopping: finishing what was taken in …")
    except Exception as fault:
        log.error("stopped by a failure", error=type(fault).__name__, where=place(fault))  # noqa: TRY400 - its message may quote a customer
        raise
    log.info("stopped")
