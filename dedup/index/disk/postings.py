"""Sorted keys on disk, looked up through a directory small enough to stay in memory.

Keys stand in blocks. The directory has the first key of each block; the others are kept as what
they are above it, in 16 bits, where that is enough, as it is for nearly all blocks of a large
segment: the more keys, the closer they lie. The keys of other blocks, the *wide* ones, stand apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.runs import Postings

BLOCK = 64
"""Keys a block; a block of 128 bytes has one entry of 8 bytes in the directory."""

FINGERPRINT_GROUPS = 256
"""Groups the fingerprints of a segment are cut into, by their first bits, to be sorted one by one.
"""

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_FAR = np.uint64(1 << 16)
_SHIFT = np.uint32(24)
_AT_ONCE = 1 << 16
"""Keys looked up at a time: bounds the memory of their blocks to some 30 MB."""

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BlockedPostings(Postings):
    """Postings of 32-bit keys, each group padded to whole blocks.

    ``keys`` uint16[total] are above the first of their block; ``directory`` uint64[blocks]: group
    and first key of each block, packed; ``ends`` int64[g]: where the keys of a group end and the
    padding begins; ``wide`` uint32[m]: the wide blocks, ascending; ``wide_keys`` uint32[m, BLOCK];
    ``is_wide`` bool[blocks], which are wide.
    With ``by_key`` a key's group is its first byte. Looking up never leaves the arrays, whatever
    damage they have taken.
    """

    directory: npt.NDArray[np.uint64]
    ends: _Numbers
    wide: npt.NDArray[np.uint32]
    wide_keys: npt.NDArray[np.uint32]
    by_key: bool
    is_wide: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        is_wide = np.zeros(len(self.directory), np.bool_)
        is_wide[self.wide[self.wide < len(is_wide)]] = True
        object.__setattr__(self, "is_wide", is_wide)

    def find(self, keys: Keys, groups: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return where the slots of keys stand: starts and lengths, int64[n] each.

        Fastest where the keys come in order, group by group: neighbours are found in the cache.
        """
        if self.by_key:
            groups = (keys >> _SHIFT).astype(np.int64)
        packed = groups.astype(np.uint64) << _HALF | keys
        starts, lengths = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
        for first in range(0, len(keys) if len(self.directory) else 0, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            self._find(packed[part], groups[part], starts[part], lengths[part])
        return starts, lengths

    def keys_of(self, group: int) -> npt.NDArray[np.uint32]:
        """Return the keys of a group, uint32[n]."""
        first, last = (int(place) // BLOCK for place in self.groups[group : group + 2])
        keys: npt.NDArray[np.uint32] = self._blocks(np.arange(first, last)).ravel()
        return keys[: int(self.ends[group] - self.groups[group])]

    def slots_of(self, group: int) -> npt.NDArray[np.uint32]:
        """Return the slots that hold the keys of a group, uint32[n]."""
        return self.slots[int(self.groups[group]) : int(self.ends[group])]

    def _find(
        self,
        packed: npt.NDArray[np.uint64],
        groups: _Numbers,
        starts: _Numbers,
        lengths: _Numbers,
    ) -> None:
        """Write where the slots of those keys stand that are held."""
        blocks = self.directory.searchsorted(packed, side="right") - 1
        np.maximum(blocks, 0, out=blocks)
        found = self._places(packed, blocks)
        if not len(found):
            return
        owners = found // BLOCK
        last = np.ones(len(found), np.bool_)
        np.not_equal(owners[1:], owners[:-1], out=last[:-1])
        ends = last.nonzero()[0]
        held = owners[ends]
        begins = np.concatenate([[0], ends[:-1] + 1])
        shift = (blocks[held] - held) * BLOCK
        low, high = found[begins] + shift, found[ends] + 1 + shift
        begun = (low % BLOCK == 0).nonzero()[0]  # these may begin in an earlier block
        if len(begun):
            wanted = packed[held[begun]]
            block = np.maximum(self.directory.searchsorted(wanted) - 1, 0)
            before = (self._blocks(block) < (wanted & _LOW)[:, None]).sum(axis=1)
            low[begun] = np.minimum(block * BLOCK + before, low[begun])
        low = np.maximum(low, self.groups[groups[held]])
        high = np.minimum(high, self.ends[groups[held]])
        starts[held], lengths[held] = low, np.maximum(high - low, 0)

    def _places(self, packed: npt.NDArray[np.uint64], blocks: _Numbers) -> _Numbers:
        """Return where keys stand in their blocks, key after key: ``BLOCK * number + place``."""
        at, wide = self._wide(blocks)
        in_wide = _equal(self.wide_keys.take(wide, axis=0), packed[at].astype(np.uint32), at)
        if len(at) == len(blocks):
            return in_wide
        above = packed - self.directory.take(blocks)
        near = above < _FAR
        near[at] = False
        close = near.nonzero()[0]
        keys = self.keys.reshape(-1, BLOCK).take(blocks.take(close), axis=0)
        found = _equal(keys, above[close].astype(np.uint16), close)
        if len(in_wide):
            found = np.concatenate([found, in_wide])
            found.sort()
        return found

    def _blocks(self, blocks: _Numbers) -> npt.NDArray[np.uint32]:
        """Return the keys of blocks, uint32[n, BLOCK]."""
        first = (self.directory[blocks] & _LOW).astype(np.uint32)
        keys: npt.NDArray[np.uint32] = self.keys.reshape(-1, BLOCK)[blocks] + first[:, None]
        at, wide = self._wide(blocks)
        keys[at] = self.wide_keys[wide]
        return keys

    def _wide(self, blocks: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return which of the blocks are wide, and which of the wide ones they are."""
        if not len(self.wide):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        if len(self.wide) == len(self.directory):  # as all fingerprints of a small segment are
            return np.arange(len(blocks)), blocks
        at = self.is_wide.take(blocks).nonzero()[0]
        numbers = blocks[at].astype(np.uint32)  # of another type, all of `wide` would be converted
        return at, np.minimum(self.wide.searchsorted(numbers), len(self.wide) - 1)


def _equal(
    blocks: npt.NDArray[Any],
    keys: npt.NDArray[Any],
    numbers: _Numbers,
) -> _Numbers:
    """Return where keys, numbered so, are equal to those of their blocks, as `_places` does."""
    found: _Numbers = (blocks == keys[:, None]).ravel().nonzero()[0]
    return numbers[found // BLOCK] * BLOCK + found % BLOCK


def padded(counts: _Numbers) -> _Numbers:
    """Return counts of keys rounded up to whole blocks."""
    return -(-counts // BLOCK) * BLOCK


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The keys of a group as they are written; fields as in `BlockedPostings`."""

    keys: npt.NDArray[Any]
    directory: npt.NDArray[np.uint64]
    wide: _Numbers
    wide_keys: npt.NDArray[np.uint32]


def blocks_of(keys: npt.NDArray[np.uint32], group: int) -> Blocks:
    """Cut sorted keys into blocks; the wide ones are numbered from 0."""
    padding = np.full(-len(keys) % BLOCK, keys[-1] if len(keys) else 0, np.uint32)
    table = np.concatenate([keys, padding]).reshape(-1, BLOCK)
    above = table - table[:, :1]
    wide = np.flatnonzero(above[:, -1] >= _FAR)
    directory = np.uint64(group) << _HALF | table[:, 0].astype(np.uint64)
    return Blocks(above.astype(np.uint16).ravel(), directory, wide, table[wide].ravel())


def blocked(postings: Postings) -> Postings:
    """Return postings of 32-bit keys in groups of one length as blocked ones."""
    groups = len(postings.groups) - 1
    if postings.keys.dtype != np.uint32 or not len(postings.keys):
        return postings
    count = len(postings.keys) // groups
    room = ((0, 0), (0, -count % BLOCK))
    keys = np.pad(postings.keys.reshape(groups, count), room, mode="edge").astype(np.uint32)
    slots = np.pad(postings.slots.reshape(groups, count), room)
    blocks = blocks_of(keys.ravel(), 0)
    starts = np.arange(groups + 1) * keys.shape[1]
    group = np.repeat(np.arange(groups, dtype=np.uint64), keys.shape[1] // BLOCK)
    return BlockedPostings(
        blocks.keys,
        slots.ravel(),
        starts,
        blocks.directory | group << _HALF,
        starts[:-1] + count,
        blocks.wide.astype(np.uint32),
        blocks.wide_keys.reshape(-1, BLOCK),
        by_key=False,
    )


def by_first_byte(
    keys: Keys, slots: npt.NDArray[np.uint32]
) -> Iterator[tuple[Keys, npt.NDArray[np.uint32]]]:
    """Yield sorted fingerprints and their slots, group after group."""
    bounds = np.arange(FINGERPRINT_GROUPS + 1, dtype=np.uint64) << np.uint64(_SHIFT)
    cuts = np.searchsorted(keys, bounds).tolist()
    for group in range(FINGERPRINT_GROUPS):
        part = slice(cuts[group], cuts[group + 1])
        yield keys[part], slots[part]
