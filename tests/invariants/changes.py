"""S13: every change has its fact, so what a fact says was before is what the facts before it left."""

from collections.abc import Iterator

from tests.invariants.evidence import DESK, Entry, Evidence, Violation

CHANGES = {
    "ticket.status_changed": ("status", "former", "status"),
    "ticket.prioritised": ("priority", "former", "priority"),
    "ticket.owner_changed": ("owner", "former", "owner"),
    "ticket.routed": ("team", "former_team", "team"),
}
"""Fact → the field of the ticket, and where the fact says what it was and what it is."""
MOVES = {"conversation.moved": "conversation", "message.moved": "message"}


def check_changes(evidence: Evidence) -> Iterator[Violation]:
    tickets: dict[tuple[str, str], dict[str, object]] = {}
    homes: dict[tuple[str, str], str] = {}
    numbers: dict[str, int] = {}
    for entry in evidence.kept(DESK):
        body = entry.body
        if entry.kind == "ticket.opened":
            yield from _open(entry, tickets, numbers)
        elif entry.kind in CHANGES:
            yield from _change(entry, tickets)
        elif entry.kind in MOVES:
            yield from _move(entry, homes)
        elif entry.kind == "conversation.opened":
            homes[entry.desk, body["conversation"]] = body["ticket"]
        elif entry.kind in ("message.received", "message.sent"):
            homes[entry.desk, body["message"]] = body["ticket"]
            known = homes.get((entry.desk, body["conversation"]))
            if known != body["ticket"]:
                yield Violation("S13", f"its conversation is on ticket {known}", entry)


def _open(
    entry: Entry, tickets: dict[tuple[str, str], dict[str, object]], numbers: dict[str, int]
) -> Iterator[Violation]:
    body = entry.body
    if body["number"] != numbers.get(entry.desk, 0) + 1:
        yield Violation("S13", f"the number before was {numbers.get(entry.desk, 0)}", entry)
    numbers[entry.desk] = body["number"]
    tickets[entry.desk, body["ticket"]] = {
        "status": "new", "priority": body["priority"], "owner": body.get("owner"), "team": body["team"],
    }  # fmt: skip


def _change(entry: Entry, tickets: dict[tuple[str, str], dict[str, object]]) -> Iterator[Violation]:
    name, was, now = CHANGES[entry.kind]
    ticket = tickets.get((entry.desk, entry.body["ticket"]))
    if ticket is None:
        yield Violation("S13", "there is no such ticket", entry)
        return
    if ticket[name] != entry.body.get(was):
        yield Violation("S13", f"its {name} was {ticket[name]}", entry)
    ticket[name] = entry.body.get(now)


def _move(entry: Entry, homes: dict[tuple[str, str], str]) -> Iterator[Violation]:
    name = MOVES[entry.kind]
    key = (entry.desk, entry.body[name])
    if homes.get(key) != entry.body["former_ticket"]:
        yield Violation("S13", f"it was on ticket {homes.get(key)}", entry)
    homes[key] = entry.body["ticket"]
    if entry.kind == "message.moved":
        homes[entry.desk, entry.body["conversation"]] = entry.body["ticket"]
