"""Trimming a reply: what stays, what is elided, without ever losing what the customer wrote between quotes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.channels.email.trim.lines import Line, identify
from services.ingest.channels.email.trim.marks import is_attribution, tidy
from services.ingest.channels.email.trim.signatures import closes_mail, is_device_line

LONGEST_TRIMMED = 512 * 1024
"""Characters: a longer body is no reply but a log or a book; it is shown whole."""

_DRAWN = frozenset({Line.EMPTY, Line.RULE, Line.DELIMITER})
_MOST_LINES_BELOW = 31


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What the sender newly wrote, and whether anything was left out."""

    text: str
    elided: bool


def trim_reply(body: str) -> Trimmed:
    """The new text of a body (plain text, any line ends). Linear in its length; the caller keeps the full body."""
    if len(body) > LONGEST_TRIMMED:
        return Trimmed(body, elided=False)
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    letter = _Letter(lines)
    kept = letter.without_tail(letter.kept())
    while kept and letter.kinds[kept[0]] is Line.EMPTY:
        del kept[0]
    filled = sum(bool(line) for line in lines)
    return Trimmed("\n".join([lines[at] for at in kept]), elided=sum(bool(lines[at]) for at in kept) < filled)


def _next(kinds: Sequence[Line], *wanted: Line) -> list[int]:
    """For every line the number of the next one (itself included) of a wanted kind; the end when there is none."""
    numbers = [len(kinds)] * (len(kinds) + 1)
    for at in range(len(kinds) - 1, -1, -1):
        numbers[at] = at if kinds[at] in wanted else numbers[at + 1]
    return numbers


class _Letter:
    """The lines of one body, what they are, and where the next of a kind stands (so nothing is walked twice)."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.kinds = identify(lines)
        self.end = len(lines)
        self._quote_at = _next(self.kinds, Line.QUOTE)
        self._content_at = _next(self.kinds, Line.QUOTE, Line.TEXT)
        self._foreign_at = _next(self.kinds, Line.QUOTE, Line.MARK, Line.HEAD)
        self._text_at = _next(self.kinds, Line.TEXT)
        drawn_at = _next(self.kinds, Line.RULE, Line.DELIMITER)
        ruled = [at for at, kind in enumerate(self.kinds) if kind is Line.RULE and self._text_at[at] < drawn_at[at + 1]]
        self._sections = Counter(self._rule(at) for at in ruled)
        self._last_text = max((at for at, kind in enumerate(self.kinds) if kind is Line.TEXT), default=-1)

    def kept(self) -> list[int]:
        """Numbers of the lines that survive the marks, from the top."""
        if self._last_text < 0:
            return self._only_quotes()
        kept: list[int] = []
        at = self._below_quote() or 0
        written = False
        while at < self.end:
            kind = self.kinds[at]
            if kind in (Line.MARK, Line.HEAD):
                at = self.end if written and self._ends_mail(at) else at + 1
            elif kind in (Line.DELIMITER, Line.RULE) and written and self._opens_signature(at):
                at = self._past_signature(at)
            else:
                written = written or kind is Line.TEXT
                kept.append(at)
                at += 1
        return kept

    def _only_quotes(self) -> list[int]:
        """Nothing but quotes is kept, unless it is plainly a quoted mail with nothing added."""
        marked = Line.MARK in self.kinds or Line.HEAD in self.kinds
        if marked or any(is_attribution(tidy(line[:600]).lstrip("> "), sure=True) for line in self.lines):
            return []
        return [at for at, kind in enumerate(self.kinds) if kind in (Line.QUOTE, Line.EMPTY)]

    def _below_quote(self) -> int | None:
        """Where a bottom-posted reply begins: a mark, one block of quotes, then text without any more of either."""
        mark = self._foreign_at[0]
        if mark == self.end or self.kinds[mark] is not Line.MARK or self._text_at[0] < mark:
            return None
        quote, text = self._quote_at[mark], self._text_at[mark]
        if quote < text < self.end and self._foreign_at[text] == self.end:
            return text
        return None

    def _ends_mail(self, at: int) -> bool:
        """Whether all from this mark on is somebody else's: not when quotes follow and new text below them."""
        content = self._content_at[at]
        return content == self.end or self.kinds[content] is Line.TEXT or self._last_text < content

    def _opens_signature(self, at: int) -> bool:
        """Whether the text from this delimiter to the next mark or quote is a signature."""
        if self._sections[self._rule(at)] > 1:
            return False
        stop = self._foreign_at[at]
        below: list[str] = []
        step = self._text_at[at]
        while step < stop and len(below) < _MOST_LINES_BELOW:
            below.append(self.lines[step].strip())
            step = self._text_at[step + 1]
        return closes_mail(below, sure=self.kinds[at] is Line.DELIMITER)

    def _rule(self, at: int) -> tuple[str, int]:
        """A drawn line and where what it stands in ends: one that has text below it twice divides a letter."""
        return self.lines[at].strip(), self._foreign_at[at]

    def _past_signature(self, at: int) -> int:
        """The next line that may be the customer's again: only where new text follows quotes below the signature."""
        foreign = self._foreign_at[at]
        return foreign if self._quote_at[foreign] < self._last_text else self.end

    def without_tail(self, kept: Sequence[int]) -> list[int]:
        """Without closing quotes, drawn lines, device lines and empty lines, as long as text remains above."""
        has_text = any(self.kinds[at] is Line.TEXT for at in kept)
        end = len(kept)
        while end:
            at = kept[end - 1]
            droppable = self.kinds[at] in _DRAWN or (has_text and self.kinds[at] is Line.QUOTE)
            if not droppable and not is_device_line(tidy(self.lines[at]), loose=True):
                break
            end -= 1
        return list(kept[:end])
