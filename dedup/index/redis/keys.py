"""The keys of bands and fingerprints, as numbers that spread evenly over the buckets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.index.bands import Keys
from dedup.index.lookup import Asked, ask
from dedup.index.nets import Nets
from dedup.sketch.sketches import Sketches

_EXACT, _HASHED = 40, 52
"""Bits of a key: eight for the band and 32 for the value; hashed ones are as long as Lua counts."""

_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93))


@dataclass(frozen=True, slots=True)
class KeyForm:
    """How the keys of an index are written: of bands of one row exactly, of others as hashes.

    Two keys in 10^9 that are hashed have the same hash in an index of a million articles.
    """

    bits: int

    @classmethod
    def of(cls, nets: Nets) -> KeyForm:
        """Return the form of the keys of nets."""
        return cls(_EXACT if nets.rows == 1 and nets.bands < 255 else _HASHED)

    @property
    def width(self) -> int:
        """Bytes of a key."""
        return -(-self.bits // 8)

    def numbers(
        self, keys: Keys, groups: npt.NDArray[np.int64], fingerprint: bool
    ) -> npt.NDArray[np.uint64]:
        """Return keys as numbers below ``2**bits``, uint64[n], other keys as other numbers.

        Of bands ``groups`` are their numbers; all fingerprints are one group of their own.
        """
        numbers = keys.astype(np.uint64)
        group = np.zeros_like(numbers) if fingerprint else groups.astype(np.uint64) + np.uint64(1)
        if self.bits == _EXACT:
            numbers |= group << np.uint64(32)
        else:
            numbers ^= group * _FACTORS[1]
            numbers ^= numbers >> np.uint64(29)
        # A multiplication by an odd number and a shift by half of the bits can both be undone.
        mask, half = np.uint64((1 << self.bits) - 1), np.uint64(self.bits // 2)
        for factor in _FACTORS:
            numbers = numbers * factor & mask if self.bits == _EXACT else numbers * factor
            numbers ^= numbers >> half
        if self.bits != _EXACT:
            numbers >>= np.uint64(64 - self.bits)
        return numbers

    def packed(self, numbers: npt.NDArray[np.uint64]) -> bytes:
        """Return numbers as the scripts read them, ``width`` bytes each, the lowest first."""
        raw = numbers.astype("<u8").view(np.uint8).reshape(-1, 8)
        return raw[:, : self.width].tobytes()


def asked_numbers(
    sketches: Sketches, nets: Nets, form: KeyForm
) -> list[tuple[Asked, npt.NDArray[np.uint64]]]:
    """Return the keys of sketches in each net in use, with their numbers, uint64[m]."""
    return [
        (asked, form.numbers(asked.keys, asked.groups, asked.fingerprint))
        for asked in ask(sketches, nets)
    ]


def packed_keys(sketches: Sketches, nets: Nets, form: KeyForm) -> list[bytes]:
    """Return the keys of each sketch, packed."""
    packed = [b""] * len(sketches)
    for asked, numbers in asked_numbers(sketches, nets, form):
        whole = form.packed(numbers)
        offsets = (asked.offsets * form.width).tolist()
        for number in range(len(sketches)):
            packed[number] += whole[offsets[number] : offsets[number + 1]]
    return packed
