"""What the rules of the verdict look at, measured on a verified pair."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dedup.scoring.overlap import Overlap
from dedup.scoring.prepared import Prepared
from dedup.scoring.rewording import find_rewording
from dedup.scoring.spans import AlignedSpan, Alignment
from dedup.text.annotate import AnnotatedText, Mask

LEAST_DERIVED = 20
"""Words that stand in both below which the rules call nothing derived but for rewording."""
LEAD = 60
"""Body words of a lead, which says what a story is about."""
LEAD_ASKED = 50.0
"""The leads are compared only where one passage makes so much of what was copied."""
REWORDING_BELOW = 60.0
"""Rewording is looked for only where less than this much of both narratives was copied ..."""
REWORDING_FROM = 10
REWORDING_SHARE = 5.0
"""... and where so many words, and so much of one body, are the same: a quotation, names."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The measures the rules use, the same whichever side is called A; percentages are 0–100.

    Attributes
    ----------
    copied, longest
        Narrative words that are unchanged in the other side, and those of them in the span that
        has most; of the two sides the smaller count. A character of a script without spaces counts
        as the part of a word it is (`dedup.text.spaceless`).
    quoted
        Quoted words that stand in both.
    most, least
        The larger and the smaller narrative percentage; a side that is all quotation counts with
        its body.
    body, fuller
        The smaller and the larger percentage of body words.
    moved
        Whether passages stand in another order.
    sentences, reworded
        Similar sentences in the same order on both sides, and the larger share of a narrative
        that they make; 0 where so much was copied that nobody need ask.
    numbers
        Numbers replaced by other numbers inside spans, per 100 copied words: a template filled in.
    lead
        Stems that both leads have, of the shorter one's, in percent; 100 where it is not asked.
    place, single
        Where the longest span begins, 0–100 of the body, on the side where it begins earlier; and
        its share of the copied narrative.
    repeated
        The larger share of a body that is found only as a further copy of what one span has.
    one_outlet
        Whether both are known to have appeared in the same outlet.
    """

    copied: int
    longest: int
    quoted: int
    most: float
    least: float
    body: float
    fuller: float = 0.0
    moved: bool = False
    sentences: int = 0
    reworded: float = 0.0
    numbers: float = 0.0
    lead: float = 100.0
    place: float = 0.0
    single: float = 0.0
    repeated: float = 0.0
    one_outlet: bool = False


def gather(side_a: Prepared, side_b: Prepared, alignment: Alignment, overlap: Overlap) -> Evidence:
    """Measure what the rules look at."""
    a, b = side_a.text, side_b.text
    narrative_a, narrative_b = a.body & ~alignment.quoted_a, b.body & ~alignment.quoted_b
    copied_a, copied_b = alignment.copied_a & narrative_a, alignment.copied_b & narrative_b
    copied = min(_words(side_a, copied_a), _words(side_b, copied_b))
    # A side that is all quotation has no narrative percentage; its body counts instead.
    shares = [
        body if narrative is None else narrative
        for body, narrative in (
            (overlap.percent_a, overlap.narrative_percent_a),
            (overlap.percent_b, overlap.narrative_percent_b),
        )
    ]
    sentences, reworded = 0, 0.0
    quoted = _words(side_a, alignment.copied_a & alignment.quoted_a)
    fuller = max(overlap.percent_a, overlap.percent_b)
    asked = copied + quoted >= REWORDING_FROM and fuller >= REWORDING_SHARE
    if asked and max(shares) < REWORDING_BELOW:
        chain = find_rewording(side_a, side_b, narrative_a, narrative_b)
        sentences, reworded = chain.sentences, max(chain.percent_a, chain.percent_b)
    longest, place = _longest(side_a, b, alignment.spans, copied_a)
    single = 100 * longest / copied if copied else 0.0
    return Evidence(
        copied=copied,
        longest=longest,
        quoted=quoted,
        most=max(shares),
        least=min(shares),
        body=min(overlap.percent_a, overlap.percent_b),
        fuller=fuller,
        moved=any(after.b < before.b for before, after in pairwise(alignment.spans)),
        sentences=sentences,
        reworded=reworded,
        numbers=100 * _numbers(a, b, alignment.spans) / copied if copied else 0.0,
        lead=_common_lead(side_a, side_b) if single > LEAD_ASKED else 100.0,
        place=place,
        single=single,
        repeated=max(
            _share(alignment.found_a & ~alignment.copied_a, a.body),
            _share(alignment.found_b & ~alignment.copied_b, b.body),
        ),
        one_outlet=bool(a.article.source) and a.article.source == b.article.source,
    )


def may_be_derived(side_a: Prepared, side_b: Prepared, alignment: Alignment) -> bool:
    """Say whether the rules could call a pair derived: a bound that needs the alignment alone.

    Either ``brief_words`` are copied, or rewording is looked for, which takes `REWORDING_SHARE`.
    """
    copied = int(np.count_nonzero(alignment.copied_a))
    shorter = min(np.count_nonzero(side_a.text.body), np.count_nonzero(side_b.text.body))
    return copied >= LEAST_DERIVED or 100 * copied >= REWORDING_SHARE * int(shorter)


def _words(side: Prepared, words: Mask) -> int:
    """Count some words of a side, those of scripts without spaces by their size."""
    return int(side.sizes[words].sum())


def _longest(
    side_a: Prepared, b: AnnotatedText, spans: tuple[AlignedSpan, ...], copied_a: Mask
) -> tuple[int, float]:
    """Find the span with most copied narrative: its words, and where it begins."""
    a = side_a.text
    longest, chosen = 0, None
    for span in spans:
        first, last = np.searchsorted(a.words.starts, span.a)
        words = int(side_a.sizes[first:last][copied_a[first:last]].sum())
        if words > longest:
            longest, chosen = words, span
    if chosen is None:
        return 0, 0.0
    return longest, min(_place(a, chosen.a[0]), _place(b, chosen.b[0]))


def _share(words: Mask, of: Mask) -> float:
    return 100 * float(np.count_nonzero(words)) / max(1, int(np.count_nonzero(of)))


def _place(text: AnnotatedText, start: int) -> float:
    before = np.count_nonzero(text.body[: np.searchsorted(text.words.starts, start)])
    return 100 * float(before) / max(1, int(np.count_nonzero(text.body)))


def _numbers(a: AnnotatedText, b: AnnotatedText, spans: tuple[AlignedSpan, ...]) -> int:
    """Count the numbers that edits put in the place of others."""
    return sum(
        min(
            len(_NUMBER.findall(a.article.text, *change.a)),
            len(_NUMBER.findall(b.article.text, *change.b)),
        )
        for span in spans
        for change in span.changes
    )


def _common_lead(a: Prepared, b: Prepared) -> float:
    of_a, of_b = (set(side.text.stems[side.text.body][:LEAD].tolist()) - {0} for side in (a, b))
    shorter = min(len(of_a), len(of_b))
    return 100 * len(of_a & of_b) / shorter if shorter else 0.0
