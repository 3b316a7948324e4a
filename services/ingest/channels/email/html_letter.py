"""The two forms of our text: plain, and a plain HTML that reads from the right side in every mail program."""

import html
import re

_RIGHT_TO_LEFT = ("ar", "fa", "ur", "he", "ps", "ckb", "yi", "sd", "ug")
_LINK = re.compile(r"https?://[^\s<>\"'«»]{4,2000}")
_AFTER_LINK = ".,;:!?)؟،"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def plain_letter(text: str) -> str:
    """The text with plain line ends and one at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").rstrip("\n") + "\n"


def html_letter(text: str, language: str) -> str:
    """Paragraphs with links, each in its own direction, the whole in the language's."""
    code = language if _LANGUAGE.fullmatch(language) else "en"
    direction = "rtl" if code.split("-")[0].lower() in _RIGHT_TO_LEFT and not code.endswith("-Latn") else "ltr"
    paragraphs = [piece for piece in re.split(r"\n{2,}", plain_letter(text).strip("\n")) if piece.strip()]
    inner = "\n".join(f'<p dir="auto">{_with_links(piece)}</p>' for piece in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{code}" dir="{direction}"><head><meta charset="utf-8"></head>\n'
        f'<body dir="{direction}" style="font-family: sans-serif">\n{inner}\n</body></html>\n'
    )


def _with_links(piece: str) -> str:
    written, at = [], 0
    for found in _LINK.finditer(piece):
        address = found[0].rstrip(_AFTER_LINK)
        written.append(_escaped(piece[at : found.start()]))
        written.append(f'<a href="{html.escape(address)}">{html.escape(address)}</a>')
        at = found.start() + len(address)
    return "".join([*written, _escaped(piece[at:])])


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")
