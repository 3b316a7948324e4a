"""A ticket's page: everything said and done, and nothing of a customer's that acts."""

from typing import Any

import pytest

from services.gateway.console.ticket import LONGEST_TEXT
from shared.catalogue import facts as f
from shared.catalogue.commands import UpdateTicket
from shared.catalogue.commands.tickets import Reply
from shared.catalogue.rule_sets import AGENTS_COPY
from shared.catalogue.topics import SLA
from shared.catalogue.values import Candidate, Contact, Why
from shared.ids import note_id, reply_id
from shared.policy.terms import Status
from tests.unit.gateway import facts as say
from tests.unit.gateway.console.house import House, file
from tests.unit.gateway.world import NOW, OURS, principal

pytestmark = pytest.mark.anyio
ATTACK = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
OVERRIDE = "\u202egnp.exe"


def messages(page: Any) -> list[Any]:
    found: list[Any] = page.part("messages").find("li", class_="message")
    return found


async def answer(house: House, **more: Any) -> None:
    """Sara answers (or notes) by the command c1."""
    await house.world.command(UpdateTicket(by=principal(), ticket="t1", **more), "c1")


async def test_the_conversation_stands_in_the_order_it_was_said(house: House) -> None:
    await house.ticket("أين بطاقتي؟")
    await answer(house, reply=Reply(text="It is on its way."), note="call the branch")
    await house.tell(say.sent(reply_id("c1")), f.MessageNoted(message=note_id("c1"), ticket="t1", by="sara"))
    first, *rest = messages(await house.page("/tickets/t1"))
    assert first.attributes["class"] == "message theirs"
    assert first.find("div", class_="text")[0].text == "أين بطاقتي؟"
    assert first.find("div", class_="text")[0].attributes["dir"] == "auto"
    assert "هدى" in first.text
    assert {one.attributes["class"] for one in rest} == {"message ours", "message note"}
    assert any("It is on its way." in one.text and "سارة القحطاني" in one.text for one in rest)
    assert any("call the branch" in one.text and "Internal note" in one.text for one in rest)


async def test_what_a_customer_writes_is_text_wherever_it_stands(house: House) -> None:
    await house.ticket(ATTACK, ATTACK, name=ATTACK, attachments=(file(ATTACK),))
    for path in ("/tickets/t1", "/", "/tickets"):
        page = await house.page(path)
        assert page.find("img", src="x") == []
        assert page.text.count("<script>alert(2)</script>") >= 1
        assert "<script>alert" not in page.source


async def test_a_message_s_text_is_untouched(house: House) -> None:
    text = "line one\n\tindented \u202eoverride\u202c and  two  spaces"
    await house.ticket(text)
    page = await house.page("/tickets/t1")
    shown = messages(page)[0].find("div", class_="text")[0]
    assert "".join(map(str, shown.children)) == text


async def test_names_subjects_and_files_turn_nothing_around(house: House) -> None:
    await house.ticket(subject=f"photo{OVERRIDE}", name=f"Mona{OVERRIDE}", attachments=(file(f"cv{OVERRIDE}"),))
    page = await house.page("/tickets/t1")
    assert "\u202e" not in page.source
    assert page.one("title").text == "SUP-1024 photognp.exe – Sanad"
    assert page.one("h1").find("bdi", class_="subject")[0].text == "photognp.exe"
    assert page.one("ul", class_="files").find("bdi")[0].text == "cvgnp.exe"


async def test_a_name_of_many_lines_is_one_line(house: House) -> None:
    await house.ticket(subject="a\u2028b\x85c")
    assert (await house.page("/tickets/t1")).one("title").text == "SUP-1024 a b c – Sanad"


async def test_files_are_downloads(house: House) -> None:
    await house.ticket(attachments=(file("كشف.pdf", 1_500), file("film.mp4", 12_400_000)))
    first, second = (await house.page("/tickets/t1", language="ar")).one("ul", class_="files").find("li")
    link = first.find("a")[0]
    assert link.attributes["href"] == "/v1/messages/m1/attachments/0"
    assert "download" in link.attributes
    assert "٢ ك.ب" in first.text
    assert "١٢ م.ب" in second.text


