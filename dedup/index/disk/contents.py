"""What an index on disk holds at the moment: slots, segments and pending rows, as of one commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.index.disk.database import Database
from dedup.index.disk.pending import Pending
from dedup.index.disk.rebuilding import Rebuilder
from dedup.index.disk.slots import Slots
from dedup.index.disk.store import SegmentStore
from dedup.sketch.sketches import Sketches


class Contents:
    """Slots, segments and pending rows; the writer changes them in step with the database.

    Parameters
    ----------
    path
        The directory of the index.
    write
        Whether this is the writer; a reader must `refresh` before it looks at anything.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.database = Database(path, write=write)
        self.store = SegmentStore(path, self.database)
        self.rebuilder = Rebuilder(self.database)
        self.slots = Slots()
        self.sealed = 0
        """The row from which on rows are pending."""
        self.write = write
        self._pending: Pending | None = None
        self._version = self._change = self._generation = -1
        self.database.rolled_back = self.load
        if write:
            self.store.directory.mkdir(exist_ok=True)
            self.store.sweep()
        self.load()

    @property
    def pending(self) -> Pending:
        """The pending rows, which are read when they are first needed."""
        if self._pending is None:
            self._pending = self.rebuilder.pending(self.sealed, self.slots)
        return self._pending

    @property
    def has_read_pending(self) -> bool:
        """Whether the pending rows have been needed."""
        return self._pending is not None

    def load(self) -> None:
        """Read everything but the pending rows' sketches, as of one commit."""
        with self._snapshot():
            self._read()
        while self._replaced_meanwhile():
            with self._snapshot():
                self._read()

    def refresh(self) -> None:
        """Let a reader see what was committed since."""
        if self.write:
            return
        if self._pending is not None and self.database.version() == self._version:
            return
        known = self._version
        with self._snapshot():
            unread = self._pending is None and known != self._version
            if unread or self.database.state().generation != self._generation:
                self._read()
            if self._pending is not None:
                self._read_further(self._pending)
            self._pending = self.pending
        while self._replaced_meanwhile():
            with self._snapshot():
                self._read()
                self._pending = self.pending

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the slot with the same words as each sketch, int64[n], -1 where there is none."""
        pending = self.pending
        found = np.full(len(sketches), -1, np.int64)
        worded = np.flatnonzero(sketches.word_counts > 0)
        hashes = sketches.text_hashes[worded]
        for number, text_hash in zip(worded.tolist(), hashes.tolist(), strict=True):
            slot = pending.slot_of(text_hash)
            if slot is not None:
                found[number] = slot
        for segment in self.store.segments:
            for number, slot in segment.find(hashes):
                if self.slots.has(np.array([slot]))[0]:
                    found[worded[number]] = slot
        return found

    def change_number(self) -> int:
        """Return the number of the last change."""
        return int(self.database.one("SELECT coalesce(max(number), 0) FROM changes"))

    def seal(self, row: int) -> None:
        """Take note that the rows before one are in segments now."""
        self._pending = self.pending.since(row, self.slots.alive(row))
        self.sealed = row

    def _replaced_meanwhile(self) -> bool:
        """Tell whether a file was not found because the writer had just replaced it."""
        if not self.store.damaged:
            return False
        registered = {one.name for one in self.database.segments()}
        return any(one.name not in registered for one in self.store.damaged)

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
        self.sealed = registered[-1].last if registered else 0
        self.slots = Slots(self.database.next_row())
        self._generation = self.database.state().generation
        for segment in self.store.segments:
            self.slots.put_range(segment.first, segment.held())
        self._change = 0
        self._pending = None
        self.slots.put(self.rebuilder.new_slots(self.sealed))
        self._apply_changes()
        self.store.count_dead(self.slots)

    def _read_further(self, pending: Pending) -> None:
        """Read what was added and removed since."""
        start = len(self.slots)
        self.slots.add(np.zeros(self.database.next_row() - start, np.bool_))
        self.slots.put(self.rebuilder.new_slots(start))
        gone = self._apply_changes()
        self.rebuilder.extend(pending, self.slots)
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
            if self.slots.rows[slot] < 0:
                continue  # of a damaged segment, or gone before
            self.slots.change(slot, first)
            if first < 0:
                gone.append(slot)
        return gone
