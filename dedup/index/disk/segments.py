"""Segments: the postings of a range of rows, in a file.

Beside bands and fingerprints a segment has the hashes of its texts, by which equal texts are found,
and a bitmap of its slots. Whatever builds one, rows that are not yet in a segment, several smaller
segments or the articles themselves, is a `Source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.disk.database import Registered
from dedup.index.disk.errors import DiskIndexError
from dedup.index.disk.files import ArrayFile, ArrayFileWriter
from dedup.index.disk.postings import BLOCK, BlockedPostings, directory_of, pad
from dedup.index.nets import Nets
from dedup.index.runs import Postings, Run, sort_keys

_PART = 1 << 22
"""Fingerprints sorted at a time: bounds the memory of sorting to some 150 MB."""

_Numbers = npt.NDArray[np.int64]
_Slots = npt.NDArray[np.uint32]
_Alive = npt.NDArray[np.bool_]
Columns = tuple[Keys, _Slots]
"""Keys, ascending, and the slots that hold them."""


class Source(Protocol):
    """What a segment can be built from: the slots of some rows."""

    def members(self) -> npt.NDArray[np.int64]:
        """Return its slots, int64[n], ascending."""

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""

    def fingerprints(self) -> Columns:
        """Return the sorted fingerprints."""

    def hashes(self) -> tuple[npt.NDArray[np.uint64], _Slots]:
        """Return the hashes of the texts that have words, ascending, uint64[m]."""


@dataclass(frozen=True, slots=True)
class RunSource:
    """A run in memory as a source; ``first`` is added to its slots."""

    run: Run
    slots: npt.NDArray[np.int64]
    text_hashes: npt.NDArray[np.uint64]
    worded: npt.NDArray[np.bool_]
    first: int = 0

    def members(self) -> npt.NDArray[np.int64]:
        """Return its slots, int64[n], ascending."""
        return self.slots + self.first

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""
        low, high = self.run.bands.groups[group : group + 2]
        return self.run.bands.keys[low:high], self.run.bands.slots[low:high] + np.uint32(self.first)

    def fingerprints(self) -> Columns:
        """Return the sorted fingerprints."""
        return self.run.fingerprints.keys, self.run.fingerprints.slots + np.uint32(self.first)

    def hashes(self) -> tuple[npt.NDArray[np.uint64], _Slots]:
        """Return the hashes of the texts that have words, ascending, uint64[m]."""
        hashes, slots = self.text_hashes[self.worded], self.members()[self.worded]
        order = np.argsort(hashes, kind="stable")
        return hashes[order], slots[order].astype(np.uint32)


class Segment:
    """A segment in a file, mapped.

    Raises
    ------
    DiskIndexError
        If its file is missing or visibly damaged.
    """

    def __init__(self, directory: Path, registered: Registered, nets: Nets) -> None:
        self.registered = registered
        self.first, self.last = registered.first, registered.last
        self.file = ArrayFile(directory / registered.name, registered.bytes, registered.checksum)
        if not self.file.intact("members", "lengths"):
            raise DiskIndexError(f"{self.file.path}: its list of slots is damaged")
        self._lengths = self.file.array("lengths")
        self.run = Run(
            self.first,
            self.last,
            self._postings("band", self._lengths[:-1], nets.rows == 1),
            self._postings("fingerprint", self._lengths[-1:], True),
        )
        self._hashes = self.file.array("hash_keys")
        self._hash_slots = self.file.array("hash_slots")

    def __len__(self) -> int:
        return self.last - self.first

    def members(self) -> npt.NDArray[np.int64]:
        """Return its slots, int64[n], ascending."""
        bits = np.unpackbits(self.file.array("members"), count=len(self))
        return np.flatnonzero(bits) + self.first

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""
        return self._group(self.run.bands, group, int(self._lengths[group]))

    def fingerprints(self) -> Columns:
        """Return the sorted fingerprints."""
        return self._group(self.run.fingerprints, 0, int(self._lengths[-1]))

    def hashes(self) -> tuple[npt.NDArray[np.uint64], _Slots]:
        """Return the hashes of the texts that have words, ascending, uint64[m]."""
        return self._hashes, self._hash_slots

    def find(self, hashes: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
        """Yield for every text with one of these hashes its number among them and its slot."""
        low = np.searchsorted(self._hashes, hashes)
        inside = np.flatnonzero(low < len(self._hashes))
        for number in inside[self._hashes[low[inside]] == hashes[inside]].tolist():
            place = int(low[number])
            while place < len(self._hashes) and self._hashes[place] == hashes[number]:
                yield number, int(self._hash_slots[place])
                place += 1

    def _postings(self, name: str, lengths: _Numbers, blocked: bool) -> Postings:
        keys, slots = self.file.array(f"{name}_keys"), self.file.array(f"{name}_slots")
        groups, ends = _groups(lengths, blocked)
        if not blocked:
            return Postings(keys, slots, groups)
        return BlockedPostings(keys, slots, groups, self.file.array(f"{name}_directory"), ends)

    @staticmethod
    def _group(postings: Postings, group: int, length: int) -> Columns:
        low = int(postings.groups[group])
        return postings.keys[low : low + length], postings.slots[low : low + length]


def write_segment(
    directory: Path,
    sources: Sequence[Source],
    span: tuple[int, int],
    alive: _Alive | None,
    nets: Nets,
) -> Registered:
    """Write the segment of rows ``span`` from sources, the earlier rows first.

    ``alive`` bool[last - first] says which slots are still there, None that all are.
    """
    first, last = span
    count = nets.bands if nets.uses_bands else 0

    def kept(columns: Columns) -> Columns:
        keys, slots = columns
        if alive is None:
            return keys, slots
        still = alive[slots - np.uint32(first)]
        return keys[still], slots[still]

    members = np.concatenate([np.empty(0, np.int64), *(s.members() for s in sources)]) - first
    if alive is not None:
        members = members[alive[members]]
    bitmap = np.zeros(last - first, np.bool_)
    bitmap[members] = True
    with ArrayFileWriter(directory) as file:
        file.put("members", np.packbits(bitmap))
        hashes, slots = _merged([kept(s.hashes()) for s in sources], np.dtype(np.uint64))
        file.put("hash_keys", hashes)
        file.put("hash_slots", slots)
        held = sum(len(kept(source.band(0))[0]) for source in sources) if count else 0
        _write_bands(file, sources, kept, count, held, nets)
        total = _write_fingerprints(file, [source.fingerprints() for source in sources], kept)
        file.put("lengths", np.array([held] * count + [total], np.int64))
        size, checksum = file.finish()
    return Registered(file.path.name, first, last, size, checksum)


def _write_bands(
    file: ArrayFileWriter,
    sources: Sequence[Source],
    kept: Callable[[Columns], Columns],
    count: int,
    held: int,
    nets: Nets,
) -> None:
    blocked = nets.rows == 1
    length = _padded(held) if blocked else held
    dtype = np.dtype(np.uint32 if blocked else np.uint64)
    all_keys = file.reserve("band_keys", dtype, count * length)
    all_slots = file.reserve("band_slots", np.uint32, count * length)
    directory = [np.empty(0, np.uint64)]
    for group in range(count):
        keys, slots = _merged([kept(source.band(group)) for source in sources], dtype)
        if blocked:
            keys, slots = pad(keys), pad(slots)
            directory.append(directory_of(keys, group))
        all_keys.append(keys)
        all_slots.append(slots)
    all_keys.finish()
    all_slots.finish()
    file.put("band_directory", np.concatenate(directory))


def _write_fingerprints(
    file: ArrayFileWriter, columns: Sequence[Columns], kept: Callable[[Columns], Columns]
) -> int:
    """Write fingerprints, range after range of their keys; return how many there are."""
    total = sum(
        len(kept((keys[start : start + _PART], slots[start : start + _PART]))[0])
        for keys, slots in columns
        for start in range(0, len(keys), _PART)
    )
    all_keys = file.reserve("fingerprint_keys", np.uint32, _padded(total))
    all_slots = file.reserve("fingerprint_slots", np.uint32, _padded(total))
    directory = [np.empty(0, np.uint64)]
    rest: Columns = np.empty(0, np.uint32), np.empty(0, np.uint32)
    ranges = list(_ranges(columns, max(1, total // _PART)))
    for number, part in enumerate(ranges, 1):
        found = _merged([kept(column) for column in part], np.dtype(np.uint32))
        keys: Keys = np.concatenate([rest[0], found[0].astype(np.uint32, copy=False)])
        slots = np.concatenate([rest[1], found[1]])
        if number == len(ranges):
            keys, slots = pad(keys), pad(slots)
        whole = len(keys) // BLOCK * BLOCK
        all_keys.append(keys[:whole])
        all_slots.append(slots[:whole])
        directory.append(directory_of(keys[:whole], 0))
        rest = keys[whole:], slots[whole:]
    all_keys.finish()
    all_slots.finish()
    file.put("fingerprint_directory", np.concatenate(directory))
    return total


def _ranges(columns: Sequence[Columns], parts: int) -> Iterator[list[Columns]]:
    """Cut sorted columns into the same ranges of keys, none of which is cut in two."""
    longest = max((keys for keys, _ in columns), key=len)
    middle = longest[np.arange(1, parts) * len(longest) // parts]
    cuts = [[0, *np.searchsorted(keys, middle).tolist(), len(keys)] for keys, _ in columns]
    for part in range(parts):
        yield [
            (keys[cut[part] : cut[part + 1]], slots[cut[part] : cut[part + 1]])
            for (keys, slots), cut in zip(columns, cuts, strict=True)
        ]


def _merged(columns: Sequence[Columns], dtype: np.dtype[Any]) -> Columns:
    """Merge sorted columns; the slots of a key ascend as those of the columns do."""
    if len(columns) == 1:
        return columns[0]
    return sort_keys(
        np.concatenate([np.empty(0, dtype), *(keys for keys, _ in columns)]),
        np.concatenate([np.empty(0, np.uint32), *(slots for _, slots in columns)]),
    )


def _padded(count: int) -> int:
    return -(-count // BLOCK) * BLOCK


def _groups(lengths: _Numbers, blocked: bool) -> tuple[_Numbers, _Numbers]:
    """Return where groups begin, int64[g + 1], and end, int64[g]."""
    begins = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(-(-lengths // BLOCK) * BLOCK if blocked else lengths, out=begins[1:])
    return begins, begins[:-1] + lengths
