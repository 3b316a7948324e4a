"""Tickets with what belongs to them: conversations, messages with their text, clocks, tasks, history."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.gateway.reading.desk import DeskReading, Listing
from services.gateway.reading.shapes import members, parse_number, shape, shape_ticket
from services.gateway.store import CLOCK_HISTORY, CLOCKS, CONVERSATIONS, HISTORY, MESSAGES, SURVEYS, TICKETS
from shared.documents import DeskDocuments, Document, Where, all_of, by

MOST = 200


class TicketReading:
    """Tickets of one desk."""

    def __init__(self, documents: DeskDocuments) -> None:
        self._documents = documents
        self._desk = DeskReading(documents)

    async def find(self, reference: str) -> Document | None:
        """By id, or by number as people write it (SUP-1024, 1024, ١٠٢٤)."""
        found = await self._documents.get(TICKETS.name, reference)
        number = parse_number(reference) if found is None else None
        if number is None:
            return found
        page = await self._documents.page(TICKETS.name, where=by(number=number), limit=1)
        return page.documents[0] if page.documents else None

    async def page(self, where: Sequence[Where], after: str | None, limit: int) -> Listing:
        """Newest first, each with its clocks and its customer's name."""
        page = await self._documents.page(
            TICKETS.name, where=where, order="opened_at", descending=True, after=after, limit=limit
        )
        clocks = await self.clocks([document.key for document in page.documents])
        opening = await self._desk.texts.messages(_named(page.documents, "opening"))
        names = await self._customer_names(page.documents)
        prefix, items = await self._desk.prefix(), []
        for document in page.documents:
            first = opening.get(document.body.get("opening", ""))
            items.append(
                {
                    **shape_ticket(document, prefix),
                    "clocks": clocks.get(document.key, []),
                    "customer_name": names[document.key],
                    "subject": first.subject if first else "",
                }
            )
        return Listing(items, page.next)

    async def whole(self, document: Document) -> dict[str, Any]:
        """The ticket with everything a page about it shows; of very many messages the latest."""
        ticket = shape_ticket(document, await self._desk.prefix())
        conversations = await self.conversations(document)
        latest = await self._messages(document, conversations, None, MOST, latest=True)
        merged = [document.key, *ticket["merged"]]
        customer = await self._desk.customer(ticket["customer"]) if ticket.get("customer") else None
        commands = dict(members(document.body, "field"))
        fields = await self._desk.texts.fields(commands.values())
        return {
            **ticket,
            "subject": await self._subject(document.body.get("opening")),
            "conversations": conversations,
            "messages": latest.items[::-1],
            "earlier_messages": latest.next is not None,
            "clocks": [clock for clocks in (await self.clocks(merged)).values() for clock in clocks],
            "tasks": (await self._desk.tasks([Where("ticket", "in", tuple(merged))], None, MOST)).items,
            "surveys": await self._surveys(merged),
            "customer_name": (await self._customer_names([document]))[document.key],
            "contact_points": customer["contact_points"] if customer else [],
            "participants": await self._desk.contact_points(_participants(conversations)),
            "fields": {name: fields.get(command, {}).get(name, "") for name, command in commands.items()},
        }

    async def conversations(self, document: Document) -> list[dict[str, Any]]:
        """All of them: what is written in one that is left out would be read nowhere."""
        return [
            {**shape(one), "participants": [contact for contact, _ in members(one.body, "participant")]}
            async for one in all_of(self._documents, CONVERSATIONS.name, where=by(ticket=document.key))
        ]

    async def messages(self, document: Document, after: str | None, limit: int) -> Listing:
        """In order of time, with text; notes of merged tickets too."""
        return await self._messages(document, await self.conversations(document), after, limit)

    async def latest(self, document: Document) -> list[dict[str, Any]]:
        """The last messages, in order of time."""
        conversations = await self.conversations(document)
        return (await self._messages(document, conversations, None, MOST, latest=True)).items[::-1]

    async def _messages(
        self,
        document: Document,
        conversations: Sequence[Mapping[str, Any]],
        after: str | None,
        limit: int,
        *,
        latest: bool = False,
    ) -> Listing:
        """One page, from the first message on or from the latest one back."""
        notes = [document.key, *(ticket for ticket, _ in members(document.body, "merged"))]
        threads = (*notes, *(conversation["id"] for conversation in conversations))
        page = await self._documents.page(
            MESSAGES.name,
            where=[Where("thread", "in", threads)],
            order="place",
            descending=latest,
            after=after,
            limit=limit,
        )
        texts = await self._desk.texts.messages(one.key for one in page.documents)
        items = [
            {**shape(one), "content": texts.get(one.key)} for one in page.documents
        ]  # fmt: skip
        return Listing(items, page.next)

    async def history(self, ticket: str, after: str | None, limit: int) -> Listing:
        """What happened, oldest first, an entry per cause."""
        page = await self._documents.page(HISTORY.name, where=by(ticket=ticket), after=after, limit=limit)
        return Listing([document.body for document in page.documents], page.next)

    async def clock_history(self, ticket: str, after: str | None, limit: int) -> Listing:
        """What happened to the ticket's clocks, oldest first."""
        page = await self._documents.page(CLOCK_HISTORY.name, where=by(ticket=ticket), after=after, limit=limit)
        return Listing([document.body for document in page.documents], page.next)

    async def clocks(self, tickets: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """The clocks of each ticket."""
        if not tickets:
            return {}
        where = [Where("ticket", "in", tuple(tickets))]
        clocks: dict[str, list[dict[str, Any]]] = {}
        async for document in all_of(self._documents, CLOCKS.name, where=where):
            clocks.setdefault(document.body.get("ticket", ""), []).append(shape(document))
        return clocks

    async def _surveys(self, tickets: Sequence[str]) -> list[dict[str, Any]]:
        where = [Where("ticket", "in", tuple(tickets))]
        surveys = [document async for document in all_of(self._documents, SURVEYS.name, where=where)]
        texts = await self._desk.texts.surveys(document.key for document in surveys)
        return [
            {**shape(document), "comment_text": texts[document.key].comment if document.key in texts else ""}
            for document in surveys
        ]

    async def _subject(self, message: str | None) -> str:
        """Of the message that opened the ticket."""
        content = await self._desk.texts.message(message) if message else None
        return content.subject if content else ""

    async def _customer_names(self, documents: Sequence[Document]) -> dict[str, str]:
        """By ticket what its customer is called: their name here, the one they wrote under, or their address."""
        customers = await self._desk.texts.customers(_named(documents, "customer"))
        contacts = await self._desk.texts.contacts(_named(documents, "contact"))
        names: dict[str, str] = {}
        for document in documents:
            customer = customers.get(document.body.get("customer") or "")
            contact = contacts.get(document.body.get("contact") or "")
            known = [
                customer.name if customer else "",
                contact.name if contact else "",
                contact.address if contact else "",
            ]
            names[document.key] = next(filter(None, known), "")
        return names


def _participants(conversations: Iterable[Mapping[str, Any]]) -> list[str]:
    """Everybody who was copied into one of them."""
    return sorted({contact for conversation in conversations for contact in conversation["participants"]})


def _named(documents: Iterable[Document], field: str) -> Iterator[str]:
    """The ids in one field, where there are any."""
    return (value for document in documents if (value := document.body.get(field)))
