"""Names of attachments: normalised once, harmless wherever they are shown or saved."""

import re
import unicodedata

from services.ingest.channels.email.encoded_words import decode_words
from shared.text.folding import visible

MOST_BYTES = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"/\\|?*\u2028\u2029]+")
_ENDING = {
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def file_name(sent: str | None, media_type: str) -> str:
    """A plain file name of at most 150 bytes: no folders, no control or bidi signs, never empty, never a device."""
    name = unicodedata.normalize("NFC", visible(decode_words((sent or "")[:1_000])))
    name = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    if not name.strip("_"):
        name = "message" if media_type == "message/rfc822" else "attachment"
    if "." not in name:
        name += _ENDING.get(media_type, "")
    return _shortened(f"_{name}" if _RESERVED.fullmatch(name) else name)


def _shortened(name: str) -> str:
    if len(name.encode("utf-8", "replace")) <= MOST_BYTES:
        return name.encode("utf-8", "replace").decode()
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending.encode("utf-8", "replace")) <= 10 else ""  # noqa: PLR2004 - a real ending
    room = MOST_BYTES - len(ending.encode("utf-8", "replace"))
    return (stem if ending else name).encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + ending
