import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.trim.reply import LONGEST_TRIMMED, trim_reply
from tests.unit.ingest.email.material import real_mail
from tests.unit.steps import steps_of

LETTER = "Hello,\n\nthe printer is broken again.\n\nBest\nSara"


def _expected() -> list[tuple[str, str, str]]:
    folder = real_mail("replies")
    samples = []
    for path in sorted((folder / "emails").iterdir()):
        trimmed = (folder / "trimmed" / path.name).read_bytes().decode().replace("\r\n", "\n").rstrip()
        samples.append((path.name, path.read_bytes().decode(), trimmed))
    return samples


def test_at_least_nine_of_ten_real_replies_are_trimmed_exactly() -> None:
    samples = _expected()
    exact = [name for name, body, trimmed in samples if trim_reply(body).text == trimmed]
    print(f"\nreplies trimmed exactly: {len(exact)} of {len(samples)}")
    assert len(exact) >= 0.9 * len(samples), sorted({name for name, _, _ in samples} - set(exact))


def test_no_real_reply_loses_a_line_the_customer_wrote() -> None:
    losing = {}
    for name, body, trimmed in _expected():
        shown = trim_reply(body).text.split("\n")
        lost = [line for line in trimmed.split("\n") if line.strip() and line.rstrip() not in shown]
        if lost:
            losing[name] = lost
    assert losing == {}


ATTRIBUTIONS = [
    "On Mon, Feb 1, 2016 at 4:58 AM, Some One <foo@example.com> wrote:",
    "On 3 May 2024, at 09:15, Support wrote:",
    "Le lun. 3 mai 2021 à 10:00, Aide <aide@example.com> a écrit :",
    "Am Mo., 3. Mai 2021 um 10:00 Uhr schrieb Hilfe <hilfe@example.com>:",
    "El lun, 3 may 2021 a las 10:00, Ayuda (<ayuda@example.com>) escribió:",
    "Op ma 3 mei 2021 om 10:00 schreef Hulp <hulp@example.com>:",
    "Понедельник, 3 мая 2021, 10:00 +03:00 от Support <help@example.com>:",
    "في الأحد، ٥ مارس ٢٠٢٣ في ١٢:٠٠ م تمت كتابة ما يلي بواسطة \u202aالدعم\u202c\u200f <\u202ahelp@example.com\u202c\u200f>:",
    "في ٢٠/٠٣/٢٠٢٠، الساعة ١٠:٠٠ ص، كتب الدعم الفني:",
    "بتاريخ 5 مارس 2023، الساعة 10:00 ص، كتبت سارة <sara@example.com>:",
    "في 5 مارس 2023 10:00 ص، كتب/كتبت الدعم <help@example.com>:",
    "2016-03-03 17:21 GMT+01:00 Some One <one@example.com>:",
    "-----Original Message-----",
    "-------- Forwarded Message --------",
    "-----Ursprüngliche Nachricht-----",
    "-----الرسالة الأصلية-----",
    "---------- رسالة مُعاد توجيهها ---------",
    "Begin forwarded message:",
]


@pytest.mark.parametrize("mark", ATTRIBUTIONS)
@pytest.mark.parametrize("below", ["> quoted\n> more", "not marked as a quote\nmore", ""])
def test_what_follows_an_attribution_is_elided(mark: str, below: str) -> None:
    trimmed = trim_reply(f"{LETTER}\n\n{mark}\n\n{below}")
    assert trimmed.text == LETTER
    assert trimmed.elided


@pytest.mark.parametrize(
    "mark",
    [
        "On Mon, Feb 1, 2016 at 4:58 AM, Some One\n<foo@example.com> wrote:",
        "On Mon, Feb 1, 2016 at 4:58 AM\nSome One <\nfoo@example.com> wrote:",
        "في الأحد، 5 مارس 2023 في 12:00 م تمت كتابة ما يلي بواسطة\nالدعم <help@example.com>:",
        "2016-10-24 15:36 GMT+02:00 Foo <\ninfo@example.com>:",
    ],
)
def test_an_attribution_may_break_over_lines(mark: str) -> None:
    assert trim_reply(f"{LETTER}\n\n{mark}\n\n> quoted").text == LETTER


HEADS = [
    "From: Help <help@example.com>\nSent: Monday, 3 May 2021 10:00\nTo: Sara\nSubject: Your printer",
    "*From:* Help\n*Sent:* 2021-05-03\n*To:* sara@example.com\n*Subject:* Your printer",
    "Von: Hilfe <hilfe@example.com>\nGesendet: Montag\nAn: Sara\nBetreff: Drucker",
    "De : Aide <aide@example.com>\nEnvoyé : lundi\nÀ : Sara\nObjet : Imprimante",
    "من: الدعم <help@example.com>\nتاريخ الإرسال: الأحد 5 مارس 2023\nإلى: سارة\nالموضوع: الطابعة",
    "\u202bمن: الدعم\nتم الإرسال: الأحد\nإلى: سارة\nالموضوع: الطابعة",
    "________________________________\nFrom: Help <help@example.com>\nSent: Monday\nTo: Sara\nSubject: Your printer",
]


