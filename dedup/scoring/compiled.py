"""What verification does most, compiled by numba, for batches: the same results.

With nothing cached, compiling takes some seconds, so it is done where a batch pays for it. numba
keeps the compiled code beside the source, or where ``NUMBA_CACHE_DIR`` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dedup.scoring import alignment
from dedup.scoring.hashing import (
    FACTORS,
    Hashes,
    HashWords,
    Stems,
    hash_loop,
    hash_words,
    letters,
    mix,
)
from dedup.scoring.spans import Aligner, interpreted
from dedup.sketch.choice import is_compiled
from dedup.text.annotate import ReadWords
from dedup.text.word_loop import scan_words
from dedup.text.words import Words, find_words, word_table

LOADING_PAYS = 800
"""Pairs from which loading the compiled alignment pays: half a second, and 0.7 ms saved a pair."""

COMPILING_PAYS = 4_000
"""Pairs from which it is compiled and kept, to the good of later runs: a few seconds."""


def pays_from() -> int:
    """Return how many pairs pay for the compiled alignment here."""
    cached = is_compiled(Path(alignment.__file__), "align")
    return LOADING_PAYS if cached else COMPILING_PAYS


@dataclass(frozen=True, slots=True)
class Tools:
    """How texts are read and aligned: as plain Python and NumPy, or compiled."""

    align: Aligner = interpreted
    read_words: ReadWords = find_words
    hash_words: HashWords = hash_words


@cache
def compiled() -> Tools:
    """Return the compiled tools, or the plain ones where numba is missing."""
    try:
        from numba import njit
        from numba.extending import register_jitable
    except ImportError:
        return Tools()
    for helper in (*alignment.COMPILED_WITH_ALIGN, mix):
        register_jitable(helper)

    def compile_(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - numba has no types
        try:
            return njit(cache=True, nogil=True)(function)
        except RuntimeError:  # nowhere to keep the compiled code
            return njit(nogil=True)(function)

    scan, hash_, table = compile_(scan_words), compile_(hash_loop), word_table()

    def read_words(text: str) -> Words:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        folded, starts, ends = scan(codes, table)
        return Words(folded.tobytes().decode("utf-32-le"), starts, ends)

    def hash_compiled(words: Words) -> tuple[Hashes, Stems]:
        hashes, stems = hash_(letters(words), len(words), FACTORS)
        return hashes, stems

    return Tools(compile_(alignment.align), read_words, hash_compiled)
