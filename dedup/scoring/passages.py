"""Passages and their kinds: which copied words other stories hold too.

An index knows standing text by its fingerprints (`dedup.index.standing`); here their places in the
text are found. A copied word is standing if the fingerprint nearest to it in its passage is, and a
passage that is partly standing is cut where that changes, so that each is evidence of one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import AlignedSpan, Alignment, WordRun, make_span
from dedup.sketch.reference import shingle_hashes
from dedup.text.annotate import AnnotatedText, Mask

if TYPE_CHECKING:  # a pair by itself asks no index, whose modules take time to import
    from dedup.index.standing import Standing

_Places = npt.NDArray[np.int64]

ShingleHasher = Callable[[bytes, int], npt.NDArray[np.uint32]]
"""`dedup.sketch.reference.shingle_hashes`, or what does the same compiled."""


def mark_standing(
    side_a: Prepared,
    side_b: Prepared,
    alignment: Alignment,
    standing: Standing,
    hasher: ShingleHasher = shingle_hashes,
) -> Alignment:
    """Mark the copied words that other stories hold, and cut passages where that changes."""
    if not standing.known_in.any():
        return alignment
    a, b = side_a.text, side_b.text
    known_in = _known_in(a, standing, hasher)
    standing_a, standing_b = alignment.standing_a.copy(), alignment.standing_b.copy()
    spans: list[AlignedSpan] = []
    for span in alignment.spans:
        first, last = np.searchsorted(a.words.starts, span.a)
        pairs = alignment.pairs[slice(*np.searchsorted(alignment.pairs[:, 0], (first, last)))]
        counts = _nearest(known_in, pairs[:, 0], standing.k)
        if counts is None or not counts.any():
            spans.append(span)
            continue
        held = counts > 0
        standing_a[pairs[held, 0]] = standing_b[pairs[held, 1]] = True
        cuts = np.flatnonzero(held[1:] != held[:-1]) + 1
        for part, part_counts in zip(np.split(pairs, cuts), np.split(counts, cuts), strict=True):
            passage = make_span(a, b, _runs(part), alignment.quoted_a)
            if part_counts[0]:
                known = int(np.median(part_counts))
                passage = replace(passage, kind="standing", known_in=known)
            spans.append(passage)
    further_a = alignment.found_a & ~alignment.copied_a
    if further_a.any():
        standing_a |= _further(known_in, further_a, standing.k)
    further_b = alignment.found_b & ~alignment.copied_b
    if further_b.any():
        standing_b |= _further(_known_in(b, standing, hasher), further_b, standing.k)
    return replace(alignment, spans=tuple(spans), standing_a=standing_a, standing_b=standing_b)


def mark_template(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> Alignment:
    """Mark what is copied outside quotations as a template, which counts like standing text."""
    narrative_a = side_a.text.body & ~alignment.quoted_a
    narrative_b = side_b.text.body & ~alignment.quoted_b
    return replace(
        alignment,
        spans=tuple(
            replace(span, kind="template") if span.kind == "narrative" else span
            for span in alignment.spans
        ),
        standing_a=alignment.standing_a | (alignment.found_a & narrative_a),
        standing_b=alignment.standing_b | (alignment.found_b & narrative_b),
    )


def _known_in(text: AnnotatedText, standing: Standing, hasher: ShingleHasher) -> _Places:
    """Return for the shingle at each word how many other stories hold it, -1 if it is not asked."""
    hashes = hasher(text.words.folded.encode(), standing.k)
    known_in = np.full(len(text.words), -1, np.int64)
    if len(standing.keys):
        at = np.minimum(np.searchsorted(standing.keys, hashes), len(standing.keys) - 1)
        found = standing.keys[at] == hashes
        known_in[: len(hashes)][found] = standing.known_in[at[found]]
    return known_in


def _further(known_in: _Places, words: Mask, k: int) -> Mask:
    """Mark the words of further copies that other stories hold."""
    marked = np.zeros(len(words), np.bool_)
    at = np.flatnonzero(words)
    for copy in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
        counts = _nearest(known_in, copy, k)
        if counts is not None:
            marked[copy] = counts > 0
    return marked


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


def _runs(pairs: _Places) -> list[WordRun]:
    """Return the runs of pairs of equal words: where both sides go on with the next word."""
    steps = np.diff(pairs, axis=0)
    cuts = np.flatnonzero((steps > 1).any(axis=1)) + 1
    return [
        (int(part[0, 0]), int(part[-1, 0]) + 1, int(part[0, 1]), int(part[-1, 1]) + 1)
        for part in np.split(pairs, cuts)
    ]
