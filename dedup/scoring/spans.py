"""Spans: aligned passages as character offsets, each with the edits inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from dedup.article import Span
from dedup.scoring.alignment import Run, align
from dedup.scoring.notation import Numbers, Units
from dedup.scoring.prepared import Prepared
from dedup.text.annotate import AnnotatedText, Mask

Aligner = Callable[[Numbers, Numbers, Numbers, Numbers], list[tuple[int, int, int, int]]]
"""`dedup.scoring.alignment.align` over arrays, interpreted or compiled."""


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

    ``words`` counts the equal words; where a figure or an abbreviation is written in more words on
    one side, on the side with fewer. ``quoted`` says that all of them are quoted. ``kind`` is what
    the passage is evidence of: ``narrative``, ``quotation``, ``page-text``, ``standing``
    (``known_in`` articles of other stories hold it too) or ``template``.
    """

    a: Span
    b: Span
    words: int
    quoted: bool
    changes: tuple[Change, ...] = ()
    kind: str = "narrative"
    known_in: int | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether its words count in the percentages: other stories do not hold them too."""
        return self.kind in ("narrative", "quotation")

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
    """The spans of a pair, and which words of each side are in the other.

    ``copied_a`` and ``copied_b``, bool[words of a] and bool[words of b], are the equal words of the
    spans, which pair each word once; ``pairs`` int64[p, 2] are these pairs, in the order of A, in
    which a word occurs again only where a figure has fewer words on its side. ``found_a`` and
    ``found_b`` have besides them the words of further copies: a text given twice by an extractor is
    found twice.
    ``quoted_a`` and ``quoted_b`` are the quotation masks of each side, with the words the other
    side quotes: what one report quotes and the other runs without quotation marks is quoted speech
    in both.
    ``standing_a`` and ``standing_b`` are the copied words that other stories hold too.
    """

    spans: tuple[AlignedSpan, ...]
    copied_a: Mask
    copied_b: Mask
    found_a: Mask
    found_b: Mask
    quoted_a: Mask
    quoted_b: Mask
    standing_a: Mask
    standing_b: Mask
    pairs: Numbers


def interpreted(
    a: Numbers, b: Numbers, sizes_a: Numbers, sizes_b: Numbers
) -> list[tuple[int, int, int, int]]:
    """Align without compiling, for few pairs: the interpreter is faster with lists."""
    return align(a.tolist(), b.tolist(), sizes_a.tolist(), sizes_b.tolist())


def find_spans(
    prepared_a: Prepared, prepared_b: Prepared, min_span: int = 0, aligner: Aligner = interpreted
) -> Alignment:
    """Align the bodies of two texts; spans of fewer than ``min_span`` equal words are left out."""
    a, b = prepared_a.text, prepared_b.text
    repeats, by_span = _equal_runs(prepared_a, prepared_b, aligner)
    word_runs = partial(_word_runs, prepared_a.units, prepared_b.units)
    kept = by_span
    if min_span:
        kept = [runs for runs in by_span if _words(word_runs(runs)) >= min_span]
        repeats = [run for run in repeats if _words(word_runs([run])) >= min_span]
    pairs = _pairs(prepared_a.units, prepared_b.units, [run for runs in kept for run in runs])
    copied_a, copied_b = np.zeros(len(a.words), np.bool_), np.zeros(len(b.words), np.bool_)
    at_a, at_b = pairs.T
    copied_a[at_a] = copied_b[at_b] = True
    quoted_a, quoted_b = a.quoted.copy(), b.quoted.copy()
    either = a.quoted[at_a] | b.quoted[at_b]
    quoted_a[at_a[either]] = quoted_b[at_b[either]] = True
    found_a, found_b = copied_a, copied_b
    if repeats:
        at_a, at_b = _pairs(prepared_a.units, prepared_b.units, repeats).T
        found_a, found_b = copied_a.copy(), copied_b.copy()
        found_a[at_a] = found_b[at_b] = True
        # A further copy is quoted where its original is; words of spans have their own partner.
        quoted_a[at_a[b.quoted[at_b] & ~copied_a[at_a]]] = True
        quoted_b[at_b[a.quoted[at_a] & ~copied_b[at_b]]] = True
    return Alignment(
        tuple(make_span(a, b, word_runs(runs), quoted_a) for runs in kept),
        copied_a,
        copied_b,
        found_a,
        found_b,
        quoted_a,
        quoted_b,
        standing_a=np.zeros_like(copied_a),
        standing_b=np.zeros_like(copied_b),
        pairs=pairs,
    )


WordRun = tuple[int, int, int, int]
"""First word and last (exclusive) in A, then in B, of a run of equal units."""


def _equal_runs(
    prepared_a: Prepared, prepared_b: Prepared, aligner: Aligner
) -> tuple[list[Run], list[list[Run]]]:
    """Return the repeats, and the equal runs of each span, in their order in A."""
    a, b = prepared_a.units, prepared_b.units
    numbers_a, numbers_b = a.read_with(b.sign), b.read_with(a.sign)
    if np.array_equal(numbers_a, numbers_b):  # however short, and whatever it repeats
        return [], [[run] for run in _body_runs(numbers_a)]
    # The longest-first order has ties; a fixed order of the sides makes them the same both ways.
    folded_a, folded_b = prepared_a.text.words.folded, prepared_b.text.words.folded
    if (len(a), folded_a) <= (len(b), folded_b):
        found = aligner(numbers_a, numbers_b, a.sizes, b.sizes)
    else:
        turned = aligner(numbers_b, numbers_a, b.sizes, a.sizes)
        found = sorted((span, i, j, n) for span, j, i, n in turned)
    by_span = {
        span: [run[1:] for run in group] for span, group in groupby(found, lambda run: run[0])
    }
    return by_span.pop(-1, []), sorted(by_span.values())


def _body_runs(numbers: Numbers) -> list[Run]:
    """Return the runs of units of a body, each aligned with itself."""
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], numbers >= 0, [False]]).astype(np.int8))
    )
    return [(start, start, end - start) for start, end in edges.reshape(-1, 2).tolist()]


def _word_runs(a: Units, b: Units, runs: list[Run]) -> list[WordRun]:
    """Turn runs of equal units into the words they are, in both texts."""
    if a.plain and b.plain:
        return [(i, i + n, j, j + n) for i, j, n in runs]
    return [
        (int(a.firsts[i]), int(a.firsts[i + n]), int(b.firsts[j]), int(b.firsts[j + n]))
        for i, j, n in runs
    ]


def _words(runs: list[WordRun]) -> int:
    """Count the equal words of some runs, on the side where they are fewer."""
    return min(sum(run[1] - run[0] for run in runs), sum(run[3] - run[2] for run in runs))


def _pairs(a: Units, b: Units, runs: list[Run]) -> Numbers:
    """Pair the words of equal units; the last word of the shorter one with all that are left."""
    i, j, lengths = np.array(runs, np.int64).reshape(-1, 3).T
    run, place = _within(lengths)
    units_a, units_b = i[run] + place, j[run] + place
    if a.plain and b.plain:
        return np.column_stack((units_a, units_b))
    first_a, first_b = a.firsts[units_a], b.firsts[units_b]
    more_a, more_b = a.firsts[units_a + 1] - first_a - 1, b.firsts[units_b + 1] - first_b - 1
    unit, place = _within(np.maximum(more_a, more_b) + 1)
    return np.column_stack(
        (
            first_a[unit] + np.minimum(place, more_a[unit]),
            first_b[unit] + np.minimum(place, more_b[unit]),
        )
    )


def _within(lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Number the items of groups of these lengths: the group of each, and its place in it."""
    group = np.repeat(np.arange(len(lengths)), lengths)
    return group, np.arange(len(group)) - (np.cumsum(lengths) - lengths)[group]


