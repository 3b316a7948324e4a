"""Tickets to look through, what was set aside, what went out, who works here."""

from typing import Any

import pytest

from shared.catalogue import facts as f
from shared.policy.terms import Channel, Status
from tests.unit.gateway import facts as say
from tests.unit.gateway.console.house import House
from tests.unit.gateway.world import NOW

pytestmark = pytest.mark.anyio


def keys(page: Any) -> list[str]:
    return [row.attributes["data-key"] for row in page.part("list").find("li", class_="row")]


async def several(house: House, *numbers: int, **more: Any) -> None:
    for number in numbers:
        opened = say.opened(f"t{number}", number, conversation=f"v{number}", **more)
        await house.world.say(opened, at=NOW + number)
    await house.world.catch_up()


async def test_tickets_that_are_not_solved_stand_newest_first(house: House) -> None:
    await several(house, 1, 2, 3)
    await house.tell(say.status(Status.RESOLVED, "t2", resolution=1))
    assert keys(await house.page("/tickets")) == ["t3", "t1"]
    assert keys(await house.page("/tickets?status=resolved")) == ["t2"]
    assert keys(await house.page("/tickets?status=all")) == ["t3", "t2", "t1"]


async def test_filters_hold_together_and_stay_chosen(house: House) -> None:
    await several(house, 1, team="cards", owner="sara")
    await several(house, 2, team="transfers", owner="sara")
    await several(house, 3, team="cards", owner="omar")
    page = await house.page("/tickets?team=cards&owner=sara")
    assert keys(page) == ["t1"]
    assert page.part("team").find("option", selected="*")[0].text == "Cards"
    assert page.part("owner").find("option", selected="*")[0].text == "Mine"
    page = await house.page("/tickets?owner=omar")
    assert keys(page) == ["t3"]
    assert page.part("owner").find("option", selected="*")[0].attributes["value"] == "omar"


async def test_a_filter_that_fits_nothing_shows_the_way_back(house: House) -> None:
    page = await house.page("/tickets?team=nobody")
    assert "No ticket is like this." in page.part("list").text
    assert page.part("list").find("a")[0].attributes["href"] == "/tickets?status=all"


async def test_older_tickets_are_a_page_away_with_the_same_filter(house: House) -> None:
    await several(house, *range(1, 53), team="cards")
    first = await house.page("/tickets?team=cards")
    assert len(keys(first)) == 50
    rest = await house.page(first.one("a", rel="next").attributes["href"])
    assert keys(rest) == ["t2", "t1"]
    assert rest.find("a", rel="next") == []


async def test_a_cursor_of_elsewhere_is_no_page(house: House) -> None:
    for path in ("/tickets?after=x", "/set-aside?after=x", "/people?after=%E2%80%8B"):
        async with await house.browser() as browser:
            assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("number", ["7", "SUP-7", "٧", " sup-7 ", "#7"])
async def test_a_number_in_either_script_finds_its_ticket(house: House, number: str) -> None:
    await several(house, 7)
    async with await house.browser() as browser:
        response = await browser.get("/tickets", params={"q": number})
    assert (response.status_code, response.headers["location"]) == (303, "/tickets/t7")


@pytest.mark.parametrize("number", ["8", "nothing", "<script>alert(1)</script>", "\u202e7x"])
async def test_a_number_nobody_has_is_told_as_text(house: House, number: str) -> None:
    await several(house, 7)
    async with await house.browser() as browser:
        response = await browser.get("/tickets", params={"q": number})
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "\u202e" not in response.text
    assert "SUP-1024" in response.text


async def aside(house: House, message: str = "m9", **more: Any) -> None:
    fact = f.MessageSetAside(
        message=message, contact="p1", channel=Channel.EMAIL, account="mail", sent_at=NOW, restorable_until=NOW + 10,
        **{"reason": "spam", **more},
    )  # fmt: skip
    await house.tell(fact)


