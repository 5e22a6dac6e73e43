"""Words with their character offsets, by word rules v2.

A word is a run of letters, folded without case, accents or compatibility forms: "ß" is "ss", a
ligature its letters, and the Arabic, Persian and Urdu forms of yeh, kaf and heh are one letter
each. Apostrophes, combining marks and invisible characters are dropped, and conjoining jamo are
composed to Hangul syllables. So "Trump’s" and "trumps" are one word, and NFC and NFD give the same
words; in Latin, Greek and Cyrillic script so does text without accents. Each character of the
scripts written without spaces is a word. What happens to a character is one frozen table, written
by `dedup.text.make_word_table`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORD_RULES = "v2"

_Letters = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.int64]

_DROPPED, _LETTER, _SINGLE = 1, 2, 3
_SPACE = 0x20

SEVERAL = 0x110000
"""From here on a folded letter is the place in the table of several, their number before them."""

# Conjoining jamo, and the arithmetic of syllables: The Unicode Standard, section 3.12.
LEADING, VOWEL, TRAILING, SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00
LEADINGS, VOWELS, TRAILINGS = 19, 21, 28


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
    """Load the table: ``table[table[code >> 8] + (code & 255)]`` is ``folded << 2 | class``.

    ``folded`` is 0 where a character stays as it is; several letters stand at `SEVERAL`.
    """
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
    folded, number = _compose(*_expand(folded, number))
    # One space before every word but the first: a letter moves right by its word's number.
    joined = np.full(len(folded) + max(int(number[-1]) - 1, 0) if len(at) else 0, _SPACE, "<u4")
    joined[np.arange(len(folded)) + number - 1] = folded
    return Words(joined.tobytes().decode("utf-32-le"), kept[first], kept[last] + 1)


def _expand(folded: _Letters, number: _Numbers) -> tuple[_Letters, _Numbers]:
    """Put letters where the table has several for one; ``number`` is that of a letter's word."""
    several = np.flatnonzero(folded >= SEVERAL)
    if not len(several):
        return folded, number
    table = word_table()
    places = folded[several].astype(np.int64) - SEVERAL
    counts = np.ones(len(folded), np.int64)
    counts[several] = table[places]
    into = np.repeat(folded, counts)
    ends = np.cumsum(counts)[several]
    for end, count, place in zip(ends, counts[several], places, strict=True):
        into[end - count : end] = table[place + 1 : place + 1 + count]
    return into, np.repeat(number, counts)


def _compose(folded: _Letters, number: _Numbers) -> tuple[_Letters, _Numbers]:
    """Compose conjoining jamo to syllables, within words."""
    if not ((folded >= VOWEL) & (folded < TRAILING + TRAILINGS)).any():
        return folded, number
    joins = np.append(False, number[1:] == number[:-1])

    def between(letters: _Letters, low: int, count: int) -> npt.NDArray[np.bool_]:
        return (letters >= low) & (letters < low + count)

    before = np.roll(folded, 1)
    vowel = joins & between(folded, VOWEL, VOWELS) & between(before, LEADING, LEADINGS)
    syllable = SYLLABLE + ((before - LEADING) * VOWELS + folded - VOWEL) * TRAILINGS
    folded = np.where(vowel, syllable, folded)
    before = np.roll(folded, 1)
    open_ = between(before, SYLLABLE, LEADINGS * VOWELS * TRAILINGS)
    open_ &= (before - SYLLABLE) % TRAILINGS == 0
    trailing = joins & open_ & between(folded, TRAILING + 1, TRAILINGS - 1)
    folded = np.where(trailing, before + folded - TRAILING, folded)
    # A jamo that went into a syllable is the letter before the one that holds it now.
    stays = ~np.append((vowel | trailing)[1:], False)
    return folded[stays], number[stays]


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
