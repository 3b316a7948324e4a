from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email import compose as composing
from services.ingest.channels.email.compose import Enclosure, Letter, NotSendable, compose, reply_subject
from services.ingest.channels.email.html_letter import html_letter
from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.parse import Reading, parse_mail

LETTER = Letter(
    message_id=f"<c.{'a' * 260}@example.com>",
    sender=Address("support@example.com", "الدعم الفني"),
    reply_to="support+c.token@example.com",
    to=Address("sara@example.org", 'Sara "S." Ali, the first'),
    subject="رد على طلبك رقم ١٠٢٤ " * 10,
    text="مرحبا سارة،\n\nطلبك في https://example.com/t?a=1&b=2.\n\nشكراً",
    date=1_700_000_000_000,
    language="ar",
    copied=(Address("ali@example.org"),),
    in_reply_to="<asked@example.org>",
    references=("<first@example.org>", "<asked@example.org>"),
)


def read(letter: Letter) -> EmailMessage:
    return message_from_bytes(compose(letter).raw, policy=policy.SMTP)


def test_a_letter_says_what_it_was_given() -> None:
    mail = parse_mail(compose(LETTER).raw)
    assert mail.message_id == LETTER.message_id
    assert mail.sender == LETTER.sender
    assert mail.to == (LETTER.to,)
    assert mail.cc == LETTER.copied
    assert mail.reply_to == (Address("support+c.token@example.com", "الدعم الفني"),)
    assert mail.subject == LETTER.subject.strip()
    assert read(LETTER)["Date"].datetime.timestamp() * 1_000 == LETTER.date
    assert mail.in_reply_to == ("<asked@example.org>",)
    assert mail.references == LETTER.references
    assert mail.text.strip() == LETTER.text
    assert mail.automatic is None


