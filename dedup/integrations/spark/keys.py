"""By key: bands and fingerprints are sent to where their holders meet.

A key's holders come together in one *bucket*: a part of one band, or of the fingerprints. There
each run of equal keys is cut to what each *place* needs of it, a place being a share of the rows;
what rows have in common is then counted at their places (`dedup.integrations.spark.rows`). Both
ways data travels as arrays of 32-bit numbers, some eight bytes a key and four a holder, instead of
a row of Spark each.

The rules are those of `dedup.index.selfjoin`, which see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.index.bands import Keys, band_keys, without_shingles
from dedup.index.counting import blocks, spread
from dedup.index.nets import EARLIEST, Nets
from dedup.index.runs import sort_keys
from dedup.integrations.spark.binary import values
from dedup.integrations.spark.messages import (
    AT_ONCE,
    BANDS,
    FINGERPRINTS,
    HELD,
    Numbers,
    Outgoing,
    Rows,
    Shares,
)
from dedup.sketch.sketches import offsets_of

KEYS_SCHEMA = "bucket int, keys binary, holders binary"
_PER_BAND = 64
"""Buckets of fingerprints for one of each band: articles have about as many."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Layout:
    """Into how many buckets and places the work is cut.

    ``parts`` buckets a band; fingerprints have `_PER_BAND` times as many.
    """

    nets: Nets
    parts: int
    places: int

    @classmethod
    def of(cls, nets: Nets, partitions: int) -> Layout:
        """Return the layout for so many partitions."""
        groups = nets.bands * nets.uses_bands + _PER_BAND * nets.uses_fingerprints
        return cls(nets, -(-partitions // groups), 4 * partitions)

    def kind(self, bucket: int) -> int:
        """Return which net a bucket is of."""
        return BANDS if bucket < self.nets.bands * self.parts else FINGERPRINTS

    def dtype(self, bucket: int) -> npt.DTypeLike:
        """Return what the keys in a bucket are."""
        banded = self.kind(bucket) == BANDS and self.nets.rows > 1
        return np.uint64 if banded else np.uint32

    def place_of(self, rows: npt.NDArray[Any]) -> Numbers:
        """Return the places of rows, int64[n]."""
        places: Numbers = (rows % self.places).astype(np.int64)
        return places


def send_keys(layout: Layout, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the keys of sketches, bucket by bucket."""
    gathered: list[tuple[int, Keys, Rows]] = []
    size = 0
    for batch in batches:
        rows = batch.column("row").to_numpy().astype(np.uint32)
        for bucket, keys, holders in _keys(layout, batch, rows):
            gathered.append((bucket, keys, holders))
            size += len(keys)
        if size >= AT_ONCE:
            yield _packed(gathered)
            gathered, size = [], 0
    if gathered:
        yield _packed(gathered)


def send_held(layout: Layout, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield how many fingerprints rows have, to their places."""
    for batch in batches:
        rows = batch.column("row").to_numpy().astype(np.uint32)
        counts = batch.column("held").to_numpy().astype(np.uint32)
        one = np.ones(len(rows), np.int64)
        outgoing = Outgoing(HELD, False)
        yield from outgoing.send(Shares(layout.place_of(rows), rows, one, counts, one))
        yield from outgoing.flush()


def _keys(layout: Layout, batch: Any, rows: Rows) -> Iterator[tuple[int, Keys, Rows]]:  # noqa: ANN401
    nets, parts = layout.nets, layout.parts
    if nets.uses_bands:
        flat, offsets = values(batch.column("signature"), np.uint32)
        width = int(offsets[-1]) // len(rows) if len(rows) else nets.bands * nets.rows
        signatures = flat.reshape(len(rows), width)
        banded = ~without_shingles(signatures)
        held = rows[banded]
        for band, keys in enumerate(band_keys(signatures[banded], 0, nets.bands, nets.rows)):
            yield from parted(band * parts, parts, keys, held)
    if nets.uses_fingerprints:
        prints, offsets = values(batch.column("fingerprints"), np.uint32)
        owners = np.repeat(rows, np.diff(offsets))
        yield from parted(nets.bands * parts, _PER_BAND * parts, prints, owners)


def parted(first: int, parts: int, keys: Keys, rows: Rows) -> Iterator[tuple[int, Keys, Rows]]:
    """Cut the keys of a group into its parts, numbered from ``first``."""
    if not len(keys):
        return
    if parts == 1:
        yield first, keys, rows
        return
    mixed = keys.astype(np.uint64) * _FACTOR >> np.uint64(32)
    part = (mixed % np.uint64(parts)).astype(np.int64)
    order = np.argsort(part, kind="stable")
    keys, rows = keys[order], rows[order]
    found, starts = np.unique(part[order], return_index=True)
    ends = [*starts[1:].tolist(), len(keys)]
    for number, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
        yield first + number, keys[start:end], rows[start:end]


def _packed(gathered: list[tuple[int, Keys, Rows]]) -> Any:  # noqa: ANN401
    """Return gathered keys as a batch with one row a bucket."""
    by_bucket: dict[int, tuple[list[Keys], list[Rows]]] = {}
    for bucket, keys, rows in gathered:
        held = by_bucket.setdefault(bucket, ([], []))
        held[0].append(keys)
        held[1].append(rows)
    columns = [
        pa.array(list(by_bucket), pa.int32()),
        pa.array([b"".join(part.tobytes() for part in keys) for keys, _ in by_bucket.values()]),
        pa.array([b"".join(part.tobytes() for part in rows) for _, rows in by_bucket.values()]),
    ]
    return pa.RecordBatch.from_arrays(columns, ["bucket", "keys", "holders"])


def meet(layout: Layout, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield for each place what it needs of the runs of equal keys; buckets come in order."""
    outgoing = {
        (kind, full): Outgoing(kind, full)
        for kind in (BANDS, FINGERPRINTS)
        for full in (False, True)
    }
    for bucket, keys, rows in _buckets(layout, batches):
        kind = layout.kind(bucket)
        runs = _runs(keys, rows, layout.nets.cap)
        for shares in _shares(layout, runs):
            yield from outgoing[kind, False].send(shares)
        for shares in _full_shares(layout, runs):
            yield from outgoing[kind, True].send(shares)
    for messages in outgoing.values():
        yield from messages.flush()


def _buckets(layout: Layout, batches: Iterable[Any]) -> Iterator[tuple[int, Keys, Rows]]:
    """Yield buckets whole."""
    bucket = -1
    keys: list[Any] = []
    rows: list[Rows] = []
    for batch in batches:
        numbers = batch.column("bucket").to_pylist()
        for at, number in enumerate(numbers):
            if number != bucket:
                if keys:
                    yield bucket, np.concatenate(keys), np.concatenate(rows)
                bucket, keys, rows = number, [], []
            keys.append(_at(batch.column("keys"), at, layout.dtype(bucket)))
            rows.append(_at(batch.column("holders"), at, np.uint32))
    if keys:
        yield bucket, np.concatenate(keys), np.concatenate(rows)


def _at(column: Any, at: int, dtype: npt.DTypeLike) -> Any:  # noqa: ANN401
    """Return one array of a binary column, aligned, which in Arrow's buffer it may not be."""
    return np.frombuffer(column[at].as_py(), dtype)


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of equal keys that have more than one holder.

    ``members`` uint32[n]: the rows, run after run, ascending in each; ``heads``, ``sizes``
    int64[runs]; ``full`` bool[runs]: over the cap.
    """

    members: Rows
    heads: Numbers
    sizes: Numbers
    full: npt.NDArray[np.bool_]


def _runs(keys: Keys, rows: Rows, cap: int) -> _Runs:
    if keys.dtype == np.uint32:
        keys, rows = sort_keys(keys, rows)
    else:
        order = np.lexsort((rows, keys))
        keys, rows = keys[order], rows[order]
    same = np.zeros(len(keys) + 1, np.bool_)
    np.equal(keys[1:], keys[:-1], out=same[1:-1])
    meeting = np.flatnonzero(same[:-1] | same[1:])
    heads = np.flatnonzero(~same[meeting])
    sizes = np.diff(heads, append=len(meeting))
    return _Runs(rows[meeting], heads, sizes, sizes > cap)


def _shares(layout: Layout, runs: _Runs) -> Iterator[Shares]:
    """Cut runs within the cap for the places: of each, up to the last row that is at the place."""
    run = np.repeat(np.arange(len(runs.heads)), runs.sizes)
    within = np.arange(len(run)) - runs.heads[run]
    tails = np.flatnonzero((within > 0) & ~runs.full[run])
    shares = run[tails] * layout.places + layout.place_of(runs.members[tails])
    # the last of each run and place: `unique` names the first, so it is asked backwards
    shares, last = np.unique(shares[::-1], return_index=True)
    lengths = within[tails[::-1][last]] + 1
    heads = runs.heads[shares // layout.places]
    for low, high in blocks(lengths, AT_ONCE):
        rows = runs.members[spread(heads[low:high], lengths[low:high])]
        yield Shares.of(shares[low:high] % layout.places, rows, lengths[low:high])


def _full_shares(layout: Layout, runs: _Runs) -> Iterator[Shares]:
    """Cut runs over the cap for the places: the earliest rows, and the rows at the place."""
    run = np.repeat(np.arange(len(runs.heads)), runs.sizes)
    asking = np.flatnonzero(runs.full[run])
    shares = run[asking] * layout.places + layout.place_of(runs.members[asking])
    asked = runs.members[asking[np.argsort(shares, kind="stable")]]
    shares, counts = np.unique(shares, return_counts=True)
    ends = offsets_of(counts)
    heads = runs.heads[shares // layout.places]
    lengths = np.minimum(runs.sizes[shares // layout.places], EARLIEST)
    for low, high in blocks(lengths + counts, AT_ONCE):
        rows = runs.members[spread(heads[low:high], lengths[low:high])]
        yield Shares.of(
            shares[low:high] % layout.places,
            rows,
            lengths[low:high],
            asked[ends[low] : ends[high]],
            counts[low:high],
        )
