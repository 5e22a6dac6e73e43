"""Pairs as CSV: a line for each match, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from dedup.reporting.csv_table import Cell, render_csv
from dedup.scoring.match import Match

COLUMNS = (
    "a",
    "b",
    "relation",
    "derived",
    "score",
    "direction",
    "percent_a",
    "percent_b",
    "narrative_percent_a",
    "narrative_percent_b",
    "longest_span_words",
    "credited_a",
    "credited_b",
    "headline",
    "update",
)


def render_pairs(matches: Iterable[Match]) -> str:
    """Write matches as CSV, in their order; what is not known is an empty cell."""
    return render_csv(COLUMNS, map(_cells, matches))


def _cells(match: Match) -> list[Cell]:
    overlap = match.overlap
    return [
        match.a.id,
        match.b.id,
        match.relation,
        match.derived,
        f"{match.score:.4f}",
        match.direction,
        overlap.percent_a,
        overlap.percent_b,
        overlap.narrative_percent_a,
        overlap.narrative_percent_b,
        overlap.longest_span_words,
        match.credited_a,
        match.credited_b,
        match.headline,
        match.update,
    ]
