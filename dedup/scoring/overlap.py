"""Overlap: how much of each side stands in the other, in words and in shingles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dedup.scoring.prepared import Prepared, common_shingles
from dedup.scoring.spans import Alignment
from dedup.text.annotate import Mask
from dedup.text.hashing import Hashes

WHOLE, MOST = 90.0, 50.0
"""Narrative percentages from which an extent is ``whole`` or ``most``."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """The measured overlap of a pair; percentages are 0–100, Jaccard and containments 0–1.

    ``percent_x``: body words of x that are unchanged in a span, of all its body words; where x has
    a passage twice that the other side has once, the second copy counts too, though no span has it.
    ``narrative_percent_x``: the same outside quotations, None where nothing stands outside.
    ``jaccard`` and ``containment_x`` (Broder 1997) are exact, over the shingles of all words;
    None where a side has no shingle.
    """

    percent_a: float
    percent_b: float
    narrative_percent_a: float | None
    narrative_percent_b: float | None
    extent_a: str
    extent_b: str
    longest_span_words: int
    jaccard: float | None
    containment_a: float | None
    containment_b: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the overlap as in the output schema, percentages to 0.1, the others to 0.0001."""
        return {
            key: round(value, 1 if "percent" in key else 4) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def measure_overlap(a: Prepared, b: Prepared, alignment: Alignment) -> Overlap:
    """Measure a pair's overlap from its alignment and its shingles."""
    body_a, body_b = a.text.body & ~alignment.standing_a, b.text.body & ~alignment.standing_b
    narrative_a = _percent(alignment.found_a, body_a & ~alignment.quoted_a)
    narrative_b = _percent(alignment.found_b, body_b & ~alignment.quoted_b)
    jaccard, containment_a, containment_b = shingle_overlap(a.shingles, b.shingles)
    return Overlap(
        percent_a=_percent(alignment.found_a, body_a) or 0.0,
        percent_b=_percent(alignment.found_b, body_b) or 0.0,
        narrative_percent_a=narrative_a,
        narrative_percent_b=narrative_b,
        extent_a=extent(narrative_a),
        extent_b=extent(narrative_b),
        longest_span_words=max((span.words for span in alignment.spans), default=0),
        jaccard=jaccard,
        containment_a=containment_a,
        containment_b=containment_b,
    )


def shingle_overlap(a: Hashes, b: Hashes) -> tuple[float | None, float | None, float | None]:
    """Return Jaccard, containment of A in B and of B in A, over the sets of shingles."""
    if not len(a) or not len(b):
        return None, None, None
    common = common_shingles(a, b)
    return common / (len(a) + len(b) - common), common / len(a), common / len(b)


def extent(narrative_percent: float | None) -> str:
    """Name how much of one side's narrative stands in the other."""
    if not narrative_percent:
        return "none"
    if narrative_percent >= WHOLE:
        return "whole"
    return "most" if narrative_percent >= MOST else "part"


def _percent(copied: Mask, of: Mask) -> float | None:
    total = int(np.count_nonzero(of))
    return 100.0 * int(np.count_nonzero(copied & of)) / total if total else None
