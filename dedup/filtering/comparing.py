"""Comparing records with their candidates, as far as a decision needs it.

The best derived match is wanted, or, where there is none, the verified pair with the highest
narrative percentage. So every candidate is aligned, but of those that cannot be derived only the
narrative percentage is measured, and one alone is concluded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dedup.article import Article, Credit
from dedup.filtering.digest import Digest, digest
from dedup.scoring.compiled import COMPILING_PAYS, ToolChoice
from dedup.scoring.evidence import may_be_derived
from dedup.scoring.match import Match
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import Alignment, find_spans
from dedup.scoring.speech import mark_speech
from dedup.scoring.verifying import conclude
from dedup.sketch import sketches
from dedup.sketch.parameters import SketchParameters

_REMEMBERED_WORDS = 2_000_000
"""Words of the articles kept prepared; some 80 bytes each."""


BYTES_A_PAIR = 20_000
"""Bytes of records that bring a pair to compare, about; it only says what is worth loading."""

SETTLED = 0.7
"""Once a derived match is found, candidates that look worse than this share of it are left."""


class Compared(NamedTuple):
    """A verified pair: the narrative percentage of the record (-1: it has none), and the match.

    ``match`` is there if the pair is derived or if it is the best of a record that is not.
    """

    narrative: float
    match: Match | None

    @property
    def derived(self) -> bool:
        """Whether the record is derived."""
        return self.match is not None and self.match.derived

    def without_spans(self) -> Compared:
        """Return the pair with a match that says what was found and not where."""
        match = None if self.match is None else replace(self.match, spans=())
        return Compared(self.narrative, match)


class Task(NamedTuple):
    """A record and the known articles to compare it with, the most promising first.

    ``credits`` are those found in the record's text, ``known_credits`` those of the known ones
    where they are at hand; ``estimates`` say how good a match each of these looks, ``ages`` order
    them by age, the oldest first.
    """

    article: Article
    credits: tuple[Credit, ...]
    known: Sequence[Article]
    known_credits: Sequence[tuple[Credit, ...] | None]
    estimates: Sequence[float]
    ages: Sequence[int]


Pairs = Sequence[Compared]
"""The pairs of a record that were compared, from the first on."""


def compare_in_order(
    estimates: Sequence[float], compare: Callable[[int], Compared]
) -> list[Compared]:
    """Compare candidates, the most promising first, until a derived match is settled."""
    pairs: list[Compared] = []
    least = 0.0
    for number, estimate in enumerate(estimates):
        if estimate < least:
            break
        pairs.append(compare(number))
        if pairs[-1].derived:
            least = max(least, SETTLED * estimate)
    return pairs


def best_of(pairs: Sequence[Compared], ages: Sequence[int]) -> int | None:
    """Return which pair a decision goes by, of equals the oldest; None if there is none."""
    if not pairs:
        return None

    def rank(number: int) -> tuple[bool, float, int]:
        pair = pairs[number]
        score = pair.match.score if pair.match is not None and pair.derived else pair.narrative
        return pair.derived, score, -ages[number]

    return max(range(len(pairs)), key=rank)


class Comparer:
    """Compares records; what an article needs for it is made once and remembered for a while.

    Parameters
    ----------
    parameters
        How articles are sketched.
    at_once
        Whether to load what is compiled at once, not only when many pairs have come.
    spans
        Whether the matches say where it was found, not only what.
    threads
        Threads to sketch with, all processors unless told.
    """

    def __init__(
        self,
        parameters: SketchParameters,
        *,
        at_once: bool = False,
        spans: bool = True,
        threads: int | None = None,
    ) -> None:
        self._parameters = parameters
        self._spans = spans
        self._threads = threads
        self._choice = ToolChoice()
        if at_once:
            self._choice.expect(COMPILING_PAYS)
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._words = 0

    def expect(self, size: int) -> None:
        """Take note that so many bytes of records are coming; load what pays for them."""
        sketches.expect(size)
        self._choice.expect(size // BYTES_A_PAIR)

    def digest(self, texts: Sequence[str]) -> Callable[[], Digest]:
        """Make what is needed of texts before they are looked up, when it is asked for."""
        return lambda: digest(texts, self._parameters, self._threads)

    def compare(self, tasks: Sequence[Task]) -> list[Pairs]:
        """Compare records with their candidates."""
        self._choice.expect(sum(len(task.known) for task in tasks))
        return [self._compare(task) for task in tasks]

    def start(self, tasks: Sequence[Task], *, first: bool = False) -> Callable[[], list[Pairs]]:
        """Compare records when their results are asked for."""
        del first
        return lambda: self.compare(tasks)

    def _compare(self, task: Task) -> Pairs:
        side = self._prepare(task.article, task.credits)
        concluded: list[Callable[[], Match]] = []

        def compare(number: int) -> Compared:
            known = self._prepare(task.known[number], task.known_credits[number])
            alignment = find_spans(known, side, aligner=self._choice.tools.align)
            if not may_be_derived(known, side, alignment):
                concluded.append(lambda: conclude(known, side, alignment))
                return Compared(_narrative(known, side, alignment), None)
            match = conclude(known, side, alignment)
            concluded.append(lambda: match)
            narrative = match.overlap.narrative_percent_b
            kept = match if match.derived else None
            return Compared(-1.0 if narrative is None else narrative, kept)

        pairs = compare_in_order(task.estimates, compare)
        best = best_of(pairs, task.ages)
        if best is not None and pairs[best].match is None:
            pairs[best] = Compared(pairs[best].narrative, concluded[best]())
        return pairs if self._spans else [pair.without_spans() for pair in pairs]

    def _prepare(self, article: Article, found_credits: Sequence[Credit] | None) -> Prepared:
        known = self._prepared.get(article.id)
        if known is not None and known.text.article == article:
            self._prepared.move_to_end(article.id)
            return known
        known = self._choice.tools.prepare(article, self._parameters.k, found_credits=found_credits)
        self._forget(article.id)
        self._prepared[article.id] = known
        self._words += len(known.text.words)
        while self._words > _REMEMBERED_WORDS and len(self._prepared) > 1:
            self._forget(next(iter(self._prepared)))
        return known

    def _forget(self, article_id: str) -> None:
        forgotten = self._prepared.pop(article_id, None)
        if forgotten is not None:
            self._words -= len(forgotten.text.words)


def _narrative(known: Prepared, side: Prepared, alignment: Alignment) -> float:
    """Measure the narrative percentage of a record alone, -1 if it has no narrative."""
    marked = mark_speech(known, side, alignment)
    of = side.text.body & ~marked.quoted_b
    total = int(np.count_nonzero(of))
    copied = int(np.count_nonzero(marked.copied_b & of))
    return 100.0 * copied / total if total else -1.0
