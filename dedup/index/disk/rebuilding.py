"""What is derived, made again from the articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from dedup.index.disk.database import Database, Registered
from dedup.index.disk.pending import Pending
from dedup.index.disk.records import unpack
from dedup.index.disk.segments import RunSource
from dedup.index.disk.slots import Slots
from dedup.sketch.sketches import sketch

_ROWS = 1 << 16
"""Rows rebuilt at a time: bounds the memory to some 300 MB."""

_SKETCH = "SELECT text_hash, words, signature FROM articles WHERE row = ?"

_Entry = tuple[int, int, int, bytes, bytes]
"""A slot, its text hash (the bits of a uint64), words, signature and fingerprints."""


class Rebuilder:
    """Makes pending rows and segments from the table of truth."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, first: int, slots: Slots) -> Pending:
        """Return the rows from ``first`` on, which are in no segment."""
        pending = self._empty(first)
        self.extend(pending, slots)
        return pending

    def extend(self, pending: Pending, slots: Slots) -> None:
        """Add the rows that are not in it yet."""
        start = pending.first + len(pending)
        rows = self._database.connection.execute(
            "SELECT row, fingerprints FROM pending WHERE row >= ? ORDER BY row", (start,)
        ).fetchall()
        self._fill(
            pending,
            len(slots),
            (
                (slot, *self._database.first_of(_SKETCH, int(slots.rows[slot])), fingerprints)
                for slot, fingerprints in rows
            ),
        )

    def new_slots(self, start: int) -> npt.NDArray[np.int64]:
        """Return the slots among the pending rows from ``start`` on."""
        rows = self._database.connection.execute("SELECT row FROM pending WHERE row >= ?", (start,))
        return np.array([row for (row,) in rows], np.int64)

    def restore(
        self, registered: Registered, slots: Slots
    ) -> Iterator[tuple[tuple[int, int], RunSource]]:
        """Yield what new segments for the rows of a damaged one can be built from.

        Their slots become known to ``slots``. The fingerprints are those of the texts, sketched
        again; an article without a text has none.
        """
        for first in range(registered.first, registered.last, _ROWS):
            last = min(first + _ROWS, registered.last)
            earliest = self._slots_between(first, last)
            slots.put(np.array(list(earliest), np.int64))
            for slot, row in earliest.items():
                if row != slot:
                    slots.change(slot, row)
            pending = self._empty(first)
            self._fill(pending, last, self._sketched(earliest))
            yield (first, last), pending.source(slots.alive(first)[: last - first])

    def _slots_between(self, first: int, last: int) -> dict[int, int]:
        """Return the slots of a range of rows, ascending, and the first row of each."""
        connection, span = self._database.connection, (first, last)
        further = connection.execute(
            "SELECT slot, min(row) FROM articles WHERE slot >= ? AND slot < ? GROUP BY slot", span
        )
        earliest: dict[int, int] = dict(further)
        own = connection.execute(
            "SELECT row FROM articles WHERE row >= ? AND row < ? AND slot IS NULL", span
        )
        earliest.update((row, row) for (row,) in own)
        return dict(sorted(earliest.items()))

    def _sketched(self, earliest: dict[int, int]) -> Iterator[_Entry]:
        wanted = list(earliest.items())
        for start in range(0, len(wanted), 512):
            part = wanted[start : start + 512]
            rows = [
                self._database.first_of(
                    "SELECT text_hash, words, signature, text FROM articles WHERE row = ?", row
                )
                for _, row in part
            ]
            texts = ["" if packed is None else unpack(packed) for *_, packed in rows]
            sketches = sketch(texts, self._database.parameters)
            for number, ((slot, _), (text_hash, words, signature, _)) in enumerate(
                zip(part, rows, strict=True)
            ):
                fingerprints = sketches.fingerprints_of(number).tobytes()
                yield slot, text_hash, words, signature, fingerprints

    def _empty(self, first: int) -> Pending:
        return Pending(first, self._database.parameters.num_perm, self._database.nets)

    def _fill(self, pending: Pending, last: int, entries: Iterable[_Entry]) -> None:
        """Add the rows up to ``last``, of which only slots have a sketch."""
        start = pending.first + len(pending)
        count = last - start
        signatures = np.zeros((count, self._database.parameters.num_perm), np.uint32)
        hashes, worded = np.zeros(count, np.int64), np.zeros(count, np.bool_)
        lengths = np.zeros(count, np.int64)
        parts = []
        for slot, text_hash, words, signature, fingerprints in entries:
            number = slot - start
            signatures[number] = np.frombuffer(signature, np.uint32)
            hashes[number], worded[number] = text_hash, words > 0
            lengths[number] = len(fingerprints) // 4
            parts.append(fingerprints)
        prints = np.frombuffer(b"".join(parts), np.uint32)
        pending.add(signatures, prints, lengths, hashes.view(np.uint64), worded)
