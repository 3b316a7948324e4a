"""Desks as an operator opens them in a house that runs: the first, and one more beside it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from tests.e2e.living_desk import HOUSE
from tests.e2e.policies import write_fast_policy
from tests.faults.member import PATIENCE

NEIGHBOUR, ITS_ORGANISATION = "neighbour", "rimal"
ITS_FORM, ITS_MAILBOX = "pk_rimal_contact", "care@rimal.example"
KEY = Path("desk") / "admin.key"


async def install(environment: Mapping[str, str], *options: str) -> None:
    """The verb. Raises AssertionError with what it says where it fails."""
    rest = {key: value for key, value in os.environ.items() if not key.startswith("SANAD_")}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services", "install", *options], cwd=HOUSE, env={**rest, **environment},
        capture_output=True, text=True, check=False, timeout=2 * PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


async def install_neighbour(folder: Path, environment: Mapping[str, str]) -> None:
    """A desk of another organisation in the same installation: a folder and a policy of its own, the same secrets."""
    place = folder / NEIGHBOUR
    place.mkdir()
    own = {
        "SANAD_FOLDER": str(place / KEY.parent), "SANAD_SECRETS_FOLDER": environment["SANAD_FOLDER"],
        "SANAD_POLICY": str(write_neighbours_policy(place)),
    }  # fmt: skip
    await install({**environment, **own})


def write_neighbours_policy(folder: Path) -> Path:
    """The first desk's, with the same names of people and teams, under another organisation and behind other doors."""
    path, yaml = write_fast_policy(folder), YAML()
    policy = yaml.load(path)
    policy["desk"].update(id=NEIGHBOUR, organisation=ITS_ORGANISATION, prefix="RIM")
    policy["accounts"]["web"]["key"] = ITS_FORM
    policy["accounts"]["mail"]["address"] = ITS_MAILBOX
    yaml.dump(policy, path)
    return path


def neighbours_key(folder: Path) -> str:
    """What its lead shows."""
    return (folder / NEIGHBOUR / KEY).read_text()
