"""What becomes of a sending while its lease cannot be kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.ingest.channel import Sent
from services.ingest.delivery.outbox import Item
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import MINUTE, Ms
from shared.desks import DeskPlace
from shared.documents import Conflict, DocumentsUnavailable
from tests.unit.ingest.post import Post, open_post

pytestmark = pytest.mark.anyio
Renew = Callable[[Item], Awaitable[Item]]


@pytest.fixture
async def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    monkeypatch.setattr("services.ingest.delivery.sending.LEASE", 30)
    async with open_post(tmp_path) as opened:
        await opened.tell()
        yield opened


class Slow:
    """A sender whose mails arrive when it is told to go on."""

    def __init__(self) -> None:
        self.begun = 0
        self.arrived: list[str] = []
        self.go_on = asyncio.Event()

    async def send(self, place: DeskPlace, delivery: DeliverMessage, _written_at: Ms) -> Sent:
        self.begun += 1
        await self.go_on.wait()
        self.arrived.append(delivery.text)
        return Sent("delivered", "250")


def never_stored(_renew: Renew, fault: Exception) -> Renew:
    async def renew(_item: Item) -> Item:
        raise fault

    return renew


def stored_unanswered(renew: Renew, fault: Exception) -> Renew:
    async def renew_and_fail(item: Item) -> Item:
        await renew(item)
        raise fault

    return renew_and_fail


@pytest.mark.parametrize("fault", [DocumentsUnavailable(), Conflict()])
@pytest.mark.parametrize("trouble", [never_stored, stored_unanswered])
async def test_a_store_that_is_away_meanwhile_cuts_no_sending_off(
    post: Post, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[Renew, Exception], Renew], fault: Exception
) -> None:
    slow = Slow()
    in_trouble = trouble(post.outbox.renew, fault)

    async def renew(item: Item) -> Item:
        slow.go_on.set()
        return await in_trouble(item)

    monkeypatch.setattr(post.outbox, "renew", renew)
    sending = post.sending(sender=slow)
    await post.round(sending)
    post.clock.time += MINUTE
    await post.round(sending)
    assert (slow.begun, slow.arrived) == (1, ["text 1"])
    assert await post.outcomes() == [("delivered", False, "250")]


async def test_a_lease_is_kept_again_as_soon_as_the_store_is_back(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, renew, tries = Slow(), post.outbox.renew, 0

    async def renew_later(item: Item) -> Item:
        nonlocal tries
        tries += 1
        if tries == 1:
            await renew(item)
            raise DocumentsUnavailable
        slow.go_on.set()
        return await renew(item)

    monkeypatch.setattr(post.outbox, "renew", renew_later)
    await post.round(post.sending(sender=slow))
    assert tries == 2
    assert await post.outcomes() == [("delivered", False, "250")]


async def test_a_sending_whose_delivery_somebody_else_has_claimed_ends_and_reports_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, renew = Slow(), post.outbox.renew

    async def overtaken(item: Item) -> Item:
        await post.outbox.claim(item)
        asyncio.get_running_loop().call_later(0.1, slow.go_on.set)
        return await renew(item)

    monkeypatch.setattr(post.outbox, "renew", overtaken)
    await post.round(post.sending(sender=slow))
    assert slow.arrived == ["text 1"]
    item = await post.item((await post.outbox.page("support", None, None, 1)).documents[0].key)
    assert (item.state, item.body["attempts"]) == ("sending", 2)
    assert await post.outcomes() == []
