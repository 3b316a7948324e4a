"""Commands of one desk as they lie in its log, and what is read from the facts they lead to."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from services.gateway.policy_file.loader import load_policy
from shared.broker import Broker, Outgoing, Record
from shared.catalogue.codec import decode, encode
from shared.catalogue.commands import Command, ReceiveMessage, SetPresence
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import TargetBreached, TargetCancelled, TargetMet, TargetStarted
from shared.catalogue.topics import COMMANDS, SLA
from shared.catalogue.values import Contact, Principal
from shared.ids import named_id
from shared.policy.terms import Channel

DESK, ORGANISATION = "support", "waha"
PROMISED = 2
"""Seconds in which the policy of the bench promises a first reply to who lost a card."""
ENDINGS = {one.TYPE.encode() for one in (TargetBreached, TargetCancelled, TargetMet)}
AT_ONCE = 2_000


def enveloped(commands: Sequence[Command], now: int, partition: int) -> list[Outgoing]:
    """As they lie in the desk's log."""
    records: list[Outgoing] = []
    for command in commands:
        command_id = named_id("bench", str(time.perf_counter_ns()), len(records))
        envelope = Envelope(command_id, "bench", now, ORGANISATION, DESK, command_id, command_id, command)
        records.append(encode(envelope, COMMANDS.name, partition))
    return records


def message(number: int, name: str, sent_at: int, words: tuple[str, ...] = ()) -> ReceiveMessage:
    """Each from a customer of its own."""
    by = Principal(organisation=ORGANISATION, desk=DESK, id="bench", role="customer")
    return ReceiveMessage(
        by=by, message=named_id(name, number), channel=Channel.WEBFORM, account="web", sent_at=sent_at,
        sender=Contact(id=named_id(name, "contact", number), kind="email", address=f"c{number}@example.org"),
        text="How do I order a card?", language="en", words=words, policy_version=1,
    )  # fmt: skip


def presence() -> SetPresence:
    by = Principal(organisation=ORGANISATION, desk=DESK, id="system", role="system")
    return SetPresence(by=by, agent="admin", state="ready")


def conditions(file: Path, names: set[str]) -> tuple[str, ...]:
    """Ids of these word lists in a policy."""
    policy = load_policy(file.read_text(encoding="utf-8"))
    return tuple(words.condition for name, words in policy.words.items() if name in names)


def lateness(records: Iterable[Record]) -> list[float]:
    """Of each breach among them: from its due time to the moment the log took the fact, by the log's clock."""
    found = ((record.appended_at, decode(record).body) for record in records)
    return [float(at - body.due_at) for at, body in found if isinstance(body, TargetBreached)]


async def open_clocks(broker: Broker, partition: int) -> int:
    """How many targets were started there and not ended."""
    at = (await broker.bounds(SLA.name, partition)).first
    count = 0
    while records := await broker.read(SLA.name, partition, at, AT_ONCE):
        kinds = [dict(record.headers)["ce_type"] for record in records]
        count += kinds.count(TargetStarted.TYPE.encode()) - sum(kind in ENDINGS for kind in kinds)
        at = records[-1].offset + 1
    return count