async def test_a_message_s_html_waits_for_a_click(house: House) -> None:
    blob = await house.server.gate.blobs.put(OURS, b"<p>hello</p>")
    await house.ticket(html_blob=blob)
    page = await house.page("/tickets/t1")
    assert page.one("details", data_letter="*").attributes["data-letter"] == "/messages/m1/letter"
    assert page.find("iframe") == []


async def test_a_long_text_comes_from_where_it_is_kept_up_to_a_limit(house: House) -> None:
    blob = await house.server.gate.blobs.put(OURS, ("ط" * (LONGEST_TEXT + 5)).encode())
    await house.ticket("", text_blob=blob)
    assert messages(await house.page("/tickets/t1"))[0].find("div", class_="text")[0].text == "ط" * LONGEST_TEXT


async def test_a_text_that_is_gone_says_so(house: House) -> None:
    await house.tell(*say.intake())
    assert "The text is not there" in messages(await house.page("/tickets/t1"))[0].text


async def test_a_long_text_that_is_gone_leaves_the_page_whole(house: House) -> None:
    await house.ticket("", text_blob="0" * 64)
    assert len(messages(await house.page("/tickets/t1"))) == 1


async def test_the_quoted_rest_can_be_unfolded(house: House) -> None:
    await house.ticket("Thanks", full_text="Thanks\n> earlier words")
    whole = messages(await house.page("/tickets/t1"))[0].find("div", class_="whole")[0]
    assert "> earlier words" in whole.text


async def test_a_reply_tells_what_became_of_it(house: House) -> None:
    await house.ticket()
    await answer(house, reply=Reply(text="hello"))
    await house.tell(say.sent(reply_id("c1")))
    stored = f.DeliveryReported(message=reply_id("c1"), delivery="d", ticket="t1", outcome="stored")
    await house.tell(stored)
    assert "Not sent: no relay" in messages(await house.page("/tickets/t1"))[1].text
    await house.tell(stored.model_copy(update={"outcome": "failed", "permanent": True}))
    tag = messages(await house.page("/tickets/t1"))[1].find("span", class_="late")
    assert [one.text for one in tag] == ["Not delivered"]


async def test_people_can_be_copied_once_the_rules_are_in_force(house: House) -> None:
    await house.ticket()
    assert (await house.page("/tickets/t1")).find("input", name="reply.cc") == []
    await house.tell(f.RulesSwitched(desk=OURS, rules=AGENTS_COPY, on=True))
    page = await house.page("/tickets/t1", language="ar")
    assert page.find("label", for_="cc")[0].text == "نسخة إلى"
    assert len(page.find("input", name="reply.cc")) == 1


async def test_who_was_copied_stands_with_the_message_and_beside_the_conversation(house: House) -> None:
    await house.ticket()
    bank = Contact(id="p7", kind="email", address=f"bank{ATTACK}@example.com")
    await answer(house, reply=Reply(text="hello", cc=(bank,)))
    await house.tell(
        f.ParticipantJoined(conversation="v1", contact="p7", how="copied_by_agent"), say.sent(reply_id("c1"))
    )
    page = await house.page("/tickets/t1")
    assert page.find("img", src="x") == []
    assert f"Copied: bank{ATTACK}@example.com" in messages(page)[1].text
    assert "Copied" not in messages(page)[0].text
    pairs = page.part("more").find("dl", class_="pairs")[-1]
    assert [term.text for term in pairs.find("dt")].count("Copied") == 1
    assert f"bank{ATTACK}@example.com" in pairs.text


@pytest.mark.parametrize(("language", "word"), [("en", "unreachable"), ("ar", "لا يصله البريد")])
async def test_an_address_mail_comes_back_from_is_marked(house: House, language: str, word: str) -> None:
    await house.ticket()

    async def marks() -> list[str]:
        page = await house.page("/tickets/t1", language=language)
        return [one.text for part in ("head", "more") for one in page.part(part).find("span", class_="late")]

    assert await marks() == []
    await house.tell(f.ContactPointUnreachable(contact="p1", unreachable=True, code="5.1.1"))
    above, beside = await marks()
    assert beside == word
    assert above == ("Mail to this customer comes back" if language == "en" else "الرسائل إلى هذا العميل تُردّ")
    await house.tell(f.ContactPointUnreachable(contact="p1", unreachable=False))
    assert await marks() == []


