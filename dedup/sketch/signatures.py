"""Signatures for those who want nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import sketch


def signatures(
    texts: Iterable[str], *, k: int = 5, num_perm: int = 128, seed: int = 1
) -> npt.NDArray[np.uint32]:
    """Return the MinHash signatures of texts.

    A row equals, bit for bit, the ``hashvalues`` of ``datasketch.MinHash(num_perm=num_perm,
    seed=seed, scheme="affine32", hashfunc=xxhash.xxh32_intdigest)`` (datasketch 2) updated with the
    text's `shingles`. MinHash: Broder, "On the resemblance and containment of documents" (1997).

    Returns
    -------
    uint32[n, num_perm]
        A text of fewer than k words has a row of 0xFFFFFFFF, as an empty MinHash of datasketch.

    Raises
    ------
    ValueError
        If k, num_perm or seed is out of range.
    TypeError
        If texts is a single string, or holds something else than strings.
    """
    return sketch(texts, SketchParameters(k=k, num_perm=num_perm, seed=seed)).signatures
