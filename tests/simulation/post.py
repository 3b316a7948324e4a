"""How clients bring requests to the log: again when nobody answers, and sometimes again although somebody did."""

from random import Random

from shared.broker import BrokerUnavailable
from shared.catalogue.codec import encode
from shared.catalogue.commands import Command, ReceiveMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from tests.invariants.evidence import Sent
from tests.simulation.pauses import Rest, pause
from tests.simulation.world import World

PATIENCE = 4


class Post:
    """One door to a desk: it appends, and remembers what it promised to whom."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.sent: list[Sent] = []

    async def send(self, command: Command, source: str = "gateway", command_id: str | None = None) -> str:
        """Append until it is acknowledged or patience ends; then perhaps once more, later. Returns the command's id."""
        by, world = command.by, self.world
        command_id = command_id or world.next_id()
        envelope = Envelope(
            command_id, source, world.time.now, by.organisation, by.desk, command_id, command_id, command
        )
        acknowledged = await self._append(envelope)
        while world.faults.draw("request repeated", world.faults.odds.repeat):
            if self.rng.random() < 0.5:
                await pause(Rest(world.time.now + self.rng.choice((1, 50, 5_000, 600_000))))
            if isinstance(command, ReceiveMessage) and self.rng.random() < 0.5:
                # a provider's retry knows the message, not our command
                again = world.next_id()
                envelope = Envelope(again, source, world.time.now, by.organisation, by.desk, again, again, command)
            acknowledged |= await self._append(envelope)
        message = command.message if isinstance(command, ReceiveMessage) else ""
        self.sent.append(Sent(by.desk, command_id, command.TYPE, acknowledged, message))
        return command_id

    async def _append(self, envelope: Envelope) -> bool:
        for _ in range(PATIENCE):
            try:
                await self.world.broker.append([encode(envelope, COMMANDS.name, self.world.partition)])
            except BrokerUnavailable:
                await pause(Rest(self.world.time.now + self.rng.choice((10, 1_000))))
                continue
            return True
        return False
