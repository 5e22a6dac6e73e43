"""An audit as a page: outlets and pickups in tables, who ran what when, each row's evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dedup.article import Article
from dedup.reporting.audit import Outlet, Row
from dedup.reporting.audit_tables import (
    HEADINGS,
    LEGEND,
    NUMBERS,
    OUTLET_HEADINGS,
    outlet_cells,
    row_cells,
    story_heading,
    summary,
)
from dedup.reporting.html import render_corpus_page
from dedup.reporting.html.tables import PageRow, PageTable
from dedup.scoring.clusters import find_clusters

MOST_ROWS = 1_000
"""Rows and outlets in the tables of the page; the table of pairs below them has them all."""


def render_audit_page(
    rows: Sequence[Row],
    outlets: Sequence[Outlet],
    wire: Mapping[str, Article],
    came_in: Mapping[str, Article],
    *,
    counts: tuple[int, int],
) -> str:
    """Write the page of an audit.

    Parameters
    ----------
    wire, came_in
        The articles that the rows name, by id.
    counts
        How many wire and incoming articles were compared.
    """
    notes = [summary(rows, wire=counts[0], incoming=counts[1]), LEGEND.capitalize()]
    if len(rows) > MOST_ROWS:
        notes.append(f"Of {len(rows):,} pickups {MOST_ROWS:,} are in the table by story.")
    matches = [row.match for row in rows]
    used = {row.incoming: came_in[row.incoming] for row in rows}
    apart = not wire.keys() & used.keys()
    clusters = find_clusters([*wire.values(), *used.values()], matches) if apart else []
    tables = (_outlet_table(outlets), _story_table(rows)) if rows else ()
    return render_corpus_page(
        matches, clusters, wire, "Audit", articles_b=used, notes=notes, tables=tables
    )


def _outlet_table(outlets: Sequence[Outlet]) -> PageTable:
    columns = tuple((heading, heading != "outlet") for heading in OUTLET_HEADINGS)
    rows = tuple(PageRow(outlet_cells(outlet)) for outlet in outlets[:MOST_ROWS])
    return PageTable("Outlets", columns, rows)


def _story_table(rows: Sequence[Row]) -> PageTable:
    """Make the table of pickups, a story named where it begins."""
    columns = (("story", False), *((heading, heading in NUMBERS) for heading in HEADINGS))
    shown = []
    before = None
    for row in rows[:MOST_ROWS]:
        story = "" if row.story == before else story_heading(row.story, [row])
        before = row.story
        shown.append(PageRow((story, *row_cells(row)), (row.match.a.id, row.match.b.id)))
    return PageTable("Who used which story", columns, tuple(shown), linked=1)