async def test_an_automatic_message_is_the_desk_s_own(house: House) -> None:
    await house.ticket()
    await house.tell(say.sent("r9", by="desk", author_kind="system", automatic=True))
    assert "Sanad Automatic" in messages(await house.page("/tickets/t1"))[1].text


async def test_several_conversations_are_told_apart(house: House) -> None:
    await house.ticket()
    await house.tell(say.conversation("v2"), say.received("m2", "v2"))
    first, second = messages(await house.page("/tickets/t1"))
    assert "Conversation 1" in first.text
    assert "Conversation 2" in second.text


@pytest.mark.parametrize("reference", ["1024", "SUP-1024", "%D9%A1%D9%A0%D9%A2%D9%A4"])
async def test_a_number_in_the_address_leads_to_the_ticket(house: House, reference: str) -> None:
    await house.ticket()
    async with await house.browser() as browser:
        response = await browser.get(f"/tickets/{reference}")
    assert (response.status_code, response.headers["location"]) == (303, "/tickets/t1")


async def test_a_ticket_nobody_knows_is_a_page_that_says_so(house: House) -> None:
    page = await house.page("/tickets/none", status=404, language="ar")
    assert "لا توجد صفحة كهذه" in page.one("h1").text


async def test_another_organisation_s_ticket_is_not_there(house: House) -> None:
    from tests.unit.gateway.world import THEIRS

    await house.world.say(*say.intake("theirs", 7), desk=THEIRS)
    await house.world.catch_up()
    assert "SUP-7" not in (await house.page("/tickets/theirs", status=404)).text


async def test_every_assignment_says_why(house: House) -> None:
    await house.mail()
    why = Why(
        rule="lost-card", strategy="least_loaded", policy_version=3, waited=90_000, excluded={"not_ready": 2},
        candidates=(
            Candidate(agent="sara", load=2, capacity=12),
            Candidate(agent="omar", load=6, capacity=6, score=3, rank=1, excluded="capacity"),
        ),
    )  # fmt: skip
    await house.tell(*say.intake()[:-1], say.assigned(why=why))
    card = (await house.page("/tickets/t1")).one("details", class_="why")
    assert "lost-card" in card.text
    assert "least loaded first" in card.text
    assert "1 min 30 sec" not in card.text
    assert "1 min" in card.text
    rows = [[cell.text for cell in row.find("td")] for row in card.find("tbody")[0].find("tr")]
    assert rows == [["سارة القحطاني", "2 of 12", "primary", "0", "–"], ["omar", "6 of 6", "secondary", "3", "no room"]]
    assert "not ready: 2" in card.text


async def test_clocks_stand_with_what_is_left_and_what_became_of_them(house: House) -> None:
    await house.ticket()
    await house.clock(due=NOW + 90 * 60_000)
    await house.clock(target="resolution", due=NOW + 100)
    met = f.TargetMet(
        ticket="t1", target="first_reply", cycle=1, verdict="v", stopped_at=NOW, due_at=NOW + 9, elapsed=9
    )
    page = await house.page("/tickets/t1")
    assert "First reply 1 hr 30 min left" in page.part("clocks").text
    assert page.part("clocks").find("span", class_="soon")[0].text.startswith("Resolution")
    await house.tell(met, topic=SLA.name)
    assert "First reply Met" in (await house.page("/tickets/t1")).part("clocks").text


async def test_the_survey_s_answer_stands_with_its_comment_as_text(house: House) -> None:
    await house.ticket()
    await house.survey(1, ATTACK)
    page = await house.page("/tickets/t1")
    assert page.one("strong", class_="score").text == "1 of 5"
    assert "late" in page.one("strong", class_="score").attributes["class"]
    assert page.one("blockquote").text == ATTACK


async def test_form_fields_are_shown_as_text(house: House) -> None:
    await house.ticket()
    await house.world.command(UpdateTicket(by=principal(), ticket="t1", fields={"iban": ATTACK}), "c7")
    await house.tell(f.FieldsChanged(ticket="t1", names=("iban",), command="c7"))
    pairs = (await house.page("/tickets/t1")).part("more").find("dl")[0]
    assert (pairs.find("dt")[0].text, pairs.find("dd")[0].text) == ("iban", ATTACK)


