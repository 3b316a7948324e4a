"""The running house: engines, a process per service and one more of those that share, and who starts again what died."""

import asyncio
import time
from pathlib import Path

from tests.e2e.crash_launcher import SAVE_EVERY, WORKER_POINTS
from tests.e2e.crashing.customers import Customers
from tests.e2e.crashing.judging import PARTITIONS
from tests.e2e.living_desk import free_port
from tests.e2e.policies import write_fast_policy
from tests.faults.grounds import Grounds
from tests.faults.installing import KEY, install, install_neighbour
from tests.faults.journal import AT_POINT, ENDED, KILLED, STOPPED, Journal
from tests.faults.member import LOOK, PATIENCE, Member
from tests.faults.neighbour import Neighbour
from tests.faults.points import POINTS
from tests.faults.relay import TiringRelay

ROSTER = (
    "router-0",
    "router-1",
    "sla-0",
    "sla-1",
    "survey-0",
    "ingest-0",
    "ingest-1",
    "projector-0",
    "projector-1",
    "http-0",
    "http-1",
)
SHARED = ("router", "sla", "survey", "ingest", "projector")
"""Services whose processes are members of a group."""
SHELLS = ("faust", "aiokafka")
AGAIN = 0.3
"""Seconds before somebody who ended by itself is started again, as a cluster would."""
LOOK_FOR_HOLDERS = 2
"""Seconds between two looks."""
DATABASE = "sanad_faults"


