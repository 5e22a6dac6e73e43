"""Passages and their kinds: which copied words other stories hold too.

An index knows standing text by its fingerprints (`dedup.index.standing`); here their places in the
text are found. A copied word is standing if the fingerprint nearest to it in its passage is, and a
passage that is partly standing is cut where that changes, so that each is evidence of one thing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import AlignedSpan, Alignment, make_span
from dedup.sketch.reference import shingle_hashes
from dedup.text.annotate import AnnotatedText

if TYPE_CHECKING:  # a pair by itself asks no index, whose modules take time to import
    from dedup.index.standing import Standing

_Places = npt.NDArray[np.int64]


def mark_standing(
    side_a: Prepared, side_b: Prepared, alignment: Alignment, standing: Standing
) -> Alignment:
    """Mark the copied words that other stories hold, and cut passages where that changes."""
    if not standing.standing.any():
        return alignment
    a, b = side_a.text, side_b.text
    known_in = _known_in(a, standing)
    standing_a, standing_b = alignment.standing_a.copy(), alignment.standing_b.copy()
    spans: list[AlignedSpan] = []
    for span in alignment.spans:
        at_a, at_b = equal_words(a, b, span, alignment)
        counts = _nearest(known_in, at_a, standing.k)
        if counts is None or not (counts >= standing.least).any():
            spans.append(span)
            continue
        flags = counts >= standing.least
        standing_a[at_a[flags]] = standing_b[at_b[flags]] = True
        cuts = np.flatnonzero(flags[1:] != flags[:-1]) + 1
        for part_a, part_b, held in zip(
            np.split(at_a, cuts), np.split(at_b, cuts), np.split(counts, cuts), strict=True
        ):
            part = make_span(a, b, _runs(part_a, part_b), alignment.quoted_a)
            if held[0] >= standing.least:
                part = replace(part, kind="standing", known_in=int(np.median(held)))
            spans.append(part)
    return replace(alignment, spans=tuple(spans), standing_a=standing_a, standing_b=standing_b)


def equal_words(
    a: AnnotatedText, b: AnnotatedText, span: AlignedSpan, alignment: Alignment
) -> tuple[_Places, _Places]:
    """Return the places of a span's equal words in both sides, int64[n] each."""
    first, last = np.searchsorted(a.words.starts, span.a)
    at_a = np.flatnonzero(alignment.copied_a[first:last]) + first
    first, last = np.searchsorted(b.words.starts, span.b)
    at_b = np.flatnonzero(alignment.copied_b[first:last]) + first
    return at_a, at_b


def _known_in(text: AnnotatedText, standing: Standing) -> _Places:
    """Return for the shingle at each word how many other stories hold it, -1 if it is not asked."""
    hashes = shingle_hashes(text.words.folded.encode(), standing.k)
    known_in = np.full(len(text.words), -1, np.int64)
    if len(standing.keys):
        at = np.minimum(np.searchsorted(standing.keys, hashes), len(standing.keys) - 1)
        found = standing.keys[at] == hashes
        known_in[: len(hashes)][found] = standing.known_in[at[found]]
    return known_in


def _nearest(known_in: _Places, at: _Places, k: int) -> _Places | None:
    """Return for each equal word the count of the nearest fingerprint among them, if there is one.

    Only a fingerprint all of whose words are equal, one after the other, belongs to the passage.
    """
    if len(at) < k:
        return None
    whole = at[k - 1 :] - at[: len(at) - k + 1] == k - 1
    starts = np.flatnonzero(whole & (known_in[at[: len(at) - k + 1]] >= 0))
    if not len(starts):
        return None
    middles = starts + k // 2
    words = np.arange(len(at))
    behind = np.minimum(np.searchsorted(middles, words), len(middles) - 1)
    before = np.maximum(behind - 1, 0)
    nearer = np.where(words - middles[before] <= middles[behind] - words, before, behind)
    counts: _Places = known_in[at[starts[nearer]]]
    return counts


def _runs(at_a: _Places, at_b: _Places) -> list[tuple[int, int, int]]:
    """Return the runs ``(i, j, words)`` of pairs of equal words."""
    runs = []
    for _, group in groupby(
        enumerate(zip(at_a.tolist(), at_b.tolist(), strict=True)),
        key=lambda one: (one[1][0] - one[0], one[1][1] - one[0]),
    ):
        pairs = [pair for _, pair in group]
        runs.append((*pairs[0], len(pairs)))
    return runs
