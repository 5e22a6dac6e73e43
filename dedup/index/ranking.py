"""Candidates in order, from what was counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dedup.index.bands import without_shingles
from dedup.index.counting import Counted
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates
from dedup.sketch.sketches import Sketches, offsets_of

_Numbers = npt.NDArray[np.int64]


def rank(
    sketches: Sketches,
    found: Counted,
    same: _Numbers,
    first_rows: Callable[[_Numbers], _Numbers],
    cut: npt.NDArray[np.int32],
    nets: Nets,
) -> Candidates:
    """Put candidates into order, identical texts first, and cut them at the limit.

    ``same`` int64[n] is the slot with the words of each query, -1 for none; ``first_rows`` returns
    the first rows of slots; ``cut`` int32[n] how many keys of each query were over-full.
    """
    found = found.where(same[found.queries] != found.slots)
    queries = np.flatnonzero(same >= 0)
    bands, fingerprints = _everything(sketches, nets)
    identical = np.zeros(len(found.queries) + len(queries), np.bool_)
    identical[: len(queries)] = True
    found = Counted(
        np.concatenate([queries, found.queries]),
        np.concatenate([same[queries], found.slots]),
        np.concatenate([bands[queries], found.bands]),
        np.concatenate([fingerprints[queries], found.fingerprints]),
    )
    rows = first_rows(found.slots)
    order, kept = best(found.queries, rows, found, nets.limit, identical)
    over = np.bincount(found.queries[order[~kept]], minlength=len(sketches))
    order = order[kept]
    return Candidates(
        offsets_of(np.bincount(found.queries[order], minlength=len(sketches))),
        rows[order],
        found.bands[order],
        found.fingerprints[order],
        identical[order],
        cut,
        over.astype(np.int32),
    )


def best(
    queries: _Numbers,
    rows: _Numbers,
    counted: Counted,
    limit: int,
    identical: npt.NDArray[np.bool_] | None = None,
) -> tuple[_Numbers, npt.NDArray[np.bool_]]:
    """Return the order of candidates, and which of them, in that order, are within the limit."""
    evidence = counted.bands.astype(np.int64) + counted.fingerprints
    if identical is not None:
        evidence[identical] = np.iinfo(np.int64).max
    order = np.lexsort((rows, -evidence, queries))
    ordered = queries[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return order, rank < limit


def _everything(
    sketches: Sketches, nets: Nets
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return how many bands and fingerprints each sketch has in common with its own text."""
    bands = np.zeros(len(sketches), np.int32)
    if nets.uses_bands:
        bands[~without_shingles(sketches.signatures)] = nets.bands
    fingerprints = np.zeros(len(sketches), np.int32)
    if nets.uses_fingerprints:
        fingerprints[:] = np.diff(sketches.fingerprint_offsets)
    return bands, fingerprints
