"""Page text that both sides of a pair have: shown, and evidence of nothing.

Two copies of a story often come with the same menu or the same prompt. Their words are in no
percentage; that they are the same tells who looks at the pair that they were not overlooked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedup.scoring.alignment import PARTS
from dedup.scoring.match import Match
from dedup.scoring.notation import Units
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import Aligner, find_spans

LEAST = 5
"""Words of page text, the same in both, from which it is looked at; no shorter run is found."""


def add_page_text(
    match: Match, side_a: Prepared, side_b: Prepared, min_span: int, aligner: Aligner
) -> Match:
    """Add the page text of both to a match, but for spans of fewer than ``min_span`` words."""
    page_a, page_b = side_a.text.furniture, side_b.text.furniture
    if min(np.count_nonzero(page_a), np.count_nonzero(page_b)) < LEAST:
        return match
    shared = np.isin(side_a.text.hashes[page_a], side_b.text.hashes[page_b])
    if np.count_nonzero(shared) < LEAST:
        return match
    found = find_spans(_page(side_a), _page(side_b), min_span, aligner).spans
    spans = [*match.spans, *(replace(span, kind="page-text") for span in found)]
    return replace(match, spans=tuple(sorted(spans, key=lambda span: (span.a, span.b))))


def _page(side: Prepared) -> Prepared:
    """Return an article of which only the page text may match; all between it is one unit."""
    page = side.text.furniture
    begins = page.copy()
    begins[:1] = True
    begins[1:] |= page[:-1]
    at = np.flatnonzero(begins)
    numbers = np.where(page[at], (side.text.hashes[at] >> np.uint64(4)).astype(np.int64), -1)
    before = np.zeros(len(at) + 1, np.int64)
    np.cumsum(np.rint(side.sizes[at] * PARTS).astype(np.int64), out=before[1:])
    none = np.empty(0, np.int64)
    units = Units(numbers, np.append(at, len(page)), before, "", none, none.reshape(0, 2))
    return replace(side, units=units)
