"""What the records of a batch share with their candidates, weighed as if they came one by one.

Who holds a fingerprint is asked of the library once, as of the beginning of the batch; the records
of the batch that are added before a record come after all rows, as they would had they been added.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.filtering.sequence import Candidate
from dedup.index.counting import spread
from dedup.index.protocol import Holders, Index
from dedup.index.standing import LISTED, Query, StandingText, queries_of
from dedup.sketch.sketches import offsets_of

if TYPE_CHECKING:
    from dedup.filtering.batch import Batch

_BATCH = 1 << 48
"""More than any row: the names of a batch's records begin here."""

_Numbers = npt.NDArray[np.int64]


class Weighed(NamedTuple):
    """The candidates of a record that share more than standing text, best first.

    ``counting_on`` are the records of the batch that must be added for this to be so.
    """

    candidates: list[Candidate]
    counting_on: Set[int]


class Weighing:
    """Weighs the candidates of a batch.

    Parameters
    ----------
    batch
        The records.
    index
        What was known before.
    standing
        Tells standing text.
    everything
        Whether candidates that share nothing but standing text are wanted too.
    """

    def __init__(
        self, batch: Batch, index: Index, standing: StandingText, *, everything: bool
    ) -> None:
        self._batch = batch
        self._standing = standing
        self._everything = everything
        self._keys = [batch.sketches.fingerprints_of(number) for number in range(batch.safe)]
        self._offsets = batch.sketches.fingerprint_offsets[: batch.safe + 1]
        self._texts = {
            _BATCH + number: (article, keys)
            for number, (article, keys) in enumerate(zip(batch.articles, self._keys, strict=True))
        }
        every = batch.sketches.fingerprints[: self._offsets[-1]]
        self._held = index.earliest_holders(every, LISTED)
        # Of each fingerprint its place among all in order, and where the same ones begin there.
        order = np.argsort(every, kind="stable")
        places, ordered = np.arange(len(every)), every[order]
        same = np.zeros(len(every), np.bool_)
        np.equal(ordered[1:], ordered[:-1], out=same[1:])
        self._place, self._begin = np.empty_like(places), np.empty_like(places)
        self._place[order] = places
        self._begin[order] = np.maximum.accumulate(np.where(same, 0, places))
        self._records = np.repeat(np.arange(batch.safe), np.diff(self._offsets))[order]

    def weigh(self, numbers: range, slots: Collection[int]) -> list[Weighed]:
        """Weigh the candidates of records, where these of the batch are added before them."""
        found = [self._batch.sequenced.of(number, slots) for number in numbers]
        queries = self._ask(numbers, slots)
        names = [[age(candidate.ref) for candidate in some] for some in found]
        weighed = []
        # Of the batch's texts some come later, which a record must not hear of.
        every = self._standing.weigh(queries, names, self._texts, tell_alone=False)
        for query, candidates, standings in zip(queries, found, every, strict=True):
            within = query.holders[query.holders >= _BATCH] - _BATCH
            counting_on = set(within.tolist())
            counting_on.update(~one.ref for one in candidates if one.ref < 0)
            left = [
                candidate._replace(standing=standing)
                for candidate, standing in zip(candidates, standings, strict=True)
                if self._everything or not standing.is_all
            ]
            weighed.append(Weighed(left, counting_on))
        return weighed

    def _ask(self, numbers: range, slots: Collection[int]) -> list[Query]:
        """Say who holds the fingerprints of records: rows, then those of the batch before each."""
        first, last = self._offsets[[numbers.start, numbers.stop]].tolist()
        added = np.zeros(self._batch.safe, np.bool_)
        added[list(slots)] = True
        there = added[self._records]
        sums = offsets_of(there)
        starts = sums[self._begin[first:last]]
        within = sums[self._place[first:last]] - starts
        bounds = self._held.offsets[first : last + 1]
        known = np.diff(bounds)
        within = np.minimum(within, LISTED - known)
        names = self._records[there][spread(starts, within)] + _BATCH
        number = np.arange(last - first)
        number = np.concatenate([np.repeat(number, known), np.repeat(number, within)])
        holders = np.concatenate([self._held.rows[bounds[0] : bounds[-1]], names])
        holders = holders[np.argsort(number, kind="stable")]
        return queries_of(
            self._batch.articles[numbers.start : numbers.stop],
            self._keys[numbers.start : numbers.stop],
            [self._own(number, slots) for number in numbers],
            Holders(offsets_of(known + within), holders),
        )

    def _own(self, number: int, slots: Collection[int]) -> int:
        """Return the name of the known text with the words of a record, -1 if there is none."""
        row = self._batch.sequenced.same_known(number)
        if row is not None:
            return row
        first = self._batch.sequenced.first_of_text(number)
        return age(~first) if first != number and first in slots else -1


def age(ref: int) -> int:
    """Return a number that ascends with age: rows of the library, then records of the batch."""
    return _BATCH + ~ref if ref < 0 else ref
