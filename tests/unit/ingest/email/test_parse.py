import pickle
from base64 import encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.mail import Address, MailRefused
from services.ingest.channels.email.parse import Reading, parse_mail
from tests.unit.ingest.email.letters import mail, multipart

ARABIC = "مرحبا، أين طلبي رقم ١٠٢٤؟ لم يصل حتى الآن وأنا أنتظر منذ أسبوع"


def test_an_ordinary_mail_is_read_completely() -> None:
    read = parse_mail(
        mail(
            "Hello\r\n\r\nOn 3 May 2024, at 09:15, Support wrote:\r\n> which?\r\n",
            Cc='Ali <ALI@example.org>, "Omar, the second" <omar@example.org>',
            Reply_To="other@example.org",
            In_Reply_To="<0@example.com>",
            References="<a@example.com>\r\n <0@example.com>",
            Return_Path="<Sara@example.org>",
        )
    )
    assert read.message_id == "<1@example.org>"
    assert read.sender == Address("sara@example.org", "Sara Ali")
    assert read.to == (Address("support@example.com"),)
    assert read.cc == (Address("ali@example.org", "Ali"), Address("omar@example.org", "Omar, the second"))
    assert read.reply_to == (Address("other@example.org"),)
    assert read.subject == "The printer"
    assert read.accepted_at is None
    assert read.in_reply_to == ("<0@example.com>",)
    assert read.references == ("<a@example.com>", "<0@example.com>")
    assert read.return_path == "sara@example.org"
    assert read.reply == "Hello"
    assert read.text.startswith("Hello\n\nOn 3 May")
    assert read.html is None
    assert read.files == ()
    assert read.automatic is None


def test_what_is_read_travels_between_processes() -> None:
    read = parse_mail(multipart(b"\r\nhello", b"Content-Type: image/png; name=a.png\r\n\r\nx"))
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301 - our own object


def test_customers_text_is_no_part_of_what_is_logged() -> None:
    assert "secret words" not in repr(parse_mail(mail("secret words")))


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"),
        ("windows-1256", "cp1256"),
        ("iso-8859-6", "iso8859-6"),
        ("us-ascii", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("windows-1256", "utf-8"),
        ("iso-8859-1", "cp1256"),
        ("utf-8", "cp1256"),
        ("gb18030", "cp1256"),
        ("gb2312", "cp1256"),
        ("windows-1256", "iso8859-6"),
        ("iso-8859-6", "cp1256"),
        ("no-such-charset", "utf-8"),
        ("punycode", "utf-8"),
        ("", "cp1256"),
    ],
)
def test_arabic_is_read_although_the_charset_lies(declared: str, written: str) -> None:
    text = ARABIC.replace("١٠٢٤", "1024")
    body = mail(text.encode(written), Content_Type=f"text/plain; charset={declared}", MIME_Version="1.0")
    assert parse_mail(body).text.strip() == text


@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        ("iso-8859-1", "cp1252", "Où est ma commande\xa0? C’est déjà réglé, merci à vous. Élève, forêt, garçon."),
        ("gb2312", "gb18030", "我的订单在哪里？我已经等了两个星期了，请尽快回复。"),
        ("windows-1251", "cp1251", "Где мой заказ? Я жду уже две недели, ответьте пожалуйста."),
        ("shift_jis", "cp932", "注文はどこですか。二週間待っています。"),
        ("iso-2022-jp", "iso-2022-jp", "注文はどこですか。"),
        ("windows-1254", "cp1254", "Siparişim nerede? İki haftadır bekliyorum, lütfen cevap verin."),
    ],
)
def test_other_charsets_are_not_mistaken_for_arabic(declared: str, written: str, text: str) -> None:
    body = mail(text.encode(written), Content_Type=f"text/plain; charset={declared}", MIME_Version="1.0")
    assert parse_mail(body).text.strip() == text


