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

Numbers = npt.NDArray[np.int64]

PLAIN_LETTERS = 5
PLAIN_SHARE = 0.3
"""Share of plain words among the words of English and Spanish news."""
SHOUTED = 0.6
"""Share of capitalised words in a paragraph from which it is set in capitals or in Title Case."""

_STOP = re.compile(r"[.!?…][\"“”’»)\]*]*\s++(?![a-zß-öø-ÿ])")
_COLON = re.compile(r":[\s\"“”«»'’‘\[(]*$")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An annotated text, its words as units of alignment and its set of shingles.

    ``sizes`` float32[words] say how much of a word each is: less than 1 for a character of a script
    without spaces. ``plain`` float32[words] are the sizes of plain words, 0 elsewhere: words of
    `PLAIN_LETTERS` letters or more that are neither figures nor capitalised inside a sentence, what
    a reporter chose and not what the event dictates. ``shingles`` uint64[m] are hashes, ascending,
    each once. ``sentences`` int64[words] are the number of each word's sentence; ``paragraphs``
    int64[p, 2] the first and the last word (exclusive) of each paragraph, ``introduced`` bool[p]
    says that the one before it ends with a colon.
    """

    text: AnnotatedText
    units: Units
    sizes: Sizes
    plain: Sizes
    shingles: Hashes
    sentences: Numbers
    paragraphs: Numbers
    introduced: npt.NDArray[np.bool_]


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
    sentences = np.searchsorted(stops, text.words.starts, side="right")
    return Prepared(
        text,
        read_units(text, sizes),
        sizes,
        plain=_plain(text, sizes, sentences, bounds),
        shingles=_shingle_hashes(text.hashes, k, reader) if shingles is None else shingles,
        sentences=sentences,
        paragraphs=bounds,
        introduced=np.array([False, *colons][: len(bounds)], np.bool_),
    )


def _plain(text: AnnotatedText, sizes: Sizes, sentences: Numbers, paragraphs: Numbers) -> Sizes:
    """Return the sizes of the plain words, 0 elsewhere.

    Where a paragraph is mostly capitals case says nothing. In a script without spaces, which has no
    case either, every character counts as so much of a plain word as words of other scripts do.
    """
    starts = text.words.starts
    codes = np.frombuffer(text.article.text.encode("utf-32-le", "surrogatepass"), "<u4")
    letters, number = np.unique(codes[starts], return_inverse=True)
    capital = np.array([chr(letter).isupper() for letter in letters.tolist()], np.bool_)[number]
    figure = np.array([chr(letter).isdigit() for letter in letters.tolist()], np.bool_)[number]
    begins_sentence = np.ones(len(starts), np.bool_)
    begins_sentence[1:] = sentences[1:] != sentences[:-1]
    begins_sentence[paragraphs[paragraphs[:, 0] < len(starts), 0]] = True
    before = np.concatenate([[0], np.cumsum(capital)])[paragraphs]
    shouted = before[:, 1] - before[:, 0] > SHOUTED * (paragraphs[:, 1] - paragraphs[:, 0])
    for begin, end in paragraphs[shouted].tolist():
        capital[begin:end] = False
    long = text.words.ends - starts >= PLAIN_LETTERS
    plain = (long & ~figure & (begins_sentence | ~capital)).astype(np.float32)
    spaceless = sizes < 1
    plain[spaceless] = PLAIN_SHARE * sizes[spaceless]
    return plain


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
