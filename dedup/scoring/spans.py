"""Spans: aligned passages as character offsets, each with the edits inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from dedup.article import Span
from dedup.scoring.alignment import align
from dedup.scoring.prepared import Numbers, Prepared
from dedup.text.annotate import AnnotatedText, Mask

Aligner = Callable[[Numbers, Numbers], list[tuple[int, int, int, int]]]
"""`dedup.scoring.alignment.align` over numbered words, interpreted or compiled."""


@dataclass(frozen=True, slots=True)
class Change:
    """One edit inside a span: ``insert``, ``delete`` or ``replace``, read from A to B.

    ``a`` and ``b`` are character offsets; the side where nothing stands is ``(i, i)``.
    """

    op: str
    a: Span
    b: Span

    def to_dict(self) -> dict[str, Any]:
        """Return the change as in the output schema."""
        return {"op": self.op, "a": list(self.a), "b": list(self.b)}


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A stretch of A aligned with a stretch of B, character offsets in both.

    ``words`` counts the equal words; ``quoted`` says that all of them are quoted. ``kind`` is what
    the passage is evidence of: ``narrative``, ``quotation``, ``standing`` (``known_in`` articles of
    other stories hold it too) or ``template``.
    """

    a: Span
    b: Span
    words: int
    quoted: bool
    changes: tuple[Change, ...] = ()
    kind: str = "narrative"
    known_in: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the span as in the output schema."""
        return {
            "a": list(self.a),
            "b": list(self.b),
            "words": self.words,
            "quoted": self.quoted,
            "kind": self.kind,
            **({} if self.known_in is None else {"known_in": self.known_in}),
            "changes": [change.to_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Alignment:
    """The spans of a pair, and which words of each side stand unchanged in one.

    ``copied_a`` and ``copied_b`` are bool[words of a], bool[words of b]. ``quoted_a`` and
    ``quoted_b`` are the quotation masks of each side, with the words the other side quotes: what
    one report quotes and the other runs without quotation marks is quoted speech in both.
    ``standing_a`` and ``standing_b`` are the copied words that other stories hold too.
    """

    spans: tuple[AlignedSpan, ...]
    copied_a: Mask
    copied_b: Mask
    quoted_a: Mask
    quoted_b: Mask
    standing_a: Mask
    standing_b: Mask


def interpreted(a: Numbers, b: Numbers) -> list[tuple[int, int, int, int]]:
    """Align without compiling, for few pairs: the interpreter is faster with lists."""
    return align(a.tolist(), b.tolist())


def find_spans(
    prepared_a: Prepared, prepared_b: Prepared, min_span: int = 0, aligner: Aligner = interpreted
) -> Alignment:
    """Align the bodies of two texts; spans of fewer than ``min_span`` equal words are left out."""
    a, b = prepared_a.text, prepared_b.text
    ids_a, ids_b = prepared_a.numbers, prepared_b.numbers
    # The longest-first order has ties; a fixed order of the sides makes them the same both ways.
    if (len(ids_a), a.words.folded) <= (len(ids_b), b.words.folded):
        runs = aligner(ids_a, ids_b)
    else:
        runs = sorted((span, i, j, n) for span, j, i, n in aligner(ids_b, ids_a))
    by_span = [[(i, j, n) for _, i, j, n in group] for _, group in groupby(runs, lambda r: r[0])]
    kept = [span for span in by_span if sum(n for _, _, n in span) >= min_span]

    copied_a, copied_b = np.zeros(len(ids_a), np.bool_), np.zeros(len(ids_b), np.bool_)
    quoted_a, quoted_b = a.quoted.copy(), b.quoted.copy()
    for i, j, n in (run for span in kept for run in span):
        copied_a[i : i + n] = copied_b[j : j + n] = True
        quoted_a[i : i + n] = quoted_b[j : j + n] = a.quoted[i : i + n] | b.quoted[j : j + n]
    spans = sorted((make_span(a, b, span, quoted_a) for span in kept), key=lambda s: (s.a, s.b))
    return Alignment(
        tuple(spans),
        copied_a,
        copied_b,
        quoted_a,
        quoted_b,
        np.zeros_like(copied_a),
        np.zeros_like(copied_b),
    )


def make_span(
    a: AnnotatedText, b: AnnotatedText, runs: list[tuple[int, int, int]], quoted_a: Mask
) -> AlignedSpan:
    """Return the span of neighbouring equal runs ``(i, j, words)``."""
    starts_a, ends_a = a.words.starts, a.words.ends
    starts_b, ends_b = b.words.starts, b.words.ends
    changes = []
    for (i, j, n), (next_i, next_j, _) in pairwise(runs):
        side_a = _stretch(starts_a, ends_a, i + n, next_i)
        side_b = _stretch(starts_b, ends_b, j + n, next_j)
        op = "insert" if i + n == next_i else "delete" if j + n == next_j else "replace"
        changes.append(Change(op, side_a, side_b))
    (i, j, _), (last_i, last_j, last_n) = runs[0], runs[-1]
    quoted = all(bool(quoted_a[i : i + n].all()) for i, _, n in runs)
    return AlignedSpan(
        a=(int(starts_a[i]), int(ends_a[last_i + last_n - 1])),
        b=(int(starts_b[j]), int(ends_b[last_j + last_n - 1])),
        words=sum(n for _, _, n in runs),
        quoted=quoted,
        changes=tuple(changes),
        kind="quotation" if quoted else "narrative",
    )


def _stretch(starts: Any, ends: Any, first: int, end: int) -> Span:  # noqa: ANN401
    """Return the characters of the words ``first`` to ``end``; without words, the place between."""
    if first == end:
        return int(starts[first]), int(starts[first])
    return int(starts[first]), int(ends[end - 1])
