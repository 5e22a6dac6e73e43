"""The word rules as one loop, for numba: what `dedup.text.words.find_words` does in arrays.

Compiled it takes a seventh of the time, uncompiled a hundred times as much, so nothing calls it as
it is; `dedup.scoring.compiled` does the compiling, and a property test holds the two together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE = 0x20


def scan_words(codes: Codes, table: Codes) -> tuple[Codes, Offsets, Offsets]:
    """Find the words of a text.

    Parameters
    ----------
    codes
        The code points of the text, uint32[n].
    table
        That of `dedup.text.words.word_table`.

    Returns
    -------
    folded, starts, ends
        The folded words with a space between, uint32[m]; where each word stands in the text,
        int64[words].
    """
    folded = np.empty(2 * len(codes), np.uint32)
    starts = np.empty(len(codes), np.int64)
    ends = np.empty(len(codes), np.int64)
    size = words = 0
    goes_on = False
    for i in range(len(codes)):
        code = codes[i]
        entry = table[np.int64(table[code >> 8]) + np.int64(code & 255)]
        kind = entry & 3
        if kind == _DROPPED:
            continue
        if kind != _LETTER and kind != _SINGLE:
            goes_on = False
            continue
        if kind == _SINGLE or not goes_on:
            if words:
                folded[size] = _SPACE
                size += 1
            starts[words] = i
            words += 1
        letter = entry >> 2
        folded[size] = letter if letter else code
        size += 1
        ends[words - 1] = i + 1
        goes_on = kind == _LETTER
    return folded[:size], starts[:words].copy(), ends[:words].copy()
