"""The text store: everything people wrote or are called. Facts and logs hold only ids; whoever shows text joins it here.

It is a projection of `sanad.commands` (and of `sanad.deliveries` for what the desk writes by itself), kept when those
logs are trimmed. A message's text is written once and never again: a forged repeat under the same id changes nothing.
All else is as last told. Erasure leaves a tombstone that no replay overwrites.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from shared.catalogue.values import Attachment, Contact, Value
from shared.documents import Body, Collection, DeskDocuments, Put

TEXTS = Collection("texts", indexed=("email",))
"""Keys are `<kind>/<id>`; only agents have an `email`, folded to lower case."""
COLLECTIONS = (TEXTS,)

Kind = Literal["message", "contact", "agent", "customer", "fields", "task", "survey"]
ONCE = 1
"""The guard of what is written once."""
FIRST_CHANGE = 2
"""The guard of what changes is the command's offset plus this: later than anything written once."""
ERASED = 1 << 62


class MessageText(Value):
    """What a message said. `text` is what is shown; `text_blob` holds it instead when it is long."""

    subject: str = ""
    text: str = ""
    full_text: str | None = None
    text_blob: str | None = None
    html_blob: str | None = None
    raw_blob: str | None = None
    attachments: tuple[Attachment, ...] = ()
    sender: Contact | None = None
    copied: tuple[Contact, ...] = ()
    external_id: str = ""
    references: tuple[str, ...] = ()
    language: str | None = None
    fields: dict[str, str] = {}


class ContactText(Value):
    """An address or number, and the last name it wrote under."""

    kind: str = "email"
    address: str = ""
    name: str = ""


class PersonText(Value):
    """The name (and, for agents, the address) of an agent or customer."""

    name: str = ""
    email: str = ""


class TaskText(Value):
    """What is to be done, and what came of it."""

    note: str = ""
    result: str = ""


class SurveyText(Value):
    """What a customer added to a score."""

    comment: str = ""
    wording: str = ""


T = TypeVar("T", bound=Value)


class Texts:
    """The texts of one desk, to read. What is missing or erased is absent from every answer."""

    def __init__(self, documents: DeskDocuments) -> None:
        self._documents = documents

    async def message(self, message: str) -> MessageText | None:
        return (await self.messages([message])).get(message)

    async def messages(self, ids: Iterable[str]) -> dict[str, MessageText]:
        return await self._read("message", ids, MessageText)

    async def contacts(self, ids: Iterable[str]) -> dict[str, ContactText]:
        return await self._read("contact", ids, ContactText)

    async def unheard(self, contacts: Sequence[str]) -> bool:
        """Whether of any of these contact points nothing was told so far: not even that it was erased."""
        keys = [f"contact/{key}" for key in contacts]
        found = await self._documents.get_many(TEXTS.name, keys) if keys else {}
        return any(key not in found for key in keys)

    async def agents(self, ids: Iterable[str]) -> dict[str, PersonText]:
        return await self._read("agent", ids, PersonText)

    async def customers(self, ids: Iterable[str]) -> dict[str, PersonText]:
        return await self._read("customer", ids, PersonText)

    async def tasks(self, ids: Iterable[str]) -> dict[str, TaskText]:
        return await self._read("task", ids, TaskText)

    async def surveys(self, ids: Iterable[str]) -> dict[str, SurveyText]:
        return await self._read("survey", ids, SurveyText)

    async def fields(self, commands: Iterable[str]) -> dict[str, dict[str, str]]:
        """Form fields by the id of the command that set them."""
        return {key: dict(body) for key, body in (await self._bodies("fields", commands)).items()}

    async def _read(self, kind: Kind, ids: Iterable[str], shape: type[T]) -> dict[str, T]:
        return {key: shape.model_validate(body) for key, body in (await self._bodies(kind, ids)).items()}

    async def _bodies(self, kind: Kind, ids: Iterable[str]) -> dict[str, Body]:
        keys = [f"{kind}/{key}" for key in dict.fromkeys(ids)]
        found = await self._documents.get_many(TEXTS.name, keys) if keys else {}
        return {key.partition("/")[2]: each.body for key, each in found.items() if each.seq != ERASED}


def once(desk: str, kind: Kind, key: str, body: Mapping[str, Any]) -> Put:
    """Write a text that never changes; a second one under its id is ignored."""
    return Put(TEXTS.name, desk, f"{kind}/{key}", ONCE, dict(body))


def change(desk: str, kind: Kind, key: str, offset: int, body: Mapping[str, Any]) -> Put:
    """Set these parts of a text, as the command at this offset says."""
    return Put(TEXTS.name, desk, f"{kind}/{key}", offset + FIRST_CHANGE, dict(body), patch=True)


def erase(desk: str, kind: Kind, keys: Sequence[str]) -> list[Put]:
    """Leave nothing of these texts, whatever is replayed later. Blobs they name are deleted apart."""
    return [Put(TEXTS.name, desk, f"{kind}/{key}", ERASED, {}) for key in keys]
