import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.ingest.channels.email.automatic import LOOP_HEADER
from services.ingest.channels.email.threads import read_message_id, split_reply_address
from services.ingest.channels.mailbox.letters import COPIES_AWAITED
from shared import texts
from shared.catalogue.values import Attachment, FollowUp
from shared.clock import DAY, HOUR, MINUTE, SECOND
from shared.ids import first_conversation_id
from shared.survey_links import PATH, read_survey_token
from tests.unit.ingest.desk import NOW, SECRETS
from tests.unit.ingest.mail import Relay, open_relay, text_of
from tests.unit.ingest.post import Post, named, open_post

pytestmark = pytest.mark.anyio


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with open_relay() as opened:
        yield opened


@pytest.fixture
async def post(tmp_path: Path, relay: Relay) -> AsyncIterator[Post]:
    async with open_post(tmp_path, relay) as opened:
        yield opened


async def ask(post: Post, **said: object) -> str:
    """The customer's message a reply answers; its id."""
    await post.documents.write([texts.once("support", "message", "question", said)])
    return "question"


async def only(relay: Relay) -> EmailMessage:
    ((_, mail),) = relay.got
    return mail


async def test_a_reply_joins_the_customer_s_thread_and_subject(post: Post, relay: Relay) -> None:
    question = await ask(post, subject="My card", external_id="<q@example.com>", references=["<p@example.com>"])
    await post.tell(answers=question)
    await post.round()
    mail = await only(relay)
    assert mail["Subject"] == "Re: My card [SUP-7]"
    assert mail["In-Reply-To"] == "<q@example.com>"
    assert mail["References"] == "<p@example.com> <q@example.com>"
    assert mail["From"] == "Acme <help@acme.example>"
    assert mail["Auto-Submitted"] is None


async def test_the_number_is_not_repeated_in_a_subject_that_has_it(post: Post, relay: Relay) -> None:
    await post.tell(answers=await ask(post, subject="Re: My card [SUP-7]"))
    await post.round()
    assert (await only(relay))["Subject"] == "Re: My card [SUP-7]"


async def test_the_first_letter_of_a_ticket_opened_by_hand_has_its_subject_as_it_was_written(
    post: Post, relay: Relay
) -> None:
    assert first_conversation_id("test") == named("conversation")
    delivery = await post.tell(conversation="conversation", answers="test", ticket="test")
    await post.round()
    assert (await post.state(delivery), relay.got) == (("waiting", "no_subject"), [])
    await post.documents.write([texts.once("support", "message", "test", {"subject": "Charged twice"})])
    post.clock.time += SECOND
    await post.round()
    mail = await only(relay)
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Charged twice [SUP-7]", None)


async def test_answers_come_back_to_the_conversation_and_bring_what_a_follow_up_inherits(
    post: Post, relay: Relay
) -> None:
    delivery = await post.tell()
    await post.round()
    mail = await only(relay)
    address, token = split_reply_address(mail["Reply-To"].addresses[0].addr_spec)
    assert address == "help@acme.example"
    assert token
    ours = read_message_id(mail["Message-ID"], "support", SECRETS.mail)
    assert ours is not None
    assert (ours.conversation, ours.delivery) == (named("c1"), delivery)
    assert ours.follow_up == FollowUp(ticket="t1", number=7, team="front")


async def test_a_customer_of_the_form_is_answered_by_mail(post: Post, relay: Relay) -> None:
    await post.tell(channel="webform", account="web", answers=await ask(post, subject=""))
    await post.round()
    mail = await only(relay)
    assert mail["To"] == "huda <huda@example.com>"
    assert mail["From"].addresses[0].addr_spec == "help@acme.example"
    assert mail["Subject"] == "Acme – SUP-7"


async def test_copied_people_get_it_too_but_those_who_were_erased(post: Post, relay: Relay) -> None:
    await post.documents.write(texts.erase("support", "contact", ["gone"]))
    await post.tell(copied=["omar", "gone"])
    await post.round()
    assert (await only(relay))["Cc"] == "omar <omar@example.com>"


async def test_a_reply_waits_for_the_addresses_of_whom_it_copies(post: Post, relay: Relay) -> None:
    delivery = await post.tell(copied=["omar", "bank"])
    await post.round()
    assert relay.got == []
    assert await post.state(delivery) == ("waiting", "no_address")
    await post.know(bank="bank@example.com")
    post.clock.time += SECOND
    await post.round()
    assert (await only(relay))["Cc"] == "omar <omar@example.com>, bank <bank@example.com>"


async def test_the_customer_s_reply_does_not_wait_for_copies_for_ever(post: Post, relay: Relay) -> None:
    delivery = await post.tell(copied=["omar", "bank"])
    while (await post.state(delivery))[0] == "waiting":
        await post.round()
        post.clock.time += MINUTE
    assert COPIES_AWAITED <= post.clock.now() - NOW <= 2 * COPIES_AWAITED + HOUR
    assert (await only(relay))["Cc"] == "omar <omar@example.com>"


async def test_an_acknowledgement_is_marked_and_says_nothing_the_customer_wrote(post: Post, relay: Relay) -> None:
    question = await ask(post, subject="Buy cheap pills", external_id="<q@example.com>")
    await post.tell(kind="automatic", answers=question, text="استلمنا رسالتك", language="ar")
    await post.round()
    mail = await only(relay)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail[LOOP_HEADER]
    assert mail["Subject"] == "استلمنا رسالتك – SUP-7"
    assert "pills" not in mail.as_string()
    html = mail.get_body(("html",))
    assert html is not None
    assert '<html lang="ar" dir="rtl">' in html.get_content()


