"""A customer's HTML as it may be looked at: cleaned by an allow-list, without pictures, in a frame of its own.

The frame runs no script, has no origin and loads nothing from anywhere: what the allow-list let through by mistake
would still do nothing.
"""

from collections.abc import Mapping

import nh3

TAGS = {
    "a", "abbr", "address", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "figure", "figcaption", "font", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
"""No img, svg, style, form, or anything that loads or runs."""
EVERYWHERE = {"dir", "lang", "title", "align"}
ATTRIBUTES: Mapping[str, set[str]] = {
    "*": EVERYWHERE, "a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start", "type"},
}  # fmt: skip
WITH_CONTENT = {"script", "style", "title", "template", "iframe", "object", "noscript", "svg", "math"}
"""Gone with all that is in them; of other tags that are not allowed the text stays."""
SCHEMES = {"http", "https", "mailto", "tel"}
MOST = 2 << 20
"""Characters of HTML that are cleaned; what is longer is shown as text only."""

HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


def clean(html: str) -> str:
    """What is harmless of it. Links stay visible and lead nowhere from inside the frame."""
    return nh3.clean(
        html, tags=TAGS, attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        clean_content_tags=WITH_CONTENT, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )  # fmt: skip
