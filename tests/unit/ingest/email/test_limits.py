import pytest

from services.ingest.channels.email.cutouts import cut_out
from services.ingest.channels.email.limits import MOST_BYTES, check_head, check_structure
from services.ingest.channels.email.mail import MailRefused
from tests.unit.ingest.email.letters import mail, multipart


def check_limits(raw: bytes) -> None:
    check_head(raw)
    check_structure(cut_out(raw)[0])


def nested(depth: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth)
    )
    return b"Subject: x\r\n" + opened + b"\r\nhello\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        mail(),
        mail("x" * 1_000_000),
        mail("- \r\n-- \r\n--\r\n" * 5_000),
        multipart(*[b"\r\nx"] * 199),
        nested(9),
        mail(To=", ".join(f"a{number}@example.com" for number in range(190))),
        mail("a@b.c, " * 5_000),
        mail("boundary=x\r\n" * 100),
    ],
)
def test_honest_mail_is_within_the_limits(raw: bytes) -> None:
    check_limits(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x" * (MOST_BYTES + 1), "too large"),
        (mail(X_Long="x" * 70_000), "headers too large"),
        (b"X: y\r\n" * 20_000, "headers too large"),
        (multipart(*[b"\r\n"] * 201), "too many parts"),
        (multipart(*[b""] * 400), "too many parts"),
        (b"Content-Type: message/rfc822\r\n\r\n" * 300, "too many parts"),
        (nested(11), "too deep"),
        (nested(2_000), "too many parts"),
        (mail(To=", ".join(f"a{number}@example.com" for number in range(201))), "too many addresses"),
        (mail(Cc="a@b.c,\r\n " * 300), "too many addresses"),
        (mail(To="," * 300), "too many addresses"),
    ],
)
def test_bombs_are_refused_with_their_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(MailRefused) as refused:
        check_limits(raw)
    assert refused.value.reason == reason


def test_boundaries_met_again_are_siblings_not_depth() -> None:
    check_limits(multipart(*[b"\r\nx"] * 50))


def test_boundaries_in_quotes_or_not_are_counted_alike() -> None:
    head = b'Content-Type: multipart/mixed;\r\n\tBOUNDARY = "a b"\r\n\r\n'
    with pytest.raises(MailRefused):
        check_limits(head + b"--a b\r\n\r\n" * 300)
