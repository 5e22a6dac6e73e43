"""Clusters: each article beside the earliest one it is derived with.

Articles join in order of publication (undated last) the earliest representative they are derived
with, else become one themselves. Nothing is chained: an article derived only with a member, not
with the representative, stays outside. Every edge keeps its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dedup.article import Article
from dedup.dates import order as date_order
from dedup.scoring.match import Match


@dataclass(frozen=True, slots=True)
class Cluster:
    """A representative and the articles derived with it.

    ``edges`` are the matches that joined each member to the representative, in order of joining.
    ``source`` is the id of the likely source: the member that most matches within the cluster
    point away from; the representative where they do not say.
    """

    representative: str
    source: str
    members: tuple[str, ...]
    edges: tuple[Match, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the cluster as JSON: ids, and of each edge what joined it."""
        return {
            "representative": self.representative,
            "source": self.source,
            "members": list(self.members),
            "edges": [
                {
                    "a": edge.a.id,
                    "b": edge.b.id,
                    "relation": edge.relation,
                    "score": round(edge.score, 4),
                    "direction": edge.direction,
                }
                for edge in self.edges
            ],
        }


def publication_order(article: Article) -> tuple[str, str]:
    """Return what articles are ordered by: published, then id; undated last."""
    return date_order(article.published), article.id


def find_clusters(articles: Sequence[Article], matches: Sequence[Match]) -> list[Cluster]:
    """Cluster articles by their derived matches; the largest first, single articles left out."""
    order = {a.id: n for n, a in enumerate(sorted(articles, key=publication_order))}
    neighbours: dict[str, list[Match]] = {}
    for match in matches:
        if match.derived:
            # Kept by the later side: when its turn comes, the earlier one has its place already.
            later = max(match.a.id, match.b.id, key=order.__getitem__)
            neighbours.setdefault(later, []).append(match)
    joined: dict[str, list[tuple[str, Match]]] = {}
    for article_id in order:
        candidates = [
            (order[other], other, match)
            for match in neighbours.get(article_id, [])
            for other in ({match.a.id, match.b.id} - {article_id})
            if other in joined
        ]
        if candidates:
            _, representative, match = min(candidates, key=lambda c: c[0])
            joined[representative].append((article_id, match))
        else:
            joined[article_id] = []
    found = {
        representative: (representative, *(member for member, _ in edges))
        for representative, edges in joined.items()
        if edges
    }
    sources = _likely_sources(found.values(), matches)
    clusters = [
        Cluster(
            representative,
            sources[representative],
            members,
            tuple(match for _, match in joined[representative]),
        )
        for representative, members in found.items()
    ]
    return sorted(clusters, key=lambda c: (-len(c.members), order[c.representative]))


def _likely_sources(
    clusters: Iterable[tuple[str, ...]], matches: Iterable[Match]
) -> dict[str, str]:
    """Return for each representative the member that most matches in its cluster point from."""
    cluster_of = {member: members[0] for members in clusters for member in members}
    votes = {representative: {representative: 0} for representative in cluster_of.values()}
    for match in matches:
        representative = cluster_of.get(match.a.id)
        if representative is None or cluster_of.get(match.b.id) != representative:
            continue
        if match.derived and match.direction in ("a->b", "b->a"):
            source = match.a.id if match.direction == "a->b" else match.b.id
            votes[representative][source] = votes[representative].get(source, 0) + 1
    return {
        representative: min(counts, key=lambda source: (-counts[source], source != representative))
        for representative, counts in votes.items()
    }
