"""The one place that joins the stages: text, sketch, index, scoring."""

from __future__ import annotations

from dedup.article import Article
from dedup.scoring.direction import compare_headlines, credited, direction, is_update
from dedup.scoring.match import DERIVED, FoundBy, Match, Side
from dedup.scoring.overlap import measure_overlap
from dedup.scoring.relation import gather, judge, rules
from dedup.scoring.spans import find_spans
from dedup.text.annotate import AnnotatedText, annotate

SHINGLE = 5
"""Words of a shingle unless told otherwise."""


def compare(a: Article | str, b: Article | str, *, k: int = SHINGLE, min_span: int = 0) -> Match:
    """Say whether one article was taken from the other, how much, and which words.

    Parameters
    ----------
    a, b
        Articles, or their texts.
    k
        Words of a shingle, for ``jaccard`` and ``containment_x``.
    min_span
        Spans of fewer equal words are left out, and count in no percentage.
    """
    return verify(annotate(_article(a, "a")), annotate(_article(b, "b")), k=k, min_span=min_span)


def verify(
    a: AnnotatedText,
    b: AnnotatedText,
    *,
    k: int = SHINGLE,
    min_span: int = 0,
    found_by: FoundBy | None = None,
) -> Match:
    """Compare two annotated texts word by word and reach a verdict."""
    alignment = find_spans(a, b, min_span)
    overlap = measure_overlap(a, b, alignment, k)
    verdict = judge(gather(alignment, overlap))
    derived = verdict.relation in DERIVED
    towards = direction(a, b, overlap) if derived else "unknown"
    credited_a, credited_b = credited(a, b, towards)
    return Match(
        a=Side(a.article.id, len(a.words), a.credits),
        b=Side(b.article.id, len(b.words), b.credits),
        relation=verdict.relation,
        score=verdict.score,
        direction=towards,
        update=derived and is_update(a, b),
        headline=compare_headlines(a, b),
        credited_a=credited_a,
        credited_b=credited_b,
        overlap=overlap,
        spans=alignment.spans,
        reasons=verdict.reasons,
        rules=rules().version,
        found_by=found_by,
    )


def _article(article: Article | str, name: str) -> Article:
    return article if isinstance(article, Article) else Article(id=name, text=article)
