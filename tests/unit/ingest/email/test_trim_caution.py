"""What looks like a signature or a quote and is the customer's own letter."""

import pytest

from services.ingest.channels.email.trim.reply import trim_reply

LETTER = "Hello,\nmy card is lost."


@pytest.mark.parametrize(
    "body",
    [
        "Hello, three things please.\n____\nWhen will order 123 arrive?\n____\nPlease change the address to 5 Main St.",
        "مرحبا، عندي سؤالان\n—\nأين طلبي رقم ١٢٣؟\n—\nوهل يمكن استرجاع المبلغ؟",
        "Hello\n–\nPlease call me\nSara",
        "Hi, the driver said\n-----\nyour manager must call me\nI want my money back",
        "Hi\n-----\nplease change my address to new@example.com\nThanks",
        "Hi\n_____\nOrder 123456789\nSara Ali",
        "مرحبا\n-----\nأخبرني المدير في الشركة أن الطلب جاهز",
        "Hi\n-----\nPlease keep my message confidential\nMy order never arrived",
        "Whom do I call?\n====\nSara Ali\n+966 50 000 0000\n====\nOmar Said\n+966 50 000 0001",
    ],
)
def test_a_line_drawn_between_parts_of_a_letter_ends_none(body: str) -> None:
    trimmed = trim_reply(body)
    assert trimmed.text == body
    assert not trimmed.elided


@pytest.mark.parametrize("drawn", ["—", "–", "____", "-----", "====="])
@pytest.mark.parametrize(
    "card",
    [
        "Sara Ali\nHead of Printing\n+966 50 000 0000",
        "Sara Ali\nTel: 050 000 0000",
        "سارة علي\nمدير المبيعات\nجوال: ٠٥٠٠٠٠٠٠٠٠",
        "Acme Ltd. | sara@example.com | www.example.com",
        "Sara Ali\nThis message is confidential and intended only for the person it is addressed to.",
        "هذه الرسالة سرية وموجهة إلى صاحبها فقط.",
    ],
)
def test_a_card_below_a_drawn_line_is_a_signature(drawn: str, card: str) -> None:
    assert trim_reply(f"{LETTER}\n\n{drawn}\n{card}").text == LETTER


@pytest.mark.parametrize(
    "line",
    [
        "2024-05-03 10:11:22 GMT+3 login failed",
        "2024-05-03 10:11:22 GMT+3 Login Failed",
        "2024-05-03 10:11 GMT+3 login failed:",
        "2024-05-03 10:11 UTC+03:00 ERROR",
        "2024-05-03 10:11 GMT+3",
        "2024-05-03T10:11:22.5 GMT+3 unexpected <div>",
    ],
)
def test_a_line_of_a_log_is_nobody_s_mail(line: str) -> None:
    body = f"The app fails:\n{line}\nWhat shall I do? My number is 0599123456."
    assert trim_reply(body).text == body


@pytest.mark.parametrize("name", ["Sara", "Some One:", "سارة علي", "Some one <one@example.com>:"])
def test_a_date_with_a_zone_and_a_name_is_somebody_s_mail(name: str) -> None:
    assert trim_reply(f"{LETTER}\n\n2016-03-03 17:21 GMT+01:00 {name}\n\nwhich card?").text == LETTER