async def test_what_an_agent_may_do_is_one_request_each(house: House) -> None:
    await house.ticket()
    assert (await house.page("/tickets/t1")).sends() == [
        "POST /v1/sign-out", "POST /v1/work/t1/release", "PATCH /v1/tickets/t1", "PATCH /v1/tickets/t1",
        "PATCH /v1/tickets/t1", "PATCH /v1/tickets/t1", "POST /v1/work/t1/transfer", "POST /v1/tickets/t1/merge",
        "POST /v1/tickets/t1/split", "PATCH /v1/tickets/t1",
    ]  # fmt: skip


async def test_every_path_a_page_sends_to_is_one_of_the_api_s(house: House) -> None:
    import re

    from services.gateway.api import ROUTES

    known = [(route.method, re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", route.path))) for route in ROUTES]
    await house.ticket()
    await house.tell(say.opened("t2", 2), say.queued("t2", "t2"), say.offered("t2", "t2"), say.task())
    asked = {
        send
        for path in ("/", "/tickets/t1", "/tickets/t2", "/people", "/set-aside")
        for send in (await house.page(path)).sends()
    }
    assert len(asked) >= 10
    for send in asked:
        method, _, path = send.partition(" ")
        assert any(method == one and pattern.fullmatch(path) for one, pattern in known), send


async def test_a_closed_ticket_is_only_read(house: House) -> None:
    await house.ticket()
    await house.tell(say.status(Status.CLOSED))
    page = await house.page("/tickets/t1")
    assert page.find("textarea") == []
    assert [send for send in page.sends() if "/tickets/t1" in send] == []


async def test_a_merged_ticket_leads_to_where_it_lives_on(house: House) -> None:
    await house.ticket()
    await house.tell(say.opened("t2", 2, conversation="v2"), f.TicketMerged(ticket="t1", into="t2", since=NOW))
    page = await house.page("/tickets/t1")
    assert "SUP-2" in page.part("head").text
    assert "POST /v1/tickets/t1/unmerge" in page.sends()
    assert "SUP-1024" in (await house.page("/tickets/t2")).part("more").text


async def test_related_tickets_are_named_from_both_sides(house: House) -> None:
    await house.ticket()
    await house.tell(
        say.opened("t2", 2, conversation="v2"), f.TicketsLinked(ticket="t2", other="t1", kind="follow_up_of")
    )
    assert "Followed up by SUP-1024" not in (await house.page("/tickets/t2")).part("more").text
    assert "Follow-up of SUP-1024" in (await house.page("/tickets/t2")).part("more").text
    assert "Followed up by SUP-2" in (await house.page("/tickets/t1")).part("more").text


async def test_the_page_listens_for_its_own_ticket_only(house: House) -> None:
    await house.ticket()
    page = await house.page("/tickets/t1")
    assert page.one("body").attributes["data-about"] == "t1"
    ticket = await house.world.documents.of(OURS).get("tickets", "t1")
    assert ticket is not None
    assert page.part("messages").attributes["data-seq"] == str(ticket.seq)


async def test_hold_reasons_and_categories_are_the_policy_s(house: House) -> None:
    await house.ticket()
    page = await house.page("/tickets/t1", language="ar")
    assert [one.text for one in page.part("hold").find("option")] == [
        "بانتظار شبكة البطاقات",
        "بانتظار بنك آخر",
        "مؤجلة",
    ]
    assert "بطاقة مفقودة أو مسروقة" in page.part("category").text
    assert page.part("category").find("option", selected="*")[0].attributes["value"] == "cards"


async def test_a_category_the_policy_no_longer_knows_stays_chosen(house: House) -> None:
    await house.mail()
    await house.tell(say.registered(), say.opened(category="gone/for-ever"), say.conversation())
    chosen = (await house.page("/tickets/t1")).part("category").find("option", selected="*")
    assert [one.attributes["value"] for one in chosen] == ["gone/for-ever"]


async def test_a_long_history_goes_on_on_the_next_page(house: House) -> None:
    await house.ticket()
    for place in range(202):
        await house.world.say(f.TicketTagged(ticket="t1", added=(f"tag{place}",)))
    await house.world.catch_up()
    page = await house.page("/tickets/t1")
    (more,) = [link for link in page.find("a") if "history=" in link.attributes.get("href", "")]
    assert "tag201" not in page.part("history").text
    rest = await house.page(more.attributes["href"])
    assert "tag201" in rest.part("history").text


@pytest.mark.parametrize(
    ("status", "offered", "after_reply"),
    [
        (Status.OPEN, ["open", "pending", "resolved"], ["", "pending", "resolved"]),
        (Status.ON_HOLD, ["on_hold", "open", "pending", "resolved"], ["", "pending", "resolved"]),
        (Status.RESOLVED, ["resolved", "open", "closed"], ["", "open"]),
    ],
)
async def test_only_statuses_that_may_follow_are_offered(
    house: House, status: Status, offered: list[str], after_reply: list[str]
) -> None:
    await house.ticket()
    await house.tell(say.status(status))
    page = await house.page("/tickets/t1")
    assert [one.attributes["value"] for one in page.part("status").find("option")] == offered
    assert [one.attributes["value"] for one in page.part("after").find("option")] == after_reply


def test_what_is_offered_is_what_the_desk_allows() -> None:
    from services.gateway.console.ticket import AFTER_REPLY, NEXT
    from services.router.rules.update_checks import LEGAL

    for status, following in {**NEXT, **AFTER_REPLY}.items():
        assert set(following) <= LEGAL[Status(status)]


async def test_the_closer_names_of_its_status_are_offered_once_these_rules_are_in_force(house: House) -> None:
    await house.ticket()
    await house.tell(say.status(Status.PENDING, former=Status.NEW))
    before = (await house.page("/tickets/t1")).one("select", name="sub_status")
    assert [option.attributes["value"] for option in before.find("option")] == [""]
    await house.tell(f.RulesSwitched(desk=OURS, rules="sub_statuses", on=True))
    offered = (await house.page("/tickets/t1")).one("select", name="sub_status").find("option")
    assert [option.attributes["value"] for option in offered] == ["", "awaiting_documents"]
    assert ["selected" in option.attributes for option in offered] == [True, False]
    await house.tell(
        f.SubStatusChanged(ticket="t1", status=Status.PENDING, sub_status="awaiting_documents", by="sara")
    )  # fmt: skip
    page = await house.page("/tickets/t1")
    offered = page.one("select", name="sub_status").find("option")
    assert ["selected" in option.attributes for option in offered] == [False, True]
    assert "Awaiting documents" in page.part("head").text


async def test_help_is_asked_for_and_answered_with_its_result_once_these_rules_are_in_force(house: House) -> None:
    await house.ticket()
    await house.tell(say.task("k1", purpose="call_back"))
    assert "assist" not in (await house.page("/tickets/t1")).source
    await house.tell(f.RulesSwitched(desk=OURS, rules="assists", on=True), say.task("k2", purpose="assist"))
    page = await house.page("/tickets/t1")
    assert page.one("input", name="purpose").attributes["value"] == "assist"
    assert len(page.find("input", name="result")) == 1
    assert "Help for another team" in page.part("more").text


async def chosen_owners(house: House) -> list[str]:
    options = (await house.page("/tickets/t1")).one("select", name="owner").find("option")
    return [one.attributes["value"] for one in options if "selected" in one.attributes]


async def test_that_nobody_owns_it_is_what_it_has_and_no_change(house: House) -> None:
    """What is not marked as chosen counts as changed, and would be sent with every other change."""
    await house.ticket()
    assert await chosen_owners(house) == [""]
    await house.tell(f.OwnerChanged(ticket="t1", former=None, owner="sara", cause="taken"))
    assert await chosen_owners(house) == ["sara"]


async def test_everybody_can_be_made_owner_however_many_they_are(house: House) -> None:
    await house.ticket()
    await house.tell(*(say.agent(f"agent{number:03}") for number in range(250)))
    await house.tell(f.OwnerChanged(ticket="t1", former=None, owner="agent249", cause="taken"))
    assert await chosen_owners(house) == ["agent249"]
    offered = (await house.page("/tickets/t1")).one("select", name="owner").find("option")
    assert {f"agent{number:03}" for number in range(250)} <= {one.attributes["value"] for one in offered}


async def test_an_owner_whose_seat_has_ended_is_still_who_has_it(house: House) -> None:
    await house.ticket()
    await house.tell(say.agent("omar"), f.OwnerChanged(ticket="t1", former=None, owner="omar", cause="taken"))
    await house.tell(f.AgentRemoved(agent="omar"))
    assert await chosen_owners(house) == ["omar"]
