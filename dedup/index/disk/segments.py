"""Segments: the postings of a range of rows, in a file.

Beside bands and fingerprints a segment has the hashes of its texts, by which equal texts are found,
and a bitmap of its slots. Whatever builds one, rows that are not yet in a segment, several smaller
segments or the articles themselves, is a `Source`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.disk.database import Registered
from dedup.index.disk.errors import DiskIndexError
from dedup.index.disk.files import ArrayFile
from dedup.index.disk.postings import BLOCK, BlockedPostings, by_first_byte, padded
from dedup.index.nets import Nets
from dedup.index.runs import Postings, Run
from dedup.sketch.sketches import offsets_of

_Numbers = npt.NDArray[np.int64]
_Slots = npt.NDArray[np.uint32]
Columns = tuple[Keys, _Slots]
"""Keys, ascending, and the slots that hold them."""


class Source(Protocol):
    """What a segment can be built from: the slots of some rows."""

    def members(self) -> _Numbers:
        """Return its slots, int64[n], ascending."""

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""

    def fingerprints(self, group: int) -> Columns:
        """Return the sorted fingerprints that begin with a byte."""

    def hashes(self) -> tuple[npt.NDArray[np.uint64], _Slots]:
        """Return the hashes of the texts that have words, ascending, uint64[m]."""


class RunSource:
    """A run in memory as a source.

    Parameters
    ----------
    run
        Its slots are numbers, to which ``first`` is added.
    slots : int64[n]
        All its numbers, ascending.
    text_hashes, worded : uint64[n], bool[n]
        Of each of them, and whether it has words.
    """

    def __init__(
        self,
        run: Run,
        slots: _Numbers,
        text_hashes: npt.NDArray[np.uint64],
        worded: npt.NDArray[np.bool_],
        first: int,
    ) -> None:
        self._run = run
        self._slots = slots + first
        self._text_hashes = text_hashes
        self._worded = worded
        self._first = np.uint32(first)
        self._fingerprints = list(by_first_byte(run.fingerprints.keys, run.fingerprints.slots))

    def members(self) -> _Numbers:
        """Return its slots, int64[n], ascending."""
        return self._slots

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""
        low, high = self._run.bands.groups[group : group + 2]
        return self._run.bands.keys[low:high], self._run.bands.slots[low:high] + self._first

    def fingerprints(self, group: int) -> Columns:
        """Return the sorted fingerprints that begin with a byte."""
        keys, slots = self._fingerprints[group]
        return keys, slots + self._first

    def hashes(self) -> tuple[npt.NDArray[np.uint64], _Slots]:
        """Return the hashes of the texts that have words, ascending, uint64[m]."""
        hashes, slots = self._text_hashes[self._worded], self._slots[self._worded]
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
        if not self.file.intact("members", "band_counts", "fingerprint_counts"):
            raise DiskIndexError(f"{self.file.path}: its list of slots is damaged")
        self.bands = self._blocked("band", by_key=False) if nets.rows == 1 else self._plain()
        self.fingerprint_groups = self._blocked("fingerprint", by_key=True)
        self.run = Run(self.first, self.last, self.bands, self.fingerprint_groups)
        self._hashes = self.file.array("hash_keys")
        self._hash_slots = self.file.array("hash_slots")

    def __len__(self) -> int:
        return self.last - self.first

    def held(self) -> npt.NDArray[np.bool_]:
        """Return which of its rows are slots it holds, bool[rows]."""
        return np.unpackbits(self.file.array("members"), count=len(self)).view(np.bool_)

    def members(self) -> _Numbers:
        """Return its slots, int64[n], ascending."""
        return np.flatnonzero(self.held()) + self.first

    def band(self, group: int) -> Columns:
        """Return the sorted keys of a band."""
        if isinstance(self.bands, BlockedPostings):
            return self.bands.keys_of(group), self.bands.slots_of(group)
        low, high = self.bands.groups[group : group + 2]
        return self.bands.keys[low:high], self.bands.slots[low:high]

    def fingerprints(self, group: int) -> Columns:
        """Return the sorted fingerprints that begin with a byte."""
        return self.fingerprint_groups.keys_of(group), self.fingerprint_groups.slots_of(group)

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

    def _plain(self) -> Postings:
        groups = offsets_of(self.file.array("band_counts"))
        return Postings(self.file.array("band_keys"), self.file.array("band_slots"), groups)

    def _blocked(self, name: str, *, by_key: bool) -> BlockedPostings:
        counts = self.file.array(f"{name}_counts")
        groups = offsets_of(padded(counts))
        return BlockedPostings(
            self.file.array(f"{name}_keys"),
            self.file.array(f"{name}_slots"),
            groups,
            self.file.array(f"{name}_directory"),
            groups[:-1] + counts,
            self.file.array(f"{name}_wide"),
            self.file.array(f"{name}_wide_keys").reshape(-1, BLOCK),
            by_key,
        )
