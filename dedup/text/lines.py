"""Lines of a text with their place in it: what headline, furniture and credits are judged by."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


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
    last = None
    for match in _LINE.finditer(text):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + match.group().index(stripped[0])
        between = text[last:start] if last is not None else "\n\n"
        gap = between.replace("\r\n", "\n").count("\n") > 1 or last is None
        found.append(Line(stripped, start, start + len(stripped), gap))
        last = start + len(stripped)
    return found
