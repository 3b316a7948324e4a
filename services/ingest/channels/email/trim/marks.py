"""The marks mail programs leave: attribution lines, forwarded headers, delimiters, device signatures.

All tests look at one short line at a time, so trimming is linear in the length of the body.
"""

import re

from shared.text.folding import fold, visible

LONGEST_MARK = 500
"""Characters: no mail program writes a longer mark, and longer lines are never matched against anything."""

_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|skrev|yazd[iı]|a [eé]crit|ha scritto|escribi[oó]|escreveu|schreef|geschreven|napisa[lł]"
    r"|написал|пишет|пише|kirjoitti|írta|scris|napsal|έγραψε|viết|menulis)"
    r"|כתב|写道|寫道|書き込み|작성|(?:^|[\s/،,.])(?:كتب|كتبت|كتبتم|كتبوا)(?:$|[\s/:،])|تمت كتابه ما يلي|ما يلي بواسطه|نوشت|لکھا"
)
_BEGINS_ATTRIBUTION = re.compile(
    r"(?:on|at|le|el|em|il|op|am|den|no|dne|w dniu|dnia|pada|tarih|في|بتاريخ|يوم|در|il giorno|vào)\b", re.IGNORECASE
)
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")
_ADDRESS = re.compile(r"[\w.+-]@[\w-]")
# seconds are a log's
_ISO_ATTRIBUTION = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b(?!\D{1,3}\d{1,2}:\d\d[:.,]\d)")
_ZONE = re.compile(r"\b(?:GMT|UTC)\s?[+-]\d[\d:]{0,4}")
_FRAME = ("--", "__", "==")
_MOST_WORDS_OF_NAME = 6
_PASSED_ON = re.compile(
    r"(?:original|forwarded|reply|urspr[uü]ngliche|weitergeleitete|d'origine|transf[eé]r[eé]|r[eé]exp[eé]di[eé]|reenviad[oa]"
    r"|encaminhada|originale|inoltrato|oorspronkelijk|doorgestuurd|пересылаемое|исходное|オリジナル|転送|转发|轉寄|原始"
    r")\w* ?(?:message|mail|e-mail|nachricht|mensaje|mensagem|messaggio|bericht|сообщение|メッセージ|邮件|郵件|.{0,3})$"
    r"|^message (?:d'origine|transf[eé]r[eé]|original)|^mensa(?:je|gem) original|^messaggio originale"
    r"|^(?:ال)?رساله (?:ال)?(?:اصليه|معاد توجيهها|محوله|موجهه|مرسله)|^الرساله الاصليه|^رساله تم(?:ت)? اعاده توجيهها"
)
_BEGINS_FORWARD = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|d[eé]but du message r[eé]exp[eé]di[eé]"
    r"|inizio messaggio inoltrato|inicio del mensaje reenviado|in[ií]cio da mensagem reencaminhada|begin doorgestuurd bericht"
    r"|بدايه الرساله (?:المعاد توجيهها|المحوله|المحوله|المرسله))\s*:?$"
)


def tidy(line: str) -> str:
    """The line as marks are matched against: no bidi controls, ordinary spaces, HTML's angle brackets resolved."""
    return visible(line).replace("\u00a0", " ").replace("&lt;", "<").replace("&gt;", ">").strip()


def is_attribution(line: str, *, sure: bool = False) -> bool:
    """Whether the line says that somebody wrote what follows, with a date or an address to prove it.

    `sure` asks for a time of day or an address, which ordinary prose ending in "you wrote:" lacks.
    """
    if len(line) > LONGEST_MARK:
        return False
    line = f"{inside}:" if line.startswith("--") and (inside := _inside_frame(line)) else line
    if not line.rstrip(" *_>").endswith((":", "：", "؛")):
        return False
    folded = fold(line).rstrip(" :*_؛：")
    clock = _last(_CLOCK, folded)
    if folded.endswith(">") and clock and _ADDRESS.search(folded):
        return True
    if not _WROTE.search(folded) or ("wrote" in folded and not folded.rstrip(">").endswith("wrote")):
        return False
    if _ADDRESS.search(folded):
        return True
    if clock and begins_attribution(line) and len(folded[clock.end() :].split()) <= _MOST_WORDS_OF_NAME:
        return True
    return not sure and begins_attribution(line) and _YEAR.search(folded) is not None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _inside_frame(line: str) -> str | None:
    """What stands between two drawn ends ("----- like this -----"), or None."""
    line = line.strip("*_ :") if line.startswith("*") else line.strip(": ")
    if not (line.startswith(_FRAME) and line.endswith(_FRAME)):
        return None
    return line.strip("-_=*: ") or None


def begins_attribution(line: str) -> bool:
    """Whether an attribution may begin here and go on in the next lines."""
    folded = fold(line.lstrip("*_- "))
    return _BEGINS_ATTRIBUTION.match(folded) is not None and any(sign.isdigit() for sign in folded)


def is_dated_attribution(line: str) -> bool:
    """Gmail's older form: an ISO date, then an address, or a zone and a name ("2016-03-03 17:21 GMT+01:00 Some One")."""
    if len(line) > LONGEST_MARK or not _ISO_ATTRIBUTION.match(line):
        return False
    line = line.rstrip(": ")
    zone = _ZONE.search(line)
    return line.endswith(">") or (zone is not None and _is_name(line[zone.end() :]))


def _is_name(text: str) -> bool:
    """Whether the words may be a person's name rather than what a program says has happened."""
    found = text.split()
    if not 0 < len(found) <= _MOST_WORDS_OF_NAME or text.isupper() or any(sign.isdigit() for sign in text):
        return False
    return not (found[0][0].islower() or found[-1][0].islower())


def is_passed_on(line: str) -> bool:
    """Whether the line announces an original or forwarded message."""
    if len(line) > LONGEST_MARK:
        return False
    if (inside := _inside_frame(line)) is not None:
        return _PASSED_ON.search(fold(inside)) is not None
    return line.endswith((":", "*")) and _BEGINS_FORWARD.fullmatch(fold(line).strip("*_> ")) is not None
