"""Lines and paragraphs of a text with their place in it.

What headline, furniture and credits are judged by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_LINE = re.compile(r"\S[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*")
_STOPS = frozenset(".!?…。！？؟।‥")
_AFTER_STOP = " \t\xa0\"'”’“‘»›«‹)]}＂*`´-–—_"

# A break inside a paragraph of a hard-wrapped text: the line before is about as long as people and
# mail programs wrap them, has no closing stop, and the next one goes on in lower case.
_WRAP_SHORTEST = 20
_WRAP_LONGEST = 140
_WRAP_SHARE = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without the white space around it.

    ``start`` and ``end`` are offsets into the article's text; ``gap`` says that a blank line (or
    the start of the text) stands before it.
    """

    text: str
    start: int
    end: int
    gap: bool


def lines(text: str) -> list[Line]:
    """Split a text into its non-blank lines, in order."""
    found: list[Line] = []
    last = -1
    for match in _LINE.finditer(text):
        start = match.start()
        stripped = match.group().rstrip()
        breaks = text.count("\n", last, start) or text.count("\r", last, start) if last >= 0 else 2
        last = start + len(stripped)
        found.append(Line(stripped, start, last, breaks > 1))
    return found


def paragraphs(text: str) -> list[Line]:
    """Split a text into its paragraphs, in order.

    A line is a paragraph, except in hard-wrapped texts, where a paragraph runs on over single
    line ends until a blank line, an indented line, or a line that stops well short of the width.
    """
    found = lines(text)
    if not is_wrapped(found):
        return found
    width = sorted(len(line.text) for line in found)[len(found) * 3 // 4]
    joined: list[Line] = []
    first = found[0]
    for before, line in pairwise(found):
        short = ends_with_stop(before.text) and len(before.text) * 4 < width * 3
        indented = _indent(text, line) > _indent(text, before) and ends_with_stop(before.text)
        if line.gap or short or indented:
            joined.append(_between(text, first, before))
            first = line
    joined.append(_between(text, first, found[-1]))
    return joined


def is_wrapped(found: list[Line]) -> bool:
    """Tell whether single line ends of a text are mostly breaks inside its paragraphs."""
    breaks = inside = 0
    for before, line in pairwise(found):
        if line.gap:
            continue
        breaks += 1
        if (
            line.text[0].islower()
            and _WRAP_SHORTEST <= len(before.text) <= _WRAP_LONGEST
            and not ends_with_stop(before.text)
        ):
            inside += 1
    return inside > 0 and inside * _WRAP_SHARE >= breaks


def ends_with_stop(text: str) -> bool:
    """Tell whether a line ends as a sentence does, closing marks and brackets left aside."""
    return text.rstrip(_AFTER_STOP)[-1:] in _STOPS if text else False


def _indent(text: str, line: Line) -> int:
    """Return how many white-space characters stand before a line on its row."""
    at = line.start
    while at > 0 and text[at - 1] in " \t\xa0":
        at -= 1
    return line.start - at


def _between(text: str, first: Line, last: Line) -> Line:
    return Line(text[first.start : last.end], first.start, last.end, first.gap)
