"""How many different texts of an index hold a key, as it counts them to call a key over-full."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.counting import spread
from dedup.index.memory import MemoryIndex
from dedup.index.protocol import Index


def count_holders(
    index: Index, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
) -> npt.NDArray[np.int64]:
    """Count the holders of bands (with their numbers as groups) or fingerprints, int64[n].

    Directly behind a call of ``index.candidates``, which brings runs and tail up to date.
    """
    runs, tail, first = _parts(index)
    numbers, _ = tail.holders(keys, groups, fingerprint)
    held = np.bincount(numbers, minlength=len(keys)).astype(np.int64)
    for run in runs:
        postings = run.fingerprints if fingerprint else run.bands
        starts, lengths = postings.find(keys, groups)
        if first is None:
            held += lengths
            continue
        slots = postings.slots[spread(starts, lengths)]
        at = np.repeat(np.arange(len(keys)), lengths)
        there = np.zeros(len(slots), np.bool_)
        inside = slots < len(first)
        there[inside] = first[slots[inside]] >= 0
        held += np.bincount(at[there], minlength=len(keys))
    return held


def _parts(index: Any) -> tuple[list[Any], Any, npt.NDArray[Any] | None]:  # noqa: ANN401
    """Return the runs and the tail of an index, and, where a slot may be gone, which are not."""
    if isinstance(index, MemoryIndex):
        return index._runs, index._tail, index._texts.first if index._dead else None
    pending, slots = index.contents.pending, index.contents.slots
    recent, tail, dead = pending.settled(1, slots.alive(pending.first))
    runs = [*(segment.run for segment in index.store.segments), *recent]
    return runs, tail, slots.first if dead or index.store.dead else None
