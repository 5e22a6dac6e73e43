"""Slots: which rows are the same text, as `dedup.index.texts`, for an index on disk.

The slot of a text is the row it was first added as. Postings hold slots; a text's *first* row is
the earliest it has left. Of every row ever given 9 bytes are kept in memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.index.growing import Growing


class Slots:
    """The first row of every slot."""

    def __init__(self, rows: int = 0) -> None:
        self._first = Growing(np.int64)
        self._standing = Growing(np.int8)
        self._first.append(np.full(rows, -1, np.int64))
        self._standing.append(np.full(rows, -1, np.int8))
        self.ascending = True
        """Whether the first rows of the slots ascend, as they do until a first row is removed."""

    def __len__(self) -> int:
        return len(self._first)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The first row of each slot, int64[rows given], -1 where there is none."""
        return self._first.array

    @property
    def first(self) -> npt.NDArray[np.int64]:
        """What lookup asks: the first rows, or, while they ascend, only whether there are any.

        It compares all of them with 0, which takes an eighth of the time with an eighth of the
        bytes.
        """
        return self._standing.array if self.ascending else self._first.array

    def alive(self, first: int = 0) -> npt.NDArray[np.bool_]:
        """Return which slots from ``first`` on have a row, bool[rows given - first]."""
        alive: npt.NDArray[np.bool_] = self._standing.array[first:] >= 0
        return alive

    def has(self, slots: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return which of some numbers are slots that have a row, bool[n]; any number may come."""
        inside = slots < len(self)
        inside[inside] = self._standing.array[slots[inside]] >= 0
        return inside

    def add(self, new: npt.NDArray[np.bool_]) -> None:
        """Add rows; ``new`` bool[n] says which of them are slots."""
        rows = np.arange(len(self), len(self) + len(new))
        self._first.append(np.where(new, rows, -1))
        self._standing.append(new.astype(np.int8) - 1)

    def put_range(self, first: int, held: npt.NDArray[np.bool_]) -> None:
        """Say which of the rows from ``first`` on are slots, bool[n], with their own first row."""
        last = first + len(held)
        self._first.array[first:last] = np.where(held, np.arange(first, last), -1)
        self._standing.array[first:last] = held.view(np.int8) - np.int8(1)

    def put(self, slots: npt.NDArray[np.int64]) -> None:
        """Say that slots have the first row they began with."""
        self._first.array[slots] = slots
        self._standing.array[slots] = 0

    def change(self, slot: int, first: int) -> None:
        """Say that a slot has another first row, or none any more, -1."""
        self._first.array[slot] = first
        self._standing.array[slot] = min(first, 0)
        if first >= 0:
            self.ascending = False
