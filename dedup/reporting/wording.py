"""The sentences a person needs first: what the verdict means, how much, with what credit."""

from __future__ import annotations

from pathlib import PurePath

from dedup.reporting.printable import printable
from dedup.scoring.match import Match, Side
from dedup.scoring.spans import AlignedSpan

LIGHT_PERCENT = 70.0
"""A rewrite is called light where both sides stand this far in each other."""


def headlines(match: Match) -> list[str]:
    """Return the opening sentences for a match, one line each.

    The article named first is the one that was taken from the other; where the direction is not
    known, B.
    """
    copy, source = (match.a, match.b) if match.direction == "b->a" else (match.b, match.a)
    first = f"{_verdict(match, copy, source)} {_credit(match, copy)}".rstrip()
    if not _passages_of(match):
        return [first]
    return [first, _shares(match, copy, source), _passages(match)]


def name(side: Side) -> str:
    """Return the short name of a side: the last part of its id."""
    return printable(PurePath(side.id).name or side.id)


def kind_of(span: AlignedSpan) -> str:
    """Say what a passage is, where that is no passage of the report like any other."""
    if span.kind == "standing":
        number = span.known_in or 0
        return f"standing text: also in {number} other article{'s' if number != 1 else ''}"
    if span.kind == "template":
        return "a template, filled in with other figures"
    if span.kind == "page-text":
        return "page text"
    return "all of it quoted" if span.quoted else ""


def _names(copy: Side, source: Side) -> tuple[str, str]:
    """Return short names for both sides, or the whole ids where the short ones are the same."""
    if name(copy) == name(source):
        return printable(copy.id), printable(source.id)
    return name(copy), name(source)


def _verdict(match: Match, copy: Side, source: Side) -> str:
    own, other = printable(copy.id), printable(source.id) + _agencies(source)
    relation, overlap = match.relation, match.overlap
    if relation == "identical":
        if match.direction not in ("a->b", "b->a"):
            return f"{own} and {other} are the same text."
        return f"{own} is word for word {other}."
    if relation == "near-duplicate":
        return _of_two(match, f"{own} is nearly word for word", "are nearly the same", own, other)
    extent_copy, extent_source = overlap.extent_a, overlap.extent_b
    percent_copy, percent_source = overlap.percent_a, overlap.percent_b
    if copy is match.b:
        extent_copy, extent_source = extent_source, extent_copy
        percent_copy, percent_source = percent_source, percent_copy
    if match.derived and extent_copy == "whole" and extent_source != "whole":
        return (
            f"{own} is an excerpt: all of it stands in {other} "
            f"({percent_source:.0f}% of {_names(copy, source)[1]})."
        )
    if match.derived and extent_source == "whole" and extent_copy != "whole":
        return f"{own} contains all of {other} ({percent_copy:.0f}% of {_names(copy, source)[0]})."
    if relation == "rewrite":
        if not any(span.changes for span in _passages_of(match)):
            return _of_two(match, f"{own} is a cut of", "are cuts of one text", own, other)
        light = "light " if min(percent_copy, percent_source) >= LIGHT_PERCENT else ""
        return _of_two(match, f"{own} is a {light}rewrite of", "rewrite one text", own, other)
    if relation == "partial":
        return _of_two(match, f"{own} takes part of its text from", "share a part", own, other)
    return f"{own} was not taken from {other}{_not_derived(match)}."


_NOT_DERIVED = {
    "shared-quotes": ": they share quotations, not the report around them",
    "boilerplate": ": they share a template or standing text, not the story",
    "independent": ": no more in common than two reports of one event have",
}


def _not_derived(match: Match) -> str:
    """Say what two texts share that are not derived; of boilerplate, by what most of it is."""
    if match.relation == "boilerplate":
        words = {"standing": 0, "template": 0, "narrative": 0, "quotation": 0}
        for span in _passages_of(match):
            words[span.kind] += span.words
        most = max(words, key=words.__getitem__)
        if most == "standing" and words[most]:
            return "; what they share is standing text: it is in other stories too"
        if most == "template":
            return "; what they share is a template, filled in with other figures"
    return _NOT_DERIVED[match.relation]


def _of_two(match: Match, one_way: str, both: str, own: str, other: str) -> str:
    if match.direction in ("a->b", "b->a"):
        return f"{one_way} {other}."
    ending = "; both from a third text" if match.direction == "common" else ""
    return f"{own} and {other} {both}{ending}."


def _agencies(side: Side) -> str:
    agencies = dict.fromkeys(credit.agency for credit in side.credits)
    return f" ({', '.join(printable(agency) for agency in agencies)})" if agencies else ""


def _credit(match: Match, copy: Side) -> str:
    credited = match.credited_a if copy is match.a else match.credited_b
    if credited is None or not match.derived:
        return ""
    if not credited:
        return f"{name(copy)} names no agency." if not copy.credits else ""
    return f"{name(copy)} credits{_agencies(copy).replace('(', '').replace(')', '')}."


def _shares(match: Match, copy: Side, source: Side) -> str:
    overlap = match.overlap
    percent = {id(match.a): overlap.percent_a, id(match.b): overlap.percent_b}
    narrative = {id(match.a): overlap.narrative_percent_a, id(match.b): overlap.narrative_percent_b}
    own, other = _names(copy, source)
    outside = " / ".join(
        "none" if narrative[id(side)] is None else f"{narrative[id(side)]:.0f}%"
        for side in (source, copy)
    )
    verb = "comes from" if match.direction in ("a->b", "b->a") and match.derived else "stands in"
    kinds = {span.kind for span in match.spans}
    aside = {"standing": "; standing text left out", "template": "; the template left out"}
    left_out = next((said for kind, said in aside.items() if kind in kinds), "")
    return (
        f"{percent[id(source)]:.0f}% of {other} stands in {own}; {percent[id(copy)]:.0f}% of {own} "
        f"{verb} {other} (outside quotations {outside}{left_out})."
    )


def _passages_of(match: Match) -> list[AlignedSpan]:
    """Return the passages of the text itself, without page text."""
    return [span for span in match.spans if span.kind != "page-text"]


def _passages(match: Match) -> str:
    number = len(_passages_of(match))
    counts = {"replace": 0, "delete": 0, "insert": 0}
    for span in _passages_of(match):
        for change in span.changes:
            counts[change.op] += 1
    if match.direction == "b->a":
        counts["delete"], counts["insert"] = counts["insert"], counts["delete"]
    parts = [
        f"{counts[op]} {word}"
        for op, word in (("replace", "replaced"), ("delete", "cut"), ("insert", "added"))
        if counts[op]
    ]
    first = (
        f"{number} passage{'s' if number != 1 else ''}, "
        f"longest {match.overlap.longest_span_words} words"
    )
    return f"{first}; {', '.join(parts) or 'no changes'}.{_standing(match)}"


def _standing(match: Match) -> str:
    """Say how many of the passages are standing text, which no percentage counts."""
    passages = _passages_of(match)
    standing = [span for span in passages if span.kind == "standing"]
    if not standing:
        return ""
    if len(standing) == len(passages):
        return " It is standing text." if len(standing) == 1 else " All are standing text."
    words = sum(span.words for span in standing)
    if len(standing) == 1:
        return f" 1 passage of {words} words is standing text."
    return f" {len(standing)} passages, {words} words, are standing text."