def test_a_broken_letter_does_not_cost_the_rest() -> None:
    body = mail(ARABIC.encode() + b"\xff", Content_Type="text/plain; charset=utf-8", MIME_Version="1.0")
    assert parse_mail(body).text.strip() == ARABIC + "\ufffd"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?2LfZhNio2Yo=?=", "طلبي"),
        ("=?windows-1256?B?2AHh?= x", "ط\x01ل x".replace("\x01", " ")),
        ("=?utf-8?Q?=D8=B7=D9?=\r\n =?utf-8?Q?=84=D8=A8?=", "طلب"),
        ("plain =?utf-8?q?and_more?= words", "plain and more words"),
        ("raw طلبي", "raw طلبي"),
        ("=?nonsense?Q?a?=", "a"),
        ("=?utf-8?B?!!!?=", ""),
        ("a\tb", "a b"),
    ],
)
def test_subject_lines_are_decoded(written: str, read: str) -> None:
    assert parse_mail(mail(Subject=written)).subject == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sara@example.org (Sara Ali)", [Address("sara@example.org", "Sara Ali")]),
        ("Team: a@example.org, B <b@example.org>;", [Address("a@example.org"), Address("b@example.org", "B")]),
        ('"evil@example.net" <a@example.org>', [Address("a@example.org", "evil@example.net")]),
        ("=?utf-8?B?2LPYp9ix2Kk=?= <a@example.org>", [Address("a@example.org", "سارة")]),
        ("undisclosed-recipients:;", []),
        ("(" * 2_000 + "a@example.org", [Address("a@example.org")]),
        ("a@example.org, a@EXAMPLE.org", [Address("a@example.org")]),
    ],
)
def test_addresses_are_read_as_people_write_them(written: str, read: list[Address]) -> None:
    assert list(parse_mail(mail(To=written)).to) == read


def test_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    raw = mail(Message_ID=None)
    assert parse_mail(raw).message_id.startswith("sha256:")
    assert parse_mail(raw).message_id == parse_mail(raw).message_id
    assert parse_mail(raw).message_id != parse_mail(raw + b" ").message_id


def test_a_forged_id_has_another_fingerprint() -> None:
    assert parse_mail(mail("one")).fingerprint != parse_mail(mail("two")).fingerprint
    assert parse_mail(mail("one", Received="by a")).fingerprint == parse_mail(mail("one", Received="by b")).fingerprint


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 32 Foo 20240 99:99:99", "Mon, 05 Aug 99999999999 10:00:00 +0300"]
)
def test_a_date_that_is_none_is_left_open(date: str) -> None:
    received = f"from a by mx.example.com; {date}"
    assert parse_mail(mail(Received=received), Reading(authserv_id="mx.example.com")).accepted_at is None


def test_the_sender_s_date_names_the_mail_and_tells_no_time() -> None:
    one, two = (parse_mail(mail(Date=f"Mon, 05 Aug 2024 1{hour}:00:00 +0300")) for hour in (0, 1))
    assert one.accepted_at is two.accepted_at is None
    assert one.fingerprint != two.fingerprint


@pytest.mark.parametrize(
    "stamp",
    [
        "from a.example (a.example [192.0.2.1])\r\n\tby mx.example.com (Postfix) with ESMTPS id 4X (using TLS (a (b)))\r\n\tfor <s@e.example>; {}",
        "from [192.0.2.1] (helo=x; by=evil) by MX.example.com. with esmtp (Exim 4.97) id 1; {} (EET)",
        "by mx.example.com with LMTP; {}",
    ],
)
def test_our_own_server_s_stamp_tells_when_it_took_the_mail(stamp: str) -> None:
    raw = b"Received: %s\r\n" % stamp.format("Mon, 05 Aug 2024 10:00:00 +0300").encode() + mail()
    assert parse_mail(raw, Reading(authserv_id="mx.example.com")).accepted_at == 1_722_841_200_000
    assert parse_mail(raw, Reading(authserv_id="other.example.com")).accepted_at is None
    assert parse_mail(raw).accepted_at is None


def test_the_topmost_of_our_stamps_counts_for_senders_write_below_it() -> None:
    def stamp(by: str, at: str) -> bytes:
        return f"Received: from x by {by} (by mx.example.com); {at}\r\n".encode()

    ours, forged = "Mon, 05 Aug 2024 10:00:00 +0300", "Mon, 05 Aug 2024 01:00:00 +0300"
    for first, taken in ((ours, 1_722_841_200_000), ("no date", None)):
        raw = stamp("inner.example", forged) + stamp("mx.example.com", first) + stamp("mx.example.com", forged) + mail()
        assert parse_mail(raw, Reading(authserv_id="mx.example.com")).accepted_at == taken


def test_the_plain_form_is_preferred_and_the_html_kept() -> None:
    plain, rich = b"\r\nplain words\r\n", b"Content-Type: text/html\r\n\r\n<p>rich <b>words</b></p>\r\n"
    read = parse_mail(multipart(plain, rich, kind="alternative"))
    assert (read.text.strip(), read.html and read.html.strip()) == ("plain words", "<p>rich <b>words</b></p>")
    assert read.files == ()


