"""The page of a corpus: clusters with a timeline, all pairs in a table, the evidence behind each.

The page holds two blocks of data: one for what is seen at once, one with the texts (each once) and
the evidence, which is read when a pair is first opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dedup.article import Article
from dedup.reporting.html.marks import Marks, find_marks
from dedup.reporting.html.page import compact_json, data_block, render
from dedup.reporting.html.pieces import encode
from dedup.reporting.html.tables import PageTable
from dedup.reporting.html.timeline import delay, moment, places
from dedup.reporting.html.view import is_swapped, published_text, short_name, view_pair
from dedup.reporting.printable import printable
from dedup.scoring.clusters import Cluster, find_clusters, publication_order
from dedup.scoring.match import DERIVED, NOT_DERIVED, Match

MOST_PAIRS = 20_000
"""Pairs in the table; of more, those with the highest scores."""
MOST_EVIDENCE = 5_000
"""Pairs whose evidence is in the page."""
MOST_CHARACTERS = 30_000_000
"""Characters of text in the page, which bounds its evidence too."""
MOST_CLUSTERS = 500
MOST_MEMBERS = 200

_NOTHING = "null"

RELATIONS = (*DERIVED, *NOT_DERIVED)

Articles = Mapping[str, Article]


def render_corpus_page(
    matches: Sequence[Match],
    clusters: Sequence[Cluster],
    articles_by_id: Articles,
    title: str,
    *,
    articles_b: Articles | None = None,
    notes: Iterable[str] = (),
    tables: Iterable[PageTable] = (),
) -> str:
    """Write the page of a scan or check.

    Parameters
    ----------
    matches, clusters
        What was found; the pairs are listed with the highest scores first.
    articles_by_id
        The articles that matches and clusters name.
    articles_b
        The articles of the sides B, where they are apart: ids of both may then be the same.
    notes
        Sentences that the page says below its title.
    tables
        Tables above the clusters, their rows linked to the evidence of pairs.
    """
    kept = sorted(matches, key=lambda m: (-m.score, m.a.id, m.b.id))[:MOST_PAIRS]
    said = [printable(note) for note in notes]
    if len(kept) < len(matches):
        said.append(
            f"Of {len(matches):,} pairs the {len(kept):,} with the highest scores are listed."
        )
    corpus = _Corpus(articles_by_id, articles_by_id if articles_b is None else articles_b)
    rows = [corpus.row(match) for match in kept]
    shown = clusters[:MOST_CLUSTERS]
    if len(shown) < len(clusters):
        said.append(f"Of {len(clusters):,} clusters the {len(shown):,} largest are shown.")
    pair_of = {(match.a.id, match.b.id): n for n, match in enumerate(kept)}
    groups = [corpus.cluster(cluster, pair_of) for cluster in shown]
    evidence = [corpus.evidence(match) for match in kept]
    missing = evidence.count(_NOTHING)
    if missing:
        said.append(
            f"To keep the page small, the evidence of {missing:,} pairs is left out; "
            "dedup compare --html shows it."
        )
    overview = {
        "relations": RELATIONS,
        "derived": len(DERIVED),
        "title": printable(title),
        "articles": corpus.entries,
        "pairs": rows,
        "clusters": groups,
    }
    return render(
        "corpus_page.html.j2",
        title,
        ("pair.js", "build.js", "corpus.js"),
        notes=said,
        counts=_counts(matches, clusters),
        tables=[table.with_links(pair_of) for table in tables],
        overview=data_block(compact_json(overview)),
        evidence=data_block(
            f'{{"texts":[{",".join(corpus.texts)}],"pairs":[{",".join(evidence)}]}}'
        ),
        rules=printable(kept[0].rules) if kept else "",
    )


def render_check_page(
    checked: Sequence[tuple[Article, Sequence[Match]]], known: Articles, title: str
) -> str:
    """Write the page of a check: what each article was taken from, and what each was made into.

    ``known`` are the articles that the matches name as sides A.
    """
    articles_b = {article.id: article for article, _ in checked}
    matches = [match for _, found in checked for match in found]
    own = [article.id for article, found in checked if not any(m.derived for m in found)]
    notes = [f"{len(checked):,} articles were checked; for {len(own):,} no source was found."]
    apart = all(known.get(key, article) == article for key, article in articles_b.items())
    articles = {**known, **articles_b}
    clusters = find_clusters(list(articles.values()), matches) if apart else []
    return render_corpus_page(matches, clusters, known, title, articles_b=articles_b, notes=notes)


def _counts(matches: Sequence[Match], clusters: Sequence[Cluster]) -> list[tuple[str, str]]:
    derived = sum(match.derived for match in matches)
    silent = sum(
        match.derived and (match.credited_a if is_swapped(match) else match.credited_b) is False
        for match in matches
    )
    members = sum(len(cluster.members) for cluster in clusters)
    counts = [(derived, "derived pairs"), (silent, "where the copy names no agency")]
    if derived < len(matches):
        counts.append((len(matches) - derived, "pairs compared, not derived"))
    if clusters:
        counts += [(len(clusters), "clusters"), (members, "articles in clusters")]
    return [(f"{count:,}", what) for count, what in counts]


class _Corpus:
    """The articles a page names, numbered as they come, and what it says of pairs of them."""

    def __init__(self, articles_a: Articles, articles_b: Articles) -> None:
        self.entries: list[list[str]] = []
        self.texts: list[str] = []
        self._sides = (articles_a, articles_b)
        self._numbers: dict[tuple[str, str], int] = {}
        self._marks: dict[int, Marks] = {}
        self._with_evidence = 0
        self._characters = 0

    def number(self, article: Article) -> int:
        """Return the number of an article; a new one gets the next."""
        key = (article.id, article.text)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.entries)
            self.texts.append(_NOTHING)
            known = (article.id, article.title or "", article.source or "")
            self.entries.append(
                [short_name(article.id), *map(printable, known), published_text(article)]
            )
        return found

    def row(self, match: Match) -> list[int]:
        """Return a line of the table, the source first where there is one."""
        a, b = self._articles(match)
        overlap = match.overlap
        sides = [
            (self.number(a), overlap.percent_a, overlap.narrative_percent_a, match.credited_a),
            (self.number(b), overlap.percent_b, overlap.narrative_percent_b, match.credited_b),
        ]
        if is_swapped(match):
            sides.reverse()
        (left, percent_l, narrative_l, _), (right, percent_r, narrative_r, credited) = sides
        return [
            left,
            right,
            RELATIONS.index(match.relation),
            round(percent_l),
            round(percent_r),
            _number(narrative_l),
            _number(narrative_r),
            overlap.longest_span_words,
            _number(credited),
            ("unknown", "a->b", "b->a", "common").index(match.direction),
        ]

    def cluster(self, cluster: Cluster, pair_of: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        """Return a cluster as a timeline: the dated members in order, then the undated."""
        joined = dict(zip(cluster.members[1:], cluster.edges, strict=True))
        if cluster.source != cluster.representative:
            joined[cluster.representative] = joined.pop(cluster.source)
        articles = {member: self._article(member) for member in cluster.members}
        found = {member: moment(article.published) for member, article in articles.items()}
        moments = {member: when for member, when in found.items() if when}
        dated = sorted(moments, key=lambda member: publication_order(articles[member]))
        undated = sorted(found.keys() - moments, key=lambda m: (m != cluster.source, m))
        ordered = dated + undated
        where = places([moments.get(member) for member in ordered])
        source = articles[cluster.source].published
        members = []
        for member, place in list(zip(ordered, where, strict=True))[:MOST_MEMBERS]:
            edge = joined.get(member)
            pair = pair_of.get((edge.a.id, edge.b.id), -1) if edge else -1
            late = "" if member == cluster.source else delay(source, articles[member].published)
            members.append([self.number(articles[member]), pair, place, late])
        return {
            "source": self.number(articles[cluster.source]),
            "size": len(cluster.members),
            "members": members,
        }

    def evidence(self, match: Match) -> str:
        """Write, as JSON, what the view of a pair needs beyond its line; null if the page is full.

        It is written at once: lists of lists for thousands of pairs keep the interpreter busy.
        """
        articles = self._articles(match)
        numbers = [self.number(article) for article in articles]
        new = {
            number: len(article.text)
            for number, article in zip(numbers, articles, strict=True)
            if self.texts[number] == _NOTHING
        }
        if (
            self._with_evidence == MOST_EVIDENCE
            or self._characters + sum(new.values()) > MOST_CHARACTERS
        ):
            return _NOTHING
        self._with_evidence += 1
        self._characters += sum(new.values())
        for number, article in zip(numbers, articles, strict=True):
            if number not in self._marks:
                self._marks[number] = find_marks(article)
        view = view_pair(match, *articles, *(self._marks[number] for number in numbers))
        order = (1, 0) if is_swapped(match) else (0, 1)
        for at, side in zip(order, view.sides, strict=True):
            if numbers[at] in new:
                text = printable(articles[at].text)
                known = (
                    side.title,
                    side.facts,
                    side.credits,
                    side.credit_labels,
                    side.address,
                    side.language,
                )
                self.texts[numbers[at]] = compact_json([text, *known])
        found = [
            view.sentences,
            view.notes,
            view.reasons,
            [side.role for side in view.sides],
            [int(side.silent) for side in view.sides],
            view.passages,
            *(
                encode(articles[at].text, side.paragraphs)
                for at, side in zip(order, view.sides, strict=True)
            ),
        ]
        return compact_json(found)

    def _articles(self, match: Match) -> tuple[Article, Article]:
        return self._sides[0][match.a.id], self._sides[1][match.b.id]

    def _article(self, article_id: str) -> Article:
        known = self._sides[0].get(article_id)
        return self._sides[1][article_id] if known is None else known


def _number(value: float | None) -> int:
    return -1 if value is None else round(value)
