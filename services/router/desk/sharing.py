"""Ids and times that were read back several times become one object again: they are most of what a ticket weighs."""

from collections.abc import Iterable

from services.router.desk.conversations import Conversation
from services.router.desk.work import Ticket
from shared.tables import Table


def share_ids(tickets: Table[Ticket], conversations: Table[Conversation]) -> None:
    """Afterwards rows name each other by the same objects, as before they were saved. Nothing reads differently."""
    names = {name: name for name in tickets}
    places = {name: name for name in conversations}
    for place in conversations.values():
        place.ticket, place.home = names.get(place.ticket, place.ticket), names.get(place.home, place.home)
        place.latest = _same(place.latest, place.messages)
    for row in tickets.values():
        row.conversations = tuple(places.get(each, each) for each in row.conversations)
        contacts = [conversations[each].contact for each in row.conversations]
        row.customer = _same(row.customer, contacts) or row.customer
        row.owner = row.agent if row.owner == row.agent else row.owner
        row.key = row.since if row.key == row.since else row.key
        row.opened = row.since if row.opened == row.since else row.opened
        row.waiting_since = row.since if row.waiting_since == row.since else row.waiting_since


def _same(name: str | None, known: Iterable[str]) -> str | None:
    return next((each for each in known if each == name), name)
