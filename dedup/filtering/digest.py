"""What is made of records alone, before any is looked up: sketches and credits.

It asks nothing of the library, so it is made ahead, and by other processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Credit
from dedup.index.runs import fingerprints_of
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches, concatenate, offsets_of, sketch
from dedup.text.credits import find_credits


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """Of n texts their sketches, and the credits found in them."""

    sketches: Sketches
    credits: Sequence[tuple[Credit, ...]]

    def take(self, numbers: Sequence[int]) -> Digest:
        """Return what was made of some of the texts, itself if it is all of them."""
        if list(numbers) == list(range(len(self.credits))):
            return self
        return Digest(
            take(self.sketches, np.array(numbers, np.int64)),
            [self.credits[number] for number in numbers],
        )


def digest(texts: Sequence[str], parameters: SketchParameters, threads: int | None) -> Digest:
    """Make what is needed of texts before they are looked up."""
    return Digest(
        sketch(texts, parameters, threads),
        [tuple(find_credits(text)) for text in texts],
    )


def joined(parts: Sequence[Digest]) -> Digest:
    """Join what was made of consecutive texts; at least one part."""
    return Digest(
        concatenate([part.sketches for part in parts]),
        [one for part in parts for one in part.credits],
    )


def take(sketches: Sketches, numbers: npt.NDArray[np.int64]) -> Sketches:
    """Return some of the sketches."""
    prints, lengths = fingerprints_of(sketches.fingerprints, sketches.fingerprint_offsets, numbers)
    return Sketches(
        sketches.signatures[numbers],
        sketches.text_hashes[numbers],
        sketches.word_counts[numbers],
        prints,
        offsets_of(lengths),
    )
