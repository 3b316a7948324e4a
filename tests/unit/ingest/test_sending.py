import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ingest.channel import Sent
from services.ingest.delivery.sending import EACH, TOGETHER
from services.ingest.store import OUTBOX
from shared.catalogue.deliveries import DeliverMessage
from shared.clock import DAY, HOUR, MINUTE, SECOND, Ms
from shared.desks import DeskPlace
from tests.unit.ingest.mail import Relay, open_relay
from tests.unit.ingest.post import PATIENCE, Crash, Post, named, open_post

pytestmark = pytest.mark.anyio


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with open_relay() as opened:
        yield opened


@pytest.fixture
async def post(tmp_path: Path, relay: Relay) -> AsyncIterator[Post]:
    async with open_post(tmp_path, relay) as opened:
        yield opened


async def test_what_arrived_is_reported_once_and_its_text_is_dropped(post: Post, relay: Relay) -> None:
    delivery = await post.tell()
    await post.round()
    await post.round()
    assert [to for to, _ in relay.got] == ["huda@example.com"]
    (report,) = await post.reports()
    assert (report.outcome, report.code, report.permanent) == ("delivered", "250", False)
    assert (report.delivery, report.message, report.conversation) == (delivery, named("message", 1), named("c1"))
    item = await post.item(delivery)
    assert item.state == "delivered"
    assert item.delivery.text == ""


async def test_a_conversation_is_sent_in_order(post: Post, relay: Relay) -> None:
    for number in range(1, 6):
        await post.tell(number)
    await post.round()
    assert relay.texts == [f"text {number}" for number in range(1, 6)]


async def test_nothing_overtakes_a_message_that_has_to_wait(post: Post, relay: Relay) -> None:
    await post.tell(1)
    await post.tell(2)
    relay.answers["DATA"] = "451 later"
    await post.round()
    relay.answers.clear()
    await post.round()
    assert relay.got == []
    post.clock.time += MINUTE
    await post.round()
    assert relay.texts == ["text 1", "text 2"]


async def test_one_conversation_that_waits_holds_up_no_other(post: Post, relay: Relay) -> None:
    await post.tell(1)
    relay.answers["DATA"] = "451 later"
    await post.round()
    relay.answers.clear()
    await post.tell(2, conversation="c2")
    await post.round()
    assert relay.texts == ["text 2"]


async def test_a_copy_that_was_refused_is_told_of(post: Post, relay: Relay) -> None:
    relay.answers["omar@example.com"] = "550 unknown"
    delivery = await post.tell(copied=["omar"])
    await post.round()
    assert relay.texts == ["text 1"]
    assert await post.outcomes() == [("delivered", False, "copies_refused")]
    assert await post.state(delivery) == ("delivered", "copies_refused")


async def test_a_copied_address_that_cannot_be_written_keeps_no_answer_from_the_customer(
    post: Post, relay: Relay
) -> None:
    await post.know(nadia="نادية@example.com", ken="a..b@docomo.example")
    await post.tell(copied=["nadia", "ken"])
    await post.round()
    ((_, mail),) = relay.got
    assert [one.username for one in mail["Cc"].addresses] == ["a..b"]
    assert await post.outcomes() == [("delivered", False, "copies_refused")]


async def test_several_conversations_are_sent_to_at_once(post: Post, relay: Relay) -> None:
    relay.slow = 0.05
    for number in range(6):
        await post.tell(number, conversation=f"c{number}")
    await post.round()
    assert len(relay.got) == 6
    assert relay.most_at_once > 1


async def test_an_address_that_is_refused_is_a_permanent_failure(post: Post, relay: Relay) -> None:
    relay.answers["RCPT"] = "550 no such user"
    delivery = await post.tell()
    await post.round()
    assert await post.outcomes() == [("failed", True, "550")]
    assert await post.state(delivery) == ("failed", "550")