async def test_what_was_set_aside_says_why_and_can_be_brought_back(house: House) -> None:
    await house.mail("<b>Win</b> a prize", "<i>Prize</i>", message="m9")
    await aside(house)
    page = await house.page("/set-aside")
    row = page.part("list").find("li")[0]
    assert row.text.startswith("<i>Prize</i>")
    assert "Spam" in row.text
    assert "<b>Win</b> a prize" in row.find("div", class_="text")[0].text
    assert row.find("form")[0].attributes["data-send"] == "POST /v1/set-aside/m9/restore"


async def test_what_was_brought_back_is_gone_from_there(house: House) -> None:
    await aside(house)
    await house.tell(f.MessageRestored(message="m9"))
    assert "Nothing is set aside." in (await house.page("/set-aside")).part("list").text


async def test_a_reason_of_a_newer_version_is_shown_as_it_is(house: House) -> None:
    await aside(house, reason="quarantined")
    assert "quarantined" in (await house.page("/set-aside")).part("list").text


async def test_the_outbox_asks_the_public_api_and_says_what_no_relay_means(house: House) -> None:
    page = await house.page("/outbox", language="ar")
    section = page.part("outbox")
    assert section.attributes["data-outbox"] == "/v1/outbox"
    assert section.attributes["data-reference"] == "SUP-"
    assert section.attributes["data-zone"] == "Asia/Riyadh"
    assert "لا يغادر شيء هذا الجهاز" in page.text
    await house.person("omar", "Omar", role="agent")
    assert section.attributes["data-release"] == "yes"
    assert (await house.page("/outbox", seat="omar")).part("outbox").attributes["data-release"] == ""


async def test_people_stand_with_role_team_skills_and_presence(house: House) -> None:
    await house.person(
        "omar", "Omar <b>", ready=False, role="agent", team="transfers", secondary_teams=("cards",),
        skills=({"id": "language:ar", "level": 5}, {"id": "fraud", "level": 2}, {"id": "juggling", "level": 1}),
    )  # fmt: skip
    rows = (await house.page("/people", language="ar")).find("tbody")[0].find("tr")
    omar = next(row for row in rows if "Omar" in row.text)
    assert "Omar <b>" in omar.text
    assert "omar@example.com" in omar.text
    assert "موظف" in omar.text
    assert "التحويلات" in omar.text
    assert [one.text for one in omar.find("span", class_="tag")] == ["العربية ٥", "قضايا الاحتيال ٢", "juggling ١"]
    assert "صلاة" in omar.text


async def test_a_lead_sees_people_and_no_sign_in_links(house: House) -> None:
    page = await house.page("/people")
    assert page.part("import").attributes["data-import"] == "/v1/people/import"
    assert not [send for send in page.sends() if "sign-in-link" in send]


async def test_an_agent_imports_nobody(house: House) -> None:
    await house.person("omar", "Omar", role="agent")
    assert (await house.page("/people", seat="omar")).find(id="import") == []


async def test_an_admin_hands_links_over_to_those_who_asked(house: House) -> None:
    await house.person("boss", "Boss", role="admin")
    await house.server.gate.sign_in.request("sara@example.com", NOW)
    page = await house.page("/people", seat="boss")
    asked = page.find("section", aria_labelledby="wishes-title")[0]
    assert "سارة القحطاني" in asked.text
    assert asked.find("form")[0].attributes["data-send"] == "POST /v1/agents/sara/sign-in-link"


async def test_a_seat_that_ended_stays_in_the_list_as_ended(house: House) -> None:
    await house.person("omar", "Omar")
    await house.person("boss", "Boss", role="admin")
    await house.tell(f.AgentRemoved(agent="omar"))
    rows = (await house.page("/people", seat="boss")).find("tbody")[0].find("tr")
    omar = next(row for row in rows if "Omar" in row.text)
    assert "Seat ended" in omar.text
    assert omar.find("form") == []
