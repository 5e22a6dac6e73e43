"""Bands: the keys by which signatures meet.

Locality-sensitive hashing by banding: Indyk and Motwani, "Approximate nearest neighbors" (STOC
1998); as b bands of r rows: Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4.
A band of one row is one value of the signature, and then the number of bands in common is a
binomial estimate of the Jaccard similarity, so that a minimum of collisions is a threshold.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.sketch.permutations import EMPTY

Keys = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0x9E3779B97F4A7C15)


def band_keys(signatures: npt.NDArray[np.uint32], first: int, last: int, rows: int) -> Keys:
    """Return the keys of bands ``first`` to ``last`` (exclusive), one line a band.

    Parameters
    ----------
    signatures : uint32[n, num_perm]
    first, last : int
        Bands are numbered from 0; band i is made of values ``i * rows`` to ``(i + 1) * rows``.
    rows : int
        Rows in a band.

    Returns
    -------
    uint32 or uint64[last - first, n]
        A band of one row is its value, exactly; of two, both values, exactly; of more, a 64-bit
        hash (the finaliser of SplitMix64 over one value after the other). Keys of different bands
        are not to be compared.
    """
    values = np.ascontiguousarray(signatures[:, first * rows : last * rows].T)
    if rows == 1:
        return values
    values = values.reshape(last - first, rows, len(signatures))
    keys = values[:, 0].astype(np.uint64) << np.uint64(32) | values[:, 1]
    for row in range(2, rows):
        keys = _mix(keys) + values[:, row]
    return keys


def without_shingles(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Return which signatures are the empty row, bool[n]; it is never banded.

    In other tools all texts too short for a shingle match each other by it.
    """
    empty: npt.NDArray[np.bool_] = signatures[:, 0] == EMPTY
    empty[empty] = (signatures[empty] == EMPTY).all(axis=1)
    return empty


def _mix(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix keys: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection."""
    keys = keys + _STEP
    keys = (keys ^ keys >> np.uint64(30)) * _MIX_1
    keys = (keys ^ keys >> np.uint64(27)) * _MIX_2
    return keys ^ keys >> np.uint64(31)
