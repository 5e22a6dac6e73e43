"""The tail: the latest slots, in dictionaries, where adding one costs microseconds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys, band_keys, without_shingles
from dedup.index.nets import Nets

_NOTHING: list[int] = []


class Tail:
    """Which of the slots from ``first`` hold a key; what is removed is gone at once."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first
        self._bands: dict[tuple[int, int], list[int]] = {}
        self._fingerprints: dict[int, list[int]] = {}
        self._keys: dict[int, tuple[list[int], list[int]]] = {}

    def add(
        self,
        signature: npt.NDArray[np.uint32],
        fingerprints: npt.NDArray[np.uint32],
        nets: Nets,
        alive: bool,
    ) -> None:
        """Add the next slot, or skip it where it is gone already."""
        slot = self.last
        self.last += 1
        if not alive:
            return
        bands = _bands_of(signature, nets)
        chosen = fingerprints.tolist() if nets.uses_fingerprints else []
        for band in enumerate(bands):
            self._bands.setdefault(band, []).append(slot)
        for fingerprint in chosen:
            self._fingerprints.setdefault(fingerprint, []).append(slot)
        self._keys[slot] = bands, chosen

    def remove(self, slot: int) -> None:
        """Forget a slot, if it was added."""
        bands, fingerprints = self._keys.pop(slot, (_NOTHING, _NOTHING))
        for band in enumerate(bands):
            self._bands[band].remove(slot)
        for fingerprint in fingerprints:
            self._fingerprints[fingerprint].remove(slot)

    def holders(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprints: bool
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        """Return who holds keys: the number of the key, ascending, and the slot, each int[m]."""
        numbers: list[int] = []
        slots: list[int] = []
        if self._keys:
            found = (
                map(self._fingerprints.get, keys.tolist())
                if fingerprints
                else map(self._bands.get, zip(groups.tolist(), keys.tolist(), strict=True))
            )
            for number, held in enumerate(found):
                if held:
                    numbers += [number] * len(held)
                    slots += held
        return np.array(numbers, np.int64), np.array(slots, np.uint32)


def _bands_of(signature: npt.NDArray[np.uint32], nets: Nets) -> list[int]:
    """Return the band keys of one signature, none of the empty row."""
    if not nets.uses_bands:
        return []
    line = signature[None, :]
    if without_shingles(line)[0]:
        return []
    keys: list[int] = band_keys(line, 0, nets.bands, nets.rows)[:, 0].tolist()
    return keys
