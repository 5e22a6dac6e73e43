"""Which side looks like the source, what was credited, and what became of the headline."""

from __future__ import annotations

import re
from datetime import datetime

from dedup.scoring.overlap import Overlap
from dedup.text.annotate import AnnotatedText

_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)?)?")

SOURCE_KINDS = ("dateline", "sign-off")
"""Credits an agency puts on its own copy; bylines and credit lines are what outlets add."""


def agencies(text: AnnotatedText) -> set[str]:
    """Return the agencies a text credits."""
    return {credit.agency for credit in text.credits}


def direction(a: AnnotatedText, b: AnnotatedText, overlap: Overlap) -> str:
    """Return ``a->b``, ``b->a``, ``common`` or ``unknown`` for a derived pair.

    In this order: one side alone is marked as the agency's own copy; both credit one agency and
    are not its versions of each other, or both are cuts; one side stands wholly in the other; the
    dates of publication.
    """
    wire_a, wire_b = _is_wire(a), _is_wire(b)
    if wire_a and not agencies(b):
        return "a->b"
    if wire_b and not agencies(a):
        return "b->a"
    if agencies(a) & agencies(b) and not (wire_a and wire_b):
        return "common"
    before = _compare_dates(a, b)
    if before:
        return "a->b" if before < 0 else "b->a"
    if overlap.extent_b == "whole" and overlap.extent_a != "whole":
        return "a->b"
    if overlap.extent_a == "whole" and overlap.extent_b != "whole":
        return "b->a"
    if agencies(a) & agencies(b):
        return "common"
    return "unknown"


def is_update(a: AnnotatedText, b: AnnotatedText) -> bool:
    """Say whether both sides of a derived pair are one source's or agency's versions of a story."""
    if a.article.source and a.article.source == b.article.source:
        return True
    return _is_wire(a) and _is_wire(b) and bool(agencies(a) & agencies(b))


def credited(
    a: AnnotatedText, b: AnnotatedText, direction: str
) -> tuple[bool, bool] | tuple[None, None]:
    """Say for each side whether it credits the agency whose copy is involved; None: none is."""
    of_a, of_b = agencies(a), agencies(b)
    involved = (of_a & of_b) or (of_a | of_b)
    if direction == "a->b" and of_a:
        involved = of_a
    elif direction == "b->a" and of_b:
        involved = of_b
    if not involved:
        return None, None
    return bool(involved & of_a), bool(involved & of_b)


def compare_headlines(a: AnnotatedText, b: AnnotatedText) -> str:
    """Return ``same``, ``changed``, or ``unknown`` where a side has no headline."""
    if not a.headline or not b.headline:
        return "unknown"
    return "same" if a.headline == b.headline else "changed"


def _is_wire(text: AnnotatedText) -> bool:
    return any(credit.kind in SOURCE_KINDS for credit in text.credits)


def _compare_dates(a: AnnotatedText, b: AnnotatedText) -> int:
    """Return -1 or 1 where one side was published first, 0 where that is not known."""
    first, second = _published(a), _published(b)
    shared = min(len(first), len(second))
    first, second = first[:shared], second[:shared]
    return (first > second) - (first < second)


def _published(text: AnnotatedText) -> str:
    published = text.article.published
    if isinstance(published, datetime):
        published = published.isoformat()
    match = _DATE.match(published or "")
    return match.group().replace(" ", "T") if match else ""