def test_html_becomes_text_when_nothing_plain_is_said() -> None:
    rich = "Content-Type: text/html; charset=utf-8\r\n\r\n<style>x{}</style><p>مرحبا<br>ثانية</p><p>end</p>".encode()
    read = parse_mail(multipart(b"\r\n  \r\n", rich, kind="alternative"))
    assert [line for line in read.text.split("\n") if line] == ["مرحبا", "ثانية", "end"]


def test_text_after_an_attachment_is_shown_too() -> None:
    read = parse_mail(multipart(b"\r\nfirst", b"Content-Type: image/png\r\n\r\nx", b"\r\nlast"))
    assert read.text == "first\n\nlast"


def test_files_are_listed_with_harmless_names() -> None:
    read = parse_mail(
        multipart(
            b"\r\nhello",
            b'Content-Type: application/pdf; name="../../etc/\x07pass:wd.pdf"\r\n\r\nx',
            b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n\r\nx",
            b"Content-Disposition: attachment; filename*=utf-8''%D9%81%D8%A7%D8%AA.pdf\r\n\r\nx",
            b"Content-Disposition: attachment; filename=con.txt\r\n\r\nx",
            f"Content-Disposition: attachment; filename={'a' * 400}.jpeg\r\n\r\nx".encode(),
            'Content-Disposition: attachment; filename="gnp\u202eexe.png"\r\n\r\nx'.encode(),
        )
    )
    names = [file.name for file in read.files]
    assert names == ["pass_wd.pdf", "attachment.png", "فات.pdf", "_con.txt", "a" * 145 + ".jpeg", "gnpexe.png"]
    assert (read.files[1].content_id, read.files[1].inline) == ("logo@x", True)


def test_a_forwarded_mail_is_a_file_and_its_text_not_the_customer_s() -> None:
    inner = mail("inner words", Subject="Old matter")
    read = parse_mail(multipart(b"\r\nsee below", b"Content-Type: message/rfc822\r\n\r\n" + inner))
    assert read.text == "see below"
    (file,) = read.files
    assert (file.name, file.media_type) == ("Old matter.eml", "message/rfc822")
    assert b"inner words" in file.content


def test_a_large_attachment_arrives_unchanged() -> None:
    content = bytes(range(256)) * 2_000
    part = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(
        content
    )
    read = parse_mail(multipart(b"\r\nhello", part, b"\r\nbye"))
    assert read.files[0].content == content
    assert read.text == "hello\n\nbye"


@pytest.mark.parametrize("junk", [b"!", b" ", b"=\r\n"])
def test_a_large_attachment_with_junk_inside_is_still_read(junk: bytes) -> None:
    content = bytes(range(256)) * 2_000
    coded = encodebytes(content)
    part = (
        b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + coded[:77_000]
        + junk
        + coded[77_000:]
    )
    assert parse_mail(multipart(part)).files[0].content[:50_000] == content[:50_000]


def test_a_large_text_without_spaces_stays_text() -> None:
    assert parse_mail(mail("x" * 100_000 + "\r\nend")).text == "x" * 100_000 + "\nend"


def test_lines_that_strayed_into_the_header_are_shown() -> None:
    read = parse_mail(b"Subject: a\r\nsomebody meant this\r\nFrom: sara@example.org\r\n\r\nbody\r\n")
    assert (read.subject, read.sender) == ("a", Address("sara@example.org"))
    assert read.text.split() == ["somebody", "meant", "this", "body"]


def test_a_text_without_any_header_is_still_shown() -> None:
    assert "no header at all" in parse_mail(b"a text with\r\nno header at all\r\n").text


def test_a_multipart_whose_boundary_never_comes_is_still_shown() -> None:
    assert "hello" in parse_mail(mail("hello", Content_Type="multipart/mixed; boundary=never", MIME_Version="1.0")).text