@pytest.mark.parametrize("head", HEADS)
def test_a_mail_quoted_with_its_headers_is_elided(head: str) -> None:
    assert trim_reply(f"{LETTER}\n\n{head}\n\nDear Sara,\nyour printer is ready.").text == LETTER


@pytest.mark.parametrize(
    "closing",
    [
        "--\nSara Ali\nHead of Printing\n+966 50 000 0000",
        "-- \nSara",
        "________________________________\nThis message is confidential.",
        "-----\nSara Ali\nwww.example.com",
        "Sent from my iPhone",
        "Sent from Outlook for Android",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "أُرسلت من الـ iPhone",
        "مُرسل من هاتف Samsung Galaxy الخاص بي",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPad",
        "> a quote at the end",
    ],
)
def test_signatures_and_device_lines_are_elided(closing: str) -> None:
    assert trim_reply(f"{LETTER}\n\n{closing}\n").text == LETTER


CLOSINGS = [
    "Le 3 mai 2021 à 10:00, Aide a écrit :\n\n> x",
    "On Tue, 3 May 2022, 10:00 X Y, <x@y.z> wrote:\n\n> q",
    "On 2022-05-03 10:00, X wrote:\n> q",
    "X Y <x@y.z> schrieb am Mo., 3. Mai 2021, 10:00:\n\n> q\n>\n",
    "*From*: X\n*Sent*: Monday\n*To*: Y\n*Subject*: z\n\nbody",
    '------ Original Message ------\nFrom: "X" <x@y.z>\nTo: y\nSent: 3\nSubject: z\n\nbody',
    "--- On Mon, 3/5/10, X <x@y.z> wrote:\n\nFrom: X\nbody",
    "Sent from my Verizon Wireless BlackBerry\n\n-----Original Message-----\nFrom: a\nbody",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone\n\n> Em 3 de mai de 2021, à(s) 10:00, X <x@y.z> escreveu:\n> \n> q",
    "Skickat från min iPhone",
    "Wysłane z iPhone'a",
    "Отправлено с iPhone",
    "iPhone'umdan gönderildi",
    "Sent from my iPhone\n\nOn May 3, 2021, at 10:00, X <x@y.z> wrote:\n\n> q",
    "Sent from Mail for Windows\n\nFrom: X\nSent: 3\nTo: Y\nSubject: Z\n\nb",
    "Il giorno lun 3 mag 2021 alle ore 10:00 X <x@y.z>\nha scritto:\n\n> q",
    "Op 3 mei 2021 om 10:00 heeft X <x@y.z> het volgende geschreven:\n\n> q",
    "Den mån 3 maj 2021 kl 10:00 skrev X <x@y.z>:\n\n> q",
    "2021年5月3日(月) 10:00 X <x@y.z>:\n\n> q",
    "X <x@y.z> 于2021年5月3日周一 10:00写道：\n\n> q",
    "W dniu 3 maja 2021 10:00 użytkownik X <x@y.z> napisał:\n\n> q",
    "3 мая 2021 г., в 10:00, X <x@y.z> написал(а):\n\n> q",
    "пн, 3 мая 2021 г. в 10:00, X <x@y.z>:\n\n> q",
    "في الاثنين، 3 مايو 2021، 10:00 ص X <x@y.z> كتب:\n\n> q",
    "في 03/05/2021 10:00 ص، كتب فريق الدعم:\n\n> q",
    "أرسلت من هاتفي الجوال",
    "تم الإرسال من Yahoo Mail على Android",
    "تم الإرسال من iPhone الخاص بي\n\n> في ٣ مايو ٢٠٢١، الساعة ١٠:٠٠ ص، كتب X <x@y.z>:\n> q",
    "-----رسالة أصلية-----\nمن: أ\nإلى: ب\nالموضوع: ج\n\nنص",
    "________________________________\nمن: X <x@y.z>\n\u200f\u200fتم الإرسال: 3 مايو\nإلى: Y\nالموضوع: Z\n\nنص",
    "---------- Forwarded message ---------\nمن: X <x@y.z>\nDate: 3\nSubject: z\nTo: y\n\nbody",
    "On Monday, May 3, 2021, 10:00:00 AM GMT+3, X <x@y.z> wrote: \n \n body unquoted",
    "From: X <x@y.z> \nDate: Monday, 3 May 2021 at 10:00\nTo: Y\nCc: Z\nSubject: Re: s\n\nbody",
    "From: X [mailto:x@y.z] \nSent: Monday\nTo: Y\nSubject: s\n\nbody",
    "Von: X\nGesendet: M\nAn: Y\nBetreff: s\n\nb",
    "Von meinem Samsung Galaxy Smartphone gesendet.\n-------- Ursprüngliche Nachricht --------\nVon: x\nb",
    "Get Outlook for Android<https://aka.ms/ghei36>\n________________________________\nFrom: X <x@y.z>\nSent: M\nTo: Y\nSubject: s\n\nb",
    "--\nSara\n+966 5",
    "-- \r\nx",
    "==============\nSara Ali\nsara@x.y",
]


