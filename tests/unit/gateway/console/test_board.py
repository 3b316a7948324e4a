"""The live board: what waits, who is there, what is due; for people who see it, hear it, or read it from the right."""

from typing import Any

import pytest

from services.gateway.console.figures import MOST, oldest_waiting
from services.gateway.console.promises import SOON, missed
from services.gateway.console.promises import due as next_due
from services.gateway.store import TICKETS
from shared.catalogue import facts as f
from shared.catalogue.topics import SLA
from shared.documents import Put, by
from shared.policy.terms import Priority, Status, WorkKind
from tests.unit.gateway import facts as say
from tests.unit.gateway.console.house import House
from tests.unit.gateway.world import NOW, OURS

pytestmark = pytest.mark.anyio


async def waiting(house: House, ticket: str, number: int, since: int = NOW, head_start: int = 0, **more: Any) -> None:
    await house.mail(message=f"m-{ticket}", subject=f"about {ticket}")
    await house.tell(
        say.opened(ticket, number, conversation=f"v-{ticket}", **more),
        say.received(f"m-{ticket}", f"v-{ticket}", ticket, first=True),
        say.queued(ticket, ticket, waiting_since=since, head_start=head_start, team=more.get("team", "first")),
    )


def keys(section: Any) -> list[str]:
    return [row.attributes["data-key"] for row in section.find("li")]


async def test_an_empty_desk_says_what_to_do(house: House) -> None:
    page = await house.page("/")
    assert "Nobody waits." in page.part("queue").text
    assert "No tickets yet." in page.part("recent").text
    assert "Nothing is due." in page.part("clocks").text
    assert "سارة القحطاني" in page.part("agents").text


async def test_a_desk_where_nobody_is_ready_says_that_too(house: House) -> None:
    await house.tell(f.PresenceChanged(agent="sara", state="not_ready", reason="prayer"))
    page = await house.page("/")
    assert "nobody is ready either" in page.part("queue").text
    assert page.part("presence-choice").find("option", selected="*")[0].attributes["value"] == "prayer"
    assert "Prayer" in page.part("agents").text


async def test_the_queue_stands_in_the_order_it_is_given_out(house: House) -> None:
    await waiting(house, "late", 1, since=NOW - 1_000)
    await waiting(house, "urgent", 2, since=NOW, head_start=60_000, priority=Priority.URGENT)
    await waiting(house, "latest", 3, since=NOW)
    page = await house.page("/")
    assert keys(page.part("queue")) == ["urgent", "late", "latest"]
    assert "Urgent" in page.part("queue").find("li")[0].text
    assert "about urgent" in page.part("queue").find("li")[0].text


async def test_waiting_work_can_be_taken_and_the_button_says_which(house: House) -> None:
    await waiting(house, "t9", 9)
    page = await house.page("/")
    assert "POST /v1/work/t9/take" in page.sends()
    assert page.part("queue").find("button")[0].text == "Take SUP-9"


