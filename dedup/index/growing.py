"""An array that grows at its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Growing:
    """Rows of one dtype and width, with room behind them.

    The room doubles when it is used up; what is not yet written costs address space, not memory.
    """

    def __init__(self, dtype: npt.DTypeLike, width: int | None = None) -> None:
        shape = (0,) if width is None else (0, width)
        self._room: npt.NDArray[Any] = np.empty(shape, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, values: npt.ArrayLike) -> None:
        """Append rows."""
        values = np.asarray(values, self._room.dtype)
        count = self._count + len(values)
        if count > len(self._room):
            room = np.empty((max(count, 2 * len(self._room)), *self._room.shape[1:]), values.dtype)
            room[: self._count] = self.array
            self._room = room
        self._room[self._count : count] = values
        self._count = count

    @property
    def array(self) -> npt.NDArray[Any]:
        """The rows so far; a view, which later rows do not show in."""
        return self._room[: self._count]
