import pytest

from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.parse import parse_mail
from tests.unit.ingest.email.letters import mail


def senders(written: str) -> list[str]:
    return [one.address for one in parse_mail(mail(Reply_To=written)).reply_to]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("info@قدس.فلسطين", "info@xn--ugbi7b.xn--ygbi2ammx"),
        ("info@غزة.فلسطين", "info@xn--ogbrx.xn--ygbi2ammx"),
        ("INFO@Bücher.example.", "info@xn--bcher-kva.example"),
        ("علي@متجر.com", "علي@xn--pgbep1f.com"),
        ("عمر@متجر.com", "عمر@xn--pgbep1f.com"),
    ],
)
def test_people_whose_addresses_are_not_ascii_stay_apart(written: str, read: str) -> None:
    assert parse_mail(mail(From=f"علي <{written}>")).sender == Address(read, "علي")
    assert senders(written) == [read]


@pytest.mark.parametrize(
    "written",
    [
        "info@قدس.com".encode("cp1256").decode("utf-8", "surrogateescape"),
        "\ufffd@example.org",
        "sara@exam\u00adple.org",
        "\u202esara@example.org",
        "sa\u00a0@example.org",
    ],
)
def test_an_address_whose_letters_cannot_be_told_is_none(written: str) -> None:
    assert senders(f"Sara <{written}>") == []
    assert senders(f"Sara <{written}>, ali@example.org") == ["ali@example.org"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Alice <alice@evil.com> (victim@bank.com)", [Address("alice@evil.com", "Alice")]),
        ("alice@evil.com (Victim victim@bank.com)", [Address("alice@evil.com", "Victim victim@bank.com")]),
        ("alice@evil.com (a (b) victim@bank.com)", [Address("alice@evil.com", "a (b) victim@bank.com")]),
        ('Alice <alice@evil.com> "<victim@bank.com>"', [Address("alice@evil.com", "Alice")]),
        ('"x\\" <victim@bank.com>, " <alice@evil.com>', [Address("alice@evil.com", 'x" <victim@bank.com>,')]),
        ('"(" <alice@evil.com> ")"', [Address("alice@evil.com", "(")]),
        ('(5" <victim@bank.com>) alice@evil.com', [Address("alice@evil.com", '5" <victim@bank.com>')]),
        ("<alice@evil.com (victim@bank.com)>", [Address("alice@evil.com")]),
        ('"victim@bank.com"@evil.com', [Address('"victim@bank.com"@evil.com', "")]),
        ('"victim@bank.com" alice@evil.com', [Address("alice@evil.com")]),
        ("Alice <alice@evil.com", [Address("alice@evil.com", "Alice")]),
        ("Alice <> alice@evil.com", [Address("alice@evil.com")]),
        ("(victim@bank.com)", []),
        (
            '"Ali, B." <ali@evil.com>, (a, b) omar@evil.com',
            [Address("ali@evil.com", "Ali, B."), Address("omar@evil.com", "a, b")],
        ),
        ("alice@evil.com victim@bank.com", [Address("alice@evil.com"), Address("victim@bank.com")]),
    ],
)
def test_an_address_in_a_name_or_a_comment_is_nobody_s(written: str, read: list[Address]) -> None:
    assert list(parse_mail(mail(Reply_To=written)).reply_to) == read
