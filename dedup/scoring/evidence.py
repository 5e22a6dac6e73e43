"""What the rules of the verdict look at, measured on a verified pair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

import numpy as np

from dedup.article import Span
from dedup.dates import hours_between
from dedup.scoring.overlap import Overlap
from dedup.scoring.prepared import Prepared
from dedup.scoring.rewording import find_rewording
from dedup.scoring.spans import AlignedSpan, Alignment
from dedup.text.annotate import AnnotatedText, Mask
from dedup.text.hashing import hash_words
from dedup.text.spaceless import Sizes
from dedup.text.words import find_words

PHRASE, PASSAGE = 4, 10
"""Copied narrative words up to which a passage is a stock phrase that proves nothing, and from
which it counts in full; between, its plain words count in part."""
LEAD = 60
"""Body words of a lead, which says what a story is about ..."""
LEAD_ASKED = 50.0
"""... and is looked at where one passage makes so much of what was copied, in percent."""
LEAST_COPIED = 12
"""Copied words below which nothing can be derived, but for rewording."""
REWORDING_BELOW = 60.0
"""Rewording is looked for only where less than this much of both narratives was copied ..."""
REWORDING_FROM = 10
REWORDING_SHARE = 5.0
"""... and where so many words, and so much of one body, are the same: a quotation, names."""
APART_FROM = 80.0
"""Percentage of both bodies in common from which the headlines are looked at."""
HEADLINE = 1 / 3
"""Share of a headline's longer words in the text below which that is not its text."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The measures the rules use, the same whichever side is called A; percentages are 0-100.

    Words are counted by their sizes, so that a character of a script without spaces is less than
    one. Attributes
    ----------
    plain, copied, longest
        Plain words copied, those in passages of fewer than `PASSAGE` words in part; all words
        copied outside quotations; and those of them in the passage that has most. Standing text is
        left out; of the two sides the smaller count.
    quoted, standing
        Quoted words in both, and copied words that are standing text.
    most, least
        The larger and the smaller narrative percentage; a side that is all quotation counts with
        its body.
    body, fuller
        The smaller and the larger percentage of body words.
    moved, edited
        Whether passages come in another order, and whether any has an edit.
    sentences, reworded
        Similar sentences in the same order on both sides, and the larger share of a narrative
        that they make; 0 where so much was copied that nobody need ask.
    figures
        Figures replaced by other figures inside passages, per 100 copied words.
    repeated
        The larger share of a body that is found only as a further copy of what one passage has.
    apart
        Whether two texts that are nearly the same have different headlines, neither of which is
        about its text.
    place, single, lead
        Where the longest passage begins, 0-100 of the body, on the side where it begins earlier;
        its share of the copied narrative; and how many of the stems of one lead are in the other,
        on the side where it is more, in percent (100 where nobody need ask).
    one_outlet, days
        Whether both are known to have appeared in the same outlet, and how many days lie between,
        0 where that is not known.
    common
        Shingles in common, of all words, page text included, counted by the size of their words.
    """

    plain: float
    copied: int
    longest: int
    quoted: int
    standing: int
    most: float
    least: float
    body: float
    fuller: float = 0.0
    moved: bool = False
    edited: bool = False
    sentences: int = 0
    reworded: float = 0.0
    figures: float = 0.0
    repeated: float = 0.0
    apart: bool = False
    place: float = 0.0
    single: float = 0.0
    lead: float = 100.0
    one_outlet: bool = False
    days: float = 0.0
    common: int = 0


def gather(side_a: Prepared, side_b: Prepared, alignment: Alignment, overlap: Overlap) -> Evidence:
    """Measure what the rules look at."""
    a, b = side_a.text, side_b.text
    narrative_a = a.body & ~alignment.quoted_a & ~alignment.standing_a
    narrative_b = b.body & ~alignment.quoted_b & ~alignment.standing_b
    copied_a, copied_b = alignment.copied_a & narrative_a, alignment.copied_b & narrative_b
    copied = _fewer(side_a, copied_a, side_b, copied_b)
    plain_a, words_a = _passages(side_a, [span.a for span in alignment.spans], copied_a)
    plain_b, words_b = _passages(side_b, [span.b for span in alignment.spans], copied_b)
    words = np.minimum(words_a, words_b)
    longest = int(words.max(initial=0))
    single = 100 * longest / copied if copied else 0.0
    place, lead = 0.0, 100.0
    if single >= LEAD_ASKED:
        chosen = [alignment.spans[number] for number in np.flatnonzero(words == longest)]
        place = min(min(_place(a, span.a), _place(b, span.b)) for span in chosen)
        lead = _common_lead(a, b)
    # A side that is all quotation has no narrative percentage; its body counts instead.
    shares = [
        body if narrative is None else narrative
        for body, narrative in (
            (overlap.percent_a, overlap.narrative_percent_a),
            (overlap.percent_b, overlap.narrative_percent_b),
        )
    ]
    sentences, reworded = 0, 0.0
    quoted = _size(side_a.sizes, alignment.copied_a & alignment.quoted_a)
    fuller = max(overlap.percent_a, overlap.percent_b)
    asked = copied + quoted >= REWORDING_FROM and fuller >= REWORDING_SHARE
    if asked and max(shares) < REWORDING_BELOW:
        chain = find_rewording(side_a, side_b, narrative_a, narrative_b)
        sentences, reworded = chain.sentences, max(chain.percent_a, chain.percent_b)
    least_body = min(overlap.percent_a, overlap.percent_b)
    hours, _ = hours_between(a.article.published, b.article.published)
    return Evidence(
        plain=min(plain_a, plain_b),
        copied=copied,
        longest=longest,
        quoted=quoted,
        standing=_fewer(side_a, alignment.standing_a, side_b, alignment.standing_b),
        most=max(shares),
        least=min(shares),
        body=least_body,
        fuller=fuller,
        moved=any(after.b < before.b for before, after in pairwise(alignment.spans)),
        edited=any(span.changes for span in alignment.spans),
        sentences=sentences,
        reworded=reworded,
        figures=100 * _figures(a, b, alignment.spans) / copied if copied else 0.0,
        repeated=max(
            _share(alignment.found_a & ~alignment.copied_a, a.body),
            _share(alignment.found_b & ~alignment.copied_b, b.body),
        ),
        apart=least_body >= APART_FROM
        and a.headline != b.headline
        and _is_apart(a)
        and _is_apart(b),
        place=place,
        single=single,
        lead=lead,
        one_outlet=a.article.outlet is not None and a.article.outlet == b.article.outlet,
        days=abs(hours or 0.0) / 24,
        common=_common(side_a, side_b, overlap),
    )


def may_be_derived(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> bool:
    """Say whether the rules could call a pair derived: a bound that needs the alignment alone.

    Either words enough are copied, or rewording is looked for, which takes `REWORDING_SHARE`, or
    one text is all of the other.
    """
    copied = int(np.count_nonzero(alignment.copied_a))
    shorter = min(np.count_nonzero(side_a.text.body), np.count_nonzero(side_b.text.body))
    return copied >= LEAST_COPIED or 100 * copied >= REWORDING_SHARE * int(shorter)


def _common(side_a: Prepared, side_b: Prepared, overlap: Overlap) -> int:
    if not overlap.containment_a:
        return 0
    shingles = round(overlap.containment_a * len(side_a.shingles))
    return round(shingles * min(float(side.sizes.mean()) for side in (side_a, side_b)))


def _size(sizes: Sizes, mask: Mask) -> int:
    return int(sizes[mask].sum())


def _fewer(side_a: Prepared, mask_a: Mask, side_b: Prepared, mask_b: Mask) -> int:
    return min(_size(side_a.sizes, mask_a), _size(side_b.sizes, mask_b))


def _passages(side: Prepared, spans: Sequence[Span], copied: Mask) -> tuple[float, list[int]]:
    """Count the plain words that passages copy, as far as they count, and the words of each."""
    plain, words = [], []
    for span in spans:
        part = slice(*np.searchsorted(side.text.words.starts, span))
        words.append(_size(side.sizes[part], copied[part]))
        counted = min(max(words[-1] - PHRASE, 0) / (PASSAGE - PHRASE), 1.0)
        plain.append(counted * float(side.plain[part][copied[part]].sum()))
    return fsum(plain), words  # fsum: the sides come in either order


def _place(text: AnnotatedText, span: Span) -> float:
    before = np.count_nonzero(text.body[: np.searchsorted(text.words.starts, span[0])])
    return 100 * float(before) / max(1, int(np.count_nonzero(text.body)))


def _common_lead(a: AnnotatedText, b: AnnotatedText) -> float:
    of_a, of_b = (set(side.stems[side.body][:LEAD].tolist()) - {0} for side in (a, b))
    shorter = min(len(of_a), len(of_b))
    return 100 * len(of_a & of_b) / shorter if shorter else 0.0


def _is_apart(text: AnnotatedText) -> bool:
    """Say whether an article's headline is of something else: hardly a word of it in the text."""
    if not text.article.title:
        return False
    _, stems = hash_words(find_words(text.article.title))
    stems = stems[stems != 0]
    return len(stems) > 2 and float(np.isin(stems, text.stems[text.body]).mean()) < HEADLINE


def _share(words: Mask, of: Mask) -> float:
    return 100 * float(np.count_nonzero(words)) / max(1, int(np.count_nonzero(of)))


def _figures(a: AnnotatedText, b: AnnotatedText, spans: Sequence[AlignedSpan]) -> int:
    """Count the figures that edits put in the place of others, standing text left out."""
    return sum(
        min(
            len(_NUMBER.findall(a.article.text, *change.a)),
            len(_NUMBER.findall(b.article.text, *change.b)),
        )
        for span in spans
        if span.kind != "standing"
        for change in span.changes
    )