def make_span(
    a: AnnotatedText, b: AnnotatedText, runs: list[WordRun], quoted_a: Mask
) -> AlignedSpan:
    """Return the span of neighbouring equal runs."""
    starts_a, ends_a = a.words.starts, a.words.ends
    starts_b, ends_b = b.words.starts, b.words.ends
    changes = []
    for (_, i, _, j), (next_i, _, next_j, _) in pairwise(runs):
        side_a = _stretch(starts_a, ends_a, i, next_i)
        side_b = _stretch(starts_b, ends_b, j, next_j)
        op = "insert" if i == next_i else "delete" if j == next_j else "replace"
        changes.append(Change(op, side_a, side_b))
    quoted = all(bool(quoted_a[first:last].all()) for first, last, *_ in runs)
    return AlignedSpan(
        a=(int(starts_a[runs[0][0]]), int(ends_a[runs[-1][1] - 1])),
        b=(int(starts_b[runs[0][2]]), int(ends_b[runs[-1][3] - 1])),
        words=_words(runs),
        quoted=quoted,
        changes=tuple(changes),
        kind="quotation" if quoted else "narrative",
    )


def _stretch(starts: Any, ends: Any, first: int, end: int) -> Span:  # noqa: ANN401
    """Return the characters of the words ``first`` to ``end``; without words, the place between."""
    if first == end:
        return int(starts[first]), int(starts[first])
    return int(starts[first]), int(ends[end - 1])
