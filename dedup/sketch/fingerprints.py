"""Fingerprints: a few of a text's shingle hashes, selected by winnowing.

Schleimer, Wilkerson, Aiken, "Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD
2003): of every ``window`` consecutive shingle hashes the least is selected. Here a fingerprint is a
value without a place, so the set of fingerprints is the set of the windows' minima; "robust"
winnowing differs from the plain one only in which of several equal minima it selects, and
selects the same values.

Which hash is least is decided after mixing it, so that the fingerprints, reported unmixed,
spread over the whole 32-bit range instead of crowding at its low end.

What is guaranteed, for two texts that have a run of words in common:

- *A run of at least w + k - 1 words gives a common fingerprint.* It holds w consecutive shingles:
  a whole window in either text. The window's minimum depends on nothing outside the window, so both
  texts select it.
- *A run of at least m·w + k - 1 words in which no shingle is repeated gives m common fingerprints.*
  It holds m·w consecutive shingles, so m windows that do not overlap. Their minima stand at m
  different shingles, so they are m different values (but for two different shingles with one
  hash, one pair in 2^32). The bound is the least one: of m·w - 1 shingles, the m - 1 at places
  w, 2w … can be the minima of all windows.
- *Where a shingle is repeated in the run, only the first promise holds.* A run of one word
  over and over is one shingle, thus one fingerprint, however long it is.
- *A text with fewer than w shingles, but at least one, has one fingerprint,* its least shingle
  hash. It is promised to nobody but an equal text; a longer text that holds the short one whole may
  have selected a smaller hash beyond its ends.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.sketch.permutations import mix, unmix


def winnow(hashes: npt.NDArray[np.uint32], window: int) -> npt.NDArray[np.uint32]:
    """Select the fingerprints of a text.

    Parameters
    ----------
    hashes : uint32[n]
        The hashes of the text's shingles in text order, repeats included.
    window : int
        The width of the window in shingles, at least 1.

    Returns
    -------
    uint32[m]
        The fingerprints, ascending, each once; empty for a text without shingles.
    """
    minima = mix(hashes)
    window = min(window, len(minima))
    # The least of a window is the lesser of the least of two shorter ones that cover it, so
    # doubling the width takes log2(window) passes.
    width = 1
    while width < window:
        step = min(width, window - width)
        minima = np.minimum(minima[:-step], minima[step:])
        width += step
    return np.unique(unmix(minima))
