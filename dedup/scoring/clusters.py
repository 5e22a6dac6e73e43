"""Clusters: each article beside the earliest one it is derived with.

Articles join in order of publication (undated last) the earliest representative they are derived
with, else become one themselves. Nothing is chained: an article derived only with a member, not
with the representative, stays outside. Every edge keeps its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dedup.article import Article
from dedup.scoring.match import Match

_UNDATED = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A representative and the articles derived with it.

    ``edges`` are the matches that joined each member to the representative, in order of joining.
    ``source`` is the id of the likely source: the article that most edges point away from, which
    is the representative unless they say otherwise.
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
    published = article.published
    if isinstance(published, datetime):
        published = published.isoformat()
    return published or _UNDATED, article.id


def find_clusters(articles: Sequence[Article], matches: Iterable[Match]) -> list[Cluster]:
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
    clusters = [
        Cluster(
            representative,
            _likely_source(representative, [match for _, match in edges]),
            (representative, *(member for member, _ in edges)),
            tuple(match for _, match in edges),
        )
        for representative, edges in joined.items()
        if edges
    ]
    return sorted(clusters, key=lambda c: (-len(c.members), order[c.representative]))


def _likely_source(representative: str, edges: list[Match]) -> str:
    votes = {representative: 0}
    for edge in edges:
        if edge.direction in ("a->b", "b->a"):
            source = edge.a.id if edge.direction == "a->b" else edge.b.id
            votes[source] = votes.get(source, 0) + 1
    return max(votes, key=lambda article_id: votes[article_id])
