"""Numbers for words and for their stems, in arrays and as one loop for numba.

A word's hash is the sum of its letters, each mixed with its place in the word. Two different words
of a pair of 1,000-word texts share its upper 60 bits once in 10^12 pairs; different stems have the
same number as seldom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from dedup.text.words import Words, find_words

Hashes = npt.NDArray[np.uint64]
Stems = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

Keys = TypeVar("Keys", Hashes, np.uint64)

STEM = 5
"""Letters of a stem. Words of fewer than `SHORT` have none, numbers stand whole."""
SHORT = 4
LONGEST_NUMBER = 12
"""Digits and letters of a number that are told apart."""

_SPACE, _ZERO, _NINE = 0x20, ord("0"), ord("9")
_PLACE, _HALF = np.uint64(32), np.uint64(32)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)


@dataclass(frozen=True, slots=True)
class Reader:
    """How words are found and hashed: by plain Python and NumPy, or compiled, which is the same.

    ``find`` does what `dedup.text.words.find_words` does, ``hash`` what `hash_words` does, and
    ``roll`` what `roll_shingles` does.
    """

    find: Callable[[str], Words]
    hash: Callable[[Words], tuple[Hashes, Stems]]
    roll: Callable[[Hashes, int], Hashes]


def hash_words(words: Words) -> tuple[Hashes, Stems]:
    """Return a hash of each word, and a number for its stem, 0 where it has none: uint64[n]."""
    if not len(words):
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    codes = letters(words.folded)
    starts, lengths = word_bounds(codes)
    first = codes[starts]
    number = (first >= _ZERO) & (first <= _NINE)
    stems = _stems(codes, starts, lengths, STEM)
    stems[number] = _stems(codes, starts[number], lengths[number], LONGEST_NUMBER)
    stems[(lengths < SHORT) & ~number] = 0
    return _hashes(codes, starts, lengths), stems


def hash_texts(texts: list[str]) -> Hashes:
    """Return the hash that each text, without a space in it, has where it is a word: uint64[n]."""
    codes = letters(" ".join(texts))
    return _hashes(codes, *word_bounds(codes))


def roll_shingles(hashes: Hashes, k: int) -> Hashes:
    """Return a hash of every ``k`` words in a row, of which there is at least one: uint64[m]."""
    count = len(hashes) - k + 1
    rolled = hashes[:count]
    for i in range(1, k):
        rolled = mix(rolled) + hashes[i : i + count]
    return rolled


PLAIN = Reader(find_words, hash_words, roll_shingles)


def letters(folded: str) -> Codes:
    """Return the letters of all words, with a space between."""
    return np.frombuffer(folded.encode("utf-32-le"), "<u4")


def word_bounds(codes: Codes) -> tuple[Places, Places]:
    """Return where in the `letters` of some words each begins, and its length: int64[n]."""
    spaces = np.flatnonzero(codes == _SPACE)
    starts = np.concatenate([np.zeros(1, np.int64), spaces + 1])
    return starts, np.append(spaces, len(codes)) - starts


def mix(keys: Keys) -> Keys:
    """Mix 64-bit keys: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    keys = keys + _GOLDEN
    keys = (keys ^ keys >> _SHIFT_1) * _MIX_1
    keys = (keys ^ keys >> _SHIFT_2) * _MIX_2
    return keys ^ keys >> _SHIFT_3


FACTORS = mix(np.arange(LONGEST_NUMBER, dtype=np.uint64)) | np.uint64(1)
"""Random odd numbers, one for each letter of a stem."""


def hash_loop(codes: Codes, words: int, factors: Hashes) -> tuple[Hashes, Stems]:
    """Do what `hash_words` does, one letter after the other.

    Only `dedup.scoring.compiled` calls it, compiled, with the `letters` and `FACTORS`.
    """
    hashes, stems = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    at = 0
    for word in range(words):
        start = at
        number = _ZERO <= codes[start] <= _NINE
        summed, stem = np.uint64(0), np.uint64(0)
        most = LONGEST_NUMBER if number else STEM
        while at < len(codes) and codes[at] != _SPACE:
            letter = np.uint64(codes[at])
            summed += mix(letter + (np.uint64(at - start) << _PLACE))
            if at - start < most:
                stem += letter * factors[at - start]
            at += 1
        hashes[word] = mix(summed)
        if number or at - start >= SHORT:
            stem *= _GOLDEN
            stems[word] = stem ^ stem >> _HALF
        at += 1
    return hashes, stems


def roll_loop(hashes: Hashes, k: int) -> Hashes:
    """Do what `roll_shingles` does, one after the other; only called compiled, as `hash_loop`."""
    rolled = np.empty(len(hashes) - k + 1, np.uint64)
    for first in range(len(rolled)):
        one = hashes[first]
        for i in range(1, k):
            one = mix(one) + hashes[first + i]
        rolled[first] = one
    return rolled


def _hashes(codes: Codes, starts: Places, lengths: Places) -> Hashes:
    """Hash each word: the sum of its letters, each mixed with its place in the word."""
    place = np.arange(len(codes)) - np.repeat(starts, lengths + 1)[: len(codes)]
    mixed = mix(codes + (place.astype(np.uint64) << _PLACE))
    mixed[starts[1:] - 1] = 0
    return mix(np.add.reduceat(mixed, starts))


def _stems(codes: Codes, starts: Places, lengths: Places, most: int) -> Stems:
    """Number the first ``most`` letters of each word; a letter missing counts as 0."""
    summed = np.zeros(len(starts), np.uint64)
    for place, factor in enumerate(FACTORS[:most]):
        letter = codes[np.minimum(starts + place, len(codes) - 1)] * factor
        letter[lengths <= place] = 0
        summed += letter
    summed *= _GOLDEN
    return summed ^ summed >> _HALF
