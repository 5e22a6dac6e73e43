"""A match on a wide terminal: the source at the left, the copy at the right, passages level.

What was cut from the source stands in [-brackets-] at the left, what was added in {+braces+} at the
right, so that it reads without colour too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from dedup.article import Article, Span
from dedup.reporting.printable import printable
from dedup.reporting.terminal import Paint, plain
from dedup.reporting.wording import headlines, kind_of
from dedup.scoring.match import Match, Side
from dedup.scoring.spans import AlignedSpan

WIDEST = 180

Fragment = tuple[str, str]
"""A stretch of text without white space, and its role: ``cut``, ``added``, ``dim`` or none."""
Word = list[Fragment]
"""The fragments between two spaces; an empty one ends a paragraph."""
Hunk = tuple[list[Fragment], list[Fragment]]
"""A stretch of both sides that begins level: text with its roles, as it stands."""

_BETWEEN = " │ "
_NARROWEST = 16


def render_columns(
    match: Match,
    a: Article,
    b: Article,
    *,
    width: int,
    context: int = 12,
    paint: Paint = plain,
) -> str:
    """Write a match in two columns: verdict, shares, passages, reasons.

    Of equal text, ``context`` words are shown on either side of a change or an end of a passage;
    what is left out between begins a new level stretch.
    """
    swapped = match.direction == "b->a"
    blocks = ["\n".join(headlines(match))]
    if match.spans:
        column = max((min(width, WIDEST) - len(_BETWEEN)) // 2, _NARROWEST)
        sides = (match.b, match.a) if swapped else (match.a, match.b)
        texts = (b.text, a.text) if swapped else (a.text, b.text)
        lines = _row(*_titles(sides, match), column, paint)
        lines.append(f"{'─' * (column + 1)}┼{'─' * (column + 1)}")
        spans = sorted(match.spans, key=lambda span: span.b if swapped else span.a)
        for number, span in enumerate(spans, 1):
            lines += _passage(number, span, texts, swapped, context, column, paint)
        blocks.append("\n".join(lines[:-1]))
    blocks.append("\n".join(paint(f"- {printable(reason)}", "dim") for reason in match.reasons))
    return "\n\n".join(blocks)


def _titles(sides: tuple[Side, Side], match: Match) -> Hunk:
    """Return the ids of both sides, with what each is where that is known."""
    known = match.derived and match.direction in ("a->b", "b->a")
    left, right = (" (likely source)", " (taken from it)") if known else ("", "")
    return [(sides[0].id + left, "heading")], [(sides[1].id + right, "heading")]


def _passage(
    number: int,
    span: AlignedSpan,
    texts: tuple[str, str],
    swapped: bool,
    context: int,
    column: int,
    paint: Paint,
) -> list[str]:
    left, right = (span.b, span.a) if swapped else (span.a, span.b)
    said = ", ".join(filter(None, (f"{span.words} words", kind_of(span))))
    role = "heading" if span.is_evidence else "dim"
    heading = f"Passage {number}: {said} ({left[0]}-{left[1]})"
    lines = _row([(heading, role)], [(f"({right[0]}-{right[1]})", role)], column, paint)
    for sides in _hunks(span, texts, swapped, context):
        lines += _row(*sides, column, paint)
    return [*lines, f"{' ' * (column + 1)}│"]


def _hunks(span: AlignedSpan, texts: tuple[str, str], swapped: bool, context: int) -> list[Hunk]:
    """Cut a passage into stretches, where equal text is left out."""
    hunks: list[Hunk] = [([], [])]
    ends: tuple[Span, Span] = (span.b, span.a) if swapped else (span.a, span.b)
    at = (ends[0][0], ends[1][0])
    changes = [(c.b, c.a) if swapped else (c.a, c.b) for c in span.changes]
    for cut, added in [*changes, ((ends[0][1],) * 2, (ends[1][1],) * 2)]:
        equal = (texts[0][at[0] : cut[0]], texts[1][at[1] : added[0]])
        parts = [_shortened(text, context) for text in equal]
        if all(parts):
            counts = [part[1] for part in parts if part]
            before, after = ([part[n] for part in parts if part] for n in (0, 2))
            _extend(hunks[-1], before)
            hunks.append(
                ([(f"··· {counts[0]} words ···", "dim")], [(f"··· {counts[1]} words ···", "dim")])
            )
            hunks.append(([], []))
            _extend(hunks[-1], after)
        else:
            _extend(hunks[-1], equal)
        for side, text, (start, end), role in zip(
            hunks[-1], texts, (cut, added), ("cut", "added"), strict=True
        ):
            if start < end:
                side.append((_marked(text[start:end], role), role))
        at = (cut[1], added[1])
    return hunks


def _extend(hunk: Hunk, texts: Iterable[str]) -> None:
    for side, text in zip(hunk, texts, strict=True):
        side.append((text, ""))


def _shortened(text: str, context: int) -> tuple[str, str, str] | None:
    """Return what stands before and after the middle that is left out, and its words; or None."""
    words = list(re.finditer(r"\S*\w\S*", text))
    left_out = len(words) - 2 * context
    if left_out <= 1:
        return None
    before = text[: words[context].start()]
    after = text[words[len(words) - context].start() :] if context else ""
    return before, f"{left_out:,}", after


def _marked(text: str, role: str) -> str:
    flat = " ".join(text.split())
    return f"[-{flat}-]" if role == "cut" else f"{{+{flat}+}}"


def _row(
    left: Sequence[Fragment], right: Sequence[Fragment], column: int, paint: Paint
) -> list[str]:
    """Set two texts side by side, each wrapped into its column."""
    sides = (_wrap(_words(left), column), _wrap(_words(right), column))
    rows = []
    nothing: list[Fragment] = []
    for one, other in zip_longest(*sides, fillvalue=nothing):
        room = " " * (column - sum(cell_len(text) for text, _ in one))
        rows.append(f"{_painted(one, paint)}{room}{_BETWEEN}{_painted(other, paint)}".rstrip())
    return rows


def _words(fragments: Iterable[Fragment]) -> list[Word]:
    """Cut text at white space; what has none between, though of other roles, stays together."""
    words: list[Word] = []
    open_ = False
    for text, role in fragments:
        for part in re.findall(r"\s+|\S+", text):
            if part.isspace():
                open_ = False
                if part.count("\n") > 1:
                    words.append([])
            elif open_:
                words[-1].append((printable(part), role))
            else:
                words.append([(printable(part), role)])
                open_ = True
    return words


def _wrap(words: Iterable[Word], column: int) -> list[list[Fragment]]:
    """Fill lines with words, at most ``column`` cells wide; longer words are broken."""
    lines: list[list[Fragment]] = [[]]
    used = 0
    for word in words:
        size = sum(cell_len(text) for text, _ in word)
        if not word or (used and used + 1 + size > column):
            if lines[-1]:
                lines.append([])
            used = 0
        if used:
            same = lines[-1][-1][1] == word[0][1]
            lines[-1].append((" ", word[0][1] if same else ""))
            used += 1
        if size <= column:
            lines[-1] += word
            used += size
            continue
        for text, role in word:
            for char in text:
                if used + cell_len(char) > column:
                    lines.append([])
                    used = 0
                lines[-1].append((char, role))
                used += cell_len(char)
    return lines if lines[-1] else lines[:-1]


def _painted(line: Iterable[Fragment], paint: Paint) -> str:
    """Paint a line, stretches of one role together."""
    merged: list[Fragment] = []
    for text, role in line:
        if merged and merged[-1][1] == role:
            merged[-1] = (merged[-1][0] + text, role)
        else:
            merged.append((text, role))
    return "".join(paint(text, role) if role else text for text, role in merged)
