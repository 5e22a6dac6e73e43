"""The alignment compiled by numba, for batches: the same functions, the same result.

With nothing cached, compiling takes some seconds, so it is done where a batch pays for it. numba
keeps the compiled code beside the source, or where ``NUMBA_CACHE_DIR`` says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from dedup.scoring import alignment
from dedup.scoring.prepared import Numbers
from dedup.scoring.spans import Aligner
from dedup.sketch.choice import is_compiled

LOADING_PAYS = 800
"""Pairs from which loading the compiled alignment pays: half a second, and 0.7 ms saved a pair."""

COMPILING_PAYS = 4_000
"""Pairs from which it is compiled and kept, to the good of later runs: a few seconds."""


def pays_from() -> int:
    """Return how many pairs pay for the compiled alignment here."""
    cached = is_compiled(Path(alignment.__file__), "align")
    return LOADING_PAYS if cached else COMPILING_PAYS


@cache
def compiled_aligner() -> Aligner | None:
    """Return the compiled `dedup.scoring.alignment.align`, or None where numba is missing."""
    try:
        from numba import njit
        from numba.extending import register_jitable
    except ImportError:
        return None
    for helper in alignment.COMPILED_WITH_ALIGN:
        register_jitable(helper)
    try:
        compiled: Any = njit(cache=True, nogil=True)(alignment.align)
    except RuntimeError:  # nowhere to keep the compiled code
        compiled = njit(nogil=True)(alignment.align)

    def aligner(a: Numbers, b: Numbers) -> list[tuple[int, int, int, int]]:
        runs: list[tuple[int, int, int, int]] = compiled(a, b)
        return runs

    return aligner
