"""Messages to places: what a share of the rows needs of the runs of equal keys they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.index.counting import spread
from dedup.integrations.spark.binary import binaries
from dedup.sketch.sketches import offsets_of

BANDS, FINGERPRINTS, HELD = 0, 1, 2
"""What a message to a place is of; `HELD` says how many fingerprints its rows have."""

MESSAGES_SCHEMA = (
    "place int, kind int, full boolean, rows binary, lengths binary, asking binary, counts binary"
)

AT_ONCE = 1 << 22
"""Keys or rows gathered before they are sent: bounds the memory to some 100 MB."""

Rows = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What places need of runs of equal keys: one share for each run and place.

    ``places`` int64[m]; ``rows`` uint32[sum(lengths)], those of a share ascending; ``asking``
    uint32[sum(counts)]: of runs over the cap, the rows at the place that are in the run, while
    ``rows`` are the earliest in it; ``lengths`` and ``counts`` int64[m].
    """

    places: Numbers
    rows: Rows
    lengths: Numbers
    asking: Rows
    counts: Numbers

    @classmethod
    def of(
        cls,
        places: Numbers,
        rows: Rows,
        lengths: Numbers,
        asking: Rows | None = None,
        counts: Numbers | None = None,
    ) -> Shares:
        """Return shares in which, unless given, nobody asks."""
        if asking is None or counts is None:
            asking, counts = np.empty(0, np.uint32), np.zeros(len(places), np.int64)
        return cls(places, rows, lengths, asking, counts)


@dataclass(slots=True)
class Outgoing:
    """Messages of one kind, gathered until they are worth sending."""

    kind: int
    full: bool
    _parts: list[Shares] = field(default_factory=list)
    _size: int = 0

    def send(self, shares: Shares) -> Iterator[Any]:
        """Take shares, and yield what has been gathered once it is enough."""
        if len(shares.places):
            self._parts.append(shares)
            self._size += len(shares.rows) + len(shares.asking)
            if self._size >= AT_ONCE:
                yield from self.flush()

    def flush(self) -> Iterator[Any]:
        """Yield what has been gathered, one row a place."""
        if not self._parts:
            return
        gathered = Shares(
            *(
                np.concatenate([getattr(part, column.name) for part in self._parts])
                for column in fields(Shares)
            )
        )
        self._parts, self._size = [], 0
        order = np.argsort(gathered.places, kind="stable")
        places, starts = np.unique(gathered.places[order], return_index=True)
        cuts = np.append(starts, len(order))
        columns = {"place": pa.array(places.astype(np.int32))}
        columns["kind"] = pa.array(np.full(len(places), self.kind, np.int32))
        columns["full"] = pa.array(np.full(len(places), self.full))
        for flat, lengths, names in (
            (gathered.rows, gathered.lengths, ("rows", "lengths")),
            (gathered.asking, gathered.counts, ("asking", "counts")),
        ):
            begin = np.cumsum(lengths) - lengths
            ends = offsets_of(lengths[order])
            columns[names[0]] = binaries(flat[spread(begin[order], lengths[order])], ends[cuts] * 4)
            columns[names[1]] = binaries(lengths[order].astype(np.uint32), cuts * 4)
        yield pa.RecordBatch.from_pydict(columns)
