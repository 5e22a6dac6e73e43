"""Which candidates are worth comparing word by word, judged by the shingles that both hold.

Comparing costs a thousand times what counting shared shingles does, and most candidates share a
footer and nothing else. Measured over 22,099 articles in four collections, against comparing every
candidate: of 1,894 derived records 25 are not found, none with more than 13% of its narrative
elsewhere, and the pairs compared are a ninth.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.filtering.known import KnownArticles
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import sketch

SHARED = 20
"""Shingles in common that are worth comparing ..."""
SHARE = 0.04
"""... or such a share of the shorter text's."""

_REMEMBERED = 32_000_000
"""Shingles of known articles kept at hand, four bytes each."""

Shingles = npt.NDArray[np.uint32]


class Promising(NamedTuple):
    """A candidate worth comparing: its reference, and how good a match it looks, 0-1."""

    ref: int
    estimate: float


class ShingleSets:
    """The sets of shingles of articles, as 32-bit hashes: uint32[m], ascending, each once."""

    def __init__(self, known: KnownArticles, k: int) -> None:
        # Winnowing with a window of one takes every shingle.
        self._parameters = SketchParameters(k=k, num_perm=1, window=1)
        self._known = known
        self._sets: OrderedDict[int, Shingles] = OrderedDict()
        self._total = 0

    def of(self, articles: Sequence[Article]) -> list[Shingles]:
        """Return the sets of articles."""
        sketches = sketch([article.text for article in articles], self._parameters)
        return [sketches.fingerprints_of(number).copy() for number in range(len(articles))]

    def load(self, rows: Iterable[int]) -> None:
        """Have the sets of rows of the library at hand."""
        new = [row for row in rows if row not in self._sets]
        if new:
            self._known.load(new)
            for row, shingles in zip(new, self.of([*map(self._known.article, new)]), strict=True):
                self.remember(row, shingles)

    def remember(self, row: int, shingles: Shingles) -> None:
        """Keep the set of a row at hand."""
        self._sets[row] = shingles
        self._total += len(shingles)
        while self._total > _REMEMBERED and len(self._sets) > 1:
            _, forgotten = self._sets.popitem(last=False)
            self._total -= len(forgotten)

    def row(self, row: int) -> Shingles:
        """Return the set of a row."""
        if row not in self._sets:
            self.load([row])
        self._sets.move_to_end(row)
        return self._sets[row]


def promise(own: Shingles, other: Shingles) -> float | None:
    """Estimate the score of a pair, 0-1; None if it is not worth comparing.

    The estimate puts containments (Broder 1997) where the score has shares of narratives.
    """
    fewest, most = sorted((len(own), len(other)))
    if not fewest:
        return None
    both = np.concatenate([own, other])
    both.sort()
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    if common < SHARED and common < SHARE * fewest:
        return None
    return 0.75 * common / fewest + 0.25 * common / most
