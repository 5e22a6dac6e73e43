"""Which rows are the same text: rows are collapsed before anything else is done with them.

A *slot* is one different text, numbered in the order of adding and never given twice; its *first*
row is the earliest of its rows that is still there.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from dedup.index.growing import Growing
from dedup.sketch.sketches import Sketches

_GONE = -1


class Texts:
    """The rows of an index and the different texts they are."""

    def __init__(self) -> None:
        self._slots = Growing(np.int64)
        self._first = Growing(np.int64)
        self._further: dict[int, dict[int, None]] = {}
        self._by_hash: dict[int, int] = {}
        self._hashes = Growing(np.uint64)
        self.ascending = True
        """Whether the first rows of the slots ascend, as they do until a first row is removed."""
        self.rows = 0
        """How many rows there are."""
        self.distinct = 0
        """How many slots have a row."""

    @property
    def slots(self) -> npt.NDArray[np.int64]:
        """The slot of each row ever given, int64[rows given], -1 for a row that is gone."""
        return self._slots.array

    @property
    def first(self) -> npt.NDArray[np.int64]:
        """The first row of each slot ever given, int64[slots given], -1 where none is left."""
        return self._first.array

    def add(self, sketches: Sketches) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Add rows; return them, and which of the sketches are new texts (their numbers)."""
        start, slot = len(self._slots), len(self._first)
        slots, fresh = [], []
        by_hash = self._by_hash
        worded = (sketches.word_counts > 0).tolist()
        for number, text in enumerate(sketches.text_hashes.tolist()):
            known = by_hash.get(text) if worded[number] else None
            if known is None:
                known = slot
                if worded[number]:
                    by_hash[text] = slot
                slot += 1
                fresh.append(number)
            else:
                self._further.setdefault(known, {})[start + number] = None
            slots.append(known)
        rows = np.arange(start, start + len(slots), dtype=np.int64)
        new = np.array(fresh, np.int64)
        self._slots.append(np.array(slots, np.int64))
        self._first.append(rows[new])
        self._hashes.append(sketches.text_hashes[new])
        self.rows += len(slots)
        self.distinct += len(fresh)
        return rows, new

    def remove(self, rows: Iterable[int]) -> tuple[int, list[int]]:
        """Forget rows; return how many were there, and the slots that have none left."""
        removed, emptied = 0, []
        slots, first = self.slots, self.first
        for row in rows:
            if not 0 <= row < len(slots) or slots[row] == _GONE:
                continue
            slot = int(slots[row])
            slots[row] = _GONE
            removed += 1
            further = self._further.get(slot)
            if first[slot] != row:
                assert further is not None
                del further[row]
            elif further:
                self.ascending = False
                first[slot] = next(iter(further))
                del further[int(first[slot])]
            else:
                first[slot] = _GONE
                emptied.append(slot)
                text = int(self._hashes.array[slot])
                if self._by_hash.get(text) == slot:  # a text without words was never put there
                    del self._by_hash[text]
            if further is not None and not further:
                del self._further[slot]
        self.rows -= removed
        self.distinct -= len(emptied)
        return removed, emptied

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the slot with the same folded words, int64[n], -1 where there is none."""
        get = self._by_hash.get
        slots = np.array([get(text, _GONE) for text in sketches.text_hashes.tolist()], np.int64)
        slots[sketches.word_counts == 0] = _GONE
        return slots

    def copies(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return every row that is not the first of its slot, ascending, and its slot."""
        rows = np.array(
            sorted(row for further in self._further.values() for row in further), np.int64
        )
        return rows, self.slots[rows]
