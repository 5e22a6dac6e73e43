"""A text cut into what a page draws: paragraphs, pieces of passages, runs of one look.

The page of a pair writes these as HTML; the page of a corpus holds them as lengths beside the text
(`encode`) and builds the same elements on demand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dedup.article import Span
from dedup.reporting.html.marks import Marks
from dedup.reporting.printable import printable
from dedup.scoring.spans import AlignedSpan

COLOURS = 8
"""Colours of passages; the ninth has the first again, its number tells them apart."""

QUOTED, CREDIT, HEADLINE, FURNITURE = 1, 2, 4, 8
EQUAL, CUT, ADDED, REPLACED, REPLACING, CUT_HERE, ADDED_HERE = range(7)

STORY, HEADLINE_PARAGRAPH, FURNITURE_PARAGRAPH = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one look.

    ``look`` is a sum of QUOTED, CREDIT, HEADLINE, FURNITURE; ``credit`` the number of the credit,
    from 1. ``op`` says what became of it; CUT_HERE and ADDED_HERE have no text, they mark the place
    where the other side has some. Runs of both sides with the same ``step`` of one passage
    correspond.
    """

    text: str
    look: int = 0
    op: int = EQUAL
    step: int = 0
    credit: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Runs in one paragraph of one passage, or of none (0); ``first`` where the passage begins."""

    passage: int
    first: bool
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a text; ``gap`` says that a blank line stands before it."""

    kind: int
    gap: bool
    start: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    """One side of a span: its number, where it stands, and its changes there."""

    number: int
    start: int
    end: int
    changes: tuple[tuple[int, int, int], ...]  # start, end, op


def cut_text(
    text: str, marks: Marks, spans: Sequence[AlignedSpan], *, of_b: bool, copy: bool
) -> list[Paragraph]:
    """Cut a side's text into paragraphs, pieces and runs.

    Parameters
    ----------
    spans
        The spans of the match, in the order of their numbers.
    of_b
        Whether the text is side B of the match.
    copy
        Whether the text is the one shown as taken from the other: what it lacks was cut.
    """
    passages = sorted(
        (_side(text, n, span, of_b, copy) for n, span in enumerate(spans, 1)), key=_start
    )
    credit = _Cover(marks.credits)
    covers = [
        (bit, cover)
        for bit, cover in (
            (QUOTED, _Cover(marks.quotations)),
            (CREDIT, credit),
            (HEADLINE, _Cover(marks.headline)),
            (FURNITURE, _Cover(marks.furniture)),
        )
        if cover.spans
    ]
    passage_of = _Cover([(p.start, p.end) for p in passages])
    bounds = {edge for _, cover in covers for span in cover.spans for edge in span}
    bounds |= {edge for p in passages for edge in (p.start, p.end)}
    bounds |= {edge for p in passages for c in p.changes for edge in c[:2]}
    ordered = sorted(bounds)

    found = []
    for start, end, gap in marks.paragraphs:
        inner = ordered[bisect_right(ordered, start) : bisect_right(ordered, end - 1)]
        pieces: list[tuple[int, bool, list[Run]]] = []
        looks = 0
        for at, until in pairwise([start, *inner, end]):
            look = sum([bit for bit, cover in covers if cover.at(at) is not None])
            string = printable(text[at:until])
            if any(char.isalnum() for char in string):
                looks |= 1 << (look & (HEADLINE | FURNITURE))
            which = passage_of.at(at)
            passage = passages[which] if which is not None else None
            number = passage.number if passage else 0
            if not pieces or pieces[-1][0] != number:
                pieces.append((number, passage is not None and at == passage.start, []))
            credit_at = credit.at(at)
            credit_number = 0 if credit_at is None else credit_at + 1
            for op, step in _steps(passage, at):
                shown = "" if op in (CUT_HERE, ADDED_HERE) else string
                pieces[-1][2].append(Run(shown, look, op, step, credit_number))
        found.append(
            Paragraph(_kind(looks), gap, start, tuple(Piece(n, f, tuple(r)) for n, f, r in pieces))
        )
    return found


def encode(text: str, paragraphs: Iterable[Paragraph]) -> list[Any]:
    """Write paragraphs as lists of numbers, lengths in UTF-16 units as JavaScript counts.

    A paragraph is ``[kind, gap, skipped, pieces]``, with the units between it and the one before; a
    piece ``[passage, first, runs]``; a run ``[length, look, op, step, credit]``, zeros at the end
    left out.
    """
    encoded = []
    at = 0
    for paragraph in paragraphs:
        skipped = _units(text[at : paragraph.start])
        at = paragraph.start
        pieces = []
        for piece in paragraph.pieces:
            runs = []
            for run in piece.runs:
                at += len(run.text)
                row = [_units(run.text), run.look, run.op, run.step, run.credit]
                while row and not row[-1]:
                    row.pop()
                runs.append(row)
            pieces.append([piece.passage, int(piece.first), runs])
        encoded.append([paragraph.kind, int(paragraph.gap), skipped, pieces])
    return encoded


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _kind(looks: int) -> int:
    if looks == 1 << HEADLINE:
        return HEADLINE_PARAGRAPH
    return FURNITURE_PARAGRAPH if looks == 1 << FURNITURE else STORY


def _start(passage: _Passage) -> int:
    return passage.start


def _side(text: str, number: int, span: AlignedSpan, of_b: bool, copy: bool) -> _Passage:
    start, end = span.b if of_b else span.a
    changes = []
    for change in span.changes:
        own, other = (change.b, change.a) if of_b else (change.a, change.b)
        if own[0] == own[1]:
            op = CUT_HERE if copy else ADDED_HERE
            place = _before_space(text, own[0])
            own = (place, place)
        elif other[0] == other[1]:
            op = ADDED if copy else CUT
        else:
            op = REPLACING if copy else REPLACED
        changes.append((*own, op))
    return _Passage(number, start, end, tuple(changes))


def _before_space(text: str, place: int) -> int:
    """Move back over spaces and opening marks: something was cut behind the word before them."""
    before = text[max(0, place - 8) : place]
    return place - len(before) + len(before.rstrip(" \t\xa0\"'“‘«„([¿¡"))


def _steps(passage: _Passage | None, at: int) -> list[tuple[int, int]]:
    """Return the op and step of the run that begins here, marks of empty changes before it."""
    if passage is None:
        return [(EQUAL, 0)]
    done = bisect_right(passage.changes, at, key=_end)
    first = done
    while first and passage.changes[first - 1][0] == at:  # begins and ends here: it has no text
        first -= 1
    steps = [(passage.changes[n][2], 2 * n + 2) for n in range(first, done)]
    if done < len(passage.changes) and passage.changes[done][0] <= at:
        return [*steps, (passage.changes[done][2], 2 * done + 2)]
    return [*steps, (EQUAL, 2 * done + 1)]


def _end(change: tuple[int, int, int]) -> int:
    return change[1]


class _Cover:
    """Which of some spans covers a place; of spans that overlap the one that begins last."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self._starts = [start for start, _ in spans]

    def at(self, place: int) -> int | None:
        found = bisect_right(self._starts, place) - 1
        return found if found >= 0 and place < self.spans[found][1] else None
