"""Who used an agency's copy: a row for each incoming article, totals for each outlet.

Pure functions from matches and articles; side A of a match is the wire, the source by definition,
side B what came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from dedup.article import Article, Credit
from dedup.reporting.pickup import outlet_of, pickup_time
from dedup.scoring.clusters import find_clusters, publication_order
from dedup.scoring.direction import from_wire
from dedup.scoring.match import Match, Side
from dedup.scoring.spans import AlignedSpan

SCHEMA = "dedup.audit/1"
VERSIONS = ("identical", "near-duplicate", "rewrite")
"""Relations that make two wire articles, one an update of the other, versions of one story; an
update that shares only a part, such as the background, is a story of its own."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another wire article that an incoming one also shares text with."""

    story: str
    wire: str
    relation: str
    words: int
    narrative_percent: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one incoming article took from the wire story it matches best.

    ``story`` is the id of the story's earliest version, ``wire`` of the version that was used,
    ``version`` what its file states of it, ``agencies`` those it names. ``words`` counts equal
    words, standing text left out; ``story_percent`` is their share of the wire article's body,
    ``narrative_percent`` that of the incoming one outside quotations, None where it has nothing
    outside. ``changes`` counts edits inside these passages.
    ``credit`` is where the incoming article names the agency, None where it does not;
    ``other_agencies`` are those it names besides. ``hours`` run from wire to pickup, None where
    either time is unknown; ``hours_by`` is ``time``, or ``day`` where only days can be compared.
    """

    story: str
    wire: str
    version: str | None
    agencies: tuple[str, ...]
    incoming: str
    outlet: str
    words: int
    story_percent: float
    narrative_percent: float | None
    relation: str
    changes: int
    headline: str
    credited: bool
    credit: Credit | None
    other_agencies: tuple[str, ...]
    wire_published: str | None
    incoming_published: str | None
    hours: float | None
    hours_by: str | None
    direction: str
    score: float
    match: Match
    also: tuple[Other, ...]

    @property
    def spans(self) -> tuple[AlignedSpan, ...]:
        """The passages; ``a`` is the wire article's side."""
        return self.match.spans

    def to_dict(self) -> dict[str, Any]:
        """Return the row as in the output schema, with the spans that are its evidence."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "match"}
        return plain | {
            "story_percent": round(self.story_percent, 1),
            "narrative_percent": _rounded(self.narrative_percent),
            "credit": _credit(self.credit),
            "agencies": list(self.agencies),
            "other_agencies": list(self.other_agencies),
            "score": round(self.score, 4),
            "spans": [span.to_dict() for span in self.spans],
            "also": [
                asdict(other) | {"narrative_percent": _rounded(other.narrative_percent)}
                for other in self.also
            ],
        }


@dataclass(frozen=True, slots=True)
class Outlet:
    """What one outlet took: stories, articles and equal words, and how many name the agency.

    ``hours_by`` is ``time`` where all pickups with known hours are by time, else ``day``.
    """

    outlet: str
    stories: int
    articles: int
    words: int
    credited: int
    uncredited: int
    median_hours: float | None
    hours_by: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the totals as in the output schema."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wire:
    """The wire articles that matches name, by id, the story of each, and their stated versions."""

    articles: Mapping[str, Article]
    story_of: Mapping[str, str]
    versions: Mapping[str, str | None]


def audit_rows(checked: Iterable[tuple[Article, Sequence[Match]]], wire: Wire) -> list[Row]:
    """Return a row for each incoming article that is derived with a wire article.

    Rows are ordered by story, then by the time of pickup, unknown last.
    """
    rows = [
        _row(incoming, found, wire)
        for incoming, matches in checked
        if (found := [from_wire(match) for match in matches if match.derived])
    ]
    return sorted(rows, key=lambda r: (r.story, r.hours is None, r.hours or 0.0, r.incoming))


def outlet_totals(rows: Iterable[Row]) -> list[Outlet]:
    """Return the totals of each outlet, those that took the most words first."""
    by_outlet: dict[str, list[Row]] = {}
    for row in rows:
        by_outlet.setdefault(row.outlet, []).append(row)
    totals = []
    for outlet, own in by_outlet.items():
        hours = [row.hours for row in own if row.hours is not None]
        by = {row.hours_by for row in own}
        credited = sum(row.credited for row in own)
        totals.append(
            Outlet(
                outlet,
                stories=len({row.story for row in own}),
                articles=len(own),
                words=sum(row.words for row in own),
                credited=credited,
                uncredited=len(own) - credited,
                median_hours=round(median(hours), 2) if hours else None,
                hours_by=("day" if "day" in by else "time") if hours else None,
            )
        )
    return sorted(totals, key=lambda total: (-total.words, total.outlet))


def audit_json(
    rows: Iterable[Row], outlets: Iterable[Outlet], errors: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return an audit as in the output schema."""
    return {
        "schema": SCHEMA,
        "rows": [row.to_dict() for row in rows],
        "outlets": [outlet.to_dict() for outlet in outlets],
        "errors": errors,
    }


