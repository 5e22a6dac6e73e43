"""The relation of a verified pair: explicit rules over a few measured quantities.

The rules are read from top to bottom and the first that holds decides; their numbers are data
(``relation.toml``). What counts is the narrative, the body words outside quotations: two reports
of one statement share every quoted word and are not copies.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from dedup.scoring.match import DERIVED
from dedup.scoring.overlap import Overlap
from dedup.scoring.spans import Alignment


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the rules; see ``relation.toml`` for their meaning and units."""

    version: str
    identical_percent: float
    near_duplicate_percent: float
    rewrite_percent: float
    copied_words: int
    copied_percent: float
    brief_words: int
    brief_percent: float
    quoted_words: int
    template_words: int
    template_percent: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules look at, the same whichever side is called A.

    ``copied`` counts narrative words that stand unchanged in the other side, the smaller count of
    the two; ``quoted`` the quoted ones. ``most`` and ``least`` are the larger and the smaller
    narrative percentage, ``body`` the smaller percentage of body words.
    """

    copied: int
    quoted: int
    most: float
    least: float
    body: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A relation with its score, 0–1 and at least 0.5 where derived, and the reasons for it."""

    relation: str
    score: float
    reasons: tuple[str, ...]


@cache
def rules() -> Rules:
    """Read the rules that come with the package."""
    return Rules(**tomllib.loads(Path(__file__).with_name("relation.toml").read_text("utf-8")))


def gather(alignment: Alignment, overlap: Overlap) -> Evidence:
    """Measure what the rules look at."""
    copied_a = np.count_nonzero(alignment.copied_a & ~alignment.quoted_a)
    copied_b = np.count_nonzero(alignment.copied_b & ~alignment.quoted_b)
    quoted = np.count_nonzero(alignment.copied_a & alignment.quoted_a)
    # A side that is all quotation has no narrative percentage; its body counts instead.
    shares = [
        body if narrative is None else narrative
        for body, narrative in (
            (overlap.percent_a, overlap.narrative_percent_a),
            (overlap.percent_b, overlap.narrative_percent_b),
        )
    ]
    return Evidence(
        copied=int(min(copied_a, copied_b)),
        quoted=int(quoted),
        most=max(shares),
        least=min(shares),
        body=min(overlap.percent_a, overlap.percent_b),
    )


def judge(evidence: Evidence, numbers: Rules | None = None) -> Verdict:
    """Decide the relation, and say why."""
    limits = numbers or rules()
    relation, reason = _decide(evidence, limits)
    measured = (
        f"{evidence.copied} words outside quotations stand in both, "
        f"{evidence.most:.0f}% of one narrative and {evidence.least:.0f}% of the other"
    )
    return Verdict(relation, _score(evidence, relation, limits), (reason, measured))


def _decide(evidence: Evidence, limits: Rules) -> tuple[str, str]:
    if evidence.body >= limits.identical_percent:
        return "identical", f"at least {limits.identical_percent:.0f}% of both bodies are the same"
    brief = evidence.copied >= limits.brief_words and evidence.most >= limits.brief_percent
    enough = evidence.copied >= limits.copied_words and evidence.most >= limits.copied_percent
    if brief or enough:
        if evidence.least >= limits.near_duplicate_percent:
            return "near-duplicate", (
                f"at least {limits.near_duplicate_percent:.0f}% of both narratives is the same text"
            )
        if evidence.most >= limits.rewrite_percent:
            return "rewrite", (
                f"at least {limits.rewrite_percent:.0f}% of one narrative stands in the other"
            )
        return "partial", (
            f"at least {limits.copied_words} words of narrative were taken over, "
            f"but less than {limits.rewrite_percent:.0f}% of either side"
        )
    if evidence.quoted >= limits.quoted_words and evidence.quoted >= evidence.copied:
        return "shared-quotes", (
            f"{evidence.quoted} quoted words stand in both, "
            f"and fewer than {limits.copied_words} words of narrative"
        )
    if evidence.copied >= limits.template_words and evidence.most >= limits.template_percent:
        return "boilerplate", "what they share is short and formulaic"
    return "independent", "no more in common than stock phrases and names"


def _score(evidence: Evidence, relation: str, limits: Rules) -> float:
    """Order results: by the share taken where derived, by how near to it where not."""
    if relation in DERIVED:
        return 0.5 + 0.5 * max(evidence.most, evidence.body) / 100
    words = min(evidence.copied / limits.copied_words, 1.0)
    share = min(evidence.most / limits.copied_percent, 1.0)
    return 0.49 * words * share
