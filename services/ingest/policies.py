"""Whose doors are whose: the policy in force per desk, as `sanad.desk` tells it, found by form key or address."""

import asyncio
from dataclasses import dataclass
from functools import cached_property

from shared.desks import DeskPlace
from shared.ids import one_spelling
from shared.policy.desk import Account
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from shared.text.phrases import WordIndex


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
    """All desks of this process's partitions. A desk without a policy has no doors.

    Before `complete` is set, who is not found may still come: doors then say "later", never "there is no such desk".
    """

    def __init__(self) -> None:
        self.complete = asyncio.Event()
        self.read_up_to: dict[int, int] = {}
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
                    self._by_address.setdefault(one_spelling("email", address), entry)

    def desk(self, desk: str) -> DeskDoor | None:
        return self._desks.get(desk)

    def form(self, key: str) -> Entry | None:
        """The form with this public key."""
        return self._by_key.get(key)

    def mailbox(self, address: str) -> Entry | None:
        """The account reached by this address, whatever its case and spelling."""
        return self._by_address.get(one_spelling("email", address))

    def places(self) -> list[DeskPlace]:
        return [door.place for door in self._desks.values()]
