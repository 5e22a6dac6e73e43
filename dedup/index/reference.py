"""The reference index: datasketch's MinHashLSH and dictionaries, as plainly as can be.

It says what the other indexes must answer, and is used in tests only; it is some hundred times
slower than `dedup.index.memory`. Bands are those of ``datasketch.MinHashLSH(params=(b, r))``, fed
with our signatures; what a pair has in common is then counted key by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSH

from dedup.index.bands import Keys, band_keys
from dedup.index.nets import EARLIEST, Nets
from dedup.index.protocol import Candidates, Holders, Pairs
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters
from dedup.sketch.permutations import EMPTY
from dedup.sketch.sketches import Sketches, offsets_of

_Key = int | tuple[int, bytes]
_Found = tuple[int, int, int, bool]
"""A row, the bands and the fingerprints in common, and whether the texts are the same."""


class ReferenceIndex:
    """An `Index` for tests; parameters as those of `MemoryIndex`."""

    def __init__(
        self, parameters: SketchParameters = DEFAULT_PARAMETERS, nets: Nets | None = None
    ) -> None:
        self.parameters = parameters
        self.nets = nets or Nets()
        self.nets.check_fits(parameters.num_perm)
        self._sketches: dict[int, Sketches] = {}
        self._given = 0

    def __len__(self) -> int:
        return len(self._sketches)

    @property
    def distinct(self) -> int:
        """How many different texts it holds; every row without words counts as one."""
        return len(self._firsts())

    def add(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Add sketches and return their rows, int64[n], ascending."""
        rows = np.arange(self._given, self._given + len(sketches))
        for number, row in enumerate(rows.tolist()):
            self._sketches[row] = _one(sketches, number)
        self._given += len(sketches)
        return rows

    def remove(self, rows: npt.ArrayLike) -> int:
        """Forget rows and return how many were there to be forgotten."""
        wanted = np.asarray(rows, np.int64).ravel().tolist()
        return sum(self._sketches.pop(row, None) is not None for row in wanted)

    def find(self, sketches: Sketches) -> npt.NDArray[np.int64]:
        """Return the earliest row with the same folded words, int64[n], -1 where there is none."""
        return np.array(
            [self._find(_one(sketches, number)) for number in range(len(sketches))], np.int64
        )

    def band_candidates(self, sketches: Sketches) -> list[set[int]]:
        """Return the rows that MinHashLSH brings together with each sketch.

        The empty row, by which all texts without a shingle would match, is not inserted.
        """
        lsh = MinHashLSH(
            num_perm=self.parameters.num_perm, params=(self.nets.bands, self.nets.rows)
        )
        firsts = self._firsts()
        for row, one in firsts.items():
            if (one.signatures != EMPTY).any():
                lsh.insert(row, self._minhash(one))
        return [
            set(lsh.query(self._minhash(one))) if (one.signatures != EMPTY).any() else set()
            for one in (_one(sketches, number) for number in range(len(sketches)))
        ]

    def candidates(self, sketches: Sketches) -> Candidates:
        """Return the candidates of each sketch, its earliest identical text included."""
        firsts = self._firsts()
        found, keys_cut, rows_cut = [], [], []
        for number in range(len(sketches)):
            pairs, cut = self._compare(_one(sketches, number), firsts)
            found.append(pairs[: self.nets.limit])
            keys_cut.append(cut)
            rows_cut.append(len(pairs) - len(found[-1]))
        offsets = np.cumsum([0, *map(len, found)])
        return Candidates(
            offsets,
            *_columns([pair for pairs in found for pair in pairs]),
            np.array(keys_cut, np.int32),
            np.array(rows_cut, np.int32),
        )

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.int64]:
        """Count the texts that hold keys."""
        rows = self.nets.rows
        counts = []
        for key, group in zip(keys.tolist(), groups.tolist(), strict=True):
            held = 0
            for one in self._firsts().values():
                if fingerprint:
                    held += key in self._fingerprints(one)
                elif (one.signatures != EMPTY).any():
                    held += key == int(band_keys(one.signatures, group, group + 1, rows)[0, 0])
            counts.append(held)
        return np.array(counts, np.int64)

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""
        firsts = self._firsts()
        held = [
            [row for row, one in firsts.items() if key in self._fingerprints(one)][:most]
            for key in fingerprints.tolist()
        ]
        rows = np.array([row for rows in held for row in rows], np.int64)
        return Holders(offsets_of([len(rows) for rows in held]), rows)

    def pairs(self) -> Iterator[Pairs]:
        """Yield every candidate pair within the index, a block for each row."""
        firsts = self._firsts()
        for row, one in self._sketches.items():
            first = self._find(one)
            pairs, cut = self._compare(one, firsts)
            if row in firsts:
                pairs = [pair for pair in pairs if pair[0] < row]
            else:
                pairs, cut = [pair for pair in pairs if pair[0] == first], 0
            best = pairs[: self.nets.limit]
            later = np.full(len(best), row, np.int64)
            earlier, bands, fingerprints, identical = _columns(best)
            yield Pairs(earlier, later, bands, fingerprints, identical, cut, len(pairs) - len(best))

    def signatures(self, rows: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Return the signatures of rows it holds, uint32[n, num_perm]; they estimate Jaccard."""
        wanted = np.asarray(rows, np.int64).tolist()
        empty = np.empty((0, self.parameters.num_perm), np.uint32)
        return np.concatenate([empty, *(self._sketches[row].signatures for row in wanted)])

    def _firsts(self) -> dict[int, Sketches]:
        """Return the earliest row of each different text."""
        return {
            row: one
            for row, one in self._sketches.items()
            if not one.word_counts[0] or self._find(one) == row
        }

    def _find(self, one: Sketches) -> int:
        if not one.word_counts[0]:
            return -1
        return next(
            (row for row, other in self._sketches.items() if other.text_hashes == one.text_hashes),
            -1,
        )

    def _minhash(self, one: Sketches) -> MinHash:
        return MinHash(
            num_perm=self.parameters.num_perm,
            seed=self.parameters.seed,
            hashvalues=one.signatures[0],
            scheme=self.parameters.scheme,
        )

    def _compare(self, one: Sketches, firsts: dict[int, Sketches]) -> tuple[list[_Found], int]:
        """Return the candidates of one sketch, best first, and how many of its keys were cut."""
        counts: dict[int, list[int]] = {row: [0, 0] for row in firsts}
        cut = 0
        for net, keys_of in enumerate(self._nets()):
            keys = keys_of(one)
            holders = {
                key: [row for row, other in firsts.items() if key in keys_of(other)] for key in keys
            }
            over = {key for key in keys if len(holders[key]) > self.nets.cap}
            cut += len(over)
            for key in keys:
                rows = holders[key]
                if key in over:
                    rows = rows[:EARLIEST] if len(over) * 2 > len(keys) else []
                for row in rows:
                    counts[row][net] += 1
        same = self._find(one)
        counts.pop(same, None)
        caught = [
            (row, bands, fingerprints, False)
            for row, (bands, fingerprints) in counts.items()
            if self.nets.catch(np.array([bands], np.int32), np.array([fingerprints], np.int32))[0]
        ]
        caught.sort(key=lambda pair: (-pair[1] - pair[2], pair[0]))
        if same >= 0:
            caught.insert(0, (same, len(self._bands(one)), len(self._fingerprints(one)), True))
        return caught, cut

    def _nets(self) -> Sequence[Callable[[Sketches], set[_Key]]]:
        return self._bands, self._fingerprints

    def _bands(self, one: Sketches) -> set[_Key]:
        signature, rows = one.signatures[0], self.nets.rows
        if not self.nets.uses_bands or (signature == EMPTY).all():
            return set()
        return {
            (band, signature[band * rows : (band + 1) * rows].tobytes())
            for band in range(self.nets.bands)
        }

    def _fingerprints(self, one: Sketches) -> set[_Key]:
        return set(one.fingerprints.tolist()) if self.nets.uses_fingerprints else set()


def _one(sketches: Sketches, number: int) -> Sketches:
    fingerprints = sketches.fingerprints_of(number)
    return Sketches(
        sketches.signatures[number : number + 1],
        sketches.text_hashes[number : number + 1],
        sketches.word_counts[number : number + 1],
        fingerprints,
        np.array([0, len(fingerprints)]),
    )


def _columns(
    found: list[_Found],
) -> tuple[
    npt.NDArray[np.int64],
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.bool_],
]:
    rows, bands, fingerprints, identical = zip(*found, strict=True) if found else ((),) * 4
    return (
        np.array(rows, np.int64),
        np.array(bands, np.int32),
        np.array(fingerprints, np.int32),
        np.array(identical, np.bool_),
    )
