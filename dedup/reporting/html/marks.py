"""What a report shows of an article's text: paragraphs, quotations, page text, credits.

Everything here is character offsets, in code points; `pieces` joins them with the passages.
"""

from __future__ import annotations

from dataclasses import dataclass

from dedup.article import Article, Span
from dedup.text.credits import find_credits
from dedup.text.furniture import headline_and_furniture
from dedup.text.lines import paragraphs
from dedup.text.quotations import quotations
from dedup.text.statements import joined, statements
from dedup.text.words import find_words


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the paragraphs of a text are, and what its stretches are; sorted and disjoint.

    ``paragraphs`` hold the start, the end, and whether a blank line stands before. ``credits`` come
    with a label for each: agency and kind.
    """

    paragraphs: tuple[tuple[int, int, bool], ...]
    quotations: tuple[Span, ...]
    furniture: tuple[Span, ...]
    headline: tuple[Span, ...]
    credits: tuple[Span, ...]
    credit_labels: tuple[str, ...]


def find_marks(article: Article) -> Marks:
    """Find what `dedup.text.annotate` masks, as stretches of text.

    As there, where these would leave no body, only credits are marked.
    """
    text = article.text
    labels: dict[Span, list[str]] = {}
    for credit in find_credits(text):
        labels.setdefault(credit.span, []).append(f"{credit.agency} {credit.kind}")
    found = paragraphs(text)
    stated = statements(text, found)
    head, page_text = headline_and_furniture(text, article.title, found)
    furniture = [
        (start, end)
        for start, end in page_text
        if not any(first <= start and end <= last for first, last in stated)
    ]
    headline = [head] if head else []
    if not _has_body(text, sorted([*furniture, *headline, *labels])):
        furniture, headline = [], []
    return Marks(
        paragraphs=tuple((line.start, line.end, line.gap) for line in found),
        quotations=tuple(joined([*quotations(text, found), *stated])),
        furniture=tuple(furniture),
        headline=tuple(headline),
        credits=tuple(labels),
        credit_labels=tuple(", ".join(label) for label in labels.values()),
    )


def _has_body(text: str, masked: list[Span]) -> bool:
    at = 0
    for start, end in masked:
        if at < start and len(find_words(text[at:start])):
            return True
        at = max(at, end)
    return bool(len(find_words(text[at:])))
