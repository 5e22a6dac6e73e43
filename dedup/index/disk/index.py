"""The index on disk: what `dedup.index.memory` answers, from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.disk.building import Builder
from dedup.index.disk.contents import Contents
from dedup.index.disk.errors import DiskIndexError
from dedup.index.disk.joining import join_all
from dedup.index.lookup import Asked, count_holders, earliest_holders, look_up
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates, Holders, Pairs, check_width
from dedup.index.ranking import rank
from dedup.index.texts import Texts
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches, offsets_of

_WORTH = 256
"""Pending rows from which closing makes a segment of them, so that opening need not sort them."""

_NO_ARTICLE = (None,) * 10


class DiskIndex:
    """An `Index` on disk, the part of a `dedup.index.disk.library.DiskLibrary` that knows sketches.

    A reader sees what the writer has committed, from one call to the next.
    """

    _sealed_from = 4096
    """Pending rows from which they are made a segment."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self.contents = Contents(path, write=write)
        self.database = self.contents.database
        self.store = self.contents.store
        self.parameters: SketchParameters = self.database.parameters
        self.nets: Nets = self.database.nets
        self.builder = Builder(self.contents, self._sealed_from)
        self._closed = False
        if write and self.store.damaged:
            self.builder.repair()

    def __len__(self) -> int:
        return self.database.state().rows

    @property
    def distinct(self) -> int:
        """How many different texts it holds; every row without words counts as one."""
        return self.database.state().different

    def add(
        self, sketches: Sketches, records: Sequence[tuple[object, ...]] | None = None
    ) -> npt.NDArray[np.int64]:
        """Add sketches and return their rows, int64[n], ascending; they are then committed.

        Parameters
        ----------
        sketches : Sketches
        records : sequence of tuples, optional
            The articles, as `dedup.index.disk.records.from_article` makes them.

        Raises
        ------
        DedupError
            If the signatures have another width than the index's parameters say.
        DiskIndexError
            If they could not be written; then none of them is in the index.
        """
        check_width(sketches, self.parameters)
        self.builder.advance()
        pending = self.contents.pending
        start = len(self.contents.slots)
        slots = self._assign(sketches, start)
        rows = np.arange(start, start + len(slots))
        new = slots == rows
        self._insert(sketches, records, slots, new)
        lengths = np.diff(sketches.fingerprint_offsets)
        self.contents.slots.add(new)
        pending.add(
            sketches.signatures,
            sketches.fingerprints,
            lengths,
            sketches.text_hashes,
            new & (sketches.word_counts > 0),
        )
        return rows

    def remove(self, rows: npt.ArrayLike) -> int:
        """Forget rows and return how many were there to be forgotten."""
        wanted = sorted(set(np.asarray(rows, np.int64).ravel().tolist()))
        pending = self.contents.pending
        first = self.contents.slots.rows
        with self.database.transaction() as connection:
            slot_of = {}
            for row in wanted:
                found = connection.execute("SELECT slot FROM articles WHERE row = ?", (row,))
                if (values := found.fetchone()) is not None:
                    slot_of[row] = row if values[0] is None else values[0]
            self.database.remove(list(slot_of))
            emptied = 0
            for slot in {slot for row, slot in slot_of.items() if first[slot] == row}:
                left = self.database.one("SELECT min(row) FROM articles WHERE slot = ?", slot)
                self.contents.slots.change(slot, -1 if left is None else left)
                connection.execute(
                    "INSERT INTO changes (slot, first) VALUES (?, ?)", (slot, int(first[slot]))
                )
                if left is not None:
                    continue
                emptied += 1
                if slot >= pending.first:
                    connection.execute("DELETE FROM pending WHERE row = ?", (slot,))
                    pending.remove(slot)
                else:
                    self.store.removed(slot)
            self.database.count(-len(slot_of), -emptied)
        return len(slot_of)

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none."""
        self.contents.refresh()
        slots = self.contents.find(sketches)
        found = np.full(len(slots), -1, np.int64)
        held = slots >= 0
        found[held] = self.contents.slots.rows[slots[held]]
        return found

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included."""
        check_width(sketches, self.parameters)
        self.contents.refresh()
        pending = self.contents.pending
        recent, tail, dead = pending.settled(
            len(sketches), self.contents.slots.alive(pending.first)
        )
        while True:
            runs = [*(segment.run for segment in self.store.segments), *recent]
            dead = dead or self.store.dead > 0
            try:
                slots = cast(Texts, self.contents.slots)
                found, cut = look_up(sketches, self.nets, runs, tail, slots, dead)
                break
            except IndexError:  # a slot that never was
                if not self.store.drop_damaged():
                    raise
        there = self.contents.slots.has(found.slots)
        if not there.all():
            found = found.where(there)
        same, first = self.contents.find(sketches), self.contents.slots.rows
        return rank(sketches, found, same, first.__getitem__, cut, self.nets)

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.int64]:
        """Count the texts that hold keys, directly behind `candidates`."""
        pending, slots = self.contents.pending, self.contents.slots
        recent, tail, dead = pending.settled(1, slots.alive(pending.first))
        runs = [*(segment.run for segment in self.store.segments), *recent]
        first = slots.first if dead or self.store.dead else None
        return count_holders(Asked.alone(keys, groups, fingerprint), runs, tail, first)

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""
        self.contents.refresh()
        pending, slots = self.contents.pending, self.contents.slots
        recent, tail, dead = pending.settled(len(fingerprints), slots.alive(pending.first))
        runs = [*(segment.run for segment in self.store.segments), *recent]
        in_order = slots.ascending and not dead and not self.store.dead
        found = earliest_holders(fingerprints, most, runs, tail, None if in_order else slots.rows)
        there = slots.has(found.rows)  # a damaged segment may name slots that never were
        counts = np.diff(np.concatenate([[0], np.cumsum(there)])[found.offsets])
        return Holders(offsets_of(counts), slots.rows[found.rows[there]])

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, in blocks of bounded size."""
        self.contents.refresh()
        return join_all(self.database, self.store, self.contents.pending, self.contents.slots)

    def signatures(self, rows: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Return the signatures of rows it holds, uint32[n, num_perm]; they estimate Jaccard.

        Raises
        ------
        KeyError
            If one of the rows is not in the index.
        """
        wanted = np.asarray(rows, np.int64).ravel().tolist()
        signatures = np.empty((len(wanted), self.parameters.num_perm), np.uint32)
        for number, row in enumerate(wanted):
            found = self.database.one("SELECT signature FROM articles WHERE row = ?", row)
            if found is None:
                raise KeyError(f"row {row} is not in the index")
            signatures[number] = np.frombuffer(found, np.uint32)
        return signatures

    def close(self) -> None:
        """Finish what is being built, and close the files; again is nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if self.contents.write and not self.database.connection.in_transaction:
                worth = self.contents.has_read_pending and len(self.contents.pending) >= _WORTH
                with suppress(
                    DiskIndexError
                ):  # without room the rows stay pending: nothing is lost
                    self.builder.settle(seal=worth)
        finally:
            self.store.close()
            self.database.close()

    def _assign(self, sketches: Sketches, start: int) -> npt.NDArray[np.int64]:
        """Return the slots of new rows."""
        slots = self.contents.find(sketches)
        fresh: dict[int, int] = {}
        unknown = np.flatnonzero(slots < 0)
        worded = (sketches.word_counts > 0).tolist()
        hashes = sketches.text_hashes.tolist()
        for number in unknown.tolist():
            row = start + number
            slots[number] = fresh.setdefault(hashes[number], row) if worded[number] else row
        return slots

    def _insert(
        self,
        sketches: Sketches,
        records: Sequence[tuple[object, ...]] | None,
        slots: npt.NDArray[np.int64],
        new: npt.NDArray[np.bool_],
    ) -> None:
        start, width = len(self.contents.slots), sketches.signatures.shape[1] * 4
        signatures = np.ascontiguousarray(sketches.signatures).view(np.uint8).ravel().data
        fingerprints = np.ascontiguousarray(sketches.fingerprints).tobytes()
        offsets = (sketches.fingerprint_offsets * 4).tolist()
        values = zip(
            slots.tolist(),
            new.tolist(),
            sketches.text_hashes.view(np.int64).tolist(),
            sketches.word_counts.tolist(),
            records if records is not None else [_NO_ARTICLE] * len(slots),
            strict=True,
        )
        with self.database.transaction():
            self.database.insert(
                [
                    (
                        start + number,
                        None if own else slot,
                        text_hash,
                        words,
                        signatures[number * width : (number + 1) * width],
                        *record,
                    )
                    for number, (slot, own, text_hash, words, record) in enumerate(values)
                ]
            )
            self.database.insert_pending(
                (start + number, fingerprints[offsets[number] : offsets[number + 1]])
                for number in np.flatnonzero(new).tolist()
            )
            self.database.count(len(slots), int(new.sum()))
