"""Synthetic articles, made faster than they are indexed: Zipf's law, and some edited copies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from dedup.article import Article

WORDS = 500
COPIES = 0.1
EDITED = 0.15  # of a copy's words; and up to a third of it is cut at the end

_VOCABULARY = 60_000
_DRAWS = 1 << 20  # words are drawn from this many, in which each is as often as Zipf's law says
_REMEMBERED = 20_000  # articles that copies are made of


def synthetic_articles(count: int, seed: int = 1, batch: int = 2048) -> Iterator[list[Article]]:
    """Yield batches of articles of `WORDS` words, ids in no order."""
    rng = np.random.default_rng(seed)
    draws = _draws(rng)
    known = np.empty((_REMEMBERED, WORDS), np.int32)
    held = made = 0
    start = datetime(2020, 1, 1, tzinfo=UTC)
    while made < count:
        size = min(batch, count - made)
        chosen = rng.integers(0, _DRAWS, (size, WORDS), np.int32)
        copies = np.flatnonzero(rng.random(size) < COPIES) if held else np.empty(0, np.int64)
        chosen[copies] = _edited(rng, known[rng.integers(0, held or 1, len(copies))])
        place = rng.integers(0, _REMEMBERED, size) if held == _REMEMBERED else None
        if place is None:
            place = np.arange(held, min(held + size, _REMEMBERED))
            held = min(held + size, _REMEMBERED)
        known[place] = chosen[: len(place)]
        lengths = np.full(size, WORDS)
        lengths[copies] -= rng.integers(0, WORDS // 3, len(copies))
        names = rng.integers(0, 2**63, size).tolist()
        yield [
            Article(
                id=f"{name:016x}",
                text=" ".join(words[:length]),
                title=" ".join(words[:7]),
                source="an agency",
                published=(start + timedelta(seconds=20 * (made + number))).isoformat(),
                url=f"https://news.example/2020/{name:016x}.html",
                language="en",
            )
            for number, (words, length, name) in enumerate(
                zip(draws[chosen].tolist(), lengths.tolist(), names, strict=True)
            )
        ]
        made += size


def _draws(rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Return words as often as Zipf and Mandelbrot have them, the frequent ones shorter."""
    letters = np.array(list("etaoinshrdlcumwfgypbvk"))
    lengths = np.clip(rng.normal(2.5 + np.log2(np.arange(_VOCABULARY) + 2) / 2.2, 1.5), 1, 14)
    words = [
        "".join(letters[(rng.random(int(length)) ** 1.7 * len(letters)).astype(int)])
        for length in lengths
    ]
    often = 1 / (np.arange(_VOCABULARY) + 2.7)
    ends = np.cumsum(often / often.sum())
    numbers = np.searchsorted(ends, (np.arange(_DRAWS) + 0.5) / _DRAWS)
    return np.array(words, dtype=object)[np.minimum(numbers, _VOCABULARY - 1)]


def _edited(rng: np.random.Generator, originals: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    changed = rng.random(originals.shape) < EDITED
    originals[changed] = rng.integers(0, _DRAWS, int(changed.sum()), np.int32)
    return originals
