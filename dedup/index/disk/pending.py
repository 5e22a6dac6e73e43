"""Pending rows: those added last, not yet in a segment, searched in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.index.disk.postings import blocked
from dedup.index.disk.segments import RunSource
from dedup.index.growing import Growing
from dedup.index.nets import Nets
from dedup.index.runs import Postings, Run, build_run
from dedup.index.tail import Tail

_TAIL = 1024
"""Rows in the tail before it becomes a run."""

_AT_ONCE = 64
"""Rows, or queries, from which it pays to build a run."""

_Numbers = npt.NDArray[np.int64]


class Pending:
    """The rows from ``first`` on: sketches, runs of some of them, and a tail."""

    def __init__(self, first: int, num_perm: int, nets: Nets) -> None:
        self.first = first
        self._nets = nets
        self._signatures = Growing(np.uint32, num_perm)
        self._fingerprints = Growing(np.uint32)
        self._offsets = Growing(np.int64)
        self._offsets.append([0])
        self._hashes = Growing(np.uint64)
        self._worded = Growing(np.bool_)
        self._slot_of: dict[int, int] = {}
        self.runs: list[Run] = []
        """Those there are without `settled`."""
        self._tail = Tail(first)
        self._dead = False

    def __len__(self) -> int:
        return len(self._hashes)

    def add(
        self,
        signatures: npt.NDArray[np.uint32],
        fingerprints: npt.NDArray[np.uint32],
        lengths: _Numbers,
        hashes: npt.NDArray[np.uint64],
        worded: npt.NDArray[np.bool_],
    ) -> None:
        """Add rows; ``worded`` bool[n] says which are slots with words."""
        start = self.first + len(self)
        self._signatures.append(signatures)
        self._fingerprints.append(fingerprints)
        self._offsets.append(self._offsets.array[-1] + np.cumsum(lengths))
        self._hashes.append(hashes)
        self._worded.append(worded)
        numbers = np.flatnonzero(worded)
        self._slot_of.update(zip(hashes[numbers].tolist(), (numbers + start).tolist(), strict=True))

    def slot_of(self, text_hash: int) -> int | None:
        """Return the slot of a text."""
        return self._slot_of.get(text_hash)

    def remove(self, slot: int) -> None:
        """Forget a slot that has no row left."""
        text_hash = int(self._hashes.array[slot - self.first])
        if self._slot_of.get(text_hash) == slot:
            del self._slot_of[text_hash]
        if slot >= self._tail.first:
            self._tail.remove(slot)
        else:
            self._dead = True

    def settled(self, queries: int, alive: npt.NDArray[np.bool_]) -> tuple[list[Run], Tail, bool]:
        """Return runs and tail, up to date for so many queries, and whether a run holds dead slots.

        ``alive`` bool[n] says which of the rows are slots that are there.
        """
        total, start = len(self), self._tail.first - self.first
        fresh = self.first + total - self._tail.last
        if total - start > _TAIL or fresh >= _AT_ONCE or (total > start and queries >= _AT_ONCE):
            while self.runs and len_of(self.runs[-1]) < 2 * (total - start):
                start = self.runs.pop().first - self.first
            self.runs.append(self._shifted(self._run(start, total, alive)))
            self._tail = Tail(self.first + total)
        for number in range(self._tail.last - self.first, total):
            begin, end = self._offsets.array[number : number + 2]
            self._tail.add(
                self._signatures.array[number],
                self._fingerprints.array[begin:end],
                self._nets,
                bool(alive[number]),
            )
        return self.runs, self._tail, self._dead

    def source(self, alive: npt.NDArray[np.bool_]) -> RunSource:
        """Return what a segment of these rows can be built from."""
        slots = np.flatnonzero(alive)
        return RunSource(
            self._run(0, len(alive), alive),
            slots,
            self._hashes.array[slots],
            self._worded.array[slots],
            self.first,
        )

    def since(self, row: int, alive: npt.NDArray[np.bool_]) -> Pending:
        """Return the rows from a later one on; ``alive`` bool[n] are the slots among them."""
        start = row - self.first
        later = Pending(row, self._signatures.array.shape[1], self._nets)
        later.add(
            self._signatures.array[start:],
            self._fingerprints.array[self._offsets.array[start] :],
            np.diff(self._offsets.array)[start:],
            self._hashes.array[start:],
            self._worded.array[start:] & alive,
        )
        return later

    def fingerprints(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Return all fingerprints, row after row, and the row of each, uint32[n] both."""
        rows = np.arange(self.first, self.first + len(self), dtype=np.uint32)
        return self._fingerprints.array, np.repeat(rows, np.diff(self._offsets.array))

    def _run(self, first: int, last: int, alive: npt.NDArray[np.bool_]) -> Run:
        return build_run(
            self._signatures.array,
            self._fingerprints.array,
            self._offsets.array,
            np.flatnonzero(alive[first:last]) + first,
            (first, last),
            self._nets,
        )

    def _shifted(self, run: Run) -> Run:
        """Return a run with slots in the place of numbers among the pending rows."""
        bands, fingerprints = (
            blocked(Postings(p.keys, p.slots + np.uint32(self.first), p.groups))
            for p in (run.bands, run.fingerprints)
        )
        return Run(run.first + self.first, run.last + self.first, bands, fingerprints)


def len_of(run: Run) -> int:
    """Return how many rows a run covers."""
    return run.last - run.first
