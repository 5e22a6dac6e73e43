"""Which side looks like the source, what was credited, and what became of the headline."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from dedup.scoring.attribution import names_source, outlets
from dedup.scoring.overlap import Overlap
from dedup.text.annotate import AnnotatedText
from dedup.text.credits import find_mentions
from dedup.text.words import find_words

SOURCE_KINDS = ("dateline", "sign-off")
"""Credits an agency puts on its own copy; bylines and credit lines are what outlets add."""

_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)?)?")


def agencies(text: AnnotatedText) -> set[str]:
    """Return the agencies a text credits."""
    return {credit.agency for credit in text.credits}


def direction(a: AnnotatedText, b: AnnotatedText, overlap: Overlap) -> str:
    """Return ``a->b``, ``b->a``, ``common`` or ``unknown`` for a derived pair.

    The first of these that holds decides:

    1. One alone is an agency's own copy: it opens with the agency's dateline, and no outlet is
       known to have published it. It is the source.
    2. Both are the agency's own copy, or both come from one source: a brief was made from the
       longer text it stands in; the dateline of an earlier day is the first version's; else they
       are versions of one text (``common``).
    3. An agency is credited, and not a different one by each: both have it from there (``common``).
    4. One was published first.
    5. One alone names the other's outlet, or any news outlet: it says where it had it from.
    6. An agency is named by either as the source of a fact (``common``).
    7. One stands wholly in the other, of which it is a part: the longer is the source.
    """
    own_a, own_b = _own_copy(a), _own_copy(b)
    of_a, of_b = agencies(a), agencies(b)
    if own_a != own_b:
        return "a->b" if own_a else "b->a"
    if own_a or _same_source(a, b):
        return _contained(overlap) or _by_dateline(a, b) or "common"
    if (of_a or of_b) and not (of_a and of_b and of_a.isdisjoint(of_b)):
        return "common"
    return (
        _by_date(a, b)
        or _attributed(a, b)
        or ("common" if _mentions(a) or _mentions(b) else "")
        or _contained(overlap)
        or "unknown"
    )


def is_update(a: AnnotatedText, b: AnnotatedText) -> bool:
    """Say whether both sides of a derived pair are one source's or agency's versions of a story."""
    if _same_source(a, b):
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


def _own_copy(text: AnnotatedText) -> bool:
    """Say whether a text looks like the agency's copy itself, not an outlet's print of it."""
    source = _folded(text.article.source or "")
    if source and source not in {_folded(agency) for agency in agencies(text)}:
        return False
    return any(credit.kind == "dateline" for credit in text.credits)


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return find_words(name).folded


def _same_source(a: AnnotatedText, b: AnnotatedText) -> bool:
    return bool(a.article.source) and a.article.source == b.article.source


def _by_dateline(a: AnnotatedText, b: AnnotatedText) -> str:
    """Name the one whose dateline is of an earlier day; days of different years do not compare."""
    days = [
        next((c.date for c in text.credits if c.kind == "dateline" and c.date), None)
        for text in (a, b)
    ]
    if not days[0] or not days[1] or len(days[0]) != len(days[1]) or days[0] == days[1]:
        return ""
    return "a->b" if days[0] < days[1] else "b->a"


def _contained(overlap: Overlap) -> str:
    """Name the longer one as the source where the other stands wholly in it, and is a part."""
    if overlap.extent_b == "whole" and overlap.extent_a == "part":
        return "a->b"
    if overlap.extent_a == "whole" and overlap.extent_b == "part":
        return "b->a"
    return ""


def _attributed(a: AnnotatedText, b: AnnotatedText) -> str:
    """Name the source where one side alone says that it had the story from elsewhere."""
    named_a, named_b = names_source(a, b), names_source(b, a)
    if named_a == named_b:
        of_a, of_b = outlets(a), outlets(b)
        named_a, named_b = bool(of_a - of_b), bool(of_b - of_a)
    if named_a == named_b:
        return ""
    return "a->b" if named_b else "b->a"


def _mentions(text: AnnotatedText) -> bool:
    return any(mention.kind == "mention" for mention in find_mentions(text.article.text))


def _by_date(a: AnnotatedText, b: AnnotatedText) -> str:
    first, second = _published(a), _published(b)
    shared = min(len(first), len(second))
    if first[:shared] == second[:shared]:
        return ""
    return "a->b" if first[:shared] < second[:shared] else "b->a"


def _published(text: AnnotatedText) -> str:
    published = text.article.published
    if isinstance(published, datetime):
        published = published.isoformat()
    match = _DATE.match(published or "")
    return match.group().replace(" ", "T") if match else ""
