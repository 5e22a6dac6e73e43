"""Sorted keys on disk, looked up through a directory small enough to stay in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.runs import Postings

BLOCK = 64
"""Keys a block; each block of 256 bytes has one entry of 8 bytes in the directory."""

PADDING = np.uint32(0xFFFFFFFF)

_HALF = np.uint64(32)
_AT_ONCE = 1 << 16
"""Keys looked up at a time: bounds the memory of their blocks to 16 MB."""

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BlockedPostings(Postings):
    """Postings of 32-bit keys, each group padded to whole blocks.

    ``directory`` uint64[blocks]: group and first key of each block, packed; ``ends`` int64[g]:
    where the keys of a group end and the padding begins. Looking up never leaves the arrays,
    whatever damage they have taken.
    """

    directory: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int64]

    def find(self, keys: Keys, groups: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return where the slots of keys stand: starts and lengths, int64[n] each."""
        if len(keys) <= _AT_ONCE:
            return self._find(keys, groups)
        packed = _pack(keys, groups)
        order = np.argsort(packed)  # neighbours are then found in the cache
        starts, lengths = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        for first in range(0, len(order), _AT_ONCE):
            part = order[first : first + _AT_ONCE]
            starts[part], lengths[part] = self._find(keys[part], groups[part])
        return starts, lengths

    def _find(self, keys: Keys, groups: _Numbers) -> tuple[_Numbers, _Numbers]:
        starts, lengths = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
        if not len(self.directory):
            return starts, lengths
        packed = _pack(keys, groups)
        blocks = np.maximum(np.searchsorted(self.directory, packed, side="right") - 1, 0)
        table = self.keys.reshape(-1, BLOCK)
        equal = table[blocks] == keys[:, None]
        held = np.flatnonzero(equal.any(axis=1))
        held = held[self.ends[groups[held]] > self.groups[groups[held]]]
        if not len(held):
            return starts, lengths
        equal, last = equal[held], blocks[held]
        low = last * BLOCK + equal.argmax(axis=1)
        high = last * BLOCK + BLOCK - equal[:, ::-1].argmax(axis=1)
        begun = np.flatnonzero(equal[:, 0])  # these may begin in an earlier block
        if len(begun):
            wanted = held[begun]
            block = np.maximum(np.searchsorted(self.directory, packed[wanted]) - 1, 0)
            before = (table[block] < keys[wanted][:, None]).sum(axis=1)
            low[begun] = np.minimum(block * BLOCK + before, low[begun])
        low = np.maximum(low, self.groups[groups[held]])
        high = np.minimum(high, self.ends[groups[held]])
        starts[held], lengths[held] = low, np.maximum(high - low, 0)
        return starts, lengths


def pad(keys: Keys) -> npt.NDArray[np.uint32]:
    """Return keys with padding up to whole blocks."""
    padding = np.full(-len(keys) % BLOCK, PADDING, np.uint32)
    return np.concatenate([keys.astype(np.uint32, copy=False), padding])


def directory_of(padded: Keys, group: int) -> npt.NDArray[np.uint64]:
    """Return the entries of a group's blocks."""
    return np.uint64(group) << _HALF | padded[::BLOCK].astype(np.uint64)


def _pack(keys: Keys, groups: _Numbers) -> npt.NDArray[np.uint64]:
    packed = groups.astype(np.uint64)
    packed <<= _HALF
    packed |= keys.astype(np.uint64, copy=False)
    return packed
