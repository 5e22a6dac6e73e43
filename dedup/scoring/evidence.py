"""What the rules of the verdict look at, measured on a verified pair."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dedup.scoring.overlap import Overlap
from dedup.scoring.prepared import Numbers, Prepared
from dedup.scoring.rewording import find_rewording
from dedup.scoring.spans import AlignedSpan, Alignment
from dedup.text.annotate import AnnotatedText, Mask
from dedup.text.hashing import hash_words
from dedup.text.words import find_words

LEAST_COPIED = 12
"""Copied words below which nothing can be derived, but for rewording."""
REWORDING_BELOW = 60.0
"""Rewording is looked for only where less than this much of both narratives was copied ..."""
REWORDING_FROM = 10
REWORDING_SHARE = 5.0
"""... and where so many words, and so much of one body, are the same: a quotation, names."""
SENTENCE = 8
COPIED_SENTENCE = 0.6
"""A sentence of so many narrative words is copied where so much of it is."""

_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The measures the rules use, the same whichever side is called A; percentages are 0-100.

    Attributes
    ----------
    plain, copied, longest
        Plain words, all words copied outside quotations, and those of them in the passage that has
        most, standing text left out; of the two sides the smaller count.
    quoted, standing
        Quoted words in both, and copied words that are standing text.
    most, least
        The larger and the smaller narrative percentage; a side that is all quotation counts with
        its body.
    body, fuller
        The smaller and the larger percentage of body words.
    sentences_copied
        Percent of the sentences that are copied, on the side where it is more.
    moved, edited
        Whether passages come in another order, and whether any has an edit.
    sentences, reworded
        Similar sentences in the same order on both sides, and the larger share of a narrative
        that they make; 0 where so much was copied that nobody need ask.
    figures
        Figures replaced by other figures inside passages, per 100 copied words.
    apart
        Whether the two have different headlines, and neither a word in common with its text.
    """

    plain: int
    copied: int
    longest: int
    quoted: int
    standing: int
    most: float
    least: float
    body: float
    fuller: float = 0.0
    sentences_copied: float = 0.0
    moved: bool = False
    edited: bool = False
    sentences: int = 0
    reworded: float = 0.0
    figures: float = 0.0
    apart: bool = False


def gather(side_a: Prepared, side_b: Prepared, alignment: Alignment, overlap: Overlap) -> Evidence:
    """Measure what the rules look at."""
    a, b = side_a.text, side_b.text
    narrative_a = a.body & ~alignment.quoted_a & ~alignment.standing_a
    narrative_b = b.body & ~alignment.quoted_b & ~alignment.standing_b
    copied_a, copied_b = alignment.copied_a & narrative_a, alignment.copied_b & narrative_b
    copied = _fewer(copied_a, copied_b)
    # A side that is all quotation has no narrative percentage; its body counts instead.
    shares = [
        body if narrative is None else narrative
        for body, narrative in (
            (overlap.percent_a, overlap.narrative_percent_a),
            (overlap.percent_b, overlap.narrative_percent_b),
        )
    ]
    sentences, reworded = 0, 0.0
    quoted = int(np.count_nonzero(alignment.copied_a & alignment.quoted_a))
    fuller = max(overlap.percent_a, overlap.percent_b)
    asked = copied + quoted >= REWORDING_FROM and fuller >= REWORDING_SHARE
    if asked and max(shares) < REWORDING_BELOW:
        chain = find_rewording(side_a, side_b, narrative_a, narrative_b)
        sentences, reworded = chain.sentences, max(chain.percent_a, chain.percent_b)
    replaced = _figures(a, b, alignment.spans)
    return Evidence(
        plain=_fewer(copied_a & side_a.plain, copied_b & side_b.plain),
        copied=copied,
        longest=_longest(a, alignment.spans, copied_a),
        quoted=quoted,
        standing=_fewer(alignment.standing_a, alignment.standing_b),
        most=max(shares),
        least=min(shares),
        body=min(overlap.percent_a, overlap.percent_b),
        fuller=fuller,
        sentences_copied=max(
            _sentences_copied(side_a.sentences, copied_a, narrative_a),
            _sentences_copied(side_b.sentences, copied_b, narrative_b),
        ),
        moved=any(after.b < before.b for before, after in pairwise(alignment.spans)),
        edited=any(span.changes for span in alignment.spans),
        sentences=sentences,
        reworded=reworded,
        figures=100 * replaced / copied if copied else 0.0,
        apart=a.headline != b.headline and _is_apart(a) and _is_apart(b),
    )


def may_be_derived(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> bool:
    """Say whether the rules could call a pair derived: a bound that needs the alignment alone.

    Either words enough are copied, or rewording is looked for, which takes `REWORDING_SHARE`.
    """
    copied = int(np.count_nonzero(alignment.copied_a))
    shorter = min(np.count_nonzero(side_a.text.body), np.count_nonzero(side_b.text.body))
    return copied >= LEAST_COPIED or 100 * copied >= REWORDING_SHARE * int(shorter)


def _fewer(mask_a: Mask, mask_b: Mask) -> int:
    return int(min(np.count_nonzero(mask_a), np.count_nonzero(mask_b)))


def _is_apart(text: AnnotatedText) -> bool:
    """Say whether an article has a headline none of whose longer words is in its text."""
    if not text.article.title:
        return False
    _, stems = hash_words(find_words(text.article.title))
    stems = stems[stems != 0]
    return len(stems) > 0 and not np.isin(stems, text.stems[text.body]).any()


def _longest(a: AnnotatedText, spans: tuple[AlignedSpan, ...], copied_a: Mask) -> int:
    """Count the copied narrative words of the span that has most."""
    longest = 0
    for span in spans:
        first, last = np.searchsorted(a.words.starts, span.a)
        longest = max(longest, int(np.count_nonzero(copied_a[first:last])))
    return longest


def _sentences_copied(sentences: Numbers, copied: Mask, narrative: Mask) -> float:
    """Return the percentage of a side's longer narrative sentences that are copied."""
    words = np.bincount(sentences, narrative)
    counted = words >= SENTENCE
    if not counted.any():
        return 0.0
    share = np.bincount(sentences, copied)[counted] >= COPIED_SENTENCE * words[counted]
    return 100 * float(share.mean())


def _figures(a: AnnotatedText, b: AnnotatedText, spans: tuple[AlignedSpan, ...]) -> int:
    """Count the edits that put one figure in another's place, standing text left out."""
    return sum(
        bool(
            change.op == "replace"
            and _FIGURE.search(a.article.text, *change.a)
            and _FIGURE.search(b.article.text, *change.b)
        )
        for span in spans
        if span.kind != "standing"
        for change in span.changes
    )
