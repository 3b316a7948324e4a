"""`indexes`: what MongoDB must have before the desk runs on it."""

import asyncio

import typer
from rich.console import Console

from services.verbs.configured import SettingsWrong, read_settings
from services.verbs.talk import REFUSED, SILENT, WIDE, WRONG, ended
from shared.settings import Settings


def indexes() -> None:
    """Make the indexes of MongoDB and drop those nobody wants. At install and before a new version; desks may run."""
    out, beside = Console(highlight=False), Console(stderr=True, highlight=False)
    if not out.is_terminal:
        out.width = WIDE
    with ended(beside):
        settings = read_settings()
        if not settings.mongo_url:
            raise SettingsWrong(["SANAD_MONGO_URL: is needed; on this machine `make engines` starts a stand-in."])
        code = asyncio.run(_prepare(settings, out, beside))
    if code:
        raise typer.Exit(code)


async def _prepare(settings: Settings, out: Console, beside: Console) -> int:
    from services.verbs.embedded import COLLECTIONS  # slow to import, and other verbs need none of it
    from shared.broker import NotLetIn
    from shared.documents import Conflict, DocumentsUnavailable
    from shared.stores.mongo import MongoDocuments
    from shared.stores.mongo_address import address_of

    changes = 0
    try:
        documents = MongoDocuments(address_of(settings), COLLECTIONS)
        try:
            await documents.check_entry()
            async for line in documents.prepare():
                out.print(line, markup=False, soft_wrap=True)
                changes += 1
        finally:
            await documents.close()
    except Conflict as refusal:
        beside.print(str(refusal), style="red", markup=False, soft_wrap=True)
        return REFUSED
    except NotLetIn as refused:
        beside.print(str(refused), style="red", markup=False, soft_wrap=True)
        return WRONG
    except DocumentsUnavailable as silent:
        beside.print(f"MongoDB does not answer: {silent}", style="red", markup=False, soft_wrap=True)
        return SILENT
    beside.print(f"{changes} changes." if changes else "All indexes are as they should be.")
    return 0