@pytest.mark.parametrize(
    ("step", "answer", "code", "unreachable"),
    [
        ("RCPT", "550 5.1.1 <huda@example.com>: no such user", "5.1.1", True),
        ("RCPT", "550-5.2.1 disabled\r\n550 5.2.1 for good", "5.2.1", True),
        ("RCPT", "554 5.7.1 not for you", "5.7.1", False),
        ("RCPT", "550 5.1.8 your domain", "5.1.8", False),
        ("RCPT", "550 no such user", "550", False),
        ("DATA", "550 5.1.1 somebody of you", "550", False),
    ],
)  # fmt: skip
async def test_a_refusal_of_the_address_says_that_nobody_is_reached_there(
    post: Post,
    relay: Relay,
    step: str,
    answer: str,
    code: str,
    unreachable: bool,
) -> None:
    relay.answers[step] = answer
    await post.tell()
    await post.round()
    (report,) = await post.reports()
    assert (report.outcome, report.permanent) == ("failed", True)
    assert (report.code, report.unreachable) == (code, unreachable)


async def test_a_copy_that_is_refused_says_nothing_of_the_customer_s_address(post: Post, relay: Relay) -> None:
    relay.answers["omar@example.com"] = "550 5.1.1 unknown"
    await post.tell(copied=["omar"])
    await post.round()
    assert [report.unreachable for report in await post.reports()] == [False]


async def test_an_outcome_is_reported_as_an_older_release_wrote_it_down(post: Post, relay: Relay) -> None:
    relay.answers["RCPT"] = "550 5.1.1 unknown"
    delivery = await post.tell()
    with pytest.raises(Crash):
        await post.crash("concluded")
    item = await post.item(delivery)
    body = {name: value for name, value in item.body.items() if name != "unreachable"}
    await post.documents.of("support").replace(OUTBOX.name, delivery, body, item.seq)
    await post.round()
    assert [(report.outcome, report.unreachable) for report in await post.reports()] == [("failed", False)]


async def test_what_is_known_of_an_address_outlives_a_crash_before_the_report(post: Post, relay: Relay) -> None:
    relay.answers["RCPT"] = "550 5.1.1 unknown"
    await post.tell()
    with pytest.raises(Crash):
        await post.crash("concluded")
    await post.round()
    assert [(report.outcome, report.unreachable) for report in await post.reports()] == [("failed", True)]


