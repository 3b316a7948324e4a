"""Which promises the board shows, and how many it says there are, however many are history."""

from collections.abc import Iterable
from typing import Any

import pytest

from services.gateway.console import promises
from services.gateway.console.promises import CHUNK, SOON, Promises, due, missed
from services.gateway.store import CLOCKS, TICKETS
from shared.clock import HOUR
from shared.documents import Put
from tests.unit.gateway.console.house import House
from tests.unit.gateway.world import NOW, OURS

pytestmark = pytest.mark.anyio


async def tickets(house: House, keys: Iterable[str], **more: Any) -> None:
    plain = {"status": "open", "team": "cards", "opened_at": NOW, "number": 1, **more}
    await house.world.documents.write([Put(TICKETS.name, OURS, key, 1, plain) for key in keys])


async def clocks(house: House, due_at: dict[str, int], state: str = "breached", target: str = "first_reply") -> None:
    puts = [
        Put(CLOCKS.name, OURS, f"{key}/{target}", 1, {"ticket": key, "target": target, "state": state, "due_at": at})
        for key, at in due_at.items()
    ]
    await house.world.documents.write(puts)


def shown(found: Promises) -> list[str]:
    return [clock.key for clock, _ in found.rows]


async def history(house: House, many: int = 300) -> None:
    """Missed and solved since, later than what is still open."""
    solved = [f"s{number}" for number in range(many)]
    await tickets(house, solved, status="resolved")
    await clocks(house, dict.fromkeys(solved, NOW - 1))


async def test_what_is_late_longest_is_not_hidden_by_what_was_solved_since(house: House) -> None:
    await history(house)
    await tickets(house, ["old", "older"], number=7)
    await clocks(house, {"old": NOW - HOUR, "older": NOW - 2 * HOUR})
    page = await house.page("/")
    rows = [row.attributes["data-key"] for row in page.part("clocks").find("li")]
    assert rows == ["older/first_reply", "old/first_reply"]
    figures = {row.find("dt")[0].text: row.find("dd")[0].text for row in page.part("figures").find("div")}
    assert figures["Promise missed"] == "2"


async def test_what_is_late_longest_stands_first_and_a_ticket_counts_once(house: House) -> None:
    keys = [f"t{number}" for number in range(2 * CHUNK + 30)]
    await tickets(house, keys)
    await clocks(house, {key: NOW - 1_000 + place for place, key in enumerate(keys)})
    await clocks(house, {"t5": NOW - 5_000}, target="resolution")
    found = await missed(house.world.documents.of(OURS), None, 3)
    assert shown(found) == ["t5/resolution", "t0/first_reply", "t1/first_reply"]
    assert (found.tickets, found.exact) == (len(keys), True)


@pytest.mark.parametrize("solved", [0, 300])
@pytest.mark.parametrize("more", [{"spam": True}, {"merged_into": "t9"}, {"status": "closed"}, {"team": "transfers"}])
async def test_what_nobody_of_the_team_works_on_is_not_late(house: House, more: dict[str, Any], solved: int) -> None:
    await history(house, solved)
    await tickets(house, ["mine", "quiet"])
    await tickets(house, ["not"], **more)
    await clocks(house, {"mine": NOW - 1, "not": NOW - 2})
    found = await missed(house.world.documents.of(OURS), "cards", 9)
    assert (shown(found), found.tickets, found.exact) == (["mine/first_reply"], 1, True)


async def test_a_figure_that_was_not_counted_to_the_end_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "CHUNK", 3)
    monkeypatch.setattr(promises, "MOST", 6)
    keys = [f"t{number}" for number in range(8)]
    await tickets(house, keys)
    await clocks(house, dict.fromkeys(keys, NOW - 1))
    await clocks(house, dict.fromkeys(keys, NOW + 1), "running", "update")
    page = await house.page("/")
    figures = {row.find("dt")[0].text: row.find("dd")[0].text for row in page.part("figures").find("div")}
    assert (figures["Promise missed"], figures["Due within 30 min"]) == ("at least 6", "at least 6")
    assert page.part("figures").attributes["data-announce"] == "0 waiting, at least 6 late"
    assert "على الأقل ٦" in (await house.page("/", language="ar")).part("figures").text


async def test_what_is_due_next_is_found_behind_what_is_due_elsewhere(house: House) -> None:
    others = [f"o{number}" for number in range(CHUNK + 30)]
    await tickets(house, others, team="transfers")
    await clocks(house, dict.fromkeys(others, NOW + 1), "running")
    await tickets(house, ["soon", "later", "latest"])
    await clocks(house, {"soon": NOW + SOON, "later": NOW + SOON + 1, "latest": NOW + HOUR}, "running")
    found = await due(house.world.documents.of(OURS), NOW, "cards", 2)
    assert shown(found) == ["soon/first_reply", "later/first_reply"]
    assert (found.tickets, found.exact) == (1, True)
