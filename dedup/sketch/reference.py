"""The sketch of one text, in NumPy and xxhash: the specification that the kernel must meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.sketch.fingerprints import winnow
from dedup.sketch.permutations import EMPTY, mix
from dedup.text.words import find_words

_BLOCK = 1 << 12
"""Shingles permuted at a time: bounds the memory of a long text."""


@dataclass(frozen=True, slots=True, eq=False)
class TextSketch:
    """The sketch of one text: ``signature`` uint32[num_perm], ``fingerprints`` uint32[m]."""

    signature: npt.NDArray[np.uint32]
    text_hash: int
    word_count: int
    fingerprints: npt.NDArray[np.uint32]


def sketch_text(text: str, k: int, permutations: npt.NDArray[np.uint32], window: int) -> TextSketch:
    """Sketch one text.

    Parameters
    ----------
    text : str
        The text as read; lone surrogates separate words.
    k : int
        Words in a shingle.
    permutations : uint32[2, num_perm]
        From `dedup.sketch.permutations.permutations`.
    window : int
        Width of the winnowing window in shingles.
    """
    words = find_words(text)
    folded = words.folded.encode()
    hashes = shingle_hashes(folded, k)
    return TextSketch(
        sign(mix(hashes), permutations),
        xxhash.xxh64_intdigest(folded),
        len(words),
        winnow(hashes, window),
    )


def shingle_hashes(folded: bytes, k: int) -> npt.NDArray[np.uint32]:
    """Hash every run of k words of a folded text with XXH32, uint32[n], in text order."""
    if not folded:
        return np.empty(0, np.uint32)
    spaces = np.flatnonzero(np.frombuffer(folded, np.uint8) == ord(" ")).tolist()
    starts = [0, *(space + 1 for space in spaces)]
    ends = [*spaces, len(folded)]
    digest = xxhash.xxh32_intdigest
    # The k-th word's end closes the first shingle; zip stops where no k words are left.
    return np.array(
        [digest(folded[start:end]) for start, end in zip(starts, ends[k - 1 :], strict=False)],
        np.uint32,
    )


def sign(
    mixed: npt.NDArray[np.uint32], permutations: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint32]:
    """Return the signature of mixed shingle hashes: the least value of each permutation.

    MinHash (Broder, "On the resemblance and containment of documents", 1997).

    Returns
    -------
    uint32[num_perm]
        All `EMPTY` where there is no shingle.
    """
    a, b = permutations
    signature = np.full(len(a), EMPTY, np.uint32)
    for start in range(0, len(mixed), _BLOCK):
        permuted = mixed[start : start + _BLOCK, None] * a
        permuted += b
        np.minimum(signature, permuted.min(axis=0), out=signature)
    return signature
