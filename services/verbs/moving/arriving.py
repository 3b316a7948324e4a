"""A desk arrives: noted as arriving, loaded, folded until its workers are still, and only then opened.

Every step may be repeated. Until the last one the desk is sealed, its keys open nothing, and services refuse to start.
"""

from dataclasses import replace
from typing import Literal

from services.gateway.store import KEYS
from services.verbs.moving.archive import Unfit, members
from services.verbs.moving.cargo import AT_ONCE, read_documents
from services.verbs.moving.facts import TOPICS, beyond, read_facts, there
from services.verbs.moving.manifest import Inspected, Manifest
from services.verbs.moving.stillness import Told, forget_deciders, settle
from shared.catalogue.topics import COMMANDS, DESK
from shared.documents import Conflict
from shared.moves import Arrival, Movement, Movements, Seal
from shared.secrets import SecretsDiffer, joined, write_secrets
from shared.service import Ports


class NotOpened(Exception):
    """What was brought does not fit together; the desk stays sealed. The message says what does not."""


async def arrive(ports: Ports, found: Inspected, told: Told) -> bool:
    """Take in the desk of a file that was inspected; False where it was opened here before.

    Raises Unfit before anything is changed; NotOpened.
    """
    movements = Movements(ports.documents)
    movement = await _begin(ports, movements, found, told)
    arriving = Arriving(ports, found, movement, told)
    if movement.arrival and movement.arrival.stage == "open":
        return False
    if movement.arrival and movement.arrival.stage == "loading":
        await arriving.load()
        await forget_deciders(ports, arriving.partition)
        await arriving.reach("opening")
    await arriving.fold()
    await arriving.load_keys()
    await arriving.reach("open")
    return True


async def _begin(ports: Ports, movements: Movements, found: Inspected, told: Told) -> Movement:
    """The note that it is coming, made now or when this was begun. Raises Unfit."""
    manifest, all_here = found.manifest, await movements.all()
    here = all_here.pop(manifest.desk, None)
    if here is not None:
        if here.arrival is None or here.arrival.move != manifest.move:
            raise Unfit(_why_not(manifest.desk, here))
        return here
    _join_secrets(ports, found, alone=not all_here)
    partition = len(all_here) % ports.broker.partitions
    commands = await _end(ports, COMMANDS.name, partition)
    if all_here:
        # doors of other desks may append right after it: not the log's end counts then, but where it was settled
        commands = (await settle(ports, partition, told)).commands
    begins = {topic: await _end(ports, topic, partition) for topic in TOPICS}
    now = ports.clock.now()
    arrival = Arrival(manifest.move, "loading", now, commands, manifest.deliveries, begins=begins, logs=manifest.logs)
    place = {"organisation": manifest.organisation, "partition": partition}
    try:
        return await movements.note(manifest.desk, None, place, Seal("arriving", now), arrival)
    except Conflict:
        raise Unfit(f"the desk {manifest.desk} has just been opened here") from None


async def _end(ports: Ports, topic: str, partition: int) -> int:
    return (await ports.broker.bounds(topic, partition)).next


def _why_not(desk: str, here: Movement) -> str:
    if here.seal and here.seal.reason == "arriving":
        return f"the desk {desk} is being imported from another file: finish with that one"
    if here.seal:
        return f"the desk {desk} left from here; `export --desk {desk} --unseal` lets it go on here, as it was then"
    return f"there is a desk {desk} here already"


def _join_secrets(ports: Ports, found: Inspected, *, alone: bool) -> None:
    """What names and signs at the old place must be known here. Raises Unfit."""
    folder = ports.settings.secrets_folder or ports.settings.folder
    try:
        write_secrets(folder, joined(ports.secrets, found.secrets, alone=alone))
    except SecretsDiffer:
        raise Unfit(
            "this installation has other desks and other secrets: a desk brings along those that name its customers and"
            " sign its links, so import it into an installation of its own"
        ) from None
    except OSError as fault:
        raise Unfit(f"the desk's secrets cannot be written into {folder} ({type(fault).__name__})") from None


class Arriving:
    """One import under way."""

    def __init__(self, ports: Ports, found: Inspected, movement: Movement, told: Told) -> None:
        if movement.arrival is None:
            raise NotOpened(f"the desk {found.manifest.desk} did not come from elsewhere")
        made_before = {**ports.made_before, found.manifest.desk: movement.arrival.deliveries}
        self._ports, self._path, self._told = replace(ports, made_before=made_before), found.path, told
        self._manifest: Manifest = found.manifest
        self._movement, self._arrival = movement, movement.arrival
        self.partition = int(movement.place["partition"])
        self._there: dict[str, int] = {}
        self._positions: dict[str, int] = {DESK.name: movement.arrival.commands - 1}

    async def load(self) -> None:
        """Everything but the keys."""
        for number, (name, content) in enumerate(members(self._path), 1):
            kind, _, rest = name.partition("/")
            what = rest.partition("/")[0]
            if kind == "facts":
                await self._append(what, content)
            elif kind == "documents" and what != KEYS.name:
                await self._write(what, content)
            elif kind == "blobs":
                await self._ports.blobs.put(self._manifest.desk, content)
            self._told(f"members loaded, of {self._manifest.members}", number)

    async def load_keys(self) -> None:
        """What opens its doors."""
        for name, content in members(self._path):
            if name.startswith(f"documents/{KEYS.name}/"):
                await self._write(KEYS.name, content)

    async def fold(self) -> None:
        """All that follows from facts, and all that fell due meanwhile. Raises NotOpened."""
        written = (await settle(self._ports, self.partition, self._told)).written
        for topic, count in self._manifest.facts.items():
            if (made := written[topic].get(self._manifest.desk, 0)) < count:
                raise NotOpened(
                    f"{count} facts of {topic} were brought, but {made} follow from what they were decided on: the"
                    " export was written by a Sanad that decided otherwise"
                )

    async def reach(self, stage: Literal["opening", "open"]) -> None:
        """Note that everything before this stage is done."""
        self._arrival = replace(self._arrival, stage=stage)
        seal = self._movement.seal if stage == "opening" else None
        self._movement = await Movements(self._ports.documents).note(
            self._manifest.desk, self._movement, self._movement.place, seal, self._arrival
        )

    async def _append(self, topic: str, content: bytes) -> None:
        broker, desk, partition = self._ports.broker, self._manifest.desk, self.partition
        if topic not in self._there:
            begin = self._arrival.begins[topic]
            self._there[topic] = await there(broker, topic, partition, desk, begin)
            # what the other deciders made was made of the desk's facts, and those are all here by now
            self._positions.setdefault(topic, await _end(self._ports, DESK.name, partition))
        records = read_facts(topic, partition, desk, self._positions[topic], content)
        if new := beyond(records, self._there[topic]):
            await broker.append(new)

    async def _write(self, collection: str, content: bytes) -> None:
        puts = list(read_documents(collection, self._manifest.desk, content))
        for begin in range(0, len(puts), AT_ONCE):
            await self._ports.documents.write(puts[begin : begin + AT_ONCE])
