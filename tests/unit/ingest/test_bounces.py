from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.ingest.arrival import Address
from services.ingest.channels.email.threads import own_message_id, reply_address
from services.ingest.rules import make_contact
from shared.ids import random_id
from tests.unit.ingest.desk import SECRETS, policy
from tests.unit.ingest.mail import Relay, bounce, free_port, letter, open_relay, running, send
from tests.unit.ingest.post import Post, named, open_post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("one_loop")]
HUDA = make_contact(SECRETS.contacts_of("acme"), Address("huda@example.com")).id
OMAR = make_contact(SECRETS.contacts_of("acme"), Address("omar@example.com")).id


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with open_relay() as opened:
        yield opened


@pytest.fixture
async def post(tmp_path: Path, relay: Relay) -> AsyncIterator[Post]:
    async with open_post(tmp_path, relay, smtp_port=free_port()) as opened:
        await opened.know(**{HUDA: "huda@example.com", OMAR: "omar@example.com"})
        await opened.doors.apply(policy())
        async with running(opened.doors, "mail"):
            yield opened


async def sent(post: Post, **changes: Any) -> str:
    await post.tell(to=HUDA, **changes)
    await post.round()
    return own_message_id(
        "acme.example", "support", named("c1"), named("delivery", 1), None, SECRETS.mail
    )  # fmt: skip


async def give_back(post: Post, raw: bytes) -> None:
    to = reply_address("help@acme.example", "support", named("c1"), SECRETS.mail)
    await send(post.doors, raw, sender="", to=(to,))


async def test_a_reply_that_came_back_has_failed_and_its_report_is_recorded_with_it(post: Post) -> None:
    ours = await sent(post)
    await give_back(post, bounce(ours, "huda@example.com", "5.1.1"))
    assert await post.outcomes() == [("delivered", False, "250"), ("failed", True, "5.1.1")]
    report = (await post.reports())[-1]
    assert (report.message, report.conversation) == (named("message", 1), named("c1"))
    (message,) = await post.doors.received()
    assert message.automatic == "bounce"
    assert message.thread is not None
    assert message.thread.conversation == named("c1")


async def test_the_same_bounce_twice_is_one_report(post: Post) -> None:
    ours = await sent(post)
    raw = bounce(ours, "huda@example.com", "5.1.1")
    for _ in range(2):
        await give_back(post, raw)
    reported = [each.id for each in await post.doors.commands() if each.body.TYPE == "sanad.delivery.report.v1"]
    assert len(reported) == 3
    assert len(set(reported)) == 2


async def test_a_full_mailbox_is_no_dead_address(post: Post) -> None:
    ours = await sent(post)
    await give_back(post, bounce(ours, "huda@example.com", "4.2.2"))
    assert (await post.outcomes())[-1] == ("failed", False, "4.2.2")


async def test_a_delay_is_no_failure(post: Post) -> None:
    ours = await sent(post)
    await give_back(post, bounce(ours, "huda@example.com", "4.4.1", action="delayed"))
    assert len(await post.outcomes()) == 1


async def test_that_somebody_copied_was_not_reached_takes_nothing_from_the_reply(post: Post) -> None:
    ours = await sent(post, copied=[OMAR])
    await give_back(post, bounce(ours, "omar@example.com", "5.1.1"))
    assert [each[0] for each in await post.outcomes()] == ["delivered"]
    await give_back(post, bounce(ours, "huda@example.com", "5.1.1"))
    assert [each[0] for each in await post.outcomes()] == ["delivered", "failed"]


async def test_a_forwarded_address_that_fails_is_still_the_only_addressee_s(post: Post) -> None:
    ours = await sent(post)
    await give_back(post, bounce(ours, "h.ali@corporate.example", "5.1.1"))
    assert (await post.outcomes())[-1][0] == "failed"


@pytest.mark.parametrize(
    ("recipient", "status", "unreachable"),
    [
        ("huda@example.com", "5.1.1", True),
        ("HUDA@Example.com", "5.2.1", True),
        ("huda@example.com", "5.2.2", False),
        ("huda@example.com", "5.7.1", False),
        ("huda@example.com", "5.1.8", False),
        ("h.ali@corporate.example", "5.1.1", False),
    ],
)
async def test_only_the_address_itself_is_said_to_be_unreachable(
    post: Post,
    recipient: str,
    status: str,
    unreachable: bool,
) -> None:
    ours = await sent(post)
    await give_back(post, bounce(ours, recipient, status))
    report = (await post.reports())[-1]
    assert (report.outcome, report.permanent, report.unreachable) == ("failed", True, unreachable)


@pytest.mark.parametrize("keys", [(b"forged" * 6,), None])
async def test_a_forged_bounce_reports_nothing(post: Post, keys: tuple[bytes, ...] | None) -> None:
    await sent(post)
    forged = "<1@acme.example>"
    if keys:
        forged = own_message_id("acme.example", "support", named("c1"), named("delivery", 1), None, keys)
    await give_back(post, bounce(forged, "huda@example.com", "5.1.1"))
    assert [each[0] for each in await post.outcomes()] == ["delivered"]


@pytest.mark.parametrize(("sender", "outcomes"), [("ndr@media.example", ["delivered"]), ("", ["delivered", "failed"])])
async def test_words_about_a_failure_report_one_only_when_a_mail_system_wrote_them(
    post: Post, sender: str, outcomes: list[str]
) -> None:
    ours = await sent(post)
    words = "My last mail was not delivered, so please write to books@media.example"
    raw = letter(words, From="NDR <ndr@media.example>", In_Reply_To=ours)
    await send(post.doors, raw, sender=sender)
    assert [message.automatic for message in await post.doors.received()] == ["bounce"]
    assert [each[0] for each in await post.outcomes()] == outcomes


async def test_a_bounce_of_what_was_never_sent_reports_nothing(post: Post) -> None:
    never = own_message_id("acme.example", "support", named("c1"), random_id(), None, SECRETS.mail)
    await give_back(post, bounce(never, "huda@example.com", "5.1.1"))
    assert await post.reports() == []
    assert [message.automatic for message in await post.doors.received()] == ["bounce"]
