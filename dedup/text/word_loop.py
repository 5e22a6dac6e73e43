"""The word rules as one loop, for numba: what `dedup.text.words.find_words` does in arrays.

Compiled it takes a seventh of the time, uncompiled a hundred times as much, so nothing calls it as
it is; `dedup.scoring.compiled` does the compiling, and a property test holds the two together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.text.words import (
    LEADING,
    LEADINGS,
    SEVERAL,
    SYLLABLE,
    TRAILING,
    TRAILINGS,
    VOWEL,
    VOWELS,
)

Codes = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE = 0x20

MOST_LETTERS = 4
"""Letters one character folds to at most; a test counts them."""


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
    folded = np.empty((MOST_LETTERS + 1) * len(codes), np.uint32)
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
        letter = np.int64(entry >> 2 if entry >> 2 else code)
        if letter >= SEVERAL:
            place = letter - SEVERAL
            for number in range(place + 1, place + 1 + np.int64(table[place])):
                folded[size] = table[number]
                size += 1
        else:
            if goes_on and letter >= VOWEL:
                syllable = compose(np.int64(folded[size - 1]), letter)
                if syllable:
                    letter = syllable
                    size -= 1
            folded[size] = letter
            size += 1
        ends[words - 1] = i + 1
        goes_on = kind == _LETTER
    return folded[:size], starts[:words].copy(), ends[:words].copy()


def compose(before: np.int64, letter: np.int64) -> np.int64:
    """Return the Hangul syllable that a letter makes with the one before it, 0 if none."""
    if 0 <= before - LEADING < LEADINGS and 0 <= letter - VOWEL < VOWELS:
        return SYLLABLE + ((before - LEADING) * VOWELS + letter - VOWEL) * TRAILINGS
    place = before - SYLLABLE
    open_ = 0 <= place < LEADINGS * VOWELS * TRAILINGS and place % TRAILINGS == 0
    if open_ and 0 < letter - TRAILING < TRAILINGS:
        return before + letter - TRAILING
    return np.int64(0)
