"""The traffic is what the story says of it: repeated, out of order, in both languages, the same for the same seed."""

from collections import Counter

from tests.traffic.corpus import Wording
from tests.traffic.plan import Message, deliveries, plan
from tests.traffic.post import compose

WORDINGS = [Wording(f"text {number}", "en" if number % 2 else "ar", "label") for number in range(300)]


def numbers(messages: list[Message]) -> list[int]:
    return [message.number for message in messages]


def test_each_message_is_delivered_one_to_three_times() -> None:
    often = Counter(numbers(deliveries(plan(WORDINGS, 1), 2)))
    assert set(often) == set(range(300))
    assert set(often.values()) == {1, 2, 3}


def test_deliveries_are_out_of_order_but_not_by_much() -> None:
    order = numbers(deliveries(plan(WORDINGS, 1), 2))
    assert order != sorted(order)
    assert max(abs(number - sorted(order)[place]) for place, number in enumerate(order)) < 60


def test_both_doors_are_used_and_some_customers_write_more_than_once() -> None:
    messages = plan(WORDINGS, 1)
    assert {message.door for message in messages} == {"form", "mail"}
    assert Counter(message.customer for message in messages).most_common(1)[0][1] > 1


def test_a_mail_is_the_same_bytes_at_every_delivery_with_a_file_or_without() -> None:
    mails = [message for message in plan(WORDINGS, 1) if message.door == "mail"]
    assert {bool(message.file) for message in mails} == {True, False}
    for message in mails:
        assert compose(message, "desk@example.com").as_bytes() == compose(message, "desk@example.com").as_bytes()


def test_messages_of_one_customer_travel_together() -> None:
    """With a dozen deliveries under way at once, some customers are heard several times at the same moment."""
    order = deliveries(plan(WORDINGS, 1), 2)
    together = {
        (first.number, second.number)
        for place, first in enumerate(order)
        for second in order[place + 1 : place + 12]
        if first.customer == second.customer and first.number != second.number
    }
    assert len(together) > 10
