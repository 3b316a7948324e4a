"""One toy partition with its stores, for tests of the worker: records go in by hand, steps are taken by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from shared.broker import Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import Command, ReceiveMessage, UpdateTicket
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Contact, Principal
from shared.policy.terms import Channel
from tests.simulation.crew import Member
from tests.simulation.drive import drive
from tests.simulation.scheduler import Odds
from tests.simulation.time import whole
from tests.simulation.toy import ROLES
from tests.simulation.world import World

BY = Principal(organisation="organisation-1", desk="desk-1", id="somebody", role="customer")


def message(name: str, *, poison: bool = False, at_once: bool = False) -> ReceiveMessage:
    return ReceiveMessage(
        by=BY, message=name, channel=Channel.EMAIL, account="mail", sent_at=0, external_id="poison at once" if at_once else "poison" if poison else "",
        sender=Contact(id="contact-1", kind="email", address="customer@example.org"),
    )  # fmt: skip


def update() -> UpdateTicket:
    return UpdateTicket(by=BY, ticket="ticket-1")


class Bench:
    """The world without a seed: nothing happens by itself."""

    def __init__(self) -> None:
        self.world = World(Random(0), ROLES, Odds(crash=1e-9))
        self.world.time.batch = whole
        self._sent = 0
        self._hired: list[Member] = []

    def hire(self, role: int = 0) -> Member:
        member = self.world.start(ROLES[role])
        member.kill()  # the test takes the worker's steps itself
        member.clock.skew = 0
        self._hired.append(member)
        return member

    def loaded(self, role: int = 0) -> Member:
        member = self.hire(role)
        drive(member.worker.load(), self.world.time)
        return member

    def end(self) -> None:
        for member in self._hired:
            member.kill()

    def post(self, *commands: Command) -> None:
        for command in commands:
            self._sent += 1
            name = f"command-{self._sent}"
            envelope = Envelope(name, "test", 0, BY.organisation, command.by.desk, name, name, command)
            drive(self.world.broker.append([encode(envelope, COMMANDS.name, 0)]))

    def log(self, topic: str) -> list[Record]:
        return self.world.broker.log(topic, 0)

    def types(self, topic: str) -> list[str]:
        return [decode(record).type.removeprefix("sanad.").removesuffix(".v1") for record in self.log(topic)]

    def seqs(self, topic: str) -> list[int]:
        return [decode(record).seq for record in self.log(topic)]


@contextmanager
def bench() -> Iterator[Bench]:
    made = Bench()
    with made.world.patched():
        yield made
        made.end()
