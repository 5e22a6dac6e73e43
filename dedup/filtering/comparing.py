"""Comparing records with their candidates, as far as a decision needs it.

The best derived match is wanted, or, where there is none, the verified pair with the highest
narrative percentage. So every candidate is aligned, but of those that cannot be derived only the
narrative percentage is measured, and one alone is concluded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.article import Article, Credit
from dedup.scoring.compiled import PAYS_FROM, compiled_aligner
from dedup.scoring.evidence import may_be_derived
from dedup.scoring.match import Match
from dedup.scoring.prepared import Prepared, Vocabulary, prepare
from dedup.scoring.spans import Aligner, Alignment, find_spans, interpreted
from dedup.scoring.speech import mark_speech
from dedup.scoring.verifying import conclude, share_enough
from dedup.text.credits import find_credits

_MOST_WORDS = 2_000_000
"""Words of a vocabulary before a new one is begun."""
_REMEMBERED_WORDS = 3_000_000
"""Words of the articles kept prepared; some 60 bytes each."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A verified pair: the narrative percentage of the record (-1: it has none), and the match.

    ``match`` is there if the pair is derived or if it is the best of a record that is not.
    """

    narrative: float
    match: Match | None


@dataclass(frozen=True, slots=True)
class Task:
    """A record and the known articles to compare it with, the oldest first among equals."""

    article: Article
    known: Sequence[Article]


@dataclass(frozen=True, slots=True)
class Result:
    """What the record itself credits, and each pair; None where too little is shared to align."""

    credits: tuple[Credit, ...]
    pairs: Sequence[Compared | None]


class Comparer:
    """Compares records; what an article needs for it is made once and remembered for a while."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._aligner: Aligner = interpreted
        self._compared = 0
        self._vocabulary = Vocabulary()
        self._prepared: OrderedDict[Article, Prepared] = OrderedDict()
        self._words = 0

    def compare(self, tasks: Sequence[Task]) -> list[Result]:
        """Compare records with their candidates."""
        self._compared += sum(len(task.known) for task in tasks)
        if self._compared >= PAYS_FROM and self._aligner is interpreted:
            self._aligner = compiled_aligner() or interpreted
        return [self._compare(task) for task in tasks]

    def _compare(self, task: Task) -> Result:
        if not task.known:
            return Result((*task.article.credits, *find_credits(task.article.text)), ())
        if len(self._vocabulary) > _MOST_WORDS:
            self._vocabulary = Vocabulary()
            self._prepared.clear()
            self._words = 0
        side = self._prepare(task.article)
        aligned = [self._align(known, side) for known in map(self._prepare, task.known)]
        pairs = [None if pair is None else _measure(*pair) for pair in aligned]
        best = best_of(pairs)
        if best is not None:
            (known, _, alignment), chosen = aligned[best], pairs[best]  # type: ignore[misc]
            if chosen is not None and chosen.match is None:
                pairs[best] = Compared(chosen.narrative, conclude(known, side, alignment))
        return Result(side.text.credits, pairs)

    def _align(
        self, known: Prepared, side: Prepared
    ) -> tuple[Prepared, Prepared, Alignment] | None:
        if not share_enough(known.shingles, side.shingles):
            return None
        return known, side, find_spans(known, side, aligner=self._aligner)

    def _prepare(self, article: Article) -> Prepared:
        known = self._prepared.get(article)
        if known is not None:
            self._prepared.move_to_end(article)
            return known
        known = prepare(article, self._k, self._vocabulary)
        self._prepared[article] = known
        self._words += len(known.numbers)
        while self._words > _REMEMBERED_WORDS and len(self._prepared) > 1:
            _, forgotten = self._prepared.popitem(last=False)
            self._words -= len(forgotten.numbers)
        return known


def best_of(pairs: Sequence[Compared | None]) -> int | None:
    """Return which pair a decision goes by, the first of equals; None if none was verified."""
    best, rank = None, (False, 0.0)
    for number, pair in enumerate(pairs):
        if pair is None:
            continue
        derived = pair.match is not None and pair.match.derived
        found = derived, pair.match.score if pair.match and derived else pair.narrative
        if best is None or found > rank:
            best, rank = number, found
    return best


def _measure(known: Prepared, side: Prepared, alignment: Alignment) -> Compared:
    """Measure a pair; it is concluded only if it may be derived."""
    if may_be_derived(known, side, alignment):
        match = conclude(known, side, alignment)
        narrative = match.overlap.narrative_percent_b
        kept = match if match.derived else None
        return Compared(-1.0 if narrative is None else narrative, kept)
    marked = mark_speech(known, side, alignment)
    of = side.text.body & ~marked.quoted_b
    total = int(np.count_nonzero(of))
    copied = int(np.count_nonzero(marked.copied_b & of))
    return Compared(100.0 * copied / total if total else -1.0, None)
