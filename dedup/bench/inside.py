"""Pairs judged among all the articles of their collection, beside the pair by itself.

Needs the public names of `dedup` alone, so that ``benchmarks/verdict.py`` can load this file beside
an earlier version of the package and measure both alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dedup import Article, Detector, Match, compare, signatures, words


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a `Match` says, without its spans."""

    relation: str
    derived: bool
    score: float
    direction: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """A pair as judged among the articles of its collection.

    ``reported`` says that a scan of the collection reports it. ``across`` says that the two are of
    different outlets, None where an outlet is unknown. ``alone`` is the verdict on the pair by
    itself, None where both are of one outlet.
    """

    verdict: Verdict
    reported: bool
    across: bool | None
    alone: Verdict | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The pairs of a collection in their order, and what a scan of all its articles did."""

    pairs: list[Inside]
    articles: int
    scan_reports: int
    scan_seconds: float
    rules: str


def judge_inside(
    articles: Sequence[Article],
    pairs: Sequence[tuple[str, str]],
    advance: Callable[[], object] = lambda: None,
) -> Judgement:
    """Judge pairs of articles with `Detector.compare`, all the articles being known.

    Parameters
    ----------
    articles
        All articles of the collection.
    pairs
        The ids of the pairs.
    advance
        Called after each pair.
    """
    detector = Detector()
    detector.add(articles)
    start = time.perf_counter()
    # A scan compares one article only of those with the same words; it reports the others with it.
    reported = {frozenset((match.a.id, match.b.id)) for match in detector.scan()}
    scan_seconds = time.perf_counter() - start
    copies = same_words(articles)
    by_id = {article.id: article for article in articles}
    judged: list[Inside] = []
    rules = ""
    for one, other in pairs:
        a, b = by_id[one], by_id[other]
        across = a.source != b.source if a.source and b.source else None
        match = detector.compare(a, b)
        rules = match.rules
        judged.append(
            Inside(
                verdict=_verdict(match),
                reported=_reports(reported, copies.get(one, {one}), copies.get(other, {other})),
                across=across,
                alone=None if across is False else _verdict(compare(a, b)),
            )
        )
        advance()
    return Judgement(judged, len(articles), len(reported), scan_seconds, rules)


def same_words(articles: Sequence[Article]) -> dict[str, frozenset[str]]:
    """Return for each id that has any the ids of all articles with the same words, itself too."""
    alike = _grouped(
        (article, row.tobytes())
        for article, row in zip(articles, signatures([a.text for a in articles]), strict=True)
    )
    equal = [
        group
        for candidates in alike
        for group in _grouped((a, tuple(word.text for word in words(a.text))) for a in candidates)
    ]
    groups = [frozenset(article.id for article in group) for group in equal]
    return {name: group for group in groups for name in group}


def _grouped(keyed: Iterable[tuple[Article, object]]) -> list[list[Article]]:
    """Return the groups of at least two articles with equal keys."""
    groups: dict[object, list[Article]] = {}
    for article, key in keyed:
        groups.setdefault(key, []).append(article)
    return [group for group in groups.values() if len(group) > 1]


def _reports(reported: set[frozenset[str]], of_a: Iterable[str], of_b: Iterable[str]) -> bool:
    """Tell whether a copy of A is reported with one of B."""
    return any(frozenset((a, b)) in reported for a in of_a for b in of_b if a != b)


def _verdict(match: Match) -> Verdict:
    return Verdict(match.relation, match.derived, match.score, match.direction, match.reasons)
