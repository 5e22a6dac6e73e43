"""What verification needs of one article, made once and used for every pair it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article, Credit
from dedup.scoring.notation import Units, read_units
from dedup.text.annotate import AnnotatedText, annotate
from dedup.text.hashing import PLAIN, Hashes, Reader
from dedup.text.spaceless import Sizes, word_sizes
from dedup.text.statements import statement_places

Numbers = npt.NDArray[np.int64]

_STOP = re.compile(r"[.!?…][\"“”’»)\]*]*\s++(?![a-zß-öø-ÿ])")
_COLON = re.compile(r":[\s\"“”«»'’‘\[(]*$")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An annotated text, its words as units of alignment and its set of shingles.

    ``sizes`` float32[words] say how much of a word each is: less than 1 for a character of a script
    without spaces. ``shingles`` uint64[m] are hashes, ascending, each once. ``sentences``
    int64[words] are the number of each word's sentence; ``paragraphs`` int64[p, 2] the first and
    the last word (exclusive) of each paragraph, ``introduced`` bool[p] says that the one before it
    ends with a colon, ``speaks`` bool[p] that it is a post or says "I" outside its quotation marks.
    """

    text: AnnotatedText
    units: Units
    sizes: Sizes
    shingles: Hashes
    sentences: Numbers
    paragraphs: Numbers
    introduced: npt.NDArray[np.bool_]
    speaks: npt.NDArray[np.bool_]


def prepare(
    article: Article,
    k: int,
    shingles: Hashes | None = None,
    found_credits: Sequence[Credit] | None = None,
    reader: Reader = PLAIN,
) -> Prepared:
    """Annotate an article, number its words, and collect its shingles of ``k`` words.

    ``shingles`` and ``found_credits``, those of the text, are given where they are at hand.
    """
    text = annotate(article, found_credits, reader)
    sizes = word_sizes(text.words)
    stops = [match.end() for match in _STOP.finditer(article.text)]
    edges = [edge for line in text.paragraphs for edge in (line.start, line.end)]
    bounds = text.words.starts.searchsorted(edges).reshape(-1, 2)
    ends = [line.text[-8:] for line in text.paragraphs]
    colons = [":" in end and _COLON.search(end) is not None for end in ends]
    return Prepared(
        text,
        read_units(text, sizes),
        sizes,
        shingles=_shingle_hashes(text.hashes, k, reader) if shingles is None else shingles,
        sentences=np.searchsorted(stops, text.words.starts, side="right"),
        paragraphs=bounds,
        introduced=np.array([False, *colons][: len(bounds)], np.bool_),
        speaks=_speaking(text, bounds),
    )


def _speaking(text: AnnotatedText, paragraphs: Numbers) -> npt.NDArray[np.bool_]:
    """Say of each paragraph whether it is a post, or says "I" outside its quotation marks."""
    first_person, posts = statement_places(text.article.text, text.words, text.hashes)
    speaking = np.zeros(len(text.words) + 1, np.int64)
    said = text.words.starts.searchsorted(first_person)
    speaking[said[said < len(text.words)]] = 1
    speaking[:-1] &= ~text.quoted
    speaking[text.words.starts.searchsorted(posts)] = 1
    before = np.concatenate([[0], np.cumsum(speaking)])
    return before[paragraphs[:, 1]] > before[paragraphs[:, 0]]


def shingles_of(
    article: Article,
    k: int,
    reader: Reader = PLAIN,
) -> Hashes:
    """Collect an article's shingles alone, which is enough to see that a pair shares none."""
    return _shingle_hashes(reader.hash(reader.find(article.text))[0], k, reader)


def _shingle_hashes(of_word: Hashes, k: int, reader: Reader) -> Hashes:
    """Return the set of a text's shingles as 64-bit hashes, uint64[m], ascending, each once.

    Not the hash of the signatures: this one is made from those of the words. Two different shingles
    of a pair of 1,000-word texts share a hash once in 10^13 pairs.
    """
    if len(of_word) < k:
        return np.empty(0, np.uint64)
    hashes = np.sort(reader.roll(of_word, k))
    return hashes[begins(hashes)]


def begins(ordered: Hashes) -> npt.NDArray[np.bool_]:
    """Mark the first of each run of equal values: bool[n]."""
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def common_shingles(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> int:
    """Count the shingles that both sets hold."""
    both = np.concatenate([a, b])
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))
