"""Two libraries asked about standing text as one: articles to check know each other too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.index.library import Holding, Library
from dedup.index.protocol import Holders
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches, offsets_of

_BESIDE = 1 << 48
"""What the rows of the second library are named from: beyond any row of the first."""


class Joined:
    """What `StandingText` asks of a library, answered by two; rows of the first keep their names.

    A text that both hold has the name it has in the second.
    """

    def __init__(self, library: Library, beside: Library) -> None:
        self._first, self._second = library, beside

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @property
    def index(self) -> Joined:
        """The index of both, which is this too."""
        return self

    @property
    def parameters(self) -> SketchParameters:
        """How both are sketched."""
        return self._first.index.parameters

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the name of the text with the same folded words, int64[n], -1 for none."""
        beside = self._second.index.find(sketches)
        return np.where(beside >= 0, beside + _BESIDE, self._first.index.find(sketches))

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest holders of each fingerprint, at most ``most`` of either library."""
        first = self._first.index.earliest_holders(fingerprints, most)
        second = self._second.index.earliest_holders(fingerprints, most)
        counts = [np.diff(found.offsets) for found in (first, second)]
        keys = [np.repeat(np.arange(len(fingerprints)), count) for count in counts]
        order = np.argsort(np.concatenate(keys), kind="stable")
        rows = np.concatenate([first.rows, second.rows + _BESIDE])[order]
        return Holders(offsets_of(counts[0] + counts[1]), rows)

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of names with their fingerprints, None where they are gone."""
        found = iter(self._first.holdings([row for row in rows if row < _BESIDE]))
        beside = iter(self._second.holdings([row - _BESIDE for row in rows if row >= _BESIDE]))
        return [next(beside if row >= _BESIDE else found) for row in rows]
