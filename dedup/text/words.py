"""Words with their character offsets, by word rules v1.

A word is a run of letters, folded one code point to one code point: without case, accents or
compatibility forms. Apostrophes, combining marks and invisible characters are dropped, so that
"Trump’s" and "trumps" are one word and NFC, NFD and unaccented text give the same words. Each
character of the scripts written without spaces is a word. The rules are one frozen table, written
by `dedup.text.make_word_table`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORD_RULES = "v1"

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE = 0x20


@dataclass(frozen=True, slots=True)
class Word:
    """A folded token and the stretch ``text[start:end]`` of the article it stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """All words of a text.

    ``folded`` holds the folded words joined by single spaces; ``starts`` and ``ends`` are
    int64[n], character offsets into the text as read.
    """

    folded: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def texts(self) -> list[str]:
        """Return the folded words in order."""
        return self.folded.split(" ") if self.folded else []


@cache
def word_table() -> npt.NDArray[np.uint32]:
    """Load the table: ``table[table[code >> 8] + (code & 255)]`` is ``folded << 2 | class``."""
    table: npt.NDArray[np.uint32] = np.load(Path(__file__).with_name("word_table.npy"))
    table.flags.writeable = False
    return table


def find_words(text: str) -> Words:
    """Find the words of a text."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    table = word_table()
    entries = table[table[codes >> 8] + (codes & 255)]
    kept = np.flatnonzero((entries & 3) != _DROPPED)
    kind = entries[kept] & 3
    single = kind == _SINGLE
    joins = kind == _LETTER  # a letter goes on with the letter before it
    in_word = joins | single
    first, last = in_word.copy(), in_word.copy()
    first[1:] &= ~(joins[1:] & joins[:-1])
    last[:-1] &= ~(joins[1:] & joins[:-1])

    number = np.cumsum(first)[in_word]
    at = kept[in_word]
    folded = entries[at] >> 2
    folded = np.where(folded == 0, codes[at], folded)
    # One space before every word but the first: a character moves right by its word's number.
    joined = np.full(len(at) + max(int(number[-1]) - 1, 0) if len(at) else 0, _SPACE, "<u4")
    joined[np.arange(len(at)) + number - 1] = folded
    return Words(joined.tobytes().decode("utf-32-le"), kept[first], kept[last] + 1)


def words(text: str) -> list[Word]:
    """Return the words of a text, folded, with their offsets.

    >>> words("Trump’s café")
    [Word(text='trumps', start=0, end=7), Word(text='cafe', start=8, end=12)]
    """
    found = find_words(text)
    return [
        Word(folded, start, end)
        for folded, start, end in zip(
            found.texts(), found.starts.tolist(), found.ends.tolist(), strict=True
        )
    ]
