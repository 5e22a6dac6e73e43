"""Quoted speech without quotation marks: posts, statements and documents set as paragraphs.

Outlets set a long statement as a block, without marks, and two independent reports of it would
then share whole paragraphs of "narrative". News copy does not speak in the first person outside
quotations, so a copied paragraph that does is somebody's words; so is a copied block that both
sides introduce with a colon. (One side alone is not enough: it may be quoting the other article.)
"""

from __future__ import annotations

from collections.abc import Iterator
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
    """Add to the quotation masks of a pair the copied words that are speech without marks.

    What is speech on one side is speech on the other: the words are the same.
    """
    if np.count_nonzero(alignment.copied_a & ~alignment.quoted_a) < LEAST:
        return alignment
    a, b = side_a.text, side_b.text
    spoken_a, block_a = _speech(side_a, alignment.copied_a, alignment.quoted_a)
    spoken_b, block_b = _speech(side_b, alignment.copied_b, alignment.quoted_b)
    at_a, at_b = alignment.pairs.T
    both = spoken_a[at_a] | spoken_b[at_b] | (block_a[at_a] & block_b[at_b])
    if not both.any():
        return alignment
    quoted_a, quoted_b = alignment.quoted_a | spoken_a, alignment.quoted_b | spoken_b
    quoted_a[at_a[both]] = quoted_b[at_b[both]] = True
    for text, before, after in (
        (a, alignment.quoted_a, quoted_a),
        (b, alignment.quoted_b, quoted_b),
    ):
        if np.count_nonzero(text.body & ~after) < REMAINING * np.count_nonzero(text.body & ~before):
            return alignment
    spans = tuple(
        replace(span, quoted=bool(quoted_a[_copied(a, span.a, alignment.copied_a)].all()))
        for span in alignment.spans
    )
    return replace(alignment, spans=spans, quoted_a=quoted_a, quoted_b=quoted_b)


def _speech(side: Prepared, copied: Mask, quoted: Mask) -> tuple[Mask, Mask]:
    """Mark the words of paragraphs that speak, and of blocks that a colon introduces."""
    size = len(copied)
    spoken, block = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    in_block, start, before = False, 0, -1
    for first, last, introduced, speaks in _paragraphs(side, copied):
        here = copied[first:last]
        start = first if introduced else start
        goes_on = introduced or (in_block and first == before and last - start <= LONGEST)
        in_block = goes_on and bool(here.mean() >= _BLOCK)
        before = last
        block[first:last] = in_block
        if speaks and last - first <= LONGEST and (here & ~quoted[first:last]).any():
            spoken[first:last] = True
    return spoken, block


def _paragraphs(side: Prepared, copied: Mask) -> Iterator[tuple[int, int, bool, bool]]:
    """Yield the paragraphs with copied words: their words, a colon before, somebody speaking."""
    counts = np.concatenate([[0], np.cumsum(copied)])[side.paragraphs]
    for i in np.flatnonzero(counts[:, 1] > counts[:, 0]).tolist():
        first, last = side.paragraphs[i].tolist()
        yield first, last, bool(side.introduced[i]), bool(side.speaks[i])


def _copied(text: AnnotatedText, span: tuple[int, int], copied: Mask) -> list[int]:
    first, last = np.searchsorted(text.words.starts, span)
    found: list[int] = (np.flatnonzero(copied[first:last]) + first).tolist()
    return found
