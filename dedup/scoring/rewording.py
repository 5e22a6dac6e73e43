"""Close rewording: sentences of both sides that say the same in other words, in the same order.

A rewritten report keeps the names, the numbers and the order of the facts, and changes the words
between. Sentences are compared by the stems they share, the rarer in the pair the heavier, and
the heaviest chain of similar sentences that runs in the same order through both sides is taken
(as in the alignment of a text with its translation: W. Gale, K. Church, 1993).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from math import log

from dedup.text.annotate import AnnotatedText, Mask

SIMILAR = 0.3
"""Dice coefficient of the weighted stems from which two sentences say the same."""
COMMON = 4
"""Stems two similar sentences have in common at least."""
STEM = 5
"""Letters of a stem. Words of fewer than `SHORT` have none, numbers stand whole."""
SHORT = 4
SENTENCES = 300
"""Sentences read of either side, so that no text costs more than a square of this."""

_STOP = re.compile(r"[.!?…]+[\"“”’»)\]*]*\s+")


@dataclass(frozen=True, slots=True)
class Rewording:
    """The chain of similar sentences: how many, and their share of each side's narrative, 0–100."""

    sentences: int
    percent_a: float
    percent_b: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The stems of a sentence's narrative words, and how many words these are."""

    stems: frozenset[str]
    words: int


def find_rewording(
    a: AnnotatedText, b: AnnotatedText, narrative_a: Mask, narrative_b: Mask
) -> Rewording:
    """Chain the similar sentences of two narratives; copied sentences are similar too."""
    if (len(a.words), a.words.folded) > (len(b.words), b.words.folded):
        # Of equally heavy chains either may be found; a fixed order of the sides decides.
        swapped = find_rewording(b, a, narrative_b, narrative_a)
        return Rewording(swapped.sentences, swapped.percent_b, swapped.percent_a)
    side_a, side_b = _sentences(a, narrative_a), _sentences(b, narrative_b)
    count, words_a, words_b = _chain(side_a, side_b, _similar(side_a, side_b))
    return Rewording(
        count,
        100 * words_a / max(1, sum(sentence.words for sentence in side_a)),
        100 * words_b / max(1, sum(sentence.words for sentence in side_b)),
    )


def stems(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of folded words."""
    return frozenset([w[:STEM] for w in words if len(w) >= SHORT or w[0].isdigit()])


def _sentences(text: AnnotatedText, narrative: Mask) -> list[_Sentence]:
    """Split a narrative at its stops; sentences of fewer words than must be common are left out."""
    raw, words, inside = text.article.text, text.words.texts(), narrative.tolist()
    stops = [
        match.end()
        for match in _STOP.finditer(raw)
        if not raw[match.end() : match.end() + 1].islower()
    ]
    ends = [*text.words.starts.searchsorted(stops).tolist(), len(words)]
    found: list[_Sentence] = []
    start = 0
    for end in ends:
        own = list(compress(words[start:end], inside[start:end]))
        if len(own) >= COMMON:
            found.append(_Sentence(stems(own), len(own)))
            if len(found) == SENTENCES:
                break
        start = end
    return found


def _similar(side_a: list[_Sentence], side_b: list[_Sentence]) -> list[list[int]]:
    """List for each sentence of A the similar ones of B, in order."""
    seen: Counter[str] = Counter()
    for side in (side_a, side_b):
        for sentence in side:
            seen.update(sentence.stems)
    total = len(side_a) + len(side_b)
    of_count = [0.0, *(log(1 + total / count) for count in range(1, total + 1))]
    weight = {stem: of_count[count] for stem, count in seen.items()}
    holding: dict[str, list[int]] = defaultdict(list)
    for j, sentence in enumerate(side_b):
        for stem in sentence.stems:
            holding[stem].append(j)
    weights_b = [_sum(weight, sentence.stems) for sentence in side_b]
    similar = []
    for sentence in side_a:
        common: Counter[int] = Counter()
        for stem in sentence.stems:
            if stem in holding:
                common.update(holding[stem])
        own = _sum(weight, sentence.stems)
        similar.append(
            sorted(
                j
                for j, count in common.items()
                if count >= COMMON
                and 2 * _sum(weight, sentence.stems & side_b[j].stems)
                >= SIMILAR * (own + weights_b[j])
            )
        )
    return similar


def _sum(weight: dict[str, float], of: frozenset[str]) -> float:
    """Sum weights in a fixed order, so that the last bit is the same in every run."""
    return sum(sorted([weight[stem] for stem in of]))


def _chain(
    side_a: list[_Sentence], side_b: list[_Sentence], similar: list[list[int]]
) -> tuple[int, int, int]:
    """Find the chain that covers most words; return its length and the words of each side.

    ``best[j]`` is the best chain that ends before sentence j of B: the words covered (of each pair
    the shorter sentence), the words of A and of B, the sentences.
    """
    best = [(0, 0, 0, 0)] * (len(side_b) + 1)
    for sentence, partners in zip(side_a, similar, strict=True):
        ending = []
        for j in partners:
            covered, words_a, words_b, count = best[j]
            other = side_b[j].words
            chain = (
                covered + min(sentence.words, other),
                words_a + sentence.words,
                words_b + other,
                count + 1,
            )
            ending.append((j, chain))
        for j, chain in ending:
            for at in range(j + 1, len(best)):
                if best[at] >= chain:
                    break
                best[at] = chain
    _, words_a, words_b, count = best[-1]
    return count, words_a, words_b
