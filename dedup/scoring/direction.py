"""Which side looks like the source, what was credited, and what became of the headline."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from dedup.dates import earlier
from dedup.scoring.attribution import (
    names_outlet,
    outlet_known,
    outlets,
    publishing_agencies,
    same_outlet,
)
from dedup.scoring.match import Match
from dedup.scoring.overlap import Overlap
from dedup.text.annotate import AnnotatedText
from dedup.text.credits import find_mentions

SOURCE_KINDS = ("dateline", "sign-off")
"""Credits an agency puts on its own copy; bylines and credit lines are what outlets add."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A derived pair, and what is known of it besides.

    ``elsewhere`` says that another known article holds the same passages.
    """

    a: AnnotatedText
    b: AnnotatedText
    overlap: Overlap
    elsewhere: bool = False


Rule = Callable[[Pair], str]
"""Returns ``a->b``, ``b->a`` or ``common``; an empty text where it has nothing to say."""


def direction(
    a: AnnotatedText, b: AnnotatedText, overlap: Overlap, *, elsewhere: bool = False
) -> str:
    """Return ``a->b``, ``b->a``, ``common`` or ``unknown`` for a derived pair.

    The first of `RULES` that holds decides. Who published first decides only within one outlet:
    across outlets the earlier one is as often another customer of the same agency.

    Parameters
    ----------
    elsewhere
        Whether another known article holds the same passages.
    """
    pair = Pair(a, b, overlap, elsewhere)
    return next((found for rule in RULES if (found := rule(pair))), "unknown")


def own_copy(pair: Pair) -> str:
    """One alone is an agency's own copy: it is the source."""
    own_a, own_b = _is_own_copy(pair.a, pair.b), _is_own_copy(pair.b, pair.a)
    return _source_is(own_a, own_b)


def outlet_named(pair: Pair) -> str:
    """One alone names the outlet of the other: it says where it has the text from."""
    return _source_is(names_outlet(pair.b, pair.a), names_outlet(pair.a, pair.b))


def earlier_in_outlet(pair: Pair) -> str:
    """Of one outlet's own two texts the earlier is the source of the later."""
    if not same_outlet(pair.a.article, pair.b.article) or _bought(pair.a) or _bought(pair.b):
        return ""
    first = earlier(pair.a.article.published, pair.b.article.published)
    return {"a": "a->b", "b": "b->a"}.get(first or "", "")


def brief_in_outlet(pair: Pair) -> str:
    """A brief was made from the outlet's longer text, which holds most of it."""
    if not same_outlet(pair.a.article, pair.b.article):
        return ""
    words_a, words_b = int(pair.a.body.sum()), int(pair.b.body.sum())
    return _source_is(
        2 * words_b <= words_a and pair.overlap.extent_b in ("whole", "most"),
        2 * words_a <= words_b and pair.overlap.extent_a in ("whole", "most"),
    )


def one_outlet(pair: Pair) -> str:
    """Else two texts of one outlet are versions of one."""
    return "common" if same_outlet(pair.a.article, pair.b.article) else ""


def agency_credited(pair: Pair) -> str:
    """An agency is credited, and not a different one by each: both have it from there."""
    of_a, of_b = _bought(pair.a), _bought(pair.b)
    different = of_a and of_b and of_a.isdisjoint(of_b)
    return "common" if (of_a or of_b) and not different else ""


def excerpt(pair: Pair) -> str:
    """One is contained in the other and a part of it: the longer is the source."""
    extents = pair.overlap.extent_a, pair.overlap.extent_b
    return _source_is(extents == ("part", "whole"), extents == ("whole", "part"))


def two_outlets(pair: Pair) -> str:
    """Two outlets that do not name each other most often print what both were sent."""
    known = outlet_known(pair.a.article) and outlet_known(pair.b.article)
    return "common" if known else ""


def any_outlet_named(pair: Pair) -> str:
    """Where it is not known who published them: one alone names an outlet, perhaps the other's."""
    of_a, of_b = outlets(pair.a), outlets(pair.b)
    return _source_is(bool(of_b - of_a), bool(of_a - of_b))


def agency_mentioned(pair: Pair) -> str:
    """An agency is named as the source of a fact: the text may be from there too."""
    return "common" if _mentions(pair.a) or _mentions(pair.b) else ""


def held_elsewhere(pair: Pair) -> str:
    """Another known article holds the same passages: they come from a third text."""
    return "common" if pair.elsewhere else ""


RULES: tuple[Rule, ...] = (
    own_copy,
    outlet_named,
    earlier_in_outlet,
    brief_in_outlet,
    one_outlet,
    agency_credited,
    excerpt,
    two_outlets,
    any_outlet_named,
    agency_mentioned,
    held_elsewhere,
)
"""In this order; measured by leaving out each collection in turn (benchmarks/direction.py)."""


def agencies(text: AnnotatedText) -> set[str]:
    """Return the agencies a text credits."""
    return {credit.agency for credit in text.credits}


def is_update(a: AnnotatedText, b: AnnotatedText) -> bool:
    """Say whether both sides of a derived pair are one source's or agency's versions of a story."""
    if same_outlet(a.article, b.article):
        return True
    return _is_wire(a) and _is_wire(b) and bool(agencies(a) & agencies(b))


def credited(
    of_a: Collection[str], of_b: Collection[str], direction: str
) -> tuple[bool, bool] | tuple[None, None]:
    """Say for each side whether it credits the agency whose copy is involved; None: none is.

    Parameters
    ----------
    of_a, of_b
        The agencies that each side credits.
    """
    a, b = set(of_a), set(of_b)
    involved = (a & b) or (a | b)
    if direction == "a->b" and a:
        involved = a
    elif direction == "b->a" and b:
        involved = b
    if not involved:
        return None, None
    return bool(involved & a), bool(involved & b)


def from_wire(match: Match) -> Match:
    """Return the match of a pair whose side A is the source by definition."""
    if not match.derived:
        return match
    of_a, of_b = ([credit.agency for credit in side.credits] for side in (match.a, match.b))
    credited_a, credited_b = credited(of_a, of_b, "a->b")
    return replace(match, direction="a->b", credited_a=credited_a, credited_b=credited_b)


def compare_headlines(a: AnnotatedText, b: AnnotatedText) -> str:
    """Return ``same``, ``changed``, or ``unknown`` where a side has no headline."""
    if not a.headline or not b.headline:
        return "unknown"
    return "same" if a.headline == b.headline else "changed"


def _source_is(a: bool, b: bool) -> str:
    """Name the side that has a sign of being the source, if the other has none."""
    if a == b:
        return ""
    return "a->b" if a else "b->a"


def _is_own_copy(text: AnnotatedText, other: AnnotatedText) -> bool:
    """Say whether a text is the agency's copy itself, not an outlet's print of it.

    It was published by the agency; or it opens with the agency's dateline, and nobody else is
    known to have published it. A text that credits another agency than its own is no own copy; nor
    does it explain one that does.
    """
    own = publishing_agencies(text.article.source)
    if not text.article.source:
        return any(credit.kind == "dateline" for credit in text.credits)
    return bool(own) and all(not of or own & of for of in (agencies(text), agencies(other)))


def _bought(text: AnnotatedText) -> set[str]:
    """Return the agencies a text credits that did not publish it themselves."""
    return agencies(text) - publishing_agencies(text.article.source)


def _is_wire(text: AnnotatedText) -> bool:
    return any(credit.kind in SOURCE_KINDS for credit in text.credits)


def _mentions(text: AnnotatedText) -> bool:
    return any(mention.kind == "mention" for mention in find_mentions(text.article.text))