async def test_a_relay_in_trouble_is_asked_again_ever_more_seldom(post: Post, relay: Relay) -> None:
    relay.answers["DATA"] = "451 later"
    delivery = await post.tell()
    waits = []
    for _ in range(4):
        await post.round()
        waits.append((await post.item(delivery)).body["due_at"] - post.clock.now())
        post.clock.time += waits[-1]
    assert waits == [30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert await post.reports() == []
    relay.answers.clear()
    await post.round()
    assert await post.outcomes() == [("delivered", False, "250")]


async def test_what_could_not_be_sent_in_two_days_has_failed(post: Post, relay: Relay) -> None:
    relay.answers["DATA"] = "451 later"
    delivery = await post.tell()
    await post.round()
    post.clock.time += 2 * DAY
    await post.round()
    assert await post.state(delivery) == ("failed", "expired")
    assert await post.outcomes() == [("failed", True, "expired")]


async def test_an_unknown_outcome_is_told_as_unknown_and_nothing_is_sent_again(post: Post, relay: Relay) -> None:
    relay.hang_up = True
    delivery = await post.tell()
    await post.round()
    relay.hang_up = False
    post.clock.time += DAY
    await post.round()
    assert await post.outcomes() == [("unknown", False, "connection lost while the mail was handed over")]
    assert (await post.state(delivery))[0] == "unknown"
    assert relay.got == []


@pytest.mark.parametrize(
    ("step", "sent", "repeats"), [("claimed", 1, 1), ("sent", 2, 1), ("concluded", 1, 0), ("reported", 1, 0)]
)
async def test_a_crash_costs_one_repeat_at_most(post: Post, relay: Relay, step: str, sent: int, repeats: int) -> None:
    delivery = await post.tell()
    with pytest.raises(Crash):
        await post.crash(step)
    await post.round()
    assert len(relay.got) == sent
    assert len({mail["Message-ID"] for _, mail in relay.got}) == 1
    item = await post.item(delivery)
    assert (item.state, item.body["repeats"]) == ("delivered", repeats)


async def test_a_report_that_is_made_twice_is_the_same_command(post: Post) -> None:
    await post.tell()
    with pytest.raises(Crash):
        await post.crash("reported")
    await post.round()
    ids = [each.id for each in await post.doors.commands()]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_the_same_letter_has_the_same_bytes_at_every_attempt(post: Post, relay: Relay) -> None:
    await post.tell()
    with pytest.raises(Crash):
        await post.crash("sent")
    post.clock.time += HOUR
    await post.round()
    first, second = (mail.as_bytes() for _, mail in relay.got)
    assert first == second


async def test_two_processes_send_a_delivery_once(post: Post, relay: Relay) -> None:
    relay.slow = 0.02
    for number in range(6):
        await post.tell(number, conversation=f"c{number % 3}")
    for _ in range(2):
        await asyncio.gather(*(post.round() for _ in range(3)))
        post.clock.time += SECOND
    assert sorted(relay.texts) == [f"text {number}" for number in range(6)]


async def test_what_is_first_seen_a_day_late_waits_for_somebody(post: Post, relay: Relay) -> None:
    delivery = await post.tell(at=post.clock.now() - DAY - 1)
    await post.round()
    assert await post.state(delivery) == ("held", "late")
    assert relay.got == []
    assert await post.reports() == []
    await post.outbox.release("support", delivery)
    await post.round()
    assert relay.texts == ["text 1"]


async def test_what_waited_a_day_for_a_relay_in_trouble_is_not_late(post: Post, relay: Relay) -> None:
    relay.answers["DATA"] = "451 later"
    await post.tell()
    await post.round()
    post.clock.time += DAY + HOUR
    relay.answers.clear()
    await post.round()
    assert relay.texts == ["text 1"]


async def test_a_held_message_does_not_silence_its_conversation(post: Post, relay: Relay) -> None:
    await post.tell(1, at=post.clock.now() - DAY - 1)
    await post.tell(2)
    await post.round()
    assert relay.texts == ["text 2"]


async def test_a_broken_relay_is_left_alone_until_one_tries(post: Post, relay: Relay) -> None:
    sending = post.sending()
    relay.answers["DATA"] = "451 later"
    for number in range(9):
        await post.tell(number, conversation=f"c{number}")
    await post.round(sending)
    attempts = [(await post.item(named("delivery", number))).body["attempts"] for number in range(9)]
    assert 5 <= sum(attempts) < 9
    codes = {(await post.item(named("delivery", number))).body["code"] for number in range(9)}
    assert codes == {"451", "account_pauses"}
    relay.answers.clear()
    await post.round(sending)
    assert relay.got == []
    post.clock.time += MINUTE
    await post.round(sending)
    post.clock.time += MINUTE
    await post.round(sending)
    assert len(relay.got) == 9


class Slow:
    """A sender that ends nothing before it is told to, and says which conversations it has in hand."""

    def __init__(self) -> None:
        self.in_hand: list[str] = []
        self.desks: list[str] = []
        self.go_on = asyncio.Event()

    async def send(self, place: DeskPlace, delivery: DeliverMessage, _written_at: Ms) -> Sent:
        self.in_hand.append(delivery.conversation)
        self.desks.append(place.id)
        await self.go_on.wait()
        return Sent("delivered")


async def test_a_flooded_desk_keeps_no_other_waiting(post: Post) -> None:
    slow = Slow()
    sending = post.sending(sender=slow)
    flooded, quiet = (DeskPlace(desk, "acme", 0) for desk in ("support", "quiet"))
    for number in range(30):
        await post.tell(number, conversation=f"c{number}")
    assert await sending.start([flooded, quiet]) == EACH
    await post.tell(99, conversation="one more", desk="quiet")
    assert await sending.start([flooded, quiet]) == EACH + 1
    while len(slow.in_hand) <= EACH:  # noqa: ASYNC110 - the tasks go on by themselves
        await asyncio.sleep(0.001)
    assert named("one more") in slow.in_hand
    slow.go_on.set()
    await sending.finish(PATIENCE)


async def test_desks_take_turns_when_all_have_more_than_there_is_room_for(post: Post) -> None:
    slow = Slow()
    sending = post.sending(sender=slow)
    places = [DeskPlace(f"desk-{number}", "acme", 0) for number in range(TOGETHER + 4)]
    for number, place in enumerate(places):
        for each in range(3):
            await post.tell(10 * number + each, conversation=f"c{number}-{each}", desk=place.id)
    rounds = 0
    while len(set(slow.desks)) < len(places):
        slow.go_on.clear()
        assert await sending.start(places) == TOGETHER
        rounds += 1
        while len(slow.in_hand) < rounds * TOGETHER:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        slow.go_on.set()
        await sending.finish(PATIENCE)
    assert rounds == 2


async def test_an_address_not_known_yet_is_looked_up_again_soon(post: Post, relay: Relay) -> None:
    delivery = await post.tell(to="nadia")
    await post.round()
    assert await post.state(delivery) == ("waiting", "no_address")
    await post.know(nadia="nadia@example.com")
    post.clock.time += SECOND
    await post.round()
    assert [to for to, _ in relay.got] == ["nadia@example.com"]


class Faulty:
    """A sender that fails on one text in a way nobody foresaw."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, place: DeskPlace, delivery: DeliverMessage, written_at: Ms) -> Sent:
        if delivery.text == "text 1":
            raise ZeroDivisionError("a secret of the customer")
        self.sent.append(delivery.text)
        return Sent("delivered")


async def test_one_letter_nobody_can_send_holds_up_no_other(post: Post) -> None:
    faulty = Faulty()
    for number in (1, 2):
        await post.tell(number, conversation=f"c{number}")
    await post.round(post.sending(sender=faulty))
    assert faulty.sent == ["text 2"]
    assert await post.state(named("delivery", 1)) == ("held", "ZeroDivisionError")


async def test_a_log_read_again_from_its_beginning_sends_nothing_again(post: Post, relay: Relay) -> None:
    await post.tell()
    await post.round()
    await post.doors.ports.checkpoints.drop("ingest.outbox", 0)
    await post.doors.load()
    await post.doors.settle()
    await post.round()
    assert len(relay.got) == 1


async def test_what_ended_two_weeks_ago_is_forgotten_and_not_sent_when_the_log_is_read_again(
    post: Post, relay: Relay
) -> None:
    delivery = await post.tell()
    await post.round()
    post.clock.time += 14 * DAY + 1
    assert await post.outbox.sweep("support") == 1
    await post.doors.ports.checkpoints.drop("ingest.outbox", 0)
    await post.doors.load()
    await post.doors.settle()
    await post.round()
    assert len(relay.got) == 1
    assert await post.state(delivery) == ("held", "late")


async def test_the_fold_goes_on_from_its_checkpoint(tmp_path: Path, relay: Relay) -> None:
    async with open_post(tmp_path, relay) as post:
        await post.tell(1)
        for worker in post.doors.workers.values():
            await worker.save_slice(now=True)
        clock = post.clock
    async with open_post(tmp_path, relay, clock) as post:
        post._seq["support"] = 1
        await post.tell(2)
        await post.round()
    assert relay.texts == ["text 1", "text 2"]
