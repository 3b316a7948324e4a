"""The service as it is built and run: all its loops, folds and doors together, over real SMTP and HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.ingest.app import build
from services.ingest.channels.email.threads import split_reply_address
from shared import texts
from shared.catalogue.commands import ReportDelivery
from tests.unit.ingest.desk import KEY, Doors, filled, headers, policy
from tests.unit.ingest.mail import Relay, free_port, letter, open_relay, running, send, until_known
from tests.unit.ingest.post import Post, open_post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("one_loop")]


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with open_relay() as opened:
        yield opened


@asynccontextmanager
async def live(folder: Path, relay: Relay) -> AsyncIterator[Post]:
    """Everything runs, as in a process of its own."""
    async with open_post(folder, relay, smtp_port=free_port()) as post:
        await post.doors.apply(policy())
        async with running(post.doors, "mail", "outbox"):
            await until_known(post.doors)
            yield post


async def until(holds: Callable[[], Any]) -> None:
    while not holds():  # noqa: ASYNC110 - the other side is a server of its own
        await asyncio.sleep(0.005)


async def test_a_customer_writes_is_answered_and_their_answer_finds_the_conversation(
    tmp_path: Path, relay: Relay
) -> None:
    async with live(tmp_path, relay) as post:
        await send(post.doors, letter("Where is my card?"))
        (question,) = await post.doors.received()
        said = {"subject": question.subject, "external_id": question.external_id}
        await post.documents.write([texts.once("support", "message", question.message, said)])
        await post.know(**{question.sender.id: question.sender.address})
        await post.tell(to=question.sender.id, answers=question.message, text="On its way.")
        await until(lambda: relay.got)
        _, reply = relay.got[0]
        address = reply["Reply-To"].addresses[0].addr_spec
        answer = letter("Thanks!", To=address, Message_ID="<2@example.com>", In_Reply_To=reply["Message-ID"])
        await send(post.doors, answer, to=(address,))
        received = (await post.doors.received())[-1]
        assert received.thanks
        assert received.thread is not None
        assert (
            received.thread.conversation == (await post.item((await post.reports())[0].delivery)).delivery.conversation
        )
        assert split_reply_address(address)[1]
        assert received.thread.follow_up is not None


async def test_a_stop_lets_what_is_being_sent_end(tmp_path: Path, relay: Relay) -> None:
    relay.slow = 0.2
    async with live(tmp_path, relay) as post:
        delivery = await post.tell()
        await until(lambda: relay.most_at_once)
    async with open_post(tmp_path, relay) as post:
        assert (await post.state(delivery))[0] == "delivered"
        assert len(relay.got) == 1


async def test_what_was_told_before_a_start_is_sent_after_it(tmp_path: Path, relay: Relay) -> None:
    async with open_post(tmp_path, relay) as post:
        await post.doors.apply(policy())
        await post.tell()
        clock = post.clock
    async with open_post(tmp_path, relay, clock) as post:
        async with running(post.doors, "outbox"):
            await until(lambda: relay.got)
        assert [each.outcome for each in await post.doors.bodies(ReportDelivery)] == ["delivered"]


async def test_form_and_mail_share_one_service(tmp_path: Path, relay: Relay) -> None:
    async with live(tmp_path, relay) as post:
        posted = await post.doors.client.post(f"/in/forms/{KEY}", json=filled(), headers=headers())
        await send(post.doors, letter())
        assert posted.status_code == 202
        assert [message.channel for message in await post.doors.received()] == ["webform", "email"]


async def test_building_starts_nothing(doors: Doors) -> None:
    before = asyncio.all_tasks()
    service = build(doors.ports)
    assert asyncio.all_tasks() == before
    assert {loop.name for loop in service.loops} == {"policies", "mail", "outbox"}
    assert {consumer.topic for consumer in service.consumers} == {"sanad.desk", "sanad.deliveries"}


async def test_a_password_file_that_is_not_there_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        async with open_post(tmp_path, Relay(), relay_password_file=tmp_path / "nowhere"):
            pass


async def test_the_schema_names_every_door_once(doors: Doors) -> None:
    document = (await doors.client.get("/v1/openapi.json")).json()
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    assert {"/in/forms/{endpoint}", "/v1/outbox", "/v1/inbound/{letter}/redrive"} <= set(document["paths"])
    assert document["paths"]["/in/forms/{endpoint}"]["post"]["parameters"][0]["name"] == "endpoint"
