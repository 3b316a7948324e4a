from dataclasses import replace
from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.compose import Letter, NotSendable, compose
from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.parse import parse_mail
from services.ingest.channels.email.wire import _Wire

LETTER = Letter(
    message_id="<1@example.com>",
    sender=Address("support@example.com", "Support"),
    reply_to="support+c.token@example.com",
    to=Address("sara@example.org"),
    subject="Your request",
    text="Hello",
    date=1_700_000_000_000,
)
NAMES = [
    "Mohammed Abdulrahman Al-Khatib, Head of Procurement, Medical Supplies Company",
    "boss@bank.com, Mohammed Abdulrahman Al-Khatib of the Medical Supplies Company",
    "Procurement; Medical Supplies: <boss@bank.com> (all of them), " + "of the house " * 9,
    'Sara "the \\ first" Ali, ' * 6,
    "محمد عبد الرحمن الخطيب، رئيس المشتريات, boss@bank.com, شركة المستلزمات الطبية",
    "x" * 200,
]


def named(name: str) -> Letter:
    copied = (Address("ali@example.org", name), Address("omar@example.org", name))
    return replace(
        LETTER, sender=replace(LETTER.sender, name=name), to=Address("sara@example.org", name), copied=copied
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_however_long_is_no_address(name: str) -> None:
    raw = compose(named(name)).raw
    assert all(len(line) <= 78 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    mail, modern = parse_mail(raw), message_from_bytes(raw, policy=policy.default)
    assert mail.sender == Address("support@example.com", name.strip())
    assert [one.name for one in (*mail.reply_to, *mail.to, *mail.cc)] == [name.strip()] * 4
    assert [one.addr_spec for one in modern["Cc"].addresses] == ["ali@example.org", "omar@example.org"]


@given(
    st.text(max_size=200),
    st.sampled_from(["a.b@example.org", '"a b"@example.org', "a'/=b@example.org", "a..b@example.org"]),
)
def test_any_name_is_a_name_and_any_address_the_one_that_was_set(name: str, address: str) -> None:
    sent = compose(replace(LETTER, to=Address(address, name)))
    (read,) = getaddresses([message_from_bytes(sent.raw)["To"]])
    assert sent.recipients == (read[1],)


def test_a_mail_with_an_address_nobody_set_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Wire, "fold", lambda self, name, value: policy.SMTP.fold(name, value))
    with pytest.raises(NotSendable, match="an address nobody set"):
        compose(named(NAMES[0]))
