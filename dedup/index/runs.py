"""Runs: which slots hold a key, as sorted arrays.

A run holds the bands and fingerprints of a range of slots and is never changed. Keys of a group
(one band, or all fingerprints) stand ascending beside their slots, slots of one key ascending.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys, band_keys, without_shingles
from dedup.index.counting import spread
from dedup.index.nets import Nets

_HALF = np.uint64(32)
_SORTED = 64
"""Keys a group from which they are sorted before they are looked up."""

LINE = 16
"""Values of a signature in a cache line; bands are taken out of signatures so many at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Groups of sorted keys and the slots that hold them.

    ``keys`` uint32 or uint64[total], ``slots`` uint32[total]; group g stands at
    ``groups[g]:groups[g + 1]`` (int64[g + 1]).
    """

    keys: Keys
    slots: npt.NDArray[np.uint32]
    groups: npt.NDArray[np.int64]

    def find(
        self, keys: Keys, groups: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where the slots of keys stand: starts and lengths, int64[n] each.

        A length of 0 says that nobody holds the key.
        """
        high = self.groups[groups + 1]
        if len(keys) < _SORTED * len(self.groups):
            starts = _bound(self.keys, keys, self.groups[groups], high, right=False)
        else:
            starts = self._find_sorted(keys, groups)
        held = np.flatnonzero(starts < high)
        held = held[self.keys[starts[held]] == keys[held]]
        lengths = np.zeros(len(keys), np.int64)
        ends = _bound(self.keys, keys[held], starts[held], high[held], right=True)
        lengths[held] = ends - starts[held]
        return starts, lengths

    def _find_sorted(self, keys: Keys, groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Find many keys in ascending order, so that neighbours are found in the cache."""
        if keys.dtype == np.uint32:
            order = np.argsort(groups.astype(np.uint64) << _HALF | keys)
        else:
            order = np.lexsort((keys, groups))
        starts = np.empty(len(keys), np.int64)
        cuts = np.searchsorted(groups[order], np.arange(len(self.groups)))
        for group, (first, last) in enumerate(pairwise(cuts.tolist())):
            low, high = self.groups[group : group + 2]
            wanted = order[first:last]
            starts[wanted] = low + np.searchsorted(self.keys[low:high], keys[wanted])
        return starts


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The postings of slots ``first`` to ``last`` (exclusive)."""

    first: int
    last: int
    bands: Postings
    fingerprints: Postings


def build_run(
    signatures: npt.NDArray[np.uint32],
    fingerprints: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    span: tuple[int, int],
    nets: Nets,
) -> Run:
    """Build the run of some slots.

    Parameters
    ----------
    signatures : uint32[all, num_perm]
    fingerprints, offsets : uint32[total], int64[all + 1]
        Those of slot i stand at ``offsets[i]:offsets[i + 1]``.
    slots : int64[n]
        The slots to take, ascending.
    span : (int, int)
        The range they are all that is left of.
    nets : Nets
        Which bands, and whether bands and fingerprints are kept at all.
    """
    return Run(
        *span,
        _build_bands(signatures, slots, nets),
        _build_fingerprints(fingerprints, offsets, slots, nets),
    )


def fingerprints_of(
    fingerprints: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the fingerprints of slots, uint32[m], and how many each has, int64[n]."""
    lengths = offsets[slots + 1] - offsets[slots]
    if len(slots) and (np.diff(slots) == 1).all():  # without gaps: no copy
        return fingerprints[offsets[slots[0]] : offsets[slots[-1] + 1]], lengths
    return fingerprints[spread(offsets[slots], lengths)], lengths


def sort_keys(keys: Keys, slots: npt.NDArray[np.uint32]) -> tuple[Keys, npt.NDArray[np.uint32]]:
    """Sort keys, then slots, of which those of a key must come ascending."""
    if keys.dtype == np.uint64:
        order = np.argsort(keys, kind="stable")
        return keys[order], slots[order]
    packed = keys.astype(np.uint64)
    packed <<= _HALF
    packed |= slots
    packed.sort()
    return (packed >> _HALF).astype(np.uint32), packed.astype(np.uint32)


def _build_bands(
    signatures: npt.NDArray[np.uint32], slots: npt.NDArray[np.int64], nets: Nets
) -> Postings:
    count = nets.bands if nets.uses_bands else 0
    dtype = np.uint32 if nets.rows == 1 else np.uint64
    whole = len(slots) and slots[-1] - slots[0] == len(slots) - 1
    chosen = signatures[slots[0] : slots[-1] + 1] if whole else signatures[slots]
    banded = ~without_shingles(chosen)
    held = slots[banded].astype(np.uint32)
    sorted_keys = np.empty((count, len(held)), dtype)
    sorted_slots = np.empty((count, len(held)), np.uint32)
    step = max(1, LINE // nets.rows)
    for first in range(0, count, step):
        last = min(first + step, count)
        for band, keys in enumerate(band_keys(chosen, first, last, nets.rows), first):
            sorted_keys[band], sorted_slots[band] = sort_keys(keys[banded], held)
    groups = np.arange(count + 1, dtype=np.int64) * len(held)
    return Postings(sorted_keys.ravel(), sorted_slots.ravel(), groups)


def _build_fingerprints(
    fingerprints: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    nets: Nets,
) -> Postings:
    if not nets.uses_fingerprints:
        empty = np.empty(0, np.uint32)
        return Postings(empty, empty, np.zeros(2, np.int64))
    taken, lengths = fingerprints_of(fingerprints, offsets, slots)
    keys, held = sort_keys(taken, np.repeat(slots.astype(np.uint32), lengths))
    return Postings(keys, held, np.array([0, len(keys)], np.int64))


def _bound(
    keys: Keys,
    wanted: Keys,
    low: npt.NDArray[np.int64],
    high: npt.NDArray[np.int64],
    *,
    right: bool,
) -> npt.NDArray[np.int64]:
    """Return for each wanted key where it would be put into its sorted range, int64[n]."""
    low, length = low.copy(), high - low
    while length.any():
        half = length >> 1
        middle = low + half
        found = keys[np.minimum(middle, len(keys) - 1)]
        less = (found <= wanted if right else found < wanted) & (length > 0)
        low = np.where(less, middle + 1, low)
        length = np.where(less, length - half - 1, half)
    return low
