"""All candidate pairs within an index on disk.

The pairs are those of `dedup.index.selfjoin`, over signatures and fingerprints that are laid out
for it in temporary files, so that they cost disk, not memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.index.bands import without_shingles
from dedup.index.disk.database import Database
from dedup.index.disk.pending import Pending
from dedup.index.disk.postings import FINGERPRINT_GROUPS
from dedup.index.disk.slots import Slots
from dedup.index.disk.store import SegmentStore
from dedup.index.protocol import Pairs
from dedup.index.ranking import best
from dedup.index.selfjoin import join_within

_HALF = np.uint64(32)

_Numbers = npt.NDArray[np.int64]


def join_all(
    database: Database, store: SegmentStore, pending: Pending, slots: Slots
) -> Iterator[Pairs]:
    """Yield every candidate pair, in blocks of bounded size."""
    first = slots.rows
    chosen = np.flatnonzero(slots.alive())
    chosen = chosen[np.argsort(first[chosen])]  # a place is a number among these
    nets = database.nets
    with tempfile.TemporaryDirectory(prefix="dedup-", dir=_roomy(database.path)) as directory:
        signatures = _signatures(database, first[chosen], Path(directory))
        fingerprints, offsets = _fingerprints(store, pending, chosen, len(slots), Path(directory))
        yield _copies(database, slots, chosen, signatures, offsets)
        places = np.arange(len(chosen))
        for joined in join_within(signatures, fingerprints, offsets, places, nets):
            pairs = joined.pairs
            earlier, later = first[chosen[pairs.slots]], first[chosen[pairs.queries]]
            order, kept = best(later, earlier, pairs, nets.limit)
            order = order[kept]
            pairs = pairs.where(order)
            yield Pairs(
                earlier[order],
                later[order],
                pairs.bands,
                pairs.fingerprints,
                np.zeros(len(order), np.bool_),
                joined.keys_cut,
                int((~kept).sum()),
            )


def _copies(
    database: Database,
    slots: Slots,
    chosen: _Numbers,
    signatures: npt.NDArray[np.uint32],
    offsets: _Numbers,
) -> Pairs:
    """Link every further row of a text with its first."""
    nets = database.nets
    found = database.connection.execute(
        "SELECT row, slot FROM articles WHERE slot IS NOT NULL ORDER BY row"
    ).fetchall()
    later, slot = np.array(found, np.int64).reshape(-1, 2).T
    further = slots.rows[slot] != later
    later, slot = later[further], slot[further]
    places = np.empty(len(slots), np.int64)
    places[chosen] = np.arange(len(chosen))
    places = places[slot]
    bands = ~without_shingles(signatures[places]) * (nets.bands if nets.uses_bands else 0)
    fingerprints = np.diff(offsets)[places] * nets.uses_fingerprints
    return Pairs(
        slots.rows[slot],
        later,
        bands.astype(np.int32),
        fingerprints.astype(np.int32),
        np.ones(len(later), np.bool_),
        0,
        0,
    )


def _signatures(database: Database, rows: _Numbers, directory: Path) -> npt.NDArray[np.uint32]:
    """Lay out the signatures of rows, which ascend."""
    signatures = _room(
        directory / "signatures", np.uint32, (len(rows), database.parameters.num_perm)
    )
    number = 0
    wanted = iter(rows.tolist())
    row = next(wanted, None)
    for found, signature in database.connection.execute(
        "SELECT row, signature FROM articles ORDER BY row"
    ):
        if found == row:
            signatures[number] = np.frombuffer(signature, np.uint32)
            number += 1
            row = next(wanted, None)
    return signatures


def _fingerprints(
    store: SegmentStore, pending: Pending, chosen: _Numbers, rows: int, directory: Path
) -> tuple[npt.NDArray[np.uint32], _Numbers]:
    """Lay out the fingerprints of slots, in their order; return them and their offsets."""
    places = np.full(rows, -1, np.int64)
    places[chosen] = np.arange(len(chosen))
    columns = [pending.fingerprints()]
    most = len(columns[0][0]) + sum(len(s.fingerprint_groups.slots) for s in store.segments)
    packed = _room(directory / "packed", np.uint64, (most,))
    total = 0
    in_segments = (
        segment.fingerprints(group)
        for segment in store.segments
        for group in range(FINGERPRINT_GROUPS)
    )
    for keys, slots in chain(columns, in_segments):
        held = places[slots]
        there = held >= 0
        end = total + int(there.sum())
        packed[total:end] = held[there].astype(np.uint64) << _HALF | keys[there]
        total = end
    packed = packed[:total]
    packed.sort()
    offsets = np.searchsorted(packed, np.arange(len(chosen) + 1, dtype=np.uint64) << _HALF)
    fingerprints = _room(directory / "fingerprints", np.uint32, (total,))
    fingerprints[:] = packed & np.uint64(0xFFFFFFFF)
    return fingerprints, offsets


def _room(file: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return an array in a new file."""
    if not np.prod(shape):
        return np.empty(shape, dtype)
    return np.memmap(file, dtype, "w+", shape=shape)


def _roomy(path: Path) -> Path | None:
    """Return where there is room for an index there is room for this; None for elsewhere."""
    try:
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError:
        return None