def test_a_letter_is_seven_bit_with_short_lines_except_its_ids() -> None:
    raw = compose(
        replace(LETTER, text="سطر طويل " * 300, files=(Enclosure("ملف.pdf", "application/pdf", b"\xff" * 999),))
    ).raw
    assert raw.isascii()
    assert all(len(line) <= 78 or b"@example.com>" in line for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_same_letter_is_the_same_bytes() -> None:
    letter = replace(LETTER, files=(Enclosure("a.pdf", "application/pdf", b"x"),))
    assert compose(letter) == compose(letter)


def test_people_s_answers_have_a_sender_and_automatic_ones_the_null_path() -> None:
    assert compose(LETTER).mail_from == LETTER.reply_to
    assert compose(replace(LETTER, automatic=True)).mail_from == ""
    assert compose(LETTER).recipients == ("sara@example.org", "ali@example.org")


def test_automatic_mail_says_so_and_is_recognised_when_it_comes_back() -> None:
    letter = replace(LETTER, automatic=True, loop_mark="mark")
    mail = read(letter)
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert read(replace(letter, in_reply_to=None, references=()))["Auto-Submitted"] == "auto-generated"
    assert parse_mail(compose(letter).raw, Reading(loop_marks=frozenset({"mark"}))).automatic == "loop"
    assert read(LETTER)["Auto-Submitted"] is None


@pytest.mark.parametrize(
    "field", ["subject", "message_id", "in_reply_to", "language", "name", "file", "loop_mark", "reference"]
)
@given(breaks=st.sampled_from(["\r\n", "\n", "\r", "\r\n ", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0\n"]))
def test_nothing_given_becomes_a_header_of_its_own(field: str, breaks: str) -> None:
    evil = f"a{breaks}Bcc: evil@example.net{breaks}{breaks}X-Evil: body"
    changes: dict[str, Letter] = {
        "subject": replace(LETTER, subject=evil),
        "message_id": replace(LETTER, message_id=f"<{evil}>"),
        "in_reply_to": replace(LETTER, in_reply_to=f"<{evil}@x>"),
        "language": replace(LETTER, language=evil),
        "name": replace(LETTER, to=Address("sara@example.org", evil), sender=Address("support@example.com", evil)),
        "file": replace(LETTER, files=(Enclosure(evil, evil, b"x"),)),
        "loop_mark": replace(LETTER, automatic=True, loop_mark=evil),
        "reference": replace(LETTER, references=(f"<{evil}@x>",)),
    }
    try:
        raw = compose(changes[field]).raw
    except (NotSendable, ValueError):
        return
    mail = message_from_bytes(raw)
    for part in mail.walk():
        assert part["Bcc"] is None
        assert part["X-Evil"] is None
    assert len(list(mail.walk())) == (5 if field == "file" else 3)


def encoded(text: str) -> str:
    """The text as an encoded word (RFC 2047)."""
    return f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in text.encode())}?="


def fields_of(raw: bytes) -> list[list[str]]:
    """The names of the fields, by part."""
    return [list(part.keys()) for part in message_from_bytes(raw).walk()]


def with_text(field: str, text: str) -> Letter:
    """The letter with the text in a field that a stranger fills."""
    changes: dict[str, Any] = {
        "subject": {"subject": text},
        "answered_subject": {"subject": reply_subject(text)},
        "name": {"to": Address("sara@example.org", text)},
        "copied_name": {"copied": (Address("ali@example.org", text), Address("omar@example.org", text))},
        "file": {"files": (Enclosure(text, "text/plain", b"x"),)},
        "reference": {"references": (f"<{text}@x>",)},
        "in_reply_to": {"in_reply_to": f"<{text}@x>"},
    }
    return replace(LETTER, **changes[field])


@pytest.mark.parametrize(
    "field", ["subject", "answered_subject", "name", "copied_name", "file", "reference", "in_reply_to"]
)
@pytest.mark.parametrize(
    "text",
    ["x\r\nBcc: third@x.com\r\n\r\nbody", "x\nBcc: third@x.com", "x\rBcc: third@x.com", "Evil, victim@x.com", "\0"],
)
@pytest.mark.parametrize("times", [1, 2])
def test_an_encoded_word_in_a_text_is_no_way_into_the_header(field: str, text: str, times: int) -> None:
    for _ in range(times):
        text = encoded(text)
    evil, plain = (compose(with_text(field, one)).raw for one in (text, "plain" if field != "in_reply_to" else "no id"))
    assert fields_of(evil) == fields_of(plain)
    for name in ("To", "Cc"):
        addresses = [[each for _, each in getaddresses([message_from_bytes(raw)[name]])] for raw in (evil, plain)]
        assert addresses[0] == addresses[1]


def test_an_encoded_word_is_no_address() -> None:
    with pytest.raises(NotSendable):
        compose(replace(LETTER, to=Address(f"{encoded('x')}@example.org")))


@pytest.mark.parametrize("field", ["subject", "name", "copied_name"])
@pytest.mark.parametrize("text", ["x\r\nBcc: third@x.com", "x\r\n\r\nbody", "x\nBcc: third@x.com"])
def test_a_mail_with_a_field_nobody_set_is_not_sent(field: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "one_line", str)
    if field == "subject":
        with pytest.raises(NotSendable):
            compose(with_text(field, encoded(text)))
    else:  # names are written without the library, which would decode them
        assert fields_of(compose(with_text(field, encoded(text))).raw) == fields_of(compose(LETTER).raw)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "سارة@example.org", "a\r\n@example.org", "a b@example.org", "@example.org"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(NotSendable):
        compose(replace(LETTER, to=Address(address)))


@pytest.mark.parametrize("local", ["a..b", "ab.", ".ab", "a.b..c."])
@pytest.mark.parametrize("name", ["", "Sara", "سارة", 'S. "x", y'])
def test_an_address_with_dots_as_some_providers_give_them_out_is_written_quoted(local: str, name: str) -> None:
    sent = compose(replace(LETTER, to=Address(f"{local}@docomo.ne.jp", name), copied=()))
    address = f'"{local}"@docomo.ne.jp'
    assert sent.recipients == (address,)
    assert parse_mail(sent.raw).to == (Address(address, name.strip('"')),)


def test_a_copied_address_that_cannot_be_written_is_left_out_and_told_of() -> None:
    copied = (Address("سارة@example.org"), Address("ali@example.org"), Address("nobody"), Address("a\\.b.@example.org"))
    sent = compose(replace(LETTER, copied=copied))
    assert sent.recipients == ("sara@example.org", "ali@example.org")
    assert sent.left_out == ("سارة@example.org", "nobody", "a\\.b.@example.org")
    assert parse_mail(sent.raw).cc == (Address("ali@example.org"),)
    assert read(replace(LETTER, copied=copied[:1]))["Cc"] is None


def test_a_domain_beyond_ascii_is_written_as_the_name_system_does() -> None:
    assert read(replace(LETTER, to=Address("a@مثال.com"), copied=()))["To"].addresses[0].domain == "xn--mgbh0fb.com"


def test_files_arrive_with_their_names_and_bytes() -> None:
    files = (
        Enclosure("فاتورة.pdf", "application/pdf", b"\x00\xff\r\n."),
        Enclosure("old.eml", "message/rfc822", b"Subject: x\r\n\r\n"),
        Enclosure("a.txt", "text/plain", b"one\ntwo\r\n"),
        Enclosure("odd", "multipart/evil; x=y", b"z"),
    )
    mail = parse_mail(compose(replace(LETTER, files=files)).raw)
    assert [(file.name, file.content) for file in mail.files] == [(file.name, file.content) for file in files]


def test_a_long_thread_keeps_its_first_and_last_references() -> None:
    references = tuple(f"<{number}@example.org>" for number in range(100))
    found = parse_mail(compose(replace(LETTER, references=references, in_reply_to="<99@example.org>")).raw).references
    assert (found[0], found[-1], len(found)) == ("<0@example.org>", "<99@example.org>", 21)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Help", "Re: Help"),
        ("RE: Help", "RE: Help"),
        ("رد: طلب", "رد: طلب"),
        ("AW: Hilfe", "AW: Hilfe"),
        ("", "Re:"),
        ("a\nb", "Re: a b"),
    ],
)
def test_an_answer_is_marked_once(subject: str, answer: str) -> None:
    assert reply_subject(subject) == answer


def test_html_reads_from_the_side_of_its_language() -> None:
    assert '<html lang="ar" dir="rtl">' in html_letter("مرحبا", "ar")
    assert '<html lang="en" dir="ltr">' in html_letter("hello", "en")
    assert '<html lang="ar-Latn" dir="ltr">' in html_letter("marhaba", "ar-Latn")
    assert '<html lang="en"' in html_letter("x", '"><script>')
    assert html_letter("one\n\ntwo", "en").count('<p dir="auto">') == 2


@given(st.text(alphabet="<>&\"'ab:/ .\nhtps", max_size=60))
def test_html_holds_no_markup_of_the_text(text: str) -> None:
    inner = html_letter(text, "en").partition('sans-serif">')[2].rpartition("</body>")[0]
    for tag in ('<p dir="auto">', "</p>", "<br>", "</a>"):
        inner = inner.replace(tag, "")
    assert inner.count("<") == inner.count('<a href="http')


def test_links_can_be_followed() -> None:
    written = html_letter("see https://example.com/t?a=1&b=2. Or http://x.example/؟", "en")
    assert '<a href="https://example.com/t?a=1&amp;b=2">https://example.com/t?a=1&amp;b=2</a>.' in written
    assert '<a href="http://x.example/">' in written
