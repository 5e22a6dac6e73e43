"""The index on disk: what `dedup.index.memory` answers, from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError
from dedup.index.disk.database import Database
from dedup.index.disk.errors import explained
from dedup.index.disk.joining import join_all
from dedup.index.disk.pending import Pending
from dedup.index.disk.ranking import rank
from dedup.index.disk.rebuilding import Rebuilder
from dedup.index.disk.slots import Slots
from dedup.index.disk.store import Job, SegmentDamaged, SegmentStore
from dedup.index.lookup import look_up
from dedup.index.nets import Nets
from dedup.index.protocol import Candidates, Pairs
from dedup.index.texts import Texts
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches

_BEHIND = 8
"""Times as many pending rows are let grow before adding waits for the segment being built."""

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
        self.database = Database(path, write=write)
        self.parameters: SketchParameters = self.database.parameters
        self.nets: Nets = self.database.nets
        self.store = SegmentStore(path, self.database)
        self._write = write
        self._closed = False
        self._rebuilder = Rebuilder(self.database)
        self._slots = Slots()
        self._pending: Pending | None = None
        self._sealed = 0
        self._version = self._change = self._generation = -1
        self._retry_at = self._sealed_from
        self.database.rolled_back = self._load
        if write:
            self.store.directory.mkdir(exist_ok=True)
            self.store.sweep()
        self._load()
        if write and self.store.damaged:
            self.repair()

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
        self._check(sketches)
        self._advance()
        pending = self._settled_pending()
        start = len(self._slots)
        slots = self._assign(sketches, start)
        rows = np.arange(start, start + len(slots))
        new = slots == rows
        self._insert(sketches, records, slots, new)
        lengths = np.diff(sketches.fingerprint_offsets)
        self._slots.add(new)
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
        pending = self._settled_pending()
        first = self._slots.rows
        with self.database.transaction() as connection:
            slot_of = {}
            for row in wanted:
                found = connection.execute("SELECT slot FROM articles WHERE row = ?", (row,))
                if (values := found.fetchone()) is not None:
                    slot_of[row] = row if values[0] is None else values[0]
            gone = [(row,) for row in slot_of]
            connection.executemany("DELETE FROM articles WHERE row = ?", gone)
            emptied = 0
            for slot in {slot for row, slot in slot_of.items() if first[slot] == row}:
                left = self.database.one("SELECT min(row) FROM articles WHERE slot = ?", slot)
                self._slots.change(slot, -1 if left is None else left)
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
            self.database.count(-len(gone), -emptied)
        return len(gone)

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none."""
        self._refresh()
        slots = self._find(sketches)
        found = np.full(len(slots), -1, np.int64)
        held = slots >= 0
        found[held] = self._slots.rows[slots[held]]
        return found

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included."""
        self._check(sketches)
        self._refresh()
        pending = self._settled_pending()
        recent, tail, dead = pending.settled(len(sketches), self._slots.alive(pending.first))
        while True:
            runs = [*(segment.run for segment in self.store.segments), *recent]
            dead = dead or self.store.dead > 0
            try:
                slots = cast(Texts, self._slots)
                found, cut = look_up(sketches, self.nets, runs, tail, slots, dead)
                break
            except IndexError:  # a slot that never was
                if not self.store.drop_damaged():
                    raise
        there = self._slots.has(found.slots)
        if not there.all():
            found = found.where(there)
        return rank(sketches, found, self._find(sketches), self._slots.rows, cut, self.nets)

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, in blocks of bounded size."""
        self._refresh()
        return join_all(self.database, self.store, self._settled_pending(), self._slots)

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

    def compact(self) -> None:
        """Make one segment of everything, without what is gone."""
        self.settle(seal=True)
        segments = self.store.segments
        if len(segments) > 1 or self.store.dead:
            self.store.start_merging(segments, self._slots, self._change_number())
            self.settle()

    def settle(self, *, seal: bool = False) -> None:
        """Finish building segments; ``seal`` also makes one of all pending rows."""
        self._advance(wait=True)
        if seal and len(self._settled_pending()):
            self._start_sealing()
            self._advance(wait=True)

    def repair(self) -> list[str]:
        """Rebuild the segments known to be damaged from the articles; return their names."""
        if self.store.job is not None:
            self.store.job.built.exception()  # waits; it may have been given a damaged one
            self.store.job = None
            self.store.sweep()
        names = []
        for registered in list(self.store.damaged):
            change = self._change_number()
            # Its slots are not known from its bitmap any more.
            spans = self._rebuilder.restore(registered, self._slots)
            new = [
                self.store.write(span, [source], self._slots.alive(span[0])[: span[1] - span[0]])
                for span, source in spans
            ]
            self.store.install(new, [registered], self._sealed, change, self._slots)
            names.append(registered.name)
        if names:
            self._load()
        return names

    def count_slots(self) -> int:
        """Count the texts that can be found."""
        return int(np.count_nonzero(self._slots.alive()))

    def close(self) -> None:
        """Finish what is being built, and close the files; again is nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._write and not self.database.connection.in_transaction:
                self._advance(wait=True)
                if self._pending is not None and len(self._pending) >= _WORTH:
                    self.settle(seal=True)
        finally:
            self.store.close()
            self.database.close()

    def _check(self, sketches: Sketches) -> None:
        width = sketches.signatures.shape[1]
        if width != self.parameters.num_perm:
            raise DedupError(
                f"signatures of {width} values do not fit into an index of "
                f"{self.parameters.num_perm}; sketch the texts with the index's parameters"
            )

    def _assign(self, sketches: Sketches, start: int) -> npt.NDArray[np.int64]:
        """Return the slots of new rows."""
        slots = self._find(sketches)
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
        start, width = len(self._slots), sketches.signatures.shape[1] * 4
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
                (
                    start + number,
                    None if own else slot,
                    text_hash,
                    words,
                    signatures[number * width : (number + 1) * width],
                    *record,
                )
                for number, (slot, own, text_hash, words, record) in enumerate(values)
            )
            self.database.insert_pending(
                (start + number, fingerprints[offsets[number] : offsets[number + 1]])
                for number in np.flatnonzero(new).tolist()
            )
            self.database.count(len(slots), int(new.sum()))

    def _find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the slot with the same words as each sketch, int64[n], -1 where there is none."""
        pending = self._settled_pending()
        found = np.full(len(sketches), -1, np.int64)
        worded = np.flatnonzero(sketches.word_counts > 0)
        hashes = sketches.text_hashes[worded]
        for number, text_hash in zip(worded.tolist(), hashes.tolist(), strict=True):
            slot = pending.slot_of(text_hash)
            if slot is not None:
                found[number] = slot
        for segment in self.store.segments:
            for number, slot in segment.find(hashes):
                if self._slots.has(np.array([slot]))[0]:
                    found[worded[number]] = slot
        return found

    def _settled_pending(self) -> Pending:
        """Return the pending rows, which are read when they are first needed."""
        if self._pending is None:
            self._pending = self._rebuilder.pending(self._sealed, self._slots)
        return self._pending

    def _advance(self, *, wait: bool = False) -> None:
        """Register the segment that was being built and start the next; ``wait`` until all are."""
        if self.database.connection.in_transaction:
            return  # which may come to nothing
        while True:
            job = self.store.job
            if job is not None:
                behind = len(self._settled_pending()) >= _BEHIND * self._sealed_from
                if not (wait or behind or job.built.done()):
                    return
                self._install(job, wait)
            if not self._start_next() or not wait:
                return

    def _start_next(self) -> bool:
        if len(self._settled_pending()) >= self._retry_at:
            self._start_sealing()
            return True
        due = self.store.due()
        if due and self._retry_at == self._sealed_from:
            self.store.start_merging(due, self._slots, self._change_number())
            return True
        return False

    def _start_sealing(self) -> None:
        pending = self._settled_pending()
        alive = self._slots.alive(pending.first)
        span = pending.first, pending.first + len(pending)
        self.store.start(span, lambda: [pending.source(alive)], alive, [], self._change_number())

    def _install(self, job: Job, wait: bool) -> None:
        self.store.job = None
        pending = self._settled_pending()
        try:
            built = job.built.result()
        except SegmentDamaged:
            self.store.drop_damaged()
            self.repair()
            return
        except OSError:  # most likely there is no room; nothing is lost, the rows stay pending
            self._retry_at = 2 * len(pending) + self._sealed_from
            if wait:
                with explained(self.store.directory):
                    raise
            return
        self._retry_at = self._sealed_from
        replaced = [segment.registered for segment in job.replaced]
        sealed = self._sealed if replaced else job.last
        self.store.install([built], replaced, sealed, job.changes, self._slots)
        if not replaced:
            self._sealed = sealed
            self._pending = pending.since(sealed, self._slots.alive(sealed))

    def _change_number(self) -> int:
        return int(self.database.one("SELECT coalesce(max(number), 0) FROM changes"))

    def _load(self) -> None:
        """Read everything but the pending rows' sketches, as of one commit."""
        for _ in range(5):
            with self._snapshot():
                self._read()
            if not self.store.damaged or self._write:
                break  # a reader may have found a file gone that was just replaced

    def _refresh(self) -> None:
        """Let a reader see what was committed since."""
        if self._write:
            return
        if self._pending is not None and self.database.version() == self._version:
            return
        known = self._version
        with self._snapshot():
            unread = self._pending is None and known != self._version
            if unread or self.database.state().generation != self._generation:
                self._read()
            if self._pending is None:
                self._settled_pending()
            else:
                self._read_further(self._pending)
        if self.store.damaged:
            self._load()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """See one commit inside."""
        connection = self.database.connection
        own = not connection.in_transaction
        if own:
            connection.execute("BEGIN")
        try:
            self._version = self.database.version()
            yield
        finally:
            if own:
                connection.execute("COMMIT")

    def _read(self) -> None:
        registered = self.database.segments()
        self.store.load(registered)
        self._sealed = registered[-1].last if registered else 0
        self._slots = Slots(self.database.next_row())
        self._generation = self.database.state().generation
        for segment in self.store.segments:
            self._slots.put(segment.members())
        self._change = 0
        self._pending = None
        self._slots.put(self._rebuilder.new_slots(self._sealed))
        self._apply_changes()
        self.store.count_dead(self._slots)

    def _read_further(self, pending: Pending) -> None:
        """Read what was added and removed since."""
        start = len(self._slots)
        self._slots.add(np.zeros(self.database.next_row() - start, np.bool_))
        self._slots.put(self._rebuilder.new_slots(start))
        gone = self._apply_changes()
        self._rebuilder.extend(pending, self._slots)
        for slot in gone:
            if slot >= pending.first:
                pending.remove(slot)
            else:
                self.store.removed(slot)

    def _apply_changes(self) -> list[int]:
        """Apply the changes not yet known; return the slots that have gone."""
        gone = []
        for number, slot, first in self.database.connection.execute(
            "SELECT number, slot, first FROM changes WHERE number > ? ORDER BY number",
            (self._change,),
        ):
            self._change = number
            if self._slots.rows[slot] < 0:
                continue  # of a damaged segment, or gone before
            self._slots.change(slot, first)
            if first < 0:
                gone.append(slot)
        return gone
