"""Whose doors are whose: the policy in force per desk, as `sanad.desk` tells it, found by form key or address.

A small fold keeps it, so that ingest learns a policy from `policy.applied` and nowhere else (R2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from services.ingest.backlog import Backlog
from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.facts import PolicyApplied
from shared.clock import Ms
from shared.desks import DeskPlace
from shared.emissions import Output, Unreadable
from shared.policy.desk import Account
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from shared.text.phrases import WordIndex

APPLIED = PolicyApplied.TYPE.encode()


@dataclass(frozen=True)
class DeskDoor:
    """A desk as its doors need it: its place, its policy, since which fact."""

    place: DeskPlace
    policy: Policy
    seq: int

    @cached_property
    def index(self) -> WordIndex:
        """The word conditions, built once per policy."""
        return WordIndex(self.policy.conditions)


@dataclass(frozen=True, slots=True)
class Entry:
    """A channel account of a desk."""

    desk: DeskDoor
    account: Account


class Policies:
    """All desks of this process's partitions. A desk without a policy has no doors."""

    def __init__(self) -> None:
        self._desks: dict[str, DeskDoor] = {}
        self._by_key: dict[str, Entry] = {}
        self._by_address: dict[str, Entry] = {}

    def put(self, door: DeskDoor) -> None:
        """Take in a policy, unless a later one of the desk is known (a fold may begin again further back)."""
        known = self._desks.get(door.place.id)
        if known is not None and known.seq > door.seq:
            return
        self._desks[door.place.id] = door
        for table in (self._by_key, self._by_address):
            for name in [name for name, entry in table.items() if entry.desk.place.id == door.place.id]:
                del table[name]
        for account in door.policy.accounts.values():
            entry = Entry(door, account)
            if account.channel is Channel.WEBFORM and account.key:
                self._by_key.setdefault(account.key, entry)
            if account.channel is Channel.EMAIL:
                for address in account.addresses:
                    self._by_address.setdefault(address, entry)

    def desk(self, desk: str) -> DeskDoor | None:
        return self._desks.get(desk)

    def form(self, key: str) -> Entry | None:
        """The form with this public key."""
        return self._by_key.get(key)

    def mailbox(self, address: str) -> Entry | None:
        """The account reached by this address, whatever its case."""
        return self._by_address.get(address.casefold())

    def places(self) -> list[DeskPlace]:
        return [door.place for door in self._desks.values()]


class PolicyFold:
    """A Fold of one partition of `sanad.desk`. It reads the headers of every fact and the body of policies only."""

    recovers_from: str | None = None

    def __init__(self, policies: Policies, backlog: Backlog, partition: int) -> None:
        self._policies, self._backlog, self._partition = policies, backlog, partition
        self._facts: dict[str, tuple[str, int, bytes]] = {}

    def apply(self, record: Record) -> list[Output]:
        headers = dict(record.headers)
        self._backlog.decided(self._partition, int(headers.get("ce_position", b"-1")))
        if headers.get("ce_type") != APPLIED:
            return []
        try:
            envelope = decode(record)
        except Malformed as fault:
            return [Unreadable(record, str(fault))]
        known = self._facts.get(envelope.desk)
        if known is None or known[1] < envelope.seq:
            self._facts[envelope.desk] = (envelope.organisation, envelope.seq, record.value)
            self._open(envelope.desk, envelope.organisation, envelope.seq, envelope.body.policy)
        return []

    def _open(self, desk: str, organisation: str, seq: int, policy: Policy) -> None:
        self._policies.put(DeskDoor(DeskPlace(desk, organisation, self._partition), policy, seq))

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        for desk, (organisation, seq, fact) in list(self._facts.items()):
            yield f"{desk}/{organisation}/{seq}", fact

    def unsaved(self) -> None:
        """Every save gives every chunk."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        for name, fact in chunks.items():
            desk, organisation, seq = name.rsplit("/", 2)
            self._facts[desk] = (organisation, int(seq), fact)
            self._open(desk, organisation, int(seq), PolicyApplied.model_validate_json(fact).policy)

    def condemn(self, offset: int) -> None:
        """Nothing here fails half way."""

    def recover(self, own: Record) -> int | None:
        return None