class House(Grounds):
    """Everything in `folder`. `shell` is one of SHELLS, or mixed: every other process another one."""

    def __init__(self, folder: Path, nodes: int, shell: str) -> None:
        super().__init__(folder, nodes)
        self.shell = shell
        self.journal = Journal()
        self.points = POINTS
        """At which processes may be made to die."""
        self.members: dict[str, Member] = {}
        self.relay = TiringRelay(free_port())
        self.http_port, self.smtp_port = free_port(), free_port()
        """Where clients knock; behind it processes take turns."""
        self._doors = {name: free_port() for name in ("http-0", "http-1", "ingest-0", "ingest-1")}
        self.customers: Customers | None = None
        self.neighbour: Neighbour | None = None
        self.poison: set[tuple[str, int, int]] = set()
        """Where records lie that nobody can read."""
        self.broken: dict[str, tuple[str, int, int]] = {}
        """Commands that no rule can settle well, and where they lie."""
        self.heaviest: dict[str, tuple[int, int]] = {}
        self.rested_at = 0
        """By when all that was due had been done."""
        self._logs = folder / "logs"
        self._watches: list[asyncio.Task[None]] = []
        self._joined = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def key(self) -> str:
        return (self.folder / KEY).read_text()

    @property
    def environment(self) -> dict[str, str]:
        """What all processes are told alike."""
        return {
            "SANAD_ENGINE": "kafka", "SANAD_KAFKA_SERVERS": self.kafka.address,
            "SANAD_KAFKA_PARTITIONS": str(PARTITIONS), "SANAD_MONGO_URL": f"mongodb://127.0.0.1:{self.way.port}",
            "SANAD_MONGO_DATABASE": DATABASE, "SANAD_FOLDER": str(self.folder / "desk"), "SANAD_DEMO": "true",
            "SANAD_POLICY": str(self.folder / "desk.yaml"), "SANAD_PUBLIC_URL": self.url,
            "SANAD_RELAY_HOST": "127.0.0.1", "SANAD_RELAY_PORT": str(self.relay.port), "SANAD_RELAY_TLS": "false",
            "SANAD_LOG_LEVEL": "WARNING", SAVE_EVERY: "3000",
        }  # fmt: skip

    async def open(self) -> None:
        """Engines, installation, all processes, both desks. Raises what did not come up."""
        self._logs.mkdir(parents=True, exist_ok=True)
        write_fast_policy(self.folder)
        await self.relay.open()
        doors = self._doors
        await self.start_engines(
            [
                (self.http_port, doors["http-0"], doors["http-1"]),
                (self.smtp_port, doors["ingest-0"], doors["ingest-1"]),
            ]
        )
        await install(self.environment, "--before")
        for name in ROSTER:
            self.enrol(name)
        await self.ready(*self.members)
        await install(self.environment)
        await install_neighbour(self.folder, self.environment)
        self._watches = [asyncio.create_task(self._look_after()), asyncio.create_task(self._look_who_holds())]

    def enrol(self, name: str, *, lasting: bool = True) -> Member:
        """A process more."""
        own = {"SANAD_HTTP_PORT": str(free_port()), "SANAD_SMTP_PORT": str(free_port())}
        if name in self._doors:
            own["SANAD_HTTP_PORT" if name.startswith("http") else "SANAD_SMTP_PORT"] = str(self._doors[name])
        own["SANAD_SHELL"] = self.shell if self.shell in SHELLS else SHELLS[len(self.members) % 2]
        member = self.members[name] = Member(name, self._logs, own, lasting=lasting)
        member.start(self.environment)
        return member

    def join(self, kind: str) -> Member:
        """One that comes without a lasting name and is not started again."""
        self._joined += 1
        return self.enrol(f"{kind}-guest{self._joined}", lasting=False)

    async def leave(self, member: Member) -> int:
        """It goes for good; its exit code."""
        code = await self.stop(member)
        self.members.pop(member.name, None)
        return code

    def of(self, *kinds: str) -> list[Member]:
        """Those of these services that are to run."""
        return [one for one in self.members.values() if one.kind in kinds and one.wanted]

    def kill(self, member: Member) -> None:
        """SIGKILL, noted; whoever is to run is started again by whoever looks after the house."""
        if member.alive:
            member.kill()
            member.death = ""
            self.journal.note(KILLED, member.name, held=member.holds)

    def holder(self, kind: str) -> Member | None:
        """Whose the desk's partition is in that service, as far as one could see."""
        return next((one for one in self.of(kind) if one.holds), None)

    def start(self, member: Member, death: str = "", **more: str) -> None:
        member.start(self.environment, death, **more)

    async def stop(self, member: Member) -> int:
        """SIGTERM, and the exit code; what it says of itself where that is not 0."""
        if not member.alive:
            member.wanted = False
            return 0
        self.journal.note(STOPPED, member.name)
        code = await member.stop()
        if code == -9 and member.death:  # its built-in death lay on the way out
            self._count_point(member)
            return 0
        if code not in {0, -9, -15}:  # who was told before it listened ends by the signal itself
            self.journal.note(ENDED, member.name, f"told to stop, it ended with {code}: {member.said()}")
        return code

    async def ready(self, *names: str) -> None:
        """Wait until all of these would take work. Raises AssertionError with what they said."""
        await asyncio.gather(*(self._until_ready(name) for name in names))

    async def _until_ready(self, name: str) -> None:
        began = time.monotonic()
        while not await self.is_ready(name):
            if time.monotonic() - began > PATIENCE:
                raise AssertionError(f"{name} never became ready:\n{self.members[name].said()}")
            await asyncio.sleep(LOOK)

    async def is_ready(self, name: str) -> bool:
        """Whether it would take work, if it is to; notes how long that took."""
        member = self.members.get(name)
        if member is None or not member.wanted:
            return True
        if not await member.is_ready():
            return False
        if member.started_at:
            self.journal.starts.append(time.monotonic() - member.started_at)
            member.started_at = 0
        return True

    async def _look_after(self) -> None:
        """Start again who died, and see what everybody weighs."""
        while True:
            await asyncio.sleep(LOOK)
            for member in list(self.members.values()):
                rss, files = member.weight()
                before = self.heaviest.get(member.kind, (0, 0))
                self.heaviest[member.kind] = (max(rss, before[0]), max(files, before[1]))
                if member.wanted and not member.alive:
                    await self._revive(member)

    async def _look_who_holds(self) -> None:
        while True:
            await asyncio.sleep(LOOK_FOR_HOLDERS)
            await asyncio.gather(*(member.look() for member in list(self.members.values())))

    async def _revive(self, member: Member) -> None:
        if member.death and member.code == -9:
            self._count_point(member)
        elif member.code != -9 and not (member.code == 0 and member.told):  # told to stop before it came to its death
            self.journal.note(ENDED, member.name, f"code {member.code}: {member.said()}")
            await asyncio.sleep(AGAIN)
        if "guest" in member.name:
            self.members.pop(member.name, None)
        elif member.wanted and not member.alive:
            self.start(member, member.next_deaths.pop(0) if member.next_deaths else "")

    def _count_point(self, member: Member) -> None:
        point = member.death.rpartition(":")[0]
        self.journal.points[point, member.kind] += 1
        self.journal.note(AT_POINT, member.name, point, held=member.holds or point in WORKER_POINTS)

    async def close(self) -> dict[str, int]:
        """A clean stop of everybody, doors first; the exit codes."""
        await self._stop_watching()
        codes = {}
        for kind in ("http", *reversed(SHARED)):
            ending = [one for one in self.members.values() if one.kind == kind and one.alive]
            for one, code in zip(ending, await asyncio.gather(*(self.stop(one) for one in ending)), strict=True):
                codes[one.name] = code
        return codes

    async def tear_down(self) -> None:
        """Whatever still runs is killed."""
        await self._stop_watching()
        for member in self.members.values():
            member.wanted = False
            member.kill()
        await self.relay.close()
        await self.tear_down_engines()

    async def _stop_watching(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches = []
