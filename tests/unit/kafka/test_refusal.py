"""Whether Kafka refuses us: who only hangs up may have nobody behind it yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from shared.brokers.kafka_address import KafkaAddress
from shared.brokers.kafka_refusal import HANGS_UP, refusal
from tests.e2e.living_desk import free_port

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def server(*, listens: bool) -> AsyncIterator[str]:
    """It hangs up: on whoever has said something, or on everybody at once."""

    answered: set[asyncio.Task[None] | None] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answered.add(asyncio.current_task())
        if listens:
            await reader.read(1)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    port = free_port()
    serving = await asyncio.start_server(answer, "127.0.0.1", port)
    yield f"127.0.0.1:{port}"
    serving.close()
    await asyncio.gather(*filter(None, answered))


async def test_who_hears_us_and_hangs_up_refuses_us() -> None:
    async with server(listens=True) as kafka:
        assert await refusal(KafkaAddress(kafka)) == HANGS_UP


async def test_a_balancer_with_nobody_behind_it_refuses_nobody() -> None:
    async with server(listens=False) as balancer:
        assert await refusal(KafkaAddress(balancer)) == ""


async def test_one_that_hangs_up_does_not_speak_for_the_others() -> None:
    async with server(listens=False) as balancer, server(listens=True) as kafka:
        assert await refusal(KafkaAddress(f"{balancer},{kafka}")) == HANGS_UP
        assert await refusal(KafkaAddress(f"{kafka},127.0.0.1:{free_port()}")) == HANGS_UP