@pytest.mark.parametrize("closing", CLOSINGS)
def test_what_the_mail_programs_of_the_world_add_is_elided(closing: str) -> None:
    assert trim_reply(f"{LETTER}\n\n{closing}").text == LETTER


@pytest.mark.parametrize(
    "body",
    [
        LETTER,
        "From: Dubai\nTo: London\nDate: 3 May\nSeats: 2\n\nplease confirm",
        "On this day\n\nI wrote something:\n\nto you",
        "You wrote:\nthe money will be back on Monday.\nIt is not.",
        "On 3 May you wrote:\nthe money will be back.\nIt is not.",
        "First problem\n-----\nThe second printer does not print either, why?\n-----\nThird problem is the paper.",
        "Sent from my account to the wrong person!\nPlease help.",
        "I paid.\n\nSent via transfer yesterday but nothing came",
        "> you asked for the number\n\nIt is 1024.\n\n> and the name\n\nSara",
        "| item | price |\n| ---- | ----- |\n| ink | 3 |",
        "```\n> a log line\nOn Mon, Feb 1, 2016 at 4:58 AM, x <y@example.com> wrote:\n```\nwhat does it mean?",
        "--\nSara",
        "السلام عليكم\n\nفي 3 مايو كتبت لكم ولم يرد أحد\n\nأرجو الرد",
        "كتب الموظف: سيصل الطلب غداً\nولم يصل",
    ],
)
def test_what_the_customer_wrote_is_left_alone(body: str) -> None:
    trimmed = trim_reply(body)
    assert trimmed.text == body
    assert not trimmed.elided


def test_answers_between_quotes_stay_with_their_questions() -> None:
    body = "On 3 May 2024, at 09:15, Support wrote:\n> which printer?\nthe big one\n> which paper?\nA4"
    assert trim_reply(body).text == "> which printer?\nthe big one\n> which paper?\nA4"


def test_a_reply_below_the_quote_is_found() -> None:
    body = "On 3 May 2024, at 09:15, Support wrote:\n> which printer?\n> thanks\n\nthe big one"
    assert trim_reply(body).text == "the big one"


def test_an_answer_after_signature_and_quote_survives() -> None:
    body = "see below\n-- \nSara\nOn 3 May 2024, at 09:15, Support wrote:\n> which one?\nthe big one"
    assert "the big one" in trim_reply(body).text


@given(
    st.lists(
        st.text(st.characters(categories=["L", "Nd"], include_characters=" ,.!?"), min_size=1, max_size=60), max_size=30
    )
)
def test_prose_without_marks_is_never_changed(lines: list[str]) -> None:
    body = "\n".join(["Hello there", *lines, "end of the letter."])
    assert trim_reply(body).text == "\n".join(line.rstrip() for line in body.split("\n"))


@given(st.lists(st.sampled_from(["", "text", "> q", "--", "----", *ATTRIBUTIONS[:2], HEADS[0], "```", "-- x"])))
def test_any_arrangement_yields_lines_of_the_body_in_order(lines: list[str]) -> None:
    body = "\n".join(lines)
    remaining = iter(body.split("\n"))
    assert all(line in remaining for line in trim_reply(body).text.split("\n") if line)


BOMBS = {
    "one long line": lambda size: "x" * size,
    "one long line of dashes": lambda size: "a\n" + "- " * (size // 2),
    "attributions": lambda size: "t\n" + "On 3 May 2024, at 09:15, Support wrote:\n" * (size // 40) + "> q\nt",
    "unfinished attributions": lambda size: "t\n" + "On 3 May 2024\n" * (size // 14),
    "delimiters": lambda size: "t\n" + "--\n" * (size // 3) + "text?\n" * 40,
    "rules": lambda size: "t\n" + "====\n" * (size // 5) + "a long line of text that asks?\n" * 20,
    "headers": lambda size: "t\n" + "To: a\n" * (size // 6),
    "quotes and text": lambda size: "t\n" + "> q\nt\n" * (size // 6),
    "nested quotes": lambda size: "t\n" + ">" * size,
    "colons": lambda size: "t\n" + (":" * 490 + "\n") * (size // 491),
    "fences": lambda size: "```\n" * (size // 4),
    "empty lines": lambda size: "t" + "\n" * size + "t",
    "addresses": lambda size: "t\n" + ("a@b<" * 120 + ":\n") * (size // 482),
}


@pytest.mark.parametrize("name", BOMBS)
def test_trimming_takes_no_more_steps_than_its_length(name: str) -> None:
    small = steps_of(lambda: trim_reply(BOMBS[name](3_000)))
    large = steps_of(lambda: trim_reply(BOMBS[name](24_000)))
    assert large < 10 * small + 1_000


def test_a_body_too_long_for_a_reply_is_shown_whole() -> None:
    body = "line\n" * (LONGEST_TRIMMED // 5 + 1) + "-- \nSara"
    assert trim_reply(body).text == body
