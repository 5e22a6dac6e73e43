"""Close rewording: sentences of both sides that say the same in other words, in the same order.

A rewritten report keeps the names, the numbers and the order of the facts, and changes the words
between. Sentences are compared by the stems they share, the rarer in the pair the heavier, and
the heaviest chain of similar sentences that runs in the same order through both sides is taken
(as in the alignment of a text with its translation: W. Gale, K. Church, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.scoring.prepared import Prepared, begins
from dedup.text.annotate import Mask
from dedup.text.hashing import Stems

Places = npt.NDArray[np.int64]

SIMILAR = 0.3
"""Dice coefficient of the weighted stems from which two sentences say the same."""
COMMON = 4
"""Stems two similar sentences have in common at least."""
SENTENCES = 300
"""Sentences read of either side, so that no text costs more than a square of this."""

OFTEN = 2_500
"""Pairs of sentences from which a stem is too common in both to tell them apart."""

_STEM, _A, _B, _SENTENCE = np.uint64(10), np.uint64(0), np.uint64(512), np.uint64(511)
_UNIT = 1 << 10  # weights are whole numbers of this part, so that sums are exact in any order


@dataclass(frozen=True, slots=True)
class Rewording:
    """The chain of similar sentences: how many, and their share of each side's narrative, 0–100."""

    sentences: int
    percent_a: float
    percent_b: float


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences of a narrative: int64[n] words of each, and of each stem where it stands."""

    words: Places
    stems: Stems
    at: Places


def find_rewording(a: Prepared, b: Prepared, narrative_a: Mask, narrative_b: Mask) -> Rewording:
    """Chain the similar sentences of two narratives; copied sentences are similar too."""
    words_a, words_b = a.text.words, b.text.words
    if (len(words_a), words_a.folded) > (len(words_b), words_b.folded):
        # Of equally heavy chains either may be found; a fixed order of the sides decides.
        swapped = find_rewording(b, a, narrative_b, narrative_a)
        return Rewording(swapped.sentences, swapped.percent_b, swapped.percent_a)
    side_a, side_b = _sentences(a, narrative_a), _sentences(b, narrative_b)
    lengths_a, lengths_b = side_a.words.tolist(), side_b.words.tolist()
    count, in_a, in_b = _chain(lengths_a, lengths_b, _similar(side_a, side_b))
    return Rewording(
        count, 100 * in_a / max(1, sum(lengths_a)), 100 * in_b / max(1, sum(lengths_b))
    )


def _sentences(side: Prepared, narrative: Mask) -> _Sentences:
    """Take the sentences of a narrative; those of fewer words than must be common are left out."""
    number, stems = side.sentences[narrative], side.text.stems[narrative]
    sizes = np.bincount(number)
    kept = np.flatnonzero(sizes >= COMMON)[:SENTENCES]
    place = np.full(len(sizes), -1)
    place[kept] = np.arange(len(kept))
    at = place[number] if len(number) else number
    known = (at >= 0) & (stems != 0)
    return _Sentences(sizes[kept], stems[known], at[known])


def _similar(a: _Sentences, b: _Sentences) -> list[list[int]]:
    """List for each sentence of A the similar ones of B, in order."""
    similar: list[list[int]] = [[] for _ in range(len(a.words))]
    # One sort: by stem, then side, then sentence; what repeats itself stands side by side.
    entries = np.concatenate([_packed(a, _A), _packed(b, _B)])
    entries.sort()
    entries = entries[begins(entries)]
    stem = np.cumsum(begins(entries >> _STEM)) - 1
    stem_count = len(entries) and int(stem[-1]) + 1
    of_b = (entries & _B) != 0
    at_a, at_b = (~of_b).nonzero()[0], of_b.nonzero()[0]
    sentence = (entries & _SENTENCE).astype(np.int64)
    in_a, in_b = sentence.take(at_a), sentence.take(at_b)
    stem_a, stem_b = stem.take(at_a), stem.take(at_b)
    seen_a = np.bincount(stem_a, minlength=stem_count)
    seen_b = np.bincount(stem_b, minlength=stem_count)
    total = len(a.words) + len(b.words)
    weight = np.rint(_UNIT * np.log(1 + total / np.maximum(seen_a + seen_b, 1)))
    weight_a, weight_b = weight.take(stem_a), weight.take(stem_b)
    own_a = np.bincount(in_a, weight_a, len(a.words))
    own_b = np.bincount(in_b, weight_b, len(b.words))

    # Join the sentences on their stems: each entry of A with those of B that hold the same one.
    met = np.where(seen_a * seen_b <= OFTEN, seen_b, 0).take(stem_a)
    start = (np.cumsum(seen_b) - seen_b).take(stem_a)
    partner = np.arange(int(met.sum())) + np.repeat(start - np.cumsum(met) + met, met)
    cell = np.repeat(in_a * len(b.words), met) + in_b.take(partner)
    cells = len(a.words) * len(b.words)
    common = np.bincount(cell, minlength=cells)
    shared = np.bincount(cell, np.repeat(weight_a, met), cells)
    own = (own_a[:, None] + own_b).ravel()
    found = np.flatnonzero((common >= COMMON) & (2 * shared >= SIMILAR * own))
    for at in found.tolist():
        similar[at // len(b.words)].append(at % len(b.words))
    return similar


def _packed(side: _Sentences, mark: np.uint64) -> Stems:
    """Pack stems (their first 54 bits), a side's mark, and the sentences they stand in."""
    return side.stems >> _STEM << _STEM | mark | side.at.astype(np.uint64)


def _chain(
    lengths_a: list[int], lengths_b: list[int], similar: list[list[int]]
) -> tuple[int, int, int]:
    """Find the chain that covers most words; return its length and the words of each side.

    ``best[j]`` is the best chain that ends before sentence j of B: the words covered (of each pair
    the shorter sentence), the words of A and of B, the sentences.
    """
    best = [(0, 0, 0, 0)] * (len(lengths_b) + 1)
    for length, partners in zip(lengths_a, similar, strict=True):
        ending = []
        for j in partners:
            covered, words_a, words_b, count = best[j]
            other = lengths_b[j]
            chain = (covered + min(length, other), words_a + length, words_b + other, count + 1)
            ending.append((j, chain))
        for j, chain in ending:
            for at in range(j + 1, len(best)):
                if best[at] >= chain:
                    break
                best[at] = chain
    _, words_a, words_b, count = best[-1]
    return count, words_a, words_b
