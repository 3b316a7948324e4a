"""What strikes when the time is short, and what becomes of a strike that could not strike."""

import random
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults.campaign import Campaign
from tests.faults.dealing import file_of
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.journal import Journal

pytestmark = pytest.mark.anyio
MINUTE = 60.0


class Hour:
    """A clock that goes on by what strikes take: a minute each."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.house, self._at = House(folder, 1, "faust"), 0.0
        self._patch = patch
        patch.setattr("tests.faults.campaign.time", SimpleNamespace(monotonic=lambda: self._at))

    def fault(self, name: str, file: str, why: str | None = None, aftermath: int = 0) -> Fault:
        async def strike(_house: House, _draw: random.Random) -> str | None:
            self._at += MINUTE
            return why

        strike.__module__ = file
        return Fault(name, strike, aftermath=aftermath)

    async def strike(self, minutes: int, faults: Sequence[Fault], *only: str) -> Journal:
        self._patch.setattr("tests.faults.campaign.FAULTS", faults)
        campaign = Campaign(self.house, 1, minutes * MINUTE, only=only, tell=lambda _: None)
        await campaign._strike(())
        return self.house.journal


@pytest.fixture
def hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hour:
    return Hour(tmp_path, monkeypatch)


async def test_a_short_campaign_lasts_until_each_kind_has_come(hour: Hour) -> None:
    faults = [hour.fault(f"{file}{number}", file, aftermath=900) for file in "abcd" for number in range(3)]
    journal = await hour.strike(3, faults)
    assert {file_of(one) for one in faults if journal.strikes[one.name]} == {"a", "b", "c", "d"}
    assert journal.strikes.total() == 4


async def test_but_only_half_as_long_again(hour: Hour) -> None:
    journal = await hour.strike(4, [hour.fault(str(file), str(file)) for file in range(99)])
    assert journal.strikes.total() == 6


async def test_what_outlasts_the_end_does_not_strike_again(hour: Hour) -> None:
    journal = await hour.strike(5, [hour.fault("short", "a"), hour.fault("long", "b", aftermath=900)])
    assert journal.strikes == {"short": 4, "long": 1}


async def test_what_could_not_strike_is_not_counted_and_says_why(hour: Hour) -> None:
    journal = await hour.strike(5, [hour.fault("one", "a", "no disk"), hour.fault("two", "a")])
    assert journal.spared == {"one": "no disk"}
    assert set(journal.strikes) == {"two"}


async def test_only_faults_with_a_word_strike(hour: Hour) -> None:
    journal = await hour.strike(3, [hour.fault("one", "a"), hour.fault("two", "b")], "tw")
    assert journal.strikes == {"two": 3}
