"""What holds for every channel there is; a new row of the table is judged by the same suite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ingest.channels.table import CHANNELS
from shared.policy.terms import Channel
from tests.contracts.channels.samples import SAMPLES, Sample
from tests.unit.ingest.desk import OTHER_POLICY, Doors, open_doors, policy
from tests.unit.ingest.mail import free_port, running, until_known

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def one_loop() -> None:
    """One event loop for the module: the child that reads mail is started once."""


@pytest.fixture(params=[row.channel for row in CHANNELS])
def channel(request: pytest.FixtureRequest) -> Channel:
    found: Channel = request.param
    return found


@pytest.fixture
def sample(channel: Channel) -> Sample:
    return SAMPLES[channel]


@pytest.fixture
async def desk(tmp_path: Path, one_loop: None) -> AsyncIterator[Doors]:
    async with open_doors(tmp_path, smtp_port=free_port()) as opened:
        await opened.apply(policy())
        await opened.apply(policy(OTHER_POLICY))
        async with running(opened, "mail"):
            await until_known(opened)
            yield opened


def test_every_channel_gives_a_sample_and_its_proof() -> None:
    assert {row.channel for row in CHANNELS} == set(SAMPLES)


def test_no_channel_has_two_rows() -> None:
    assert len({row.channel for row in CHANNELS}) == len(CHANNELS)


def test_replies_of_every_channel_go_out_by_one_that_is_there() -> None:
    assert {row.replies_by or row.channel for row in CHANNELS} <= {row.channel for row in CHANNELS}


async def test_a_sample_becomes_one_message_of_its_channel_and_account(
    desk: Doors, sample: Sample, channel: Channel
) -> None:
    assert await sample.deliver(desk, "1", "Where is my card?")
    (message,) = await desk.received()
    assert (message.channel, message.text) == (channel, "Where is my card?")
    assert policy().accounts[message.account].channel is channel
    assert (message.by.desk, message.by.organisation, message.by.role) == ("support", "acme", "system")
    assert message.sender.address == "huda@example.com"


async def test_without_its_proof_nothing_is_taken(desk: Doors, sample: Sample) -> None:
    assert not await sample.forge(desk, "Where is my card?")
    assert await desk.commands() == []


async def test_delivered_again_also_in_parallel_it_is_the_same_message(desk: Doors, sample: Sample) -> None:
    taken = await asyncio.gather(*(sample.deliver(desk, "1", "once") for _ in range(3)))
    assert all(taken)
    envelopes = await desk.commands()
    assert len({each.body.message for each in envelopes}) == 1
    assert len({each.id for each in envelopes}) == 1


async def test_another_id_or_another_text_is_another_message(desk: Doors, sample: Sample) -> None:
    for number, text in (("1", "once"), ("2", "once"), ("1", "otherwise")):
        assert await sample.deliver(desk, number, text)
    assert len({message.message for message in await desk.received()}) == 3


async def test_arabic_text_comes_through_untouched(desk: Doors, sample: Sample) -> None:
    text = "السَّلامُ عليكم، أين بطاقتي رقم ١٢٣؟ 😀"
    assert await sample.deliver(desk, "1", text)
    (message,) = await desk.received()
    assert (message.text, message.language) == (text, "ar")


async def test_a_text_larger_than_a_command_lies_in_a_blob_or_is_refused(desk: Doors, sample: Sample) -> None:
    text = "\n".join(["ضاعت بطاقتي " * 8] * 2_000)
    if await sample.deliver(desk, "1", text):
        (message,) = await desk.received()
        kept = message.text or (await desk.ports.blobs.get("support", message.text_blob or "")).decode()
        assert kept.split() == text.split()
    else:
        assert await desk.received() == []


async def test_nothing_is_acknowledged_that_the_log_has_not_taken(desk: Doors, sample: Sample) -> None:
    await desk.ports.broker.close()
    assert not await sample.deliver(desk, "1", "lost?")


async def test_nothing_is_acknowledged_while_the_store_of_files_is_away(
    desk: Doors, sample: Sample, channel: Channel
) -> None:
    if channel is Channel.WEBFORM:
        return  # a form without files stores none
    await desk.ports.documents.close()
    assert not await sample.deliver(desk, "1", "lost?")
    assert await desk.received() == []


async def test_what_cannot_be_read_is_refused_or_kept_and_the_next_one_is_taken(desk: Doors, sample: Sample) -> None:
    acknowledged = await sample.unreadable(desk)
    assert await desk.ports.dead_letters.count(desk="support") == int(acknowledged)
    assert await sample.deliver(desk, "1", "still here")
    assert [message.text for message in await desk.received()] == ["still here"]


async def test_without_a_policy_a_desk_has_no_doors(tmp_path: Path, sample: Sample, one_loop: None) -> None:
    async with open_doors(tmp_path, smtp_port=free_port()) as desk, running(desk, "mail"):
        await until_known(desk)
        assert not await sample.deliver(desk, "1", "too early")
        assert await desk.commands() == []
