"""Bytes to text, although the declared charset may be missing, unknown or a lie."""

import codecs
import re

_SUPERSET = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
"""What is called by a small charset is in practice written in the larger one (WHATWG Encoding)."""
_ALIASES = {
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-8-i": "iso8859-8",
    "cp-1256": "cp1256",
    "win-1256": "cp1256",
    "x-cp1256": "cp1256",
    "arabic": "cp1256",
    "x-mac-arabic": "mac-arabic",
}
# Text encodings by name only: these are slow, or no charsets at all.
_NOT_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_ARABIC = ("cp1256", "iso8859-6")
_FREQUENT = "اليمونرتبهعدفسكةىأحق"
_SAMPLE = 64 * 1024
_FEW_HIGH = 6
_LIKELY = 0.7
_CLEARLY = 0.15
_MOST_BROKEN = 0.02
_ASCII = bytes(range(128))
_SAFE_NAME = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")


def decode_bytes(content: bytes, declared: str | None = None) -> str:
    """The text: as declared unless the bytes say otherwise, then UTF-8, then detected. Never raises.

    Valid multi-byte UTF-8 is UTF-8 whatever the label, and bytes that fall on frequent Arabic letters are Arabic.
    """
    codec = _believed(content, declared)
    text = _strictly(content, codec) if codec else None
    if text is not None:
        return text
    return _repaired(content, codec)


def charset_of(content: bytes, declared: str | None = None) -> str | None:
    """Which charset all of it is in, found as by `decode_bytes`, but cheaply and without a guess; or None."""
    codec = _believed(content, declared)
    return codec if codec and _strictly(content, codec) is not None else None


def _believed(content: bytes, declared: str | None) -> str | None:
    if content.isascii() and not _stateful(declared):
        return "ascii"
    codec = _codec(declared)
    if codec in {"utf-8", "utf-16", "utf-32"} or _stateful(declared):
        return codec
    if _strictly(content, "utf-8") is not None:
        return "utf-8"
    return _arabic_codec(content, codec) or codec


def _codec(declared: str | None) -> str | None:
    """Python's name of the declared charset, widened to what is meant by it."""
    name = (declared or "").strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if not _SAFE_NAME.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("_", "-") in _NOT_CHARSETS:
        return None
    return _SUPERSET.get(found.name, found.name)


def _stateful(declared: str | None) -> bool:
    """Charsets that write other letters in ASCII bytes."""
    return (
        (declared or "")
        .strip()
        .lower()
        .startswith(("iso-2022", "utf-7", "hz", "utf-16", "utf-32", "unicode-1-1-utf-7"))
    )


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _arabic_codec(content: bytes, declared: str | None) -> str | None:
    """cp1256 or iso8859-6 when the bytes look it and the label does not say it, or says the other."""
    high = content[:_SAMPLE].translate(None, _ASCII)
    if len(high) < _FEW_HIGH:
        return None
    likeness = {codec: len(high.translate(None, _OTHERS[codec])) / len(high) for codec in _ARABIC}
    best = max(_ARABIC, key=lambda codec: likeness[codec])
    if likeness[best] < _LIKELY or (declared in likeness and likeness[best] < likeness[declared] + _CLEARLY):
        return None
    return best


def _others(codec: str) -> bytes:
    """The bytes that are no frequent Arabic letter in this charset."""
    frequent = set(_FREQUENT.encode(codec))
    return bytes(code for code in range(256) if code not in frequent)


_OTHERS = {codec: _others(codec) for codec in _ARABIC}


def _repaired(content: bytes, codec: str | None) -> str:
    """Text with replacement signs where nothing fits: mostly right UTF-8 first, then what a detector suggests."""
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") <= _MOST_BROKEN * len(text):
        return text
    return content.decode(_detected(content) or codec or "cp1252", "replace")


def _detected(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:_SAMPLE]).best()
    return _codec(best.encoding) if best is not None else None
