"""What a page says of a pair, in words ready to be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from dedup.article import Article
from dedup.reporting.html.marks import Marks
from dedup.reporting.html.page import language_tag, web_address
from dedup.reporting.html.pieces import Paragraph, cut_text
from dedup.reporting.printable import printable
from dedup.reporting.wording import headlines, kind_of
from dedup.scoring.match import Match, Side
from dedup.scoring.spans import AlignedSpan

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class SideView:
    """One text as it is shown: whose it is, how much of it stands in the other, and the text.

    ``title`` is the article's, else the headline found in the text. ``facts`` are pairs of a name
    and a value; ``address`` is linked where there is one. ``credits`` are the agencies named;
    ``silent`` says that it names none though it is agency copy.
    ``percent`` and ``narrative`` are whole numbers, None where there is nothing to count.
    """

    role: str
    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    credits: str
    silent: bool
    address: str | None
    language: str | None
    percent: int
    narrative: int | None
    credit_labels: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair as it is shown, the source at the left where there is one.

    ``passages`` are, of each passage, its words, what is said of it beside ("all of it quoted"),
    and its kind where that counts in no percentage ("standing", "template", "page-text"), else "".
    """

    relation: str
    derived: bool
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    rules: str
    sides: tuple[SideView, SideView]
    passages: tuple[tuple[int, str, str], ...]


def view_pair(match: Match, a: Article, b: Article, marks_a: Marks, marks_b: Marks) -> PairView:
    """Put a pair into words; ``a`` and ``b`` are the articles of the match's sides."""
    side_a = (match.a, a, marks_a, match.overlap.percent_a, match.overlap.narrative_percent_a)
    side_b = (match.b, b, marks_b, match.overlap.percent_b, match.overlap.narrative_percent_b)
    swapped = is_swapped(match)
    left, right = (side_b, side_a) if swapped else (side_a, side_b)
    roles = _roles(match)
    spans = sorted(match.spans, key=lambda span: span.b if swapped else span.a)
    sides = tuple(
        _side(
            role,
            side,
            article,
            percent,
            narrative,
            match.credited_b if of_b else match.credited_a,
            marks,
            tuple(cut_text(article.text, marks, spans, of_b=of_b, copy=copy)),
        )
        for role, (side, article, marks, percent, narrative), of_b, copy in (
            (roles[0], left, swapped, False),
            (roles[1], right, not swapped, True),
        )
    )
    return PairView(
        relation=match.relation,
        derived=match.derived,
        sentences=tuple(headlines(match)),
        notes=notes(match),
        reasons=tuple(printable(reason) for reason in match.reasons),
        rules=printable(match.rules),
        sides=(sides[0], sides[1]),
        passages=tuple(map(_passage, spans)),
    )


def is_swapped(match: Match) -> bool:
    """Whether side B is shown at the left: it is the source."""
    return match.direction == "b->a"


def notes(match: Match) -> tuple[str, ...]:
    """Return what is said beside the relation, each in a few words."""
    found = []
    if match.relation == "identical" and match.direction in ("common", "unknown"):
        found.append("the same text")
    elif match.direction == "common":
        found.append("both from a third text")
    elif match.derived and match.direction == "unknown":
        found.append("direction unknown")
    if match.update:
        found.append("versions of one story")
    if match.headline != "unknown":
        found.append("headline kept" if match.headline == "same" else "headline changed")
    return tuple(found)


def short_name(article_id: str) -> str:
    """Return the last part of an id that is a path."""
    return printable(PurePath(article_id).name or article_id)


def published_text(article: Article) -> str:
    """Return the time of publication as a person reads it: no seconds, a space for the T."""
    published = article.published
    if isinstance(published, datetime):
        published = published.isoformat()
    time = _TIME.fullmatch((published or "").strip())
    if time is None:
        return printable(published or "")
    day, clock, zone = time.groups()
    return " ".join(part for part in (day, clock, "UTC" if zone == "Z" else zone) if part)


def _passage(span: AlignedSpan) -> tuple[int, str, str]:
    return span.words, kind_of(span), "" if span.is_evidence else span.kind


def _roles(match: Match) -> tuple[str, str]:
    if match.derived and match.direction in ("a->b", "b->a"):
        return "Likely source", "Taken from it"
    return "First text", "Second text"


def _side(
    role: str,
    side: Side,
    article: Article,
    percent: float,
    narrative: float | None,
    credited: bool | None,
    marks: Marks,
    paragraphs: tuple[Paragraph, ...],
) -> SideView:
    address = web_address(article.url)
    facts = [
        ("Id", printable(side.id)),
        ("From", printable(article.source or "")),
        ("Published", published_text(article)),
        ("Address", printable(article.url or "")),
        ("Length", f"{side.words:,} words"),
    ]
    return SideView(
        role=role,
        name=short_name(side.id),
        title=_one_line(article.title or "".join(article.text[slice(*s)] for s in marks.headline)),
        facts=tuple((key, value) for key, value in facts if value),
        credits=_credits(side),
        silent=credited is False and not side.credits,
        address=address,
        language=language_tag(article.language),
        percent=round(percent),
        narrative=None if narrative is None else round(narrative),
        credit_labels=tuple(printable(label) for label in marks.credit_labels),
        paragraphs=paragraphs,
    )


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _credits(side: Side) -> str:
    kinds: dict[str, list[str]] = {}
    for credit in side.credits:
        kinds.setdefault(printable(credit.agency), []).append(printable(credit.kind))
    return "; ".join(
        f"{agency} ({', '.join(dict.fromkeys(found))})" for agency, found in kinds.items()
    )
