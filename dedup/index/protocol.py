"""What every index does, wherever it keeps what it knows.

An index knows rows and sketches; ids, texts and everything else about an article are the
detector's. A row is an integer that the index gives when something is added: rows ascend from 0
in the order of adding and are never given twice, so a lower row is an earlier article.

Articles with the same folded words are one text to an index: it brings the text's earliest row
together with others, and every further row only with that earliest one. Otherwise the 100,000
copies of one notice would be five thousand million pairs. "The same" is said by the 64-bit
text hash, so two rows in 10^19 wrongly; and never of articles without words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError
from dedup.index.bands import Keys
from dedup.index.nets import Nets
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import Sketches


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The candidates of n queries, before verification.

    Those of query i stand at ``offsets[i]:offsets[i + 1]`` (int64[n + 1]) of the other arrays, best
    first: an identical text, then by evidence (bands and fingerprints in common) descending, then
    by row. ``rows`` int64[m] are rows of the index; ``bands`` and ``fingerprints`` int32[m] count
    what is in common, over-full keys left out (an identical text has everything in common, always);
    ``identical`` bool[m] says that the folded words are the same.

    ``keys_cut`` int32[n] is how many bands and fingerprints of a query were over-full, so that
    articles may be missing; ``rows_cut`` int32[n] how many candidates were over the limit.
    """

    offsets: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    bands: npt.NDArray[np.int32]
    fingerprints: npt.NDArray[np.int32]
    identical: npt.NDArray[np.bool_]
    keys_cut: npt.NDArray[np.int32]
    rows_cut: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, query: int) -> slice:
        """Return where in the arrays the candidates of one query stand."""
        return slice(int(self.offsets[query]), int(self.offsets[query + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Candidate pairs within an index, each once.

    ``earlier`` and ``later`` int64[m] are the pair's rows; ``bands``, ``fingerprints`` int32[m] and
    ``identical`` bool[m] are as in `Candidates`. ``keys_cut`` and ``pairs_cut`` sum up what caps
    and limit cut in this block.
    """

    earlier: npt.NDArray[np.int64]
    later: npt.NDArray[np.int64]
    bands: npt.NDArray[np.int32]
    fingerprints: npt.NDArray[np.int32]
    identical: npt.NDArray[np.bool_]
    keys_cut: int
    pairs_cut: int

    def __len__(self) -> int:
        return len(self.earlier)


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """The texts that hold each of m fingerprints, by their first rows, the earliest first.

    Those of fingerprint i are ``rows[offsets[i]:offsets[i + 1]]``; int64[m + 1], int64[total].
    """

    offsets: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


class Index(Protocol):
    """An index of sketches.

    What it answers depends on what it holds, not on how that came about: neither on the batches
    things were added in, nor on what was removed meanwhile.
    """

    @property
    def parameters(self) -> SketchParameters:
        """How the sketches in it were made."""

    @property
    def nets(self) -> Nets:
        """What brings articles together."""

    def __len__(self) -> int:
        """Return how many rows it holds."""

    @property
    def distinct(self) -> int:
        """How many different texts it holds; every row without words counts as one."""

    def add(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add sketches and return their rows, int64[n], ascending.

        Raises
        ------
        DedupError
            If the signatures have another width than the index's parameters say.
        """

    def remove(self, rows: npt.ArrayLike) -> int:
        """Forget rows and return how many were there to be forgotten.

        Where the earliest row of a text goes, its next one takes its place.
        """

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none.

        Texts too short for a shingle are found by this alone.
        """

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included."""

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.int64]:
        """Count the different texts that hold keys, int64[n], as over-full keys are told by.

        Bands come with their numbers as groups. Directly behind a call of `candidates`, and of keys
        of the sketches asked about there.
        """

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, in blocks of bounded size, copies first.

        For each row these are its candidates among the earlier rows; over-full is judged by the
        whole index. Blocks and order are the same for the same calls. Adding or removing while
        this runs is not allowed.
        """

    def signatures(self, rows: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Return the signatures of rows it holds, uint32[n, num_perm]; they estimate Jaccard.

        Raises
        ------
        KeyError
            If one of the rows is not in the index.
        """


def check_width(sketches: Sketches, parameters: SketchParameters) -> None:
    """Refuse sketches whose signatures have another width than an index's parameters say.

    Raises
    ------
    DedupError
        Saying what to do.
    """
    width = sketches.signatures.shape[1]
    if width != parameters.num_perm:
        raise DedupError(
            f"signatures of {width} values do not fit into an index of "
            f"{parameters.num_perm}; sketch the texts with the index's parameters"
        )
