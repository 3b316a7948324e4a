"""The way into the log: files first, then the command; whoever waits is answered after the acknowledgement."""

import asyncio
from functools import partial

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from services.ingest.arrival import Address, Arrival, File
from services.ingest.backlog import Backlog
from services.ingest.policies import DeskDoor
from services.ingest.rules import Stored, fits_inline, make_contact, receive, well_formed
from shared.blobs import Blobs
from shared.broker import Broker
from shared.catalogue.codec import encode
from shared.catalogue.commands import Command, ReceiveMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Attachment, Contact
from shared.clock import Clock
from shared.desks import DeskPlace
from shared.ids import named_id
from shared.secrets import Secrets

QUICKLY_READ = 8_000
"""Characters read in the loop itself; longer texts are read in a thread, so that nobody else waits."""

UNWRITABLE = (ValidationError, PydanticSerializationError, UnicodeError)
"""What a message raises that holds something no command takes: it would raise the same at every attempt."""


class Intake:
    """Takes messages for all desks of this process."""

    def __init__(self, broker: Broker, blobs: Blobs, clock: Clock, secrets: Secrets, backlog: Backlog) -> None:
        self._broker, self._blobs, self._clock = broker, blobs, clock
        self._secrets, self._backlog = secrets, backlog

    def check(self, place: DeskPlace) -> None:
        """Whether the desk takes messages now. Raises Behind. Doors ask once per message, before they read it."""
        self._backlog.check(place.partition)

    async def take(self, desk: DeskDoor, arrival: Arrival) -> ReceiveMessage:
        """The message is durable when this returns, and so is all it names.

        Raises BrokerUnavailable (nothing is known then; a repeat is harmless), DocumentsUnavailable, UNWRITABLE.
        """
        with self._backlog.taking(desk.place.partition):
            return await self._take(desk, arrival)

    async def _take(self, desk: DeskDoor, arrival: Arrival) -> ReceiveMessage:
        stored = await self._store(desk, arrival)
        command = partial(
            receive, arrival, stored, desk.policy, desk.index, self._clock.now(), partial(self.contact, desk.place)
        )  # fmt: skip
        short = len(arrival.text) <= QUICKLY_READ
        message = command() if short else await asyncio.to_thread(command)
        place = await self.append(desk.place, named_id(message.message, "receive"), message)
        self._backlog.appended(desk.place.partition, place)
        return message

    async def append(self, place: DeskPlace, command_id: str, command: Command) -> int:
        """Append a command of ours; its offset. Raises BrokerUnavailable."""
        envelope = Envelope(
            command_id, "ingest", self._clock.now(), place.organisation, place.id, command_id, command_id, command
        )
        (appended,) = await self._broker.append([encode(envelope, COMMANDS.name, place.partition)])
        return appended.offset

    def contact(self, place: DeskPlace, address: Address) -> Contact:
        return make_contact(self._secrets.contacts_of(place.organisation), address)

    async def keep(self, desk: str, content: bytes) -> str:
        """Store bytes; their blob."""
        return await self._blobs.put(desk, content)

    async def _store(self, desk: DeskDoor, arrival: Arrival) -> Stored:
        """Everything that does not travel in the command."""
        place = desk.place.id
        attachments = [await self._attach(place, file) for file in arrival.files]
        text = well_formed(arrival.text)
        long = not fits_inline(text, "", desk.policy)
        return Stored(
            tuple(attachments),
            await self.keep(place, well_formed(arrival.html).encode()) if arrival.html else None,
            await self.keep(place, text.encode()) if long else None,
        )

    async def _attach(self, desk: str, file: File) -> Attachment:
        blob = await self.keep(desk, file.content)
        content_id = well_formed(file.content_id) if file.content_id else None
        return Attachment(
            blob=blob, name=file.name, media_type=file.media_type, size=len(file.content), content_id=content_id
        )
