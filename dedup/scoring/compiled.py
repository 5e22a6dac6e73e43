"""What verification does most, compiled by numba, for batches: the same results.

With nothing cached, compiling takes some seconds, so it is done where a batch pays for it. numba
keeps the compiled code beside the source, or where ``NUMBA_CACHE_DIR`` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.article import Article, Credit
from dedup.scoring import alignment
from dedup.scoring.passages import ShingleHasher
from dedup.scoring.prepared import Prepared, prepare, shingles_of
from dedup.scoring.spans import Aligner, interpreted
from dedup.sketch.compiling import compile_kept, is_compiled
from dedup.sketch.reference import shingle_hashes
from dedup.text.hashing import (
    FACTORS,
    PLAIN,
    Hashes,
    Reader,
    Stems,
    hash_loop,
    letters,
    mix,
    roll_loop,
)
from dedup.text.word_loop import compose, scan_words
from dedup.text.words import Words, word_table

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
    reader: Reader = PLAIN
    hash_shingles: ShingleHasher = shingle_hashes

    def prepare(
        self,
        article: Article,
        k: int,
        shingles: Hashes | None = None,
        found_credits: Sequence[Credit] | None = None,
    ) -> Prepared:
        """Make what verification needs of an article."""
        return prepare(article, k, shingles, found_credits, self.reader)

    def shingles_of(self, article: Article, k: int) -> Hashes:
        """Collect an article's shingles alone."""
        return shingles_of(article, k, self.reader)


class ToolChoice:
    """The tools for pair after pair: the compiled ones from when so many have come as pay."""

    def __init__(self) -> None:
        self.tools = Tools()
        self._pairs = 0
        self._compiled = False

    def expect(self, pairs: int) -> None:
        """Take note that so many pairs are coming."""
        self._pairs += pairs
        if not self._compiled and self._pairs >= LOADING_PAYS and self._pairs >= pays_from():
            self.tools, self._compiled = compiled(), True


@cache
def compiled() -> Tools:
    """Return the compiled tools, or the plain ones where numba is missing."""
    try:
        from numba.extending import register_jitable
    except ImportError:
        return Tools()
    for helper in (*alignment.COMPILED_WITH_ALIGN, mix, compose):
        register_jitable(helper)

    scan, hash_, table = compile_kept(scan_words), compile_kept(hash_loop), word_table()
    roll = compile_kept(roll_loop)

    def find_compiled(text: str) -> Words:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        folded, starts, ends = scan(codes, table)
        return Words(folded.tobytes().decode("utf-32-le"), starts, ends)

    def hash_compiled(words: Words) -> tuple[Hashes, Stems]:
        hashes, stems = hash_(letters(words.folded), len(words), FACTORS)
        return hashes, stems

    def hash_shingles(folded: bytes, k: int) -> npt.NDArray[np.uint32]:
        from dedup.sketch.kernel import hash_folded  # loads the kernel, which few need

        if not folded:
            return np.empty(0, np.uint32)
        hashes: npt.NDArray[np.uint32] = hash_folded(np.frombuffer(folded, np.uint8), k)
        return hashes

    reader = Reader(find_compiled, hash_compiled, roll)
    return Tools(compile_kept(alignment.align), reader, hash_shingles)
