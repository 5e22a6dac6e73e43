"""Telling of most numbers, in one look each, that they are none of some others."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Bitmap:
    """A Bloom filter (B. Bloom, 1970) of one hash, which is the low bits of the numbers.

    Parameters
    ----------
    numbers : uint32[n] or uint64[n]
        Those that are looked for; their low bits are random.
    bits
        How many bits are looked at; a byte is kept for each of their values.
    """

    def __init__(self, numbers: npt.NDArray[Any], bits: int = 16) -> None:
        self._mask = (1 << bits) - 1
        self._held = np.zeros(1 << bits, np.bool_)
        self._held[numbers & self._mask] = True

    def places(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return where numbers stand that are looked for, and a few others: int64[m], ascending."""
        likely = self._held.take((numbers & self._mask).astype(np.intp))
        return likely.nonzero()[0]
