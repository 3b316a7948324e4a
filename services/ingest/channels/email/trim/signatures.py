"""Signature delimiters, ruled lines, and the lines phones add."""

import re
from collections.abc import Sequence

from shared.text.folding import fold

LONGEST_DEVICE_LINE = 160

_DELIMITER = re.compile(r"-- ?")
_RULE = re.compile(r"[-_=+*#~•·─━═—–]{2,}|[—–]|\*(?:\s?\*){2,}|-(?:\s-){2,}|[ᐧ▬]+")
_LINK = re.compile(r"[<(]?(?:https?|mailto):[^\s<>()]{0,200}[>)]?")
_SENT_FROM = re.compile(
    r"(?:sent|gesendet|envoye|envoyé|enviado|inviato|verzonden|skickat|sendt|wysłan[eo]|отправлено)"
    r" (?:from|via|with|by|using|von|mit|depuis|de|desde|do|da|dal|vanaf|met|från|fra|z|с|из) (.+)"
)
_DEVICE = re.compile(
    r"von mein\w{0,3} .{1,40} gesendet|diese nachricht wurde von .{1,60} gesendet|get outlook for .{1,20}"
    r"|(?:從|从)我的 ?.{1,30}|.{1,20}から送信|iphone.{0,6} gönderildi"
    r"|(?:مرسله?|ا?رسلت?|تم (?:ال)?ارسال\w?) (?:\w{1,10} )?(?:من|عبر|بواسطه|باستخدام) .{1,50}"
    r"|(?:الحصول علي|احصل علي|تنزيل) outlook .{1,20}"
)
_LOOSE_DEVICE = re.compile(r"(?:\w{1,20} )?from (?:my |a )?(?:mobile|phone|iphone|ipad|android|blackberry)\b.{0,6}")
_DEVICE_WORDS = re.compile(
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|nokia|\bhtc\b|blackberry|windows|outlook|yahoo"
    r"|\b(?:air|proton|hot|g)?mail(?:box)?\b|\bmobile|\bphone|\bcell\b|device|tablet|laptop|\bmac\b|\bapp\b|\bhandy\b|ger[aä]t"
    r"|t[eé]l[eé]phone|m[oó]vil|celular|smartphone|mobiel|telefon|\bti-\d|alcatel|\bpixel\b|oneplus|thunderbird|k-9"
    r"|هاتف|جوال|موبايل|ايفون|ايباد|اندرويد|جهاز|بريد|سامسونج|هواوي"
)
_APOLOGY = re.compile(r"excuse|typo|brevity|sorry|pardon|forgive|اعتذر|عذرا")
_MOST_DEVICE_WORDS = 7
_CONTACT = re.compile(
    r"[^\s@]{1,80}@[^\s@]{1,200}|(?:https?://|www\.)\S{1,500}|(?:\+|\b00)\d[\d\s().-]{6,40}"
    r"|(?:\b(?:t|m|p|tel|telephone|phone|mobile|mobil|fax|cell)\b|هاتف|جوال|موبايل|فاكس)[.:\s]{1,3}\d[\d\s().-]{5,40}",
    re.IGNORECASE,
)
_CONFIDENTIAL = re.compile(
    r"th(?:is|e) .{0,60}\b(?:e-?mail|message|communication)\b.{0,120}\b(?:confidential|privileged|intended)"
    r"|confidentiality|disclaimer|هذ[اه] .{0,60}(?:رساله|بريد).{0,120}(?:سري|مخصص|موجه)"
)
_MOST_WORDS_OF_CARD = 8
_MOST_WORDS_WITHOUT_CASE = 3
_SENTENCE_END = (".", "!", ",", "،", ":", ";")


def is_delimiter(line: str) -> bool:
    """Whether the line is one that usually opens a signature."""
    return _DELIMITER.fullmatch(line) is not None


def is_rule(line: str) -> bool:
    """Whether the line is only drawn, whatever for."""
    return len(line) <= 200 and _RULE.fullmatch(line) is not None  # noqa: PLR2004 - wider than any screen


def is_device_line(line: str, *, loose: bool = False) -> bool:
    """Whether a phone or mail program added the line. `loose` also takes "From my iPhone"; ask it only at the end."""
    if len(line) > LONGEST_DEVICE_LINE:
        return False
    folded = _LINK.sub(" ", fold(line)).replace("[", "").replace("]", "").strip("*_<>() ")
    claim, _, excuse = folded.partition(".") if "." in folded else folded.partition(",")
    if (excuse.strip() and not _APOLOGY.search(excuse)) or len(claim.split()) > _MOST_DEVICE_WORDS + 4:
        return False
    sent = _SENT_FROM.fullmatch(claim)
    if sent is not None and len(sent[1].split()) <= _MOST_DEVICE_WORDS and _DEVICE_WORDS.search(sent[1]):
        return True
    return _DEVICE.fullmatch(claim) is not None or (loose and _LOOSE_DEVICE.fullmatch(claim) is not None)


def closes_mail(lines: Sequence[str], *, sure: bool) -> bool:
    """Whether the (filled) lines below a delimiter are a signature rather than more of the letter.

    After a `sure` delimiter ("--") up to 30 lines are; people draw all other lines between their questions, too, so
    below those only a card is (few short lines that name and describe somebody, and an address, a link or a number),
    or what says that the mail is confidential.
    """
    if sure:
        return len(lines) <= 30  # noqa: PLR2004 - signatures with disclaimers end below that
    if len(lines) > 10 or any(line.endswith(("?", "؟")) for line in lines):  # noqa: PLR2004 - a card, not a letter
        return False
    warned = next((at for at, line in enumerate(lines) if _CONFIDENTIAL.match(fold(line[:500]))), len(lines))
    if not all(_is_of_card(line) for line in lines[:warned]):
        return False
    return warned < len(lines) or any(_CONTACT.search(line) for line in lines)


def _is_of_card(line: str) -> bool:
    """Whether the line may stand on a visiting card: a way to reach somebody, a name or a position, but no sentence."""
    if len(line) > 120 or line.endswith(_SENTENCE_END):  # noqa: PLR2004 - wider than a card
        return False
    named = [word for word in _CONTACT.sub(" ", line).split() if any(sign.isalpha() for sign in word)]
    if not named or (len(named) == 1 and _CONTACT.search(line)):
        return True
    if named[0].upper() == named[0].lower():
        return len(named) <= _MOST_WORDS_WITHOUT_CASE
    return len(named) <= _MOST_WORDS_OF_CARD and not (named[0][0].islower() or named[-1][0].islower())
