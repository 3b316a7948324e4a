"""Header lines as mail programs quote them above an unquoted mail, in the languages they speak."""

import re
from typing import Literal

from shared.text.folding import fold

HeaderKind = Literal["from", "sent", "to", "subject", "other"]

_NAMES: dict[HeaderKind, str] = {
    "from": "from|von|de|da|van|från|fra|od|от|από|kimden|gönderen|lähettäjä|feladó|差出人|发件人|寄件者|보낸 사람|מאת|من|المرسل|از",
    "sent": "sent|date|gesendet|datum|envoyé|envoyé le|fecha|enviado|enviado el|enviado em|data|inviato|verzonden|skickat|sendt"
    "|dato|päivämäärä|wysłano|дата|отправлено|tarih|gönderildi|送信日時|日付|发送时间|日期|보낸 날짜|נשלח|تاريخ الإرسال|تم الإرسال"
    "|الإرسال|إرسال|أرسل|أرسلت|التاريخ|تاريخ",
    "to": "to|an|à|a|para|aan|till|til|do|кому|προς|kime|宛先|收件人|받는 사람|אל|إلى|الى|المستلم|به",
    "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|θέμα|konu|件名|主题|主旨|제목|נושא"
    "|الموضوع|موضوع",
    "other": "cc|bcc|kopie|copie|cópia|copia|kopia|копия|نسخة|نسخة إلى|نسخة كربونية|reply-to|répondre à|antwort an|responder a"
    "|risposta|rispondi a|الرد على|الرد إلى|organization|organisation|importance|priority|الأهمية|attachments|anlagen"
    "|pièces jointes|المرفقات|in-reply-to|message-id|list-id|newsgroups|mailing-list|resent-from",
}
_KIND_OF: dict[str, HeaderKind] = {fold(name): kind for kind, names in _NAMES.items() for name in names.split("|")}
_HEADER = re.compile(r"[*_\s]*([^\W\d][^:：*_]{0,30}?)[*_\s]*[:：][*_\s]*(.*)", re.DOTALL)


def read_header(line: str) -> HeaderKind | None:
    """The kind of header the line looks like, or None."""
    found = _HEADER.match(line[:LONGEST_HEAD])
    return _KIND_OF.get(fold(found[1]).strip()) if found else None


LONGEST_HEAD = 60


def is_mail_head(kinds: set[HeaderKind], *, addressed: bool) -> bool:
    """Whether header lines standing together quote a mail: a sender, and a subject or an address.

    "From: Dubai, To: London, Date: 3 May" is a customer's journey.
    """
    return "from" in kinds and ("subject" in kinds or (addressed and bool(kinds & {"sent", "to"})))
