"""A release rolled out and back: processes of an older commit of this repository among those of today."""

import asyncio
import random
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from tests.e2e.living_desk import HOUSE
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import OLDER

PRODUCT = ("services", "shared")


async def mixed(house: House, draw: random.Random) -> str | None:
    """All of one service go back to the release before, one after another, and forward again."""
    older = await asyncio.to_thread(older_tree, house.folder)
    if older is None:
        return "there is no history here"
    members = house.of(draw.choice(("router", "sla", "survey", "projector", "http", "ingest")))
    for tree in (older, HOUSE):
        for member in members:
            await house.stop(member)
            member.runs(tree)
            house.start(member)
            await house.ready(member.name)
            house.journal.note(OLDER, member.name, tree.name)
        await asyncio.sleep(draw.uniform(1, 4))
    return None


def older_tree(folder: Path) -> Path | None:
    """The product as it was one change ago, unpacked once; None without a history."""
    place = folder / "older"
    if place.exists():
        return place
    known = subprocess.run(
        ["git", "rev-list", "--max-count=2", "HEAD", "--", *PRODUCT],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if len(known) < 2:
        return None
    packed = subprocess.run(["git", "archive", known[1]], cwd=HOUSE, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    return place


FAULTS = (Fault("mixed versions, back and up again", mixed, 1, 35),)
