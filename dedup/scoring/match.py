"""Match: a verified pair with its verdict and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dedup.article import Credit
from dedup.scoring.overlap import Overlap
from dedup.scoring.spans import AlignedSpan

SCHEMA = "dedup.match/1"


@dataclass(frozen=True, slots=True)
class Side:
    """One article of a pair: its id, the number of its words and the credits found."""

    id: str
    words: int
    credits: tuple[Credit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the side as in the output schema."""
        return {
            "id": self.id,
            "words": self.words,
            "credits": [credit.to_dict() for credit in self.credits],
        }


@dataclass(frozen=True, slots=True)
class FoundBy:
    """What brought a pair together: bands and fingerprints in common, estimated Jaccard."""

    bands: int
    fingerprints: int
    jaccard_estimate: float

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as in the output schema."""
        return {
            "bands": self.bands,
            "fingerprints": self.fingerprints,
            "jaccard_estimate": round(self.jaccard_estimate, 4),
        }


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair: relation, score and direction, with overlap, spans and reasons.

    ``rules`` is the version of the verdict rules. ``score`` is 0–1, at least 0.5 exactly where
    the pair is derived. ``direction`` is ``a->b``, ``b->a``, ``common`` or ``unknown``; it is no
    proof which was published ``earlier``: ``a``, ``b``, ``same``, or None where that is not known.
    ``credited_x`` is None where no agency copy is involved. ``found_by`` is None in a comparison
    of two given articles.
    """

    a: Side
    b: Side
    relation: str
    score: float
    direction: str
    update: bool
    headline: str
    credited_a: bool | None
    credited_b: bool | None
    overlap: Overlap
    spans: tuple[AlignedSpan, ...]
    reasons: tuple[str, ...]
    rules: str
    found_by: FoundBy | None = None
    earlier: str | None = None

    @property
    def derived(self) -> bool:
        """Whether one text was taken from the other, or both from a third."""
        return self.relation in DERIVED

    def to_dict(self) -> dict[str, Any]:
        """Return the match as in the output schema, ready for JSON."""
        return {
            "schema": SCHEMA,
            "rules": self.rules,
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "relation": self.relation,
            "derived": self.derived,
            "score": round(self.score, 4),
            "direction": self.direction,
            "earlier": self.earlier,
            "update": self.update,
            "headline": self.headline,
            "credited_a": self.credited_a,
            "credited_b": self.credited_b,
            "overlap": self.overlap.to_dict(),
            "found_by": self.found_by.to_dict() if self.found_by else None,
            "spans": [span.to_dict() for span in self.spans],
            "reasons": list(self.reasons),
        }


DERIVED = ("identical", "near-duplicate", "rewrite", "partial")
NOT_DERIVED = ("shared-quotes", "boilerplate", "independent")
