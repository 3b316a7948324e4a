"""Each line of a body and what it is."""

import re
from collections.abc import Sequence
from enum import Enum

from services.ingest.channels.email.trim.headers import is_mail_head, read_header
from services.ingest.channels.email.trim.marks import (
    begins_attribution,
    is_attribution,
    is_dated_attribution,
    is_passed_on,
    tidy,
)
from services.ingest.channels.email.trim.signatures import is_delimiter, is_rule


class Line(Enum):
    """What a line is. HEAD quotes the headers of a mail, MARK says that somebody else's words follow."""

    EMPTY = "empty"
    TEXT = "text"
    QUOTE = "quote"
    MARK = "mark"
    HEAD = "head"
    DELIMITER = "delimiter"
    RULE = "rule"


_QUOTE = re.compile(r"(?:>|\|(?:\s|$)|[A-Za-z]>(?:\s|$))")
_FENCE = "```"
_MARK_LINES = 6
_LONGEST_LINE = 600
_HEAD_LINES = 12
_FEWEST_HEADERS = 3


def identify(lines: Sequence[str]) -> list[Line]:
    """What each line is. Linear: every line is looked at a bounded number of times, in bounded length."""
    tidied = [tidy(line[:_LONGEST_LINE]) for line in lines]
    kinds = [_alone(line) for line in tidied]
    fenced = _fenced(tidied)
    at = 0
    while at < len(kinds):
        if at in fenced:
            kinds[at] = Line.TEXT
            at += 1
            continue
        length, kind = _run(tidied, kinds, at)
        kinds[at : at + length] = [kind] * length
        at += length
    return kinds


def _alone(line: str) -> Line:
    if not line:
        return Line.EMPTY
    # A table drawn with bars ends its rows with one; a quote does not.
    if _QUOTE.match(line) and not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return Line.QUOTE
    if is_delimiter(line):
        return Line.DELIMITER
    return Line.RULE if is_rule(line) else Line.TEXT


def _run(lines: Sequence[str], kinds: Sequence[Line], at: int) -> tuple[int, Line]:
    """How many lines from `at` belong together, and as what."""
    if kinds[at] is not Line.TEXT:
        return 1, kinds[at]
    line = lines[at]
    if is_passed_on(line) or is_attribution(line, sure=True):
        return 1, Line.MARK
    if is_dated_attribution(line):
        return 1, Line.MARK
    if is_attribution(line) and _next_filled(kinds, at + 1) is Line.QUOTE:
        return 1, Line.MARK
    return _mark_over_lines(lines, at) or _head(lines, kinds, at) or (1, Line.TEXT)


def _mark_over_lines(lines: Sequence[str], at: int) -> tuple[int, Line] | None:
    """An attribution broken over lines; an empty line may only stand before or after the address."""
    dated = lines[at].endswith("<") and is_dated_attribution(f"{lines[at]}>")
    if not dated and not begins_attribution(lines[at]):
        return None
    joined = lines[at]
    for step in range(1, min(_MARK_LINES, len(lines) - at)):
        line = lines[at + step]
        if not line and not _address_near(lines, at + step):
            return None
        joined = f"{joined} {line}"
        if dated or is_attribution(joined, sure=True) or (step == 1 and is_attribution(joined)):
            return step + 1, Line.MARK
    return None


def _address_near(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at + 1 : at + 3] if line), "")
    return following.startswith("<") or lines[at - 1].endswith(("<", ">"))


def _head(lines: Sequence[str], kinds: Sequence[Line], at: int) -> tuple[int, Line] | None:
    """Header lines quoted together: three or more, one empty line between two at most, values may be continued."""
    last, headers, addressed, seen = at, 0, False, set()
    for step in range(at, min(at + _HEAD_LINES, len(lines))):
        kind = read_header(lines[step]) if kinds[step] is Line.TEXT else None
        if kind is None:
            if step - last > 1 or (step == at) or kinds[step] not in (Line.EMPTY, Line.TEXT):
                break
            continue
        last, headers, addressed = step, headers + 1, addressed or "@" in lines[step]
        seen.add(kind)
    if headers < _FEWEST_HEADERS or not is_mail_head(seen, addressed=addressed):
        return None
    return last + 1 - at, Line.HEAD


def _next_filled(kinds: Sequence[Line], at: int) -> Line | None:
    return next((kind for kind in kinds[at : at + 3] if kind is not Line.EMPTY), None)


def _fenced(lines: Sequence[str]) -> set[int]:
    """Lines of closed code fences: what stands there is never a mark."""
    fences = [at for at, line in enumerate(lines) if line.startswith(_FENCE)]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return {at for start, end in pairs for at in range(start, end + 1)}