async def test_a_survey_s_link_is_minted_when_it_is_sent_and_opens_its_question(post: Post, relay: Relay) -> None:
    await post.tell(
        kind="survey", text="How did we do? {link}", survey="s1", survey_kind="csat", resolution=2, ticket="t1",
        purpose="survey", language="ar",
    )  # fmt: skip
    await post.round()
    mail = await only(relay)
    found = re.search(r"http://desk\.example(/s/\S+)", text_of(mail))
    assert found is not None
    link = read_survey_token(SECRETS.links, found[1].removeprefix(PATH), post.clock.now())
    assert (link.desk, link.survey, link.ticket, link.resolution) == ("support", "s1", "t1", 2)
    assert (link.kind, link.language) == ("csat", "ar")
    assert DAY <= link.expires_at - post.clock.now() <= 60 * DAY
    assert "{link}" not in text_of(mail)
    assert "survey" in str(mail["Subject"]).lower() or "خدمتنا" in str(mail["Subject"])


async def test_the_link_is_kept_nowhere(post: Post) -> None:
    delivery = await post.tell(kind="survey", text="{link}", survey="s1", survey_kind="csat", resolution=1)
    await post.round()
    assert "/s/" not in str((await post.item(delivery)).body)
    assert "/s/" not in str(await post.reports())


async def test_braces_in_a_person_s_reply_stay_what_they_are(post: Post, relay: Relay) -> None:
    await post.tell(text="Write {link} and {number}")
    await post.round()
    assert relay.texts == ["Write {link} and {number}"]


async def test_files_go_along(post: Post, relay: Relay) -> None:
    blob = await post.doors.ports.blobs.put("support", b"%PDF")
    file = Attachment(blob=blob, name="كشف.pdf", media_type="application/pdf", size=4)
    await post.tell(attachments=[file.model_dump()])
    await post.round()
    (enclosed,) = (await only(relay)).iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("كشف.pdf", b"%PDF")


async def test_a_file_that_is_gone_holds_the_reply_for_a_person_to_decide(post: Post, relay: Relay) -> None:
    file = Attachment(blob="0" * 64, name="a.pdf", media_type="application/pdf", size=4)
    delivery = await post.tell(attachments=[file.model_dump()])
    await post.round()
    assert await post.state(delivery) == ("held", "no_attachment")
    assert relay.got == []


@pytest.mark.parametrize(
    ("size", "count", "code"), [(1, 21, "too_many_attachments"), (9 << 20, 3, "attachments_too_large")]
)
async def test_more_files_than_one_letter_takes_hold_the_reply_and_are_never_fetched(
    post: Post, relay: Relay, monkeypatch: pytest.MonkeyPatch, size: int, count: int, code: str
) -> None:
    blobs = post.doors.ports.blobs
    file = Attachment(blob=await blobs.put("support", b"x" * size), name="a.pdf", media_type="application/pdf", size=1)

    async def fetch(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(blobs, "get", fetch)
    delivery = await post.tell(attachments=[file.model_dump()] * count)
    await post.round()
    assert (await post.state(delivery), relay.got) == (("held", code), [])


async def test_an_address_no_server_takes_is_a_permanent_failure(post: Post, relay: Relay) -> None:
    await post.know(nadia="نادية@example.com")
    await post.tell(to="nadia")
    await post.round()
    assert await post.outcomes() == [("failed", True, "not_sendable")]
    assert relay.got == []


async def test_a_name_cannot_add_a_header(post: Post, relay: Relay) -> None:
    change = {"kind": "email", "address": "huda@example.com", "name": "Huda\r\nBcc: all@example.com"}
    await post.documents.write([texts.change("support", "contact", "huda", 9, change)])
    await post.tell(answers=await ask(post, subject="x\r\nBcc: all@example.com"))
    await post.round()
    assert (await only(relay))["Bcc"] is None


async def test_without_a_relay_mail_lies_in_a_folder_and_says_that_it_was_not_sent(tmp_path: Path) -> None:
    async with open_post(tmp_path) as post:
        delivery = await post.tell()
        await post.round()
        assert await post.outcomes() == [("stored", False, "no_relay")]
        assert await post.state(delivery) == ("stored", "no_relay")
        assert [path.name for path in (tmp_path / "outbox").iterdir()] == [f"{delivery}.eml"]
        mail = message_from_bytes((tmp_path / "outbox" / f"{delivery}.eml").read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["X-Sanad-Not-Sent"] == "no relay is set"
        assert mail["To"] == "huda <huda@example.com>"
        assert text_of(mail) == "text 1"


async def test_what_lies_in_the_folder_is_sent_once_a_relay_is_set_and_somebody_says_so(
    tmp_path: Path, relay: Relay
) -> None:
    async with open_post(tmp_path) as post:
        delivery = await post.tell()
        await post.round()
        clock = post.clock
    async with open_post(tmp_path, relay, clock) as post:
        await post.round()
        assert relay.got == []
        await post.outbox.release("support", delivery)
        await post.round()
        assert relay.texts == ["text 1"]
        assert [each[0] for each in await post.outcomes()] == ["stored", "delivered"]
