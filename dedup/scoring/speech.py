"""Blocks that both sides of a pair introduce as a quotation, without quotation marks.

Outlets set a long statement or letter as paragraphs of its own after a colon, and two independent
reports of it would then share whole paragraphs of "narrative". One side alone that introduces the
block is not enough: it may be quoting the other article.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import Alignment
from dedup.text.annotate import AnnotatedText, Mask

LEAST = 10
"""Copied words outside quotation marks from which it matters whether they are speech."""

_BLOCK = 0.8  # share of a paragraph that must be copied for it to belong to an introduced block


def mark_speech(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> Alignment:
    """Add to the quotation masks of a pair the copied blocks that are introduced as quotations.

    What is speech on one side is speech on the other: the words are the same.
    """
    if np.count_nonzero(alignment.copied_a & ~alignment.quoted_a) < LEAST:
        return alignment
    if not (side_a.introduced.any() and side_b.introduced.any()):
        return alignment
    a = side_a.text
    block_a = _blocks(side_a, alignment.copied_a)
    block_b = _blocks(side_b, alignment.copied_b)
    at_a, at_b = alignment.pairs.T
    both = block_a[at_a] & block_b[at_b]
    if not both.any():
        return alignment
    quoted_a, quoted_b = alignment.quoted_a.copy(), alignment.quoted_b.copy()
    quoted_a[at_a[both]] = quoted_b[at_b[both]] = True
    spans = tuple(
        replace(span, quoted=True, kind="quotation")
        if quoted_a[_copied(a, span.a, alignment.copied_a)].all()
        else span
        for span in alignment.spans
    )
    return replace(alignment, spans=spans, quoted_a=quoted_a, quoted_b=quoted_b)


def _blocks(side: Prepared, copied: Mask) -> Mask:
    """Mark the copied paragraphs after a colon, up to the first that is not copied."""
    block = np.zeros(len(copied), np.bool_)
    before = np.concatenate([[0], np.cumsum(copied)])
    inside = False
    for (first, last), introduced in zip(
        side.paragraphs.tolist(), side.introduced.tolist(), strict=True
    ):
        if inside or introduced:
            words = before[last] - before[first]
            inside = bool(words) and words >= _BLOCK * (last - first)
            block[first:last] = inside
    return block


def _copied(text: AnnotatedText, span: tuple[int, int], copied: Mask) -> list[int]:
    first, last = np.searchsorted(text.words.starts, span)
    found: list[int] = (np.flatnonzero(copied[first:last]) + first).tolist()
    return found
