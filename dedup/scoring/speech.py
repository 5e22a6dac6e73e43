"""Quoted speech without quotation marks: posts, statements and documents set as paragraphs.

Outlets set a long statement as a block, without marks, and two independent reports of it would
then share whole paragraphs of "narrative". News copy does not speak in the first person outside
quotations, so a copied paragraph that does is somebody's words; so is a copied block that both
sides introduce with a colon. (One side alone is not enough: it may be quoting the other article.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import Alignment
from dedup.text.annotate import AnnotatedText, Mask

LEAST = 10
"""Copied words outside quotation marks from which it matters whether they are speech."""
LONGEST = 120
"""Words of the longest paragraph or block that is speech as a whole."""
REMAINING = 0.2
"""Share of a side's narrative that must remain; else it is a column, somebody's speech itself."""

_BLOCK = 0.8  # share of a paragraph that must be copied for it to belong to an introduced block


def mark_speech(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> Alignment:
    """Add to the quotation masks of a pair the copied blocks that are introduced as quotations.

    What is speech on one side is speech on the other: the words are the same.
    """
    if np.count_nonzero(alignment.copied_a & ~alignment.quoted_a) < LEAST:
        return alignment
    if not (side_a.introduced.any() and side_b.introduced.any()):
        return alignment
    a, b = side_a.text, side_b.text
    block_a = _blocks(side_a, alignment.copied_a)
    block_b = _blocks(side_b, alignment.copied_b)
    at_a, at_b = alignment.pairs.T
    both = block_a[at_a] & block_b[at_b]
    if not both.any():
        return alignment
    quoted_a, quoted_b = alignment.quoted_a.copy(), alignment.quoted_b.copy()
    quoted_a[at_a[both]] = quoted_b[at_b[both]] = True
    spans = tuple(
        replace(span, quoted=bool(quoted_a[_copied(a, span.a, alignment.copied_a)].all()))
        for span in alignment.spans
    )
    return replace(alignment, spans=spans, quoted_a=quoted_a, quoted_b=quoted_b)


def _blocks(side: Prepared, copied: Mask) -> Mask:
    """Mark the copied paragraphs that follow a colon, up to the first that is not copied."""
    block = np.zeros(len(copied), np.bool_)
    counts = np.concatenate([[0], np.cumsum(copied)])[side.paragraphs]
    shares = (counts[:, 1] - counts[:, 0]) >= _BLOCK * np.maximum(
        1, side.paragraphs[:, 1] - side.paragraphs[:, 0]
    )
    inside = False
    for i in range(len(shares)):
        inside = bool(shares[i]) and (inside or bool(side.introduced[i]))
        if inside:
            block[slice(*side.paragraphs[i].tolist())] = True
    return block


def _copied(text: AnnotatedText, span: tuple[int, int], copied: Mask) -> list[int]:
    first, last = np.searchsorted(text.words.starts, span)
    found: list[int] = (np.flatnonzero(copied[first:last]) + first).tolist()
    return found
