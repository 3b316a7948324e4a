"""S1, S2, S3: what customers sent is in exactly one place, had one effect, and nothing is there that nobody sent."""

from collections import Counter
from collections.abc import Iterator

from tests.invariants.evidence import COMMANDS, DELIVERIES, DESK, Entry, Evidence, Violation


def check_every_message_has_one_outcome(evidence: Evidence) -> Iterator[Violation]:
    """S1: accepted with a 2xx means: in one conversation, set aside with a reason, or a dead letter."""
    received, aside, restored = _outcomes(evidence)
    dead = _dead_messages(evidence)
    for sent in evidence.sent:
        if not sent.message or not sent.acknowledged:
            continue
        key = (sent.desk, sent.message)
        places = received[key] + max(0, aside[key] - restored[key])
        if places == 0 and key not in dead:
            yield Violation("S1", f"message {sent.message} of {sent.desk} was accepted and is nowhere")
        elif places > 1:
            yield Violation("S1", f"message {sent.message} of {sent.desk} is in {places} places")


def check_one_effect(evidence: Evidence) -> Iterator[Violation]:
    """S2: any number of deliveries of one request is one effect."""
    seen: dict[tuple[str, str, str], Entry] = {}
    for entry in evidence.kept(DESK):
        effect = _effect(entry)
        if effect is None:
            continue
        key = (entry.desk, *effect)
        if key in seen:
            yield Violation("S2", f"{effect[0]} {effect[1]} took effect before: {seen[key]}", entry)
        seen[key] = entry


def check_nothing_invented(evidence: Evidence) -> Iterator[Violation]:
    """S3: each message was sent by a customer, each outcome belongs to a command that exists."""
    offered = {
        (entry.desk, entry.body["message"]) for entry in evidence.all(COMMANDS) if entry.kind == "message.receive"
    }
    asked = {(entry.desk, entry.id) for entry in evidence.all(COMMANDS)}
    for entry in evidence.kept(DESK):
        if entry.kind in ("message.received", "message.set_aside"):
            if (entry.desk, entry.body["message"]) not in offered:
                yield Violation("S3", "nobody sent this message", entry)
        elif entry.kind == "command.settled" and (entry.desk, entry.body["command"]) not in asked:
            yield Violation("S3", "nobody asked for this", entry)
    yield from _causes(evidence)


def _causes(evidence: Evidence) -> Iterator[Violation]:
    """Every fact of the desk comes from the command at its position."""
    inputs = {(entry.partition, entry.offset): entry for entry in evidence.all(COMMANDS)}
    for entry in evidence.all(DESK):
        cause = inputs.get((entry.partition, entry.position))
        if cause is None or cause.desk != entry.desk or cause.id != entry.causation:
            yield Violation("S3", f"its cause is not the record at its position ({cause})", entry)


def check_deliveries(evidence: Evidence) -> Iterator[Violation]:
    """S2, S3: what the desk says it sent is handed to delivery exactly once, and nothing else is."""
    sent = {
        (entry.desk, entry.body["delivery"]): entry for entry in evidence.kept(DESK) if entry.kind == "message.sent"
    }
    handed: Counter[tuple[str, str]] = Counter()
    for entry in evidence.kept(DELIVERIES):
        key = (entry.desk, entry.body["delivery"])
        handed[key] += 1
        if handed[key] > 1:
            yield Violation("S2", "the same delivery was handed over twice", entry)
        if key not in sent or sent[key].body["message"] != entry.body["message"]:
            yield Violation("S3", "the desk never said it sent this", entry)
    for key, entry in sent.items():
        if not handed[key]:
            yield Violation("S2", "it was sent, says the desk, but nobody will deliver it", entry)


def _effect(entry: Entry) -> tuple[str, str] | None:
    """What must happen once, by name and id."""
    body = entry.body
    match entry.kind:
        case "message.received" | "message.sent" | "message.noted":
            return "message", body["message"]
        case "ticket.opened":
            return "ticket", body["ticket"]
        case "command.settled":
            return "command", body["command"]
        case "task.opened":
            return "task", body["task"]
    return None


def _outcomes(evidence: Evidence) -> tuple[Counter[tuple[str, str]], ...]:
    counts: dict[str, Counter[tuple[str, str]]] = {
        "message.received": Counter(), "message.set_aside": Counter(), "message.restored": Counter(),
    }  # fmt: skip
    for entry in evidence.kept(DESK):
        if entry.kind in counts:
            counts[entry.kind][entry.desk, entry.body["message"]] += 1
    return tuple(counts.values())


def _dead_messages(evidence: Evidence) -> set[tuple[str, str]]:
    places = {(letter.topic, letter.partition, letter.offset) for letter in evidence.dead}
    return {
        (entry.desk, entry.body["message"])
        for entry in evidence.all(COMMANDS)
        if entry.kind == "message.receive" and (entry.topic, entry.partition, entry.offset) in places
    }
