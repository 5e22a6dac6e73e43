"""A scan as tables: clusters with their likely source, and what the pairs are."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dedup.reporting.printable import printable
from dedup.scoring.clusters import Cluster
from dedup.scoring.match import DERIVED, NOT_DERIVED, Match

SHOWN_MEMBERS = 5


def render_scan(
    articles: int, matches: list[Match], clusters: list[Cluster], *, most: int, width: int
) -> str:
    """Write a scan for a person: the ``most`` largest clusters, then the pairs by relation."""
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True, highlight=False)
    derived = sum(match.derived for match in matches)
    members = sum(len(cluster.members) for cluster in clusters)
    console.print(
        f"{articles} articles: {derived} derived pairs; "
        f"{len(clusters)} clusters hold {members} of the articles."
    )
    if clusters and most:
        console.print(_cluster_table(clusters[:most]))
        if len(clusters) > most:
            console.print(f"{len(clusters) - most} more clusters (--clusters {len(clusters)}).")
    if matches:
        console.print(_relation_table(matches))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _cluster_table(clusters: list[Cluster]) -> Table:
    table = Table("articles", "likely source", "with", "relation", box=None, pad_edge=False)
    for cluster in clusters:
        joined_by = dict(zip(cluster.members[1:], cluster.edges, strict=True))
        if cluster.source != cluster.representative:
            joined_by = {cluster.representative: joined_by.pop(cluster.source), **joined_by}
        rows = [(_text(member), _edge(edge)) for member, edge in joined_by.items()]
        size, source = str(len(cluster.members)), _text(cluster.source)
        for member, relation in rows[:SHOWN_MEMBERS]:
            table.add_row(size, source, member, relation)
            size, source = "", Text()
        if len(rows) > SHOWN_MEMBERS:
            table.add_row("", "", f"and {len(rows) - SHOWN_MEMBERS} more", "")
    return table


def _edge(edge: Match) -> Text:
    overlap = edge.overlap
    return Text(f"{edge.relation} {overlap.percent_a:.0f}% / {overlap.percent_b:.0f}%")


def _relation_table(matches: list[Match]) -> Table:
    counts = Counter(match.relation for match in matches)
    table = Table("relation", "pairs", box=None, pad_edge=False)
    for relation in (*DERIVED, *NOT_DERIVED):
        if counts[relation]:
            table.add_row(relation, str(counts[relation]))
    return table


def _text(article_id: str) -> Text:
    return Text(printable(article_id), overflow="fold")
