"""The index in memory.

Sketches are kept as they come; nothing is sorted until something is asked. Queries look slots up in
runs whose sizes grow geometrically, so that a slot is sorted a few times only, and in a small tail
of the latest slots, kept in dictionaries. Two runs are merged by building the run of both ranges
anew, since sorting is what merging would come to. `pairs` needs no run at all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys, without_shingles
from dedup.index.growing import Growing
from dedup.index.lookup import Asked, count_holders, earliest_holders, look_up
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates, Holders, Pairs, check_width
from dedup.index.ranking import best, rank
from dedup.index.runs import Run, build_run
from dedup.index.selfjoin import join_within
from dedup.index.tail import Tail
from dedup.index.texts import Texts
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters
from dedup.sketch.sketches import Sketches

_DEAD = 4
"""Runs are built anew when one in so many of their slots is gone."""


class MemoryIndex:
    """An `Index` in memory.

    Parameters
    ----------
    parameters : SketchParameters
        How its sketches are made.
    nets : Nets
        What brings articles together.

    Raises
    ------
    DedupError
        If the bands do not fit into the signatures.
    """

    _tail_holds = 1024
    """Slots in the tail before it becomes a run; what looking up in it costs does not depend on it.
    """

    _many = 64
    """Queries from which it pays to make a run of the tail first."""

    def __init__(
        self, parameters: SketchParameters = DEFAULT_PARAMETERS, nets: Nets | None = None
    ) -> None:
        self.parameters = parameters
        self.nets = nets or Nets()
        self.nets.check_fits(parameters.num_perm)
        self._texts = Texts()
        self._signatures = Growing(np.uint32, parameters.num_perm)
        self._fingerprints = Growing(np.uint32)
        self._offsets = Growing(np.int64)
        self._offsets.append([0])
        self._runs: list[Run] = []
        self._tail = Tail(0)
        self._dead = 0

    def __len__(self) -> int:
        return self._texts.rows

    @property
    def distinct(self) -> int:
        """How many different texts it holds; every row without words counts as one."""
        return self._texts.distinct

    def add(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add sketches and return their rows, int64[n], ascending.

        Raises
        ------
        DedupError
            If the signatures have another width than the index's parameters say.
        """
        check_width(sketches, self.parameters)
        rows, new = self._texts.add(sketches)
        if len(new) == len(sketches):
            self._signatures.append(sketches.signatures)
            self._fingerprints.append(sketches.fingerprints)
            lengths = np.diff(sketches.fingerprint_offsets)
        else:
            self._signatures.append(sketches.signatures[new])
            lengths = np.diff(sketches.fingerprint_offsets)[new]
            parts = [sketches.fingerprints_of(number) for number in new.tolist()]
            self._fingerprints.append(np.concatenate([np.empty(0, np.uint32), *parts]))
        self._offsets.append(self._offsets.array[-1] + np.cumsum(lengths))
        return rows

    def remove(self, rows: npt.ArrayLike) -> int:
        """Forget rows and return how many were there to be forgotten."""
        removed, emptied = self._texts.remove(np.asarray(rows, np.int64).ravel().tolist())
        for slot in emptied:
            if slot >= self._tail.first:
                self._tail.remove(slot)
            else:
                self._dead += 1
        return removed

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none."""
        return self._first_rows(self._texts.find(sketches))

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included."""
        check_width(sketches, self.parameters)
        self._settle(len(sketches))
        found, cut = look_up(
            sketches, self.nets, self._runs, self._tail, self._texts, self._dead > 0
        )
        same = self._texts.find(sketches)
        return rank(sketches, found, same, self._texts.first.__getitem__, cut, self.nets)

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.int64]:
        """Count the texts that hold keys, directly behind `candidates`."""
        first = self._texts.first if self._dead else None
        return count_holders(Asked.alone(keys, groups, fingerprint), self._runs, self._tail, first)

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""
        self._settle(len(fingerprints) // self._many)
        first = self._texts.first
        in_order = self._texts.ascending and not self._dead
        found = earliest_holders(
            fingerprints, most, self._runs, self._tail, None if in_order else first
        )
        return Holders(found.offsets, first[found.rows])

    def fingerprints(self, row: int) -> npt.NDArray[np.uint32]:
        """Return the fingerprints of a row, uint32[m]."""
        slot = int(self._texts.slots[row])
        start, end = self._offsets.array[slot : slot + 2]
        return self._fingerprints.array[start:end]

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, in blocks of bounded size."""
        yield self._copies()
        first = self._texts.first
        slots = np.flatnonzero(self._alive())
        for joined in join_within(
            self._signatures.array,
            self._fingerprints.array,
            self._offsets.array,
            slots[np.argsort(first[slots])],
            self.nets,
        ):
            pairs = joined.pairs
            earlier, later = first[pairs.slots], first[pairs.queries]
            order, kept = best(later, earlier, pairs, self.nets.limit)
            order = order[kept]
            pairs = pairs.where(order)
            yield Pairs(
                earlier[order],
                later[order],
                pairs.bands,
                pairs.fingerprints,
                np.zeros(len(order), np.bool_),
                joined.keys_cut,
                int((~kept).sum()),
            )

    def signatures(self, rows: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Return the signatures of rows it holds, uint32[n, num_perm]; they estimate Jaccard.

        Raises
        ------
        KeyError
            If one of the rows is not in the index.
        """
        rows = np.asarray(rows, np.int64)
        known = self._texts.slots
        inside = (rows >= 0) & (rows < len(known))
        slots = np.where(inside, known[np.where(inside, rows, 0)] if len(known) else -1, -1)
        if (slots < 0).any():
            raise KeyError(f"row {rows[slots < 0][0]} is not in the index")
        chosen: npt.NDArray[np.uint32] = self._signatures.array[slots]
        return chosen

    def _alive(self) -> npt.NDArray[np.bool_]:
        return self._texts.first >= 0

    def _first_rows(self, slots: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        rows = np.full(len(slots), -1, np.int64)
        held = slots >= 0
        rows[held] = self._texts.first[slots[held]]
        return rows

    def _settle(self, queries: int) -> None:
        """Bring runs and tail up to date with what was added."""
        total = len(self._signatures)
        if self._dead * _DEAD > self._tail.first:
            self._build(0, self._tail.first)
        pending = total - self._tail.first
        fresh = total - self._tail.last
        if pending > self._tail_holds or (pending and max(queries, fresh) >= self._many):
            first = self._tail.first
            while self._runs and self._runs[-1].last - self._runs[-1].first < 2 * (total - first):
                first = self._runs[-1].first
                self._runs.pop()
            self._build(first, total)
            self._tail = Tail(total)
        for slot in range(self._tail.last, total):
            start, end = self._offsets.array[slot : slot + 2]
            self._tail.add(
                self._signatures.array[slot],
                self._fingerprints.array[start:end],
                self.nets,
                bool(self._texts.first[slot] >= 0),
            )

    def _build(self, first: int, last: int) -> None:
        """Replace the runs behind a slot by one."""
        self._runs = [run for run in self._runs if run.last <= first]
        slots = np.flatnonzero(self._alive()[first:last]) + first
        self._runs.append(
            build_run(
                self._signatures.array,
                self._fingerprints.array,
                self._offsets.array,
                slots,
                (first, last),
                self.nets,
            )
        )
        if first == 0:
            self._dead = 0

    def _copies(self) -> Pairs:
        """Link every further row of a text with its first."""
        later, slots = self._texts.copies()
        banded = ~without_shingles(self._signatures.array[slots])
        bands = banded * np.int32(self.nets.bands if self.nets.uses_bands else 0)
        lengths = np.diff(self._offsets.array)[slots].astype(np.int32)
        fingerprints = lengths if self.nets.uses_fingerprints else np.zeros_like(lengths)
        return Pairs(
            self._texts.first[slots],
            later,
            bands.astype(np.int32),
            fingerprints,
            np.ones(len(later), np.bool_),
            0,
            0,
        )
