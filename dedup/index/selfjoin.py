"""All candidate pairs within an index, without looking anything up.

Each group of keys is sorted once; what stands in a run of equal keys meets. Keys held by a single
slot, nearly all of them, are dropped at once, so the rest is small: 8 bytes a remaining place to
say whose it is, 4 for the members and 4 for the start of its run. Then slots are taken in blocks,
in order, and each meets the smaller slots of its runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys, band_keys, without_shingles
from dedup.index.counting import Counted, blocks, count, pack, spread
from dedup.index.nets import EARLIEST, Nets
from dedup.index.runs import LINE, fingerprints_of, sort_keys

_PART = 23
"""Fingerprints are sorted in parts of some 2^23, to bound the memory of sorting."""

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """The members of the runs of equal keys in one group.

    A slot is named by its place among the slots asked for.

    ``members`` uint32[n]: slots, run after run, ascending in each; ``starts`` int32[n]: where the
    run of each began, or one's complement of it if the run is over the cap; ``places`` uint64[n]:
    slot and place in ``members`` of all but the first of a run, ascending.
    """

    fingerprint: bool
    members: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int32]
    places: npt.NDArray[np.uint64]

    def meetings(
        self, first: int, last: int, flooded: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return whom slots ``first`` to ``last`` meet: slot, start and length, int64[m] each."""
        low, high = np.searchsorted(self.places, np.array([first, last], np.uint64) << _HALF)
        taken = self.places[low:high]
        slots = (taken >> _HALF).astype(np.int64)
        place = (taken & _LOW).astype(np.int64)
        starts = self.starts[place].astype(np.int64)
        over = starts < 0
        starts = np.where(over, ~starts, starts)
        lengths = place - starts
        lengths[over] = np.where(flooded[slots[over]], np.minimum(lengths[over], EARLIEST), 0)
        return slots, starts, lengths


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Pairs of slots, the later one being the query, and how many keys of those were over-full."""

    pairs: Counted
    keys_cut: int


def join_within(
    signatures: npt.NDArray[np.uint32],
    fingerprints: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    nets: Nets,
) -> Iterator[Joined]:
    """Yield all pairs of slots that the nets catch, in blocks.

    Parameters are as in `build_run`, but that the slots come in the order of their first rows: of a
    pair, the one that stands later in ``slots`` is the query.
    """
    total = len(slots)
    groups: list[_Group] = []
    work = np.zeros(total, np.int64)
    cut = np.zeros(total, np.int64)
    for fingerprint, source, held_keys in (
        (False, _bands(signatures, slots, nets), nets.bands),
        (
            True,
            _fingerprints(fingerprints, offsets, slots, nets),
            offsets[slots + 1] - offsets[slots],
        ),
    ):
        over = np.zeros(total, np.int64)
        found = [_group(keys, held, fingerprint, nets.cap, over) for keys, held in source]
        flooded = over * 2 > held_keys
        for group in found:
            for first, last in blocks(np.ones(total, np.int64)):
                taken, _, lengths = group.meetings(first, last, flooded)
                work += np.bincount(taken, lengths, total).astype(np.int64)
        groups += found
        cut += over
        if fingerprint:
            flooded_by_fingerprints = flooded
        else:
            flooded_by_bands = flooded
    for first, last in blocks(work):
        parts = []
        for group in groups:
            flooded = flooded_by_fingerprints if group.fingerprint else flooded_by_bands
            taken, starts, lengths = group.meetings(first, last, flooded)
            met = group.members[spread(starts, lengths)]
            parts.append(pack(np.repeat(taken, lengths) - first, met, group.fingerprint))
        pairs = count(np.concatenate([np.empty(0, np.uint64), *parts]), nets)
        pairs = Counted(
            slots[pairs.queries + first], slots[pairs.slots], pairs.bands, pairs.fingerprints
        )
        yield Joined(pairs, int(cut[first:last].sum()))


def _bands(
    signatures: npt.NDArray[np.uint32], slots: npt.NDArray[np.int64], nets: Nets
) -> Iterator[tuple[Keys, npt.NDArray[np.uint32]]]:
    """Yield the sorted keys of each band, and the places of their slots in ``slots``."""
    if not nets.uses_bands:
        return
    whole = len(slots) == len(signatures) and bool((np.diff(slots) > 0).all())
    ranks = np.flatnonzero(~without_shingles(signatures if whole else signatures[slots]))
    whole = whole and len(ranks) == len(slots)
    chosen, held = slots[ranks], ranks.astype(np.uint32)
    step = max(1, LINE // nets.rows)
    for first in range(0, nets.bands, step):
        last = min(first + step, nets.bands)
        for keys in band_keys(signatures, first, last, nets.rows):
            yield sort_keys(keys if whole else keys[chosen], held)


def _fingerprints(
    fingerprints: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int64],
    nets: Nets,
) -> Iterator[tuple[Keys, npt.NDArray[np.uint32]]]:
    """Yield the sorted fingerprints, part by part, and the places of their slots."""
    if not nets.uses_fingerprints:
        return
    keys, lengths = fingerprints_of(fingerprints, offsets, slots)
    held = np.repeat(np.arange(len(slots), dtype=np.uint32), lengths)
    parts = max(1, len(keys) >> _PART)
    bounds = [(number << 32) // parts for number in range(parts + 1)]
    for low, high in pairwise(bounds):
        part = (keys >= np.uint32(low)) & (keys <= np.uint32(high - 1))  # uint32: no wider copies
        yield sort_keys(keys[part], held[part])


def _group(
    keys: Keys,
    slots: npt.NDArray[np.uint32],
    fingerprint: bool,
    cap: int,
    over: npt.NDArray[np.int64],
) -> _Group:
    """Keep what meets of a sorted group, and add to ``over`` how many over-full keys slots have."""
    same = np.zeros(len(keys) + 1, np.bool_)
    np.equal(keys[1:], keys[:-1], out=same[1:-1])
    meeting = np.flatnonzero(same[:-1] | same[1:])
    members = slots[meeting]
    heads = np.flatnonzero(~same[meeting])
    sizes = np.diff(heads, append=len(members))
    full = sizes > cap
    starts = np.repeat(np.where(full, ~heads, heads).astype(np.int32), sizes)
    if full.any():
        over += np.bincount(members[starts < 0], minlength=len(over))
    tails = np.flatnonzero(same[meeting]).astype(np.uint64)
    places = members[tails].astype(np.uint64) << _HALF | tails
    places.sort()
    return _Group(fingerprint, members, starts, places)
