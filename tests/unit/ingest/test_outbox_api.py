from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.catalogue.values import Role
from shared.clock import DAY
from tests.unit.ingest.post import Post, named, open_post

pytestmark = pytest.mark.anyio


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with open_post(tmp_path) as opened:
        yield opened


def become(post: Post, role: Role, desk: str = "support") -> None:
    post.doors.principal = post.doors.principal.model_copy(update={"role": role, "desk": desk})


async def test_the_outbox_is_listed_newest_first_and_page_by_page(post: Post) -> None:
    for number in range(5):
        post.clock.time += 1
        await post.tell(number, conversation=f"c{number}")
    seen, after = [], None
    while True:
        params = {"limit": "2"} | ({"after": after} if after else {})
        page = (await post.doors.client.get("/v1/outbox", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [named("delivery", number) for number in (4, 3, 2, 1, 0)]


async def test_states_say_that_nothing_was_really_sent(post: Post) -> None:
    await post.tell()
    await post.round()
    (item,) = (await post.doors.client.get("/v1/outbox", params={"state": "stored"})).json()["items"]
    assert (item["state"], item["code"], item["number"], item["attempts"]) == ("stored", "no_relay", 7, 1)
    assert (await post.doors.client.get("/v1/outbox", params={"state": "delivered"})).json()["items"] == []


async def test_lists_hold_neither_text_nor_address(post: Post) -> None:
    await post.tell(text="unmistakable")
    answer = await post.doors.client.get("/v1/outbox")
    assert "unmistakable" not in answer.text
    assert "@" not in answer.text


async def test_one_delivery_is_shown_with_its_text(post: Post) -> None:
    delivery = await post.tell(text="unmistakable")
    answer = (await post.doors.client.get(f"/v1/outbox/{delivery}")).json()
    assert (answer["text"], answer["state"]) == ("unmistakable", "waiting")


async def test_a_lead_lets_a_held_delivery_go(post: Post) -> None:
    delivery = await post.tell(at=post.clock.now() - 2 * DAY)
    await post.round()
    assert (await post.state(delivery))[0] == "held"
    assert (await post.doors.client.post(f"/v1/outbox/{delivery}/release")).json()["state"] == "waiting"
    await post.round()
    assert (await post.state(delivery))[0] == "stored"


@pytest.mark.parametrize(
    ("role", "reads", "releases"), [("agent", 200, 403), ("customer", 403, 403), ("admin", 200, 409)]
)
async def test_who_may_look_and_who_may_send(post: Post, role: Role, reads: int, releases: int) -> None:
    delivery = await post.tell()
    become(post, role)
    assert (await post.doors.client.get("/v1/outbox")).status_code == reads
    assert (await post.doors.client.post(f"/v1/outbox/{delivery}/release")).status_code == releases


async def test_another_desk_sees_and_moves_nothing(post: Post) -> None:
    delivery = await post.tell()
    become(post, "admin", "rival-desk")
    assert (await post.doors.client.get("/v1/outbox")).json()["items"] == []
    assert (await post.doors.client.get(f"/v1/outbox/{delivery}")).status_code == 404
    assert (await post.doors.client.post(f"/v1/outbox/{delivery}/release")).status_code == 404


async def test_a_cursor_that_is_none_of_ours_is_refused(post: Post) -> None:
    assert (await post.doors.client.get("/v1/outbox", params={"after": "x"})).status_code == 422


async def test_a_delivery_that_arrived_cannot_be_sent_again(post: Post) -> None:
    delivery = await post.tell()
    await post.round()
    item = await post.item(delivery)
    await post.outbox.change(item, state="delivered")
    assert (await post.doors.client.post(f"/v1/outbox/{delivery}/release")).status_code == 409
