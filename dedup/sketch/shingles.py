"""Shingles: runs of k consecutive words.

w-shingling: Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

from collections.abc import Iterator

from dedup.text.words import find_words


def shingles(text: str, k: int = 5) -> Iterator[bytes]:
    """Yield each run of k folded words, joined by one space, in UTF-8.

    They come in text order, repeats included; a text of fewer than k words has none. Updating
    ``datasketch.MinHash(scheme="affine32", hashfunc=xxhash.xxh32_intdigest)`` with them makes the
    signature that `signatures` returns.

    >>> list(shingles("The Führer’s bunker", k=2))
    [b'the fuhrers', b'fuhrers bunker']

    Raises
    ------
    ValueError
        If k is not positive.
    """
    if k < 1:
        raise ValueError(f"a shingle has at least one word, not {k}")
    words = find_words(text).folded.encode().split()
    return (b" ".join(words[i : i + k]) for i in range(len(words) - k + 1))
