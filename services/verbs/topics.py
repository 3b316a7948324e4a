"""`topics`: the topics of Kafka, made and mended."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from services.verbs.configured import SettingsWrong, read_settings
from services.verbs.talk import REFUSED, SILENT, WIDE, WRONG, ended
from shared.settings import Settings

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what differs.")]


def topics(dry_run: DryRun = False) -> None:
    """Make the topics of Kafka, show what differs and mend it. Another number of partitions is refused."""
    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    if not out.is_terminal:
        out.width = WIDE
    with ended(beside):
        settings = read_settings()
        if not settings.kafka_servers:
            raise SettingsWrong(["SANAD_KAFKA_SERVERS: is needed; on this machine `make engines` starts a Kafka."])
        code = _settle(settings, out, beside, dry_run=dry_run)
    if code:
        raise typer.Exit(code)


def _settle(settings: Settings, out: Console, beside: Console, *, dry_run: bool) -> int:
    from services.verbs.kafka_topics import apply, compare  # its libraries are slow to import
    from shared.broker import BrokerUnavailable, NotLetIn
    from shared.brokers.kafka_address import address_of
    from shared.brokers.kafka_admin import KafkaAdmin
    from shared.brokers.kafka_refusal import check_entry

    try:
        asyncio.run(check_entry(address_of(settings)))
        with KafkaAdmin(address_of(settings)) as admin:
            differences = compare(admin, settings.kafka_partitions, settings.kafka_replicas)
            for line in (line for one in differences for line in one.lines()):
                out.print(line, markup=False, soft_wrap=True)
            if any(one.refused for one in differences):
                beside.print("Refused; nothing was changed.", style="red")
                return REFUSED
            if not dry_run:
                apply(admin, differences)
    except NotLetIn as refused:
        beside.print(str(refused), style="red", markup=False, soft_wrap=True)
        return WRONG
    except BrokerUnavailable as silent:
        beside.print(
            f"Kafka at {settings.kafka_servers} does not answer: {silent}", style="red", markup=False, soft_wrap=True
        )
        return SILENT
    done = "differ; nothing was changed" if dry_run else "made or mended"
    beside.print(f"{len(differences)} topics {done}." if differences else "All topics are as they should be.")
    return 0
