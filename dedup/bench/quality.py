"""Labelled pairs looked for among all articles, and judged, for ``dedup bench quality``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.bench.gold import Label, Pair
from dedup.bench.languages import language_of
from dedup.bench.metrics import components
from dedup.bench.peers import Answers, best_thresholds
from dedup.detector import Detector, compare
from dedup.scoring.match import FoundBy, Match
from dedup.scoring.verifying import Verifier
from dedup.sketch.sketches import sketch

Advance = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled pair with the program's verdict.

    ``candidate`` says that the index brought the two together, ``verified`` that so brought
    together they are aligned at all. ``group`` is that of all pairs joined by shared articles.
    """

    label: Label
    match: Match
    candidate: bool
    verified: bool
    language: str
    group: int

    @property
    def found(self) -> bool:
        """Whether a scan of all the articles would report the pair as derived."""
        return self.candidate and self.verified and self.match.derived

    @property
    def credits(self) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """The id, labelled and found agencies of each side whose agencies are labelled."""
        sides = zip(
            (self.label.a, self.label.b),
            self.label.agencies,
            (self.match.a, self.match.b),
            strict=True,
        )
        return [
            (name, labelled, frozenset(credit.agency for credit in side.credits))
            for name, labelled, side in sides
            if labelled is not None
        ]


@dataclass(frozen=True, slots=True)
class Quality:
    """The judged pairs, what the index did, and the answers of baselines."""

    judged: list[Judged]
    index: dict[str, Any]
    baselines: list[Answers] = field(default_factory=list)


def judge_pairs(
    pairs: Sequence[Pair], articles: Iterable[Article], advance: Advance = lambda: None
) -> Quality:
    """Look for the pairs among all the articles, compare each, and ask the baselines.

    ``advance`` is called after each pair.
    """
    detector = Detector()
    detector.add(articles)
    together, index = _brought_together(pairs, detector)
    groups = components(
        [(f"{p.label.collection}/{p.a.id}", f"{p.label.collection}/{p.b.id}") for p in pairs]
    )
    verifier = Verifier(detector.parameters.k)
    verifier.expect(len(pairs))
    judged = []
    for pair, candidate, group in zip(pairs, together.tolist(), groups, strict=True):
        match = verifier.verify(pair.a, pair.b, FoundBy(0, 0, 0.0))
        judged.append(
            Judged(
                label=pair.label,
                match=match or compare(pair.a, pair.b),
                candidate=candidate,
                verified=match is not None,
                language=_language(pair),
                group=group,
            )
        )
        advance()
    return Quality(judged, index, best_thresholds(pairs, [one.match for one in judged]))


def _brought_together(
    pairs: Sequence[Pair], detector: Detector
) -> tuple[npt.NDArray[np.bool_], dict[str, Any]]:
    """Return which pairs are candidates, bool[n]; articles of the same words stand for each other.

    So does a scan: of several such articles only the first is brought together with others.
    """
    index = detector.library.index
    keys, cut = [np.empty(0, np.int64)], 0
    for block in index.pairs():
        keys.append(block.earlier << 32 | block.later)
        cut += block.pairs_cut
    known = np.sort(np.concatenate(keys))
    rows = []
    for side in ([pair.a for pair in pairs], [pair.b for pair in pairs]):
        own = [detector.library.row_of(article.id) for article in side]
        first = index.find(sketch([article.text for article in side], detector.parameters))
        rows.append(np.where(first >= 0, first, np.array(own, np.int64)))
    ends = np.sort(np.stack(rows), axis=0)
    together = np.isin(ends[0] << 32 | ends[1], known) | (ends[0] == ends[1])
    return together, {
        "articles": len(detector),
        "pairs": len(known),
        "per_article": round(2 * len(known) / max(len(detector), 1), 2),
        "pairs_cut": cut,
    }


def _language(pair: Pair) -> str:
    languages = sorted({language_of(pair.a), language_of(pair.b)})
    return "-".join(languages)