def find_stories(
    articles: Sequence[Article], matches: Iterable[Match], is_wire: Callable[[str], bool]
) -> dict[str, str]:
    """Map the ids of wire articles to the id of the story each is a version of.

    Parameters
    ----------
    articles
        The wire articles, their matches among each other in ``matches``.
    is_wire
        Whether an id is one of the wire: ``x#v2`` is a version of ``x`` where that is one.
    """
    versions = [m for m in matches if m.update and m.relation in VERSIONS]
    story_of = {article.id: article.id for article in articles}
    for cluster in find_clusters(articles, versions):
        story_of |= dict.fromkeys(cluster.members, cluster.representative)
    for article in sorted(articles, key=publication_order):
        base, marked, _ = article.id.rpartition("#v")
        if marked and is_wire(base):
            story_of[article.id] = story_of.get(base, base)
    return story_of


def _row(incoming: Article, found: list[Match], wire: Wire) -> Row:
    match = _best(found, wire)
    source = wire.articles[match.a.id]
    hours, hours_by = pickup_time(source, incoming)
    credit, others = _found_credit(match.a, match.b)
    return Row(
        story=wire.story_of[source.id],
        wire=source.id,
        version=wire.versions.get(source.id),
        agencies=tuple(dict.fromkeys(credit.agency for credit in match.a.credits)),
        incoming=incoming.id,
        outlet=outlet_of(incoming),
        words=_words(match),
        story_percent=match.overlap.percent_a,
        narrative_percent=match.overlap.narrative_percent_b,
        relation=match.relation,
        changes=sum(len(span.changes) for span in match.spans if span.is_evidence),
        headline={"same": "kept"}.get(match.headline, match.headline),
        credited=credit is not None,
        credit=credit,
        other_agencies=others,
        wire_published=_published(source),
        incoming_published=_published(incoming),
        hours=hours,
        hours_by=hours_by,
        direction=match.direction,
        score=match.score,
        match=match,
        also=tuple(
            Other(
                wire.story_of[other.a.id],
                other.a.id,
                other.relation,
                _words(other),
                other.overlap.narrative_percent_b,
            )
            for other in found
            if other is not match
        ),
    )


def _best(found: list[Match], wire: Wire) -> Match:
    """Return the match with the best story, and of its versions with the one used most."""
    best = min(found, key=lambda match: (-match.score, -_words(match), match.a.id))
    story = wire.story_of[best.a.id]
    return min(
        (match for match in found if wire.story_of[match.a.id] == story),
        key=lambda match: (
            -round(match.overlap.percent_b, 1),
            -round(match.overlap.percent_a, 1),
            publication_order(wire.articles[match.a.id]),
        ),
    )


def _found_credit(wire: Side, incoming: Side) -> tuple[Credit | None, tuple[str, ...]]:
    """Return the credit for the wire's agency, any where it names none, and the other agencies."""
    agencies = {credit.agency for credit in wire.credits}
    ours = [c for c in incoming.credits if not agencies or c.agency in agencies]
    named = dict.fromkeys(credit.agency for credit in incoming.credits)
    credited = {credit.agency for credit in ours[:1]} | agencies
    return (ours[0] if ours else None), tuple(a for a in named if a not in credited)


def _words(match: Match) -> int:
    return sum(span.words for span in match.spans if span.is_evidence)


def _published(article: Article) -> str | None:
    published = article.published
    return published if published is None or isinstance(published, str) else published.isoformat()


def _credit(credit: Credit | None) -> dict[str, Any] | None:
    return None if credit is None else credit.to_dict()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
