import pytest

from services.ingest.channels.email.mail import AutomaticKind, Bounce, ParsedMail
from services.ingest.channels.email.parse import Reading, parse_mail
from tests.unit.ingest.email.letters import mail, multipart
from tests.unit.ingest.email.material import real_mail

REPORT = (
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
    b"Final-Recipient: rfc822; Sara@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    b"Final-Recipient: rfc822; ali@example.org\r\nAction: delayed\r\nStatus: 4.2.2\r\n"
)
RETURNED = b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <ours@example.com>\r\nSubject: answer\r\n\r\nhello\r\n"


def _real() -> list[tuple[str, ParsedMail]]:
    return [(path.name, parse_mail(path.read_bytes())) for path in sorted(real_mail("automatic").glob("*.eml"))]


def test_every_real_automatic_mail_is_recognised() -> None:
    missed = [name for name, read in _real() if read.automatic is None]
    assert missed == []


def test_most_real_bounces_name_a_recipient_and_our_mail() -> None:
    bounces = [read for _, read in _real() if read.automatic == "bounce"]
    named = sum(bool(read.bounces) for read in bounces)
    concerning = sum(bool(read.concerns) for read in bounces)
    print(f"\nbounces: {len(bounces)}, with recipient: {named}, with the original's id: {concerning}")
    assert named >= 0.85 * len(bounces)
    assert concerning >= 0.75 * len(bounces)


@pytest.mark.parametrize("folder", ["replies/emails", "replies/trimmed", "mime"])
def test_no_real_ordinary_mail_is_taken_for_automatic(folder: str) -> None:
    flagged = {}
    for path in sorted(real_mail(folder).iterdir()):
        if path.suffix in (".txt", ".msg") and "_decoded" not in path.name:
            raw = path.read_bytes() if path.suffix == ".msg" else mail(path.read_bytes())
            flagged[path.name] = parse_mail(raw).automatic
    assert {name: kind for name, kind in flagged.items() if kind} == {}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "Auto-Generated (failure)"}, "auto_generated"),
        ({"Auto_Submitted": "auto-notified; owner-email=x"}, "auto_generated"),
        ({"Return_Path": "<>"}, "auto_reply"),
        ({"Return_Path": "<MAILER-DAEMON>"}, "bounce"),
        ({"List_Id": "News <news.example.org>"}, "list"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"Precedence": "Junk"}, "bulk"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Autorespond": "1"}, "auto_reply"),
        ({"X_Failed_Recipients": "a@example.org"}, "bounce"),
        ({"X_Loop": "mark"}, "loop"),
        ({"X_Sanad_Loop": "mark"}, "loop"),
        ({"Subject": "Automatic reply: The printer"}, "auto_reply"),
        ({"Subject": "Out of Office"}, "auto_reply"),
        ({"Subject": "On leave"}, "auto_reply"),
        ({"Subject": "On vacation "}, "auto_reply"),
        ({"Subject": "رد تلقائي: طلبك"}, "auto_reply"),
        ({"Subject": "Abwesenheitsnotiz: Drucker"}, "auto_reply"),
        ({"From": "MAILER-DAEMON@example.org"}, "bounce"),
        ({"From": "Mail Delivery System <x@example.org>"}, "bounce"),
        ({"From": "postmaster@example.org", "Subject": "Undeliverable: The printer"}, "bounce"),
    ],
)
def test_signs_of_automatic_mail_are_seen(fields: dict[str, str], kind: AutomaticKind) -> None:
    assert parse_mail(mail(**fields), Reading(loop_marks=frozenset({"mark"}))).automatic == kind


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Return_Path": "<sara@example.org>"},
        {"Precedence": "first-class"},
        {"X_Loop": "somebody-else"},
        {"X_Auto_Response_Suppress": "All"},
        {"List_Unsubscribe": "<https://example.org/u>"},
        {"Subject": "Out of office hours you never answer"},
        {"Subject": "Automatic reply does not stop"},
        {"Subject": "On leave - my card was declined abroad"},
        {"Subject": "On vacation: where is my card?"},
        {"Subject": "Delivery failed: where is my parcel?"},
        {"Subject": "my order could not be delivered"},
        {"From": "postmaster@example.org"},
        {"From": "no-reply-team <noreply@example.org>"},
        {"X_Autoreply": "no"},
        {"X_MS_Exchange_Inbox_Rules_Loop": "support@example.com"},
    ],
)
def test_people_s_mail_is_left_alone(fields: dict[str, str]) -> None:
    assert parse_mail(mail("my parcel was returned", **fields)).automatic is None


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        ("Anna Schmidt <anna@ndr.de>", "the mail was not delivered to us"),
        ("NDR Trading <info@example.com>", "where is my order?"),
        ("a@content-filter.com", "my order could not be delivered"),
        ("Anna <anna@mailer-daemon.example>", "hello"),
        ("Administrator <administrator@school.example>", "My parcel was delivered damaged"),
        ("Administrator <administrator@school.example>", "Can it be delivered by mail? It can be delivered at noon."),
    ],
)
def test_people_and_companies_may_be_called_like_a_mail_system(sender: str, text: str) -> None:
    assert parse_mail(mail(text, From=sender)).automatic is None


