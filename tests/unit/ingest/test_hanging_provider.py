"""A mail provider that takes connections and answers nobody, for an hour."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from services.ingest.channel import Sent
from services.ingest.delivery.breaker import FAILURES, LONGEST_PAUSE
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import HOUR, MINUTE, Ms
from shared.desks import DeskPlace
from tests.unit.ingest.desk import HandClock
from tests.unit.ingest.post import Post, open_post

pytestmark = pytest.mark.anyio
CONVERSATIONS, EACH = 4, 3


class Provider:
    """While it hangs, whoever asks gives up in the end and knows that nothing was handed over."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.hangs = True
        self.asked: list[Ms] = []
        self.got: list[tuple[str, str]] = []
        """Conversation and text."""

    async def send(self, _place: DeskPlace, delivery: DeliverMessage, _written_at: Ms) -> Sent:
        self.asked.append(self._clock.now())
        if self.hangs:
            return Sent("temporary", "relay not reachable")
        self.got.append((delivery.conversation, delivery.text))
        return Sent("delivered", "250")


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with open_post(tmp_path) as opened:
        yield opened


async def write_all(post: Post) -> None:
    for number in range(CONVERSATIONS * EACH):
        await post.tell(number, conversation=f"c{number % CONVERSATIONS}")


async def test_an_hour_of_silence_is_asked_seldom_and_afterwards_everything_arrives_once_and_in_order(
    post: Post,
) -> None:
    provider = Provider(post.clock)
    sending = post.sending(sender=provider)
    await write_all(post)
    began = post.clock.now()
    while post.clock.now() < began + HOUR:
        await post.round(sending)
        post.clock.time += MINUTE
    while_silent = list(provider.asked)
    assert provider.got == []
    assert await post.reports() == []
    assert len(while_silent) <= FAILURES + CONVERSATIONS + 10  # then one trial per pause, ever longer
    assert max(later - earlier for earlier, later in pairwise(while_silent)) >= LONGEST_PAUSE

    provider.hangs = False
    while post.clock.now() < began + 2 * HOUR:
        await post.round(sending)
        post.clock.time += MINUTE
    assert len(provider.got) == CONVERSATIONS * EACH
    for conversation in {conversation for conversation, _ in provider.got}:
        texts = [text for of, text in provider.got if of == conversation]
        assert texts == sorted(texts, key=lambda text: int(text.split()[1]))
    assert await post.outcomes() == [("delivered", False, "250")] * CONVERSATIONS * EACH


async def test_two_processes_that_wait_for_it_send_nothing_twice(post: Post) -> None:
    provider = Provider(post.clock)
    processes = [post.sending(sender=provider) for _ in range(2)]
    await write_all(post)
    for minute in range(120):
        provider.hangs = minute < 60
        for sending in processes:
            await post.round(sending)
        post.clock.time += MINUTE
    assert len(provider.got) == len(set(provider.got)) == CONVERSATIONS * EACH
    assert await post.outcomes() == [("delivered", False, "250")] * CONVERSATIONS * EACH