class TestAuthentication:
    OURS = "mx.example.com; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org; dmarc=pass header.from=example.org"

    def read(self, *values: str, **fields: str) -> tuple[str, str, str, bool]:
        raw = b"".join(f"Authentication-Results: {value}\r\n".encode() for value in values) + mail(**fields)
        found = parse_mail(raw, Reading(authserv_id="mx.example.com")).authentication
        return found.spf, found.dkim, found.dmarc, found.aligned

    def test_our_own_server_is_believed(self) -> None:
        assert self.read(self.OURS) == ("pass", "pass", "pass", True)

    def test_anybody_else_is_not(self) -> None:
        assert self.read(self.OURS.replace("mx.example.com", "mx.example.net")) == ("", "", "", False)

    def test_a_claim_below_ours_changes_nothing(self) -> None:
        ours = "mx.example.com; spf=fail; dkim=none; dmarc=fail header.from=example.org"
        assert self.read(ours, self.OURS) == ("fail", "none", "fail", False)

    def test_a_passing_signature_of_another_domain_is_not_aligned(self) -> None:
        assert self.read("mx.example.com; dkim=pass header.d=example.net; spf=pass") == ("pass", "pass", "", False)

    def test_a_domain_above_the_sender_s_is_aligned(self) -> None:
        assert self.read("mx.example.com; dkim=pass header.d=example.org", From="a@mail.example.org")[3]
        assert not self.read("mx.example.com; dkim=pass header.d=org", From="a@mail.example.org")[3]

    @pytest.mark.parametrize(
        "written",
        [
            '(domain of "x(y);dmarc=pass header.from=bank.com;z"@evil.com); dmarc=fail header.from=bank.com',
            '(domain of "x);dmarc=pass header.from=bank.com;(z"@evil.com); dmarc=fail header.from=bank.com',
            '(helo a"b) smtp.mailfrom=";dmarc=pass header.from=bank.com;z"@evil.com (c"d); dmarc=fail',
            'smtp.mailfrom=";dmarc=pass header.from=bank.com;z"@evil.com; dmarc=fail header.from=bank.com',
            'smtp.mailfrom="a\\";dmarc=pass header.from=bank.com;z"@evil.com; dmarc=fail header.from=bank.com',
            "(((((((dmarc=fail))))))); dmarc=pass header.from=bank.com",
            "; dkim=pass header.i=bank.com/" + "a" * 65 + "@evil.com",
            '; dkim=pass header.i="x header.d=bank.com"@evil.com',
        ],
    )
    def test_a_sender_s_own_words_prove_nothing(self, written: str) -> None:
        _, _, dmarc, aligned = self.read(f"mx.example.com; spf=pass {written}", From="ceo@bank.com")
        assert dmarc != "pass"
        assert not aligned

    @pytest.mark.parametrize(
        "written", ['header.d="example.org"', 'header.i="@example.org"', "header.i=a.b@Example.org."]
    )
    def test_a_proof_in_quotes_with_remarks_is_one_too(self, written: str) -> None:
        assert self.read(f'mx.example.com 1 (a (b)); spf=fail reason="no; (x)"; dkim=pass (2048-bit) {written}')[3]

    def test_what_is_below_a_doubtful_one_of_ours_is_not_believed(self) -> None:
        assert self.read('mx.example.com; spf=fail (a"b)', self.OURS) == ("", "", "", False)
        assert self.read('mx.example.net; spf=fail (a"b)', self.OURS) == ("pass", "pass", "pass", True)

    def test_two_senders_are_never_aligned(self) -> None:
        assert not self.read(self.OURS, From="a@example.org, b@example.net")[3]

    def test_nothing_is_believed_without_a_configured_server(self) -> None:
        raw = f"Authentication-Results: {self.OURS}\r\n".encode() + mail()
        assert not parse_mail(raw).authentication.aligned


def outcome(raw: bytes) -> str:
    try:
        return type(parse_mail(raw)).__name__
    except MailRefused as refused:
        return refused.reason


OUTCOMES = {"ParsedMail", "too deep", "too many parts", "not readable"}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert outcome(raw) in OUTCOMES


_PIECES = st.sampled_from(
    [b"From: a@b.c\r\n", b"Content-Type: multipart/mixed; boundary=edge\r\n", b"\r\n", b"--edge\r\n", b"--edge--\r\n", b"--edge",
     b"Content-Type: message/rfc822\r\n", b'Content-Type: text/html; charset="x\r\n', b"Content-Transfer-Encoding: base64\r\n",
     b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=", b"\xff\xfe", b" ", b"To: ((((", b"=?utf-8?B?", b"text",
     b"Content-Type: message/delivery-status\r\n", b"Content-Type: multipart/report; report-type=delivery-status\r\n"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25))
def test_any_arrangement_of_mail_is_read_or_refused(pieces: list[bytes]) -> None:
    assert outcome(b"".join(pieces)) in OUTCOMES