async def test_what_may_not_be_taken_has_no_button(house: House) -> None:
    await waiting(house, "t9", 9)
    token = await house.server.key("integrator", scopes=("tickets:read", "people:read"))
    async with await house.browser("") as browser:
        page = await browser.get("/", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 200
    assert "/take" not in page.text
    assert "/presence" not in page.text


async def test_figures_are_those_of_the_desk(house: House) -> None:
    house.world.clock.time = NOW + 3_600_000
    await waiting(house, "t1", 1)
    await waiting(house, "t2", 2, since=NOW + 1_000)
    await house.person("omar", "Omar", ready=False)
    await house.clock("t1", due=NOW + 3_600_000 + SOON)
    await house.clock("t2", due=NOW + 1)
    breach = f.TargetBreached(ticket="t2", target="first_reply", cycle=1, verdict="v", due_at=NOW + 1)
    await house.tell(breach, topic=SLA.name)
    page = await house.page("/")
    figures = {row.find("dt")[0].text: row.find("dd")[0].text for row in page.part("figures").find("div")}
    assert figures == {
        "Open": "2", "Waiting": "2", "Oldest wait": "1 hr", "Promise missed": "1", "Due within 30 min": "1",
        "Agents ready": "1",
    }  # fmt: skip
    assert page.part("figures").attributes["data-announce"] == "2 waiting, 1 late"


async def test_arabic_figures_have_arabic_digits_and_ticket_numbers_do_not(house: House) -> None:
    for number in range(1, 4):
        await waiting(house, f"t{number}", number)
    page = await house.page("/", language="ar")
    assert [one.text for one in page.part("figures").find("dd")][:2] == ["٣", "٣"]
    assert page.part("figures").attributes["data-announce"] == "٣ تذاكر بالانتظار, لا وعود فائتة"
    reference = page.part("queue").find("bdi", class_="number")[0]
    assert (reference.text, reference.attributes["dir"]) == ("SUP-1", "ltr")


async def test_a_promise_of_a_solved_ticket_is_nobody_s_concern(house: House) -> None:
    await waiting(house, "t1", 1)
    await house.clock("t1", due=NOW + 1)
    await house.tell(say.status(Status.RESOLVED, resolution=1))
    documents = house.world.documents.of(OURS)
    assert [(await next_due(documents, NOW, None, 9)).tickets, (await missed(documents, None, 9)).tickets] == [0, 0]


async def test_the_longest_wait_is_found_behind_others_head_starts(house: House) -> None:
    await waiting(house, "urgent", 1, since=NOW - 10, head_start=100_000)
    await waiting(house, "old", 2, since=NOW - 5_000)
    documents = house.world.documents.of(OURS)
    assert await oldest_waiting(documents, TICKETS.name, by(work_state="queued")) == NOW - 5_000


async def test_the_search_for_the_longest_wait_has_an_end(house: House) -> None:
    many = [
        Put(
            TICKETS.name,
            OURS,
            f"t{place:04}",
            1,
            {"work_state": "queued", "rank": place, "waiting_since": 10**6 - place},
        )
        for place in range(MOST + 50)
    ]
    await house.world.documents.write(many)
    oldest = await oldest_waiting(house.world.documents.of(OURS), TICKETS.name, by(work_state="queued"))
    assert oldest == 10**6 - (MOST - 1)


async def test_one_team_alone_can_be_looked_at(house: House) -> None:
    await waiting(house, "t1", 1, team="cards")
    await waiting(house, "t2", 2, team="transfers")
    await house.clock("t1", due=NOW + 5)
    await house.clock("t2", due=NOW + 5)
    await house.person("omar", "Omar", team="transfers")
    page = await house.page("/?team=cards")
    assert keys(page.part("queue")) == keys(page.part("recent")) == ["t1"]
    assert keys(page.part("agents")) == ["sara"]
    assert keys(page.part("clocks")) == ["t1/first_reply"]
    assert page.part("team").find("option", selected="*")[0].text == "Cards"


async def test_an_offer_to_me_stands_first_among_mine(house: House) -> None:
    await waiting(house, "t1", 1)
    await waiting(house, "t2", 2)
    await house.tell(say.assigned("t1", "t1"), say.offered("t2", "t2", epoch=4))
    page = await house.page("/")
    assert keys(page.part("mine")) == ["t2", "t1"]
    sends = page.sends()
    assert "POST /v1/work/t2/accept" in sends
    assert "POST /v1/work/t2/decline" in sends
    assert page.part("mine").find("input", name="epoch")[0].attributes["value"] == "4"


async def test_solved_tickets_are_not_mine_any_more(house: House) -> None:
    await house.ticket()
    assert keys((await house.page("/")).part("mine")) == ["t1"]
    await house.tell(say.status(Status.RESOLVED, resolution=1))
    assert "hidden" in (await house.page("/")).part("mine").attributes


async def test_a_task_stands_with_its_purpose_due_time_and_ticket(house: House) -> None:
    await house.ticket()
    await house.tell(say.task(due_at=NOW - 60_000), say.assigned("k1", "t1"))
    row = next(row for row in (await house.page("/")).part("mine").find("li") if row.attributes["data-key"] == "k1")
    assert "Call back" in row.text
    assert "SUP-1024" in row.text
    assert "late" in row.text
    assert row.find("form")[0].attributes["data-send"] == "POST /v1/tasks/k1/complete"


async def test_a_waiting_task_without_a_ticket_leads_nowhere(house: House) -> None:
    await house.tell(say.task(ticket=None, owner=None), say.queued("k1", None, WorkKind.TASK))
    row = (await house.page("/")).part("queue").find("li")[0]
    assert "href" not in row.find("a")[0].attributes


async def test_promises_stand_by_their_deadline_missed_ones_first(house: House) -> None:
    for number, due in ((1, 30_000), (2, 10_000), (3, 20_000)):
        await waiting(house, f"t{number}", number)
        await house.clock(f"t{number}", due=NOW + due)
    breach = f.TargetBreached(ticket="t3", target="first_reply", cycle=1, verdict="v", due_at=NOW + 20_000)
    await house.tell(breach, topic=SLA.name)
    assert [key.partition("/")[0] for key in keys((await house.page("/")).part("clocks"))] == ["t3", "t2", "t1"]


async def test_a_clock_without_a_deadline_is_not_due(house: House) -> None:
    await waiting(house, "t1", 1)
    await house.clock("t1", due=None)
    page = await house.page("/")
    assert "Nothing is due." in page.part("clocks").text
    assert "no deadline" not in page.part("queue").text


async def test_agents_stand_with_load_and_capacity_ready_ones_first(house: House) -> None:
    await house.person("adam", "Adam", ready=False)
    await house.person("zayd", "Zayd")
    await house.ticket()
    page = await house.page("/")
    assert keys(page.part("agents")) == ["zayd", "sara", "adam"]
    meter = page.part("agents").find("li")[1].find("meter")[0]
    assert (meter.attributes["value"], meter.attributes["max"]) == ("2", "12")
    assert meter.attributes["aria-label"] == "Load 2 of 12"


async def test_a_seat_that_ended_is_not_on_the_board(house: House) -> None:
    await house.person("adam", "Adam")
    await house.tell(f.AgentRemoved(agent="adam"))
    assert keys((await house.page("/")).part("agents")) == ["sara"]


async def test_the_page_says_what_it_listens_to(house: House) -> None:
    page = await house.page("/")
    events = page.one("meta", name="events").attributes["content"].split()
    assert "sanad.ticket.opened.v1" in events
    assert "sanad.target.breached.v1" in events
    assert "sanad.desk.time_reached.v1" not in events
    assert page.one("body").attributes["data-live"] == "board"
    parts = [part.attributes["id"] for part in page.find(data_live_part="*") if part.attributes.get("id")]
    assert {"figures", "queue", "recent", "clocks", "agents", "mine"} <= {*parts} | {
        part.attributes["id"] for part in page.find("section") if "data-live-part" in part.attributes
    }


async def test_more_waiting_than_shown_is_said(house: House) -> None:
    many = [
        Put(
            TICKETS.name, OURS, f"w{place:03}", 1,
            {"work_state": "queued", "rank": place, "waiting_since": NOW, "number": place, "status": "new", "opened_at": NOW},
        )
        for place in range(1, 31)
    ]  # fmt: skip
    await house.world.documents.write(many)
    page = await house.page("/")
    assert len(keys(page.part("queue"))) == 25
    assert "and 5 more" in page.part("queue").text


async def test_presence_offers_what_a_person_may_say(house: House) -> None:
    choice = (await house.page("/")).part("presence-choice")
    values = [option.attributes["value"] for option in choice.find("option")]
    assert values == ["ready", "break", "prayer", "training", "meeting", "offline"]
    assert choice.find("option", selected="*")[0].attributes["value"] == "ready"


async def test_whoever_was_disconnected_sees_it_and_can_come_back(house: House) -> None:
    await house.tell(f.PresenceChanged(agent="sara", state="not_ready", reason="disconnected", until=NOW + 60_000))
    page = await house.page("/")
    chosen = page.part("presence-choice").find("option", selected="*")[0]
    assert chosen.text == "Disconnected"
    assert "disabled" in chosen.attributes
    assert "until" in page.part("presence").text
