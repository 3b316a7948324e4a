"""S11, R7: every record of the input was applied, was a copy, or is a dead letter; no command ends in silence."""

from collections.abc import Iterator

from tests.invariants.evidence import COMMANDS, DESK, Evidence, Violation

ANSWERED = (
    "ticket.", "work.", "task.", "agent.", "customer.", "contact_point.", "policy.apply", "message.restore",
    "desk.switch_rules",
)  # fmt: skip
"""What doors wait for: exactly one outcome each."""


def check_every_command_is_settled(evidence: Evidence) -> Iterator[Violation]:
    """One `command.settled` per command; refusals are facts, never silence."""
    settled = {(entry.desk, entry.body["command"]) for entry in evidence.kept(DESK) if entry.kind == "command.settled"}
    dead = {(letter.topic, letter.partition, letter.offset) for letter in evidence.dead}
    for entry in evidence.all(COMMANDS):
        if not entry.kind and (entry.topic, entry.partition, entry.offset) not in dead:
            yield Violation("S11", "it cannot be read and is no dead letter", entry)
        if entry.kind.startswith(ANSWERED) and (entry.desk, entry.id) not in settled:
            yield Violation("S11", "it was never settled", entry)


def check_nothing_broke(evidence: Evidence) -> Iterator[Violation]:
    """A rule that fails half way is a bug, even if its desk survives it."""
    for entry in evidence.kept(DESK):
        if entry.kind == "command.settled" and entry.body["outcome"] == "internal":
            yield Violation("S11", "a rule broke on this command", entry)
    for letter in evidence.dead:
        yield Violation("S11", f"{letter.topic}@{letter.offset} became a dead letter: {letter.reason}")
