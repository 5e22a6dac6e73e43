"""The permutations of a signature, and the mixing before them: datasketch's scheme "affine32".

A shingle's 32-bit hash is mixed once by MurmurHash3's finaliser, a fixed bijection; permutation i
is then ``a[i] * mixed + b[i]`` modulo 2^32 with ``a`` odd, again a bijection, so no two shingles
collide in it. datasketch 2 says of this scheme that its accuracy is measured, not proven.
Importing datasketch would cost 0.65 s, so its few lines are repeated here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

EMPTY = np.uint32(0xFFFFFFFF)
"""Every value of the signature of a text without shingles."""

_MULTIPLIER_1, _MULTIPLIER_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_13, _16, _26 = np.uint32(13), np.uint32(16), np.uint32(26)
_INVERSE_1, _INVERSE_2 = np.uint32(0xA5CB9243), np.uint32(0x7ED1B41D)


@lru_cache(maxsize=16)
def permutations(num_perm: int, seed: int) -> npt.NDArray[np.uint32]:
    """Return ``a`` and ``b`` of each permutation, uint32[2, num_perm], as datasketch draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    drawn = np.array([a, b])
    drawn.flags.writeable = False
    return drawn


def mix(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Mix hashes, uint32[n], by the finaliser of MurmurHash3 (Appleby 2011)."""
    mixed = (hashes ^ (hashes >> _16)) * _MULTIPLIER_1
    mixed = (mixed ^ (mixed >> _13)) * _MULTIPLIER_2
    return mixed ^ (mixed >> _16)


def unmix(mixed: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the hashes that `mix` mixed, uint32[n]."""
    hashes: npt.NDArray[np.uint32] = (mixed ^ (mixed >> _16)) * _INVERSE_2
    hashes = (hashes ^ (hashes >> _13) ^ (hashes >> _26)) * _INVERSE_1
    return hashes ^ (hashes >> _16)
