"""The example desk's people, so that a newcomer sees work being assigned at once."""

from asyncio import to_thread
from pathlib import Path

from services.gateway.people_csv import read_people
from services.gateway.policy_file.loader import load_policy
from services.gateway.writing import Commands
from services.verbs.ending import NotStarted
from services.verbs.first_start import PATIENCE
from shared.catalogue.commands import SetPresence
from shared.catalogue.values import Principal
from shared.desks import Desks
from shared.service import Ports

PEOPLE_FILE = "people.csv"
"""Beside the policy."""


async def add_example_people(ports: Ports, desk: str) -> int:
    """Add everybody in the file beside the policy and set them ready. Returns how many. Raises NotStarted."""
    policy_file = ports.settings.policy
    text = await to_thread(_read, policy_file.parent / PEOPLE_FILE)
    if not text:
        return 0
    desks = Desks(ports.documents, ports.broker.partitions)
    place = await desks.find(desk)
    if place is None:
        raise NotStarted(f"there is no desk {desk}")
    system = Principal(organisation=place.organisation, desk=desk, id="system", role="system")
    policy = load_policy(await to_thread(_read, policy_file), ports.clock.now())
    people = read_people(text, system, policy.teams, policy.skills)
    if people.faults:
        raise NotStarted(f"{PEOPLE_FILE}, line {people.faults[0].line}: {people.faults[0].wrong}")
    commands = Commands(ports.broker, ports.documents, desks, ports.clock)
    for _, seat in people.commands:
        await commands.ask(seat, f"example-{seat.agent}", patience=PATIENCE)
        ready = SetPresence(by=system, agent=seat.agent, state="ready")
        await commands.ask(ready, f"example-{seat.agent}-ready", patience=PATIENCE)
    return len(people.commands)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
