"""What verification needs of one article, made once and used for every pair it is in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.text.annotate import AnnotatedText, annotate
from dedup.text.statements import statement_places
from dedup.text.words import Words, find_words

Hashes = npt.NDArray[np.uint64]
Stems = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

STEM = 5
"""Letters of a stem. Words of fewer than `SHORT` have none, numbers stand whole."""
SHORT = 4
LONGEST_NUMBER = 12
"""Digits and letters of a number that are told apart."""

_SPACE = 0x20
_STOP = re.compile(r"[.!?…][\"“”’»)\]*]*\s++(?![a-zß-öø-ÿ])")
_COLON = re.compile(r":[\s\"“”«»'’‘\[(]*$")
_FACTORS = np.random.default_rng(1).integers(1 << 63, size=LONGEST_NUMBER, dtype=np.uint64) * 2 + 1


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An annotated text, its words as numbers and its set of shingles.

    ``numbers`` int64[words] say which words are the same, -1 for a word outside the body, which may
    not match. ``shingles`` uint64[m] are hashes, ascending, each once. ``stems`` uint64[words] are
    numbers for the stem of each word, 0 where it has none; ``sentences`` int64[words] the number of
    each word's sentence; ``paragraphs`` int64[p, 2] the first and the last word (exclusive) of each
    paragraph, ``introduced`` bool[p] says that the one before it ends with a colon, ``speaks``
    bool[p] that it is a post or says "I" outside its quotation marks.
    """

    text: AnnotatedText
    numbers: Numbers
    shingles: Hashes
    stems: Stems
    sentences: Numbers
    paragraphs: Numbers
    introduced: npt.NDArray[np.bool_]
    speaks: npt.NDArray[np.bool_]


def prepare(article: Article, k: int) -> Prepared:
    """Annotate an article, number its words, and collect its shingles of ``k`` words."""
    text = annotate(article)
    letters = _letters(text.words)
    hashes = _word_hashes(letters)
    numbers = (hashes >> np.uint64(4)).astype(np.int64)
    numbers[~text.body] = -1
    stops = [match.end() for match in _STOP.finditer(article.text)]
    edges = [edge for line in text.paragraphs for edge in (line.start, line.end)]
    bounds = text.words.starts.searchsorted(edges).reshape(-1, 2)
    colons = [_COLON.search(line.text[-8:]) is not None for line in text.paragraphs]
    return Prepared(
        text,
        numbers,
        shingles=_shingle_hashes(hashes, k),
        stems=_stems(letters),
        sentences=np.searchsorted(stops, text.words.starts, side="right"),
        paragraphs=bounds,
        introduced=np.array([False, *colons][: len(bounds)], np.bool_),
        speaks=_speaking(text, bounds),
    )


def _speaking(text: AnnotatedText, paragraphs: Numbers) -> npt.NDArray[np.bool_]:
    """Say of each paragraph whether it is a post, or says "I" outside its quotation marks."""
    first_person, posts = statement_places(text.article.text)
    speaking = np.zeros(len(text.words) + 1, np.int64)
    said = text.words.starts.searchsorted(first_person)
    speaking[said[said < len(text.words)]] = 1
    speaking[:-1] &= ~text.quoted
    speaking[text.words.starts.searchsorted(posts)] = 1
    before = np.concatenate([[0], np.cumsum(speaking)])
    return before[paragraphs[:, 1]] > before[paragraphs[:, 0]]


def shingles_of(article: Article, k: int) -> Hashes:
    """Collect an article's shingles alone, which is enough to see that a pair shares none."""
    return _shingle_hashes(_word_hashes(_letters(find_words(article.text))), k)


def stems_of(words: Words) -> Stems:
    """Return a number for the stem of each word, uint64[n]; 0 where it has none.

    Different stems of a pair of texts have the same number about once in 10^12 pairs.
    """
    return _stems(_letters(words))


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """The letters of folded words, one word after the other with a space between.

    ``codes`` uint32[letters]; ``starts`` and ``lengths`` int64[words].
    """

    codes: npt.NDArray[np.uint32]
    starts: Numbers
    lengths: Numbers


def _letters(words: Words) -> _Letters:
    codes = np.frombuffer(words.folded.encode("utf-32-le"), "<u4")
    if not len(words):
        return _Letters(codes, np.empty(0, np.int64), np.empty(0, np.int64))
    spaces = np.flatnonzero(codes == _SPACE)
    starts = np.concatenate([np.zeros(1, np.int64), spaces + 1])
    return _Letters(codes, starts, np.append(spaces, len(codes)) - starts)


def _word_hashes(letters: _Letters) -> Hashes:
    """Hash words to 64 bits, uint64[n], in a few vector operations.

    A word's hash is the sum of its letters, each mixed with its place in the word. Two different
    words of a pair of 1,000-word texts share its upper 60 bits, which number them, once in 10^12
    pairs.
    """
    codes, starts = letters.codes, letters.starts
    if not len(starts):
        return np.empty(0, np.uint64)
    place = np.arange(len(codes), dtype=np.uint64) - np.repeat(starts, letters.lengths + 1)[
        : len(codes)
    ].astype(np.uint64)
    mixed = _mix(codes + (place << np.uint64(32)))
    mixed[starts[1:] - 1] = 0  # the spaces
    return _mix(np.add.reduceat(mixed, starts))


def _shingle_hashes(of_word: Hashes, k: int) -> Hashes:
    """Return the set of a text's shingles as 64-bit hashes, uint64[m], ascending, each once.

    Not the hash of the signatures: this one is made from those of the words. Two different shingles
    of a pair of 1,000-word texts share a hash once in 10^13 pairs.
    """
    count = len(of_word) - k + 1
    if count < 1:
        return np.empty(0, np.uint64)
    hashes = of_word[:count]
    for i in range(1, k):
        hashes = _mix(hashes) + of_word[i : i + count]
    hashes = np.sort(hashes)
    first = np.ones(count, np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    return hashes[first]


def _stems(letters: _Letters) -> Stems:
    codes, starts, lengths = letters.codes, letters.starts, letters.lengths
    if not len(starts):
        return np.empty(0, np.uint64)
    first = codes[starts]
    number = (first >= ord("0")) & (first <= ord("9"))
    stems = _hash(codes, starts, lengths, STEM)
    stems[number] = _hash(codes, starts[number], lengths[number], LONGEST_NUMBER)
    stems[(lengths < SHORT) & ~number] = 0
    return stems


def _hash(codes: npt.NDArray[np.uint32], starts: Numbers, lengths: Numbers, most: int) -> Stems:
    """Hash the first ``most`` letters of each word; a letter missing counts as 0."""
    summed = np.zeros(len(starts), np.uint64)
    for place, factor in enumerate(_FACTORS[:most]):
        letter = codes[np.minimum(starts + place, len(codes) - 1)] * factor
        letter[lengths <= place] = 0
        summed += letter
    mixed = summed * np.uint64(0x9E3779B97F4A7C15)
    hashed: Stems = mixed ^ (mixed >> np.uint64(32))
    return hashed


def common_shingles(a: Hashes, b: Hashes) -> int:
    """Count the shingles that both sets hold."""
    both = np.concatenate([a, b])
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))


def _mix(keys: Hashes) -> Hashes:
    """Mix 64-bit keys: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ keys >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ keys >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return keys ^ keys >> np.uint64(31)