@pytest.mark.parametrize(
    "text", ["could not be delivered", "couldn't be delivered", "cannot be delivered", "can’t be delivered"]
)
@pytest.mark.parametrize(
    "sender", ["NDR <ndr@example.com>", "Content Filter <x@example.com>", "administrator@example.com"]
)
def test_a_name_that_people_have_and_a_failure_are_a_bounce(sender: str, text: str) -> None:
    assert parse_mail(mail(f"your message {text}", From=sender)).automatic == "bounce"


def test_a_customer_who_forwards_a_bounce_is_a_person() -> None:
    report = b"\r\nI got this:\r\n> MAILER-DAEMON: delivery failed, user unknown 550 5.1.1\r\n"
    assert parse_mail(multipart(report, RETURNED)).automatic is None


def test_a_list_of_ours_is_a_way_to_reach_us() -> None:
    reading = Reading(own_lists=frozenset({"support.example.com"}))
    assert parse_mail(mail(List_Id="<support.example.com>", Precedence="list"), reading).automatic is None
    assert parse_mail(mail(List_Id="<news.example.org>", Precedence="list"), reading).automatic == "list"


def test_a_delivery_report_tells_who_how_and_which_mail() -> None:
    read = parse_mail(multipart(b"\r\nfailed", REPORT, RETURNED, kind="report; report-type=delivery-status"))
    assert read.automatic == "bounce"
    assert read.bounces == (
        Bounce("sara@example.org", "failed", "5.1.1"),
        Bounce("ali@example.org", "delayed", "4.2.2"),
    )
    assert [bounce.permanent for bounce in read.bounces] == [True, False]
    assert read.concerns[0] == "<ours@example.com>"


def test_returned_headers_alone_tell_which_mail() -> None:
    headers = b"Content-Type: text/rfc822-headers\r\n\r\nSubject: answer\r\nMessage-Id: <ours@example.com>\r\n"
    read = parse_mail(multipart(b"\r\nfailed", REPORT, headers, kind="report; report-type=delivery-status"))
    assert read.concerns[0] == "<ours@example.com>"


def test_a_report_in_plain_words_is_read_as_well() -> None:
    body = (
        "This message could not be delivered.\r\n\r\n  dead@example.org\r\n    550 5.1.1 user unknown\r\n\r\n"
        "Received: from x\r\nFrom: support@example.com\r\nMessage-ID: <ours@example.com>\r\n"
    )
    read = parse_mail(mail(body, From="postmaster@example.org", Return_Path="<>"))
    assert read.bounces == (Bounce("dead@example.org", "failed", "5.1.1"),)
    assert "<ours@example.com>" in read.concerns


@pytest.mark.parametrize(
    ("fields", "guessed"),
    [
        ({"Return_Path": "<>"}, False),
        ({"Return_Path": "<MAILER-DAEMON@example.org>"}, False),
        ({"Return_Path": "<ndr@example.org>"}, True),
        ({}, True),
        ({"Return_Path": "<ndr@example.org>", "X_Failed_Recipients": "dead@example.org"}, False),
    ],
)
def test_what_an_ordinary_sender_says_in_plain_words_is_a_guess(fields: dict[str, str], guessed: bool) -> None:
    read = parse_mail(mail("user unknown: dead@example.org", From="NDR <ndr@example.org>", **fields))
    assert [(bounce.recipient, bounce.guessed) for bounce in read.bounces] == [("dead@example.org", guessed)]


def test_an_automatic_answer_tells_which_mail_it_answers() -> None:
    read = parse_mail(mail(Auto_Submitted="auto-replied", In_Reply_To="<ours@example.com>"))
    assert (read.automatic, read.bounces, read.concerns) == ("auto_reply", (), ("<ours@example.com>",))
