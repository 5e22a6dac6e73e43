"""Writing segments: several sources merged into one file, a group of keys at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.index.disk.database import Registered
from dedup.index.disk.files import ArrayFileWriter
from dedup.index.disk.postings import BLOCK, FINGERPRINT_GROUPS, blocks_of, padded
from dedup.index.disk.segments import Columns, Source
from dedup.index.nets import Nets

_HALF = np.uint64(32)

_ColumnsOf = Callable[[int], list[Columns]]


def write_segment(
    directory: Path,
    sources: Sequence[Source],
    span: tuple[int, int],
    alive: npt.NDArray[np.bool_] | None,
    nets: Nets,
) -> Registered:
    """Write the segment of rows ``span`` from sources, the earlier rows first.

    ``alive`` bool[last - first] says which slots are still there, None that all are.
    """
    first, last = span

    def kept(columns: Columns) -> Columns:
        keys, slots = columns
        if alive is None:
            return keys, slots
        still = alive[slots - np.uint32(first)]
        return keys[still], slots[still]

    def bands(group: int) -> list[Columns]:
        return [kept(source.band(group)) for source in sources]

    def fingerprints(group: int) -> list[Columns]:
        return [kept(source.fingerprints(group)) for source in sources]

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
        count = nets.bands if nets.uses_bands else 0
        counts = np.full(count, _length(bands(0)) if count else 0)  # every band has all of them
        if nets.rows == 1:
            _write_blocked(file, "band", bands, counts)
        else:
            _write_plain(file, "band", bands, counts)
        groups = range(FINGERPRINT_GROUPS)
        counts = np.array([_length(fingerprints(group)) for group in groups])
        _write_blocked(file, "fingerprint", fingerprints, counts)
        size, checksum = file.finish()
    return Registered(file.path.name, first, last, size, checksum)


def _write_blocked(
    file: ArrayFileWriter, name: str, columns_of: _ColumnsOf, counts: npt.NDArray[np.int64]
) -> None:
    file.put(f"{name}_counts", counts)
    total = int(padded(counts).sum())
    all_keys = file.reserve(f"{name}_keys", np.uint16, total)
    all_slots = file.reserve(f"{name}_slots", np.uint32, total)
    wide_keys = file.reserve(f"{name}_wide_keys", np.uint32, None)
    directory, wide, blocks = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], 0
    for group in range(len(counts)):
        keys, slots = _merged(columns_of(group), np.dtype(np.uint32))
        part = blocks_of(keys.astype(np.uint32, copy=False), group)
        all_keys.append(part.keys)
        all_slots.append(slots)
        all_slots.append(np.zeros(-len(slots) % BLOCK, np.uint32))
        wide_keys.append(part.wide_keys)
        wide.append(part.wide + blocks)
        directory.append(part.directory)
        blocks += len(part.directory)
    all_keys.finish()
    all_slots.finish()
    wide_keys.finish()
    file.put(f"{name}_wide", np.concatenate(wide).astype(np.uint32))
    file.put(f"{name}_directory", np.concatenate(directory))


def _write_plain(
    file: ArrayFileWriter, name: str, columns_of: _ColumnsOf, counts: npt.NDArray[np.int64]
) -> None:
    """Write keys of 64 bits as they are."""
    file.put(f"{name}_counts", counts)
    all_keys = file.reserve(f"{name}_keys", np.uint64, int(counts.sum()))
    all_slots = file.reserve(f"{name}_slots", np.uint32, int(counts.sum()))
    for group in range(len(counts)):
        keys, slots = _merged(columns_of(group), np.dtype(np.uint64))
        all_keys.append(keys)
        all_slots.append(slots)
    all_keys.finish()
    all_slots.finish()


def _merged(columns: Sequence[Columns], dtype: np.dtype[Any]) -> Columns:
    """Merge sorted columns; the slots of a key ascend as those of the columns do."""
    if len(columns) == 1:
        return columns[0]
    keys = np.concatenate([np.empty(0, dtype), *(keys for keys, _ in columns)])
    slots = np.concatenate([np.empty(0, np.uint32), *(slots for _, slots in columns)])
    if dtype == np.uint64:
        order = np.argsort(keys, kind="stable")
        return keys[order], slots[order]
    packed = keys.astype(np.uint64) << _HALF | slots
    packed.sort(kind="stable")  # which merges what is sorted already: 3 ns a key, quicksort 5
    return (packed >> _HALF).astype(np.uint32), packed.astype(np.uint32)


def _length(columns: Sequence[Columns]) -> int:
    return sum(len(slots) for _, slots in columns)
