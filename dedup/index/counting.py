"""Counting what pairs have in common, from a list of single meetings.

A meeting is one key that a query and a slot share, packed into 64 bits: the query's number (31
bits), the slot (32 bits), and whether the key is a band (0) or a fingerprint (1). Sorting the
meetings brings those of one pair together; the vectorised sort of NumPy takes 10 ns a meeting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.index.nets import Nets

BLOCK = 1 << 22
"""Meetings counted at a time: bounds the memory to some 150 MB."""

_NET, _SLOT = np.uint64(1), np.uint64(33)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Pairs of a query and a slot with what they have in common; by query, then slot.

    ``queries``, ``slots`` int64[m]; ``bands``, ``fingerprints`` int32[m].
    """

    queries: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]
    bands: npt.NDArray[np.int32]
    fingerprints: npt.NDArray[np.int32]

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Counted:
        """Return some of the pairs, by mask or by position."""
        return Counted(
            self.queries[chosen], self.slots[chosen], self.bands[chosen], self.fingerprints[chosen]
        )


def pack(
    queries: npt.NDArray[np.int64], slots: npt.NDArray[np.uint32], fingerprint: bool
) -> npt.NDArray[np.uint64]:
    """Pack meetings."""
    packed = queries.astype(np.uint64)
    packed <<= _SLOT
    packed |= slots.astype(np.uint64) << _NET
    if fingerprint:
        packed |= _NET
    return packed


def count(meetings: npt.NDArray[np.uint64], nets: Nets) -> Counted:
    """Count meetings, uint64[n], which are sorted in place, and return the pairs the nets catch."""
    meetings.sort()
    new = np.empty(len(meetings), np.bool_)
    new[:1] = True
    np.not_equal(meetings[1:] >> _NET, meetings[:-1] >> _NET, out=new[1:])
    starts = np.flatnonzero(new)
    both = np.diff(starts, append=len(meetings)).astype(np.int32)
    fingerprints = np.zeros(len(starts), np.int32)
    if len(starts):
        ones = (meetings & _NET).astype(np.uint8)
        fingerprints = np.add.reduceat(ones, starts, dtype=np.int32)
    caught = nets.catch(both - fingerprints, fingerprints)
    starts = starts[caught]
    pairs = meetings[starts]
    return Counted(
        (pairs >> _SLOT).astype(np.int64),
        (pairs >> _NET & np.uint64(0xFFFFFFFF)).astype(np.int64),
        (both - fingerprints)[caught],
        fingerprints[caught],
    )


def join(parts: Sequence[Counted]) -> Counted:
    """Join the pairs of consecutive queries."""
    none = np.empty(0, np.int64)
    return Counted(
        np.concatenate([none, *(part.queries for part in parts)]),
        np.concatenate([none, *(part.slots for part in parts)]),
        np.concatenate([none.astype(np.int32), *(part.bands for part in parts)]),
        np.concatenate([none.astype(np.int32), *(part.fingerprints for part in parts)]),
    )


def spread(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the numbers of all ranges one after the other, int64[sum(lengths)]."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total, dtype=np.int64)


def blocks(work: npt.NDArray[np.int64], most: int = BLOCK) -> list[tuple[int, int]]:
    """Cut numbers 0 to len(work) into ranges whose work sums up to ``most`` where it can."""
    ends = np.cumsum(work)
    cuts, start = [], 0
    while start < len(work):
        done = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, done + most, side="right")))
        cuts.append((start, end))
        start = end
    return cuts
