"""What a reader yields: an article, and what its file states that an article has no place for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dedup.article import Article, Credit


@dataclass(frozen=True, slots=True)
class Item:
    """An article with the version its file states and the ids or addresses it is derived from.

    ``version`` tells re-issues of one id apart; ``derived_from`` are stated sources (``isBasedOn``,
    ``derivedFrom``), as written.
    """

    article: Article
    version: str | None = None
    derived_from: tuple[str, ...] = ()


def stated_credits(names: Iterable[tuple[str | None, str]]) -> tuple[Credit, ...]:
    """Make credits of ``(name, kind)`` as metadata states them, each name once.

    A name is kept as it is written, in ``agency`` and in ``text``, with the empty span: whether it
    is an agency, and which, is for the stage that knows agencies to say.
    """
    found: dict[str, Credit] = {}
    for name, kind in names:
        name = " ".join((name or "").split())
        if name and name.casefold() not in found:
            found[name.casefold()] = Credit(agency=name, kind=kind, text=name, span=(0, 0))
    return tuple(found.values())


def dateline(text: str | None, agency: str | None) -> tuple[Credit, ...]:
    """Make a credit of a dateline that stands outside the text; none where no agency is stated."""
    place = " ".join((text or "").split())
    if not place or not agency:
        return ()
    return (Credit(agency=agency, kind="dateline", text=place, span=(0, 0), place=place),)
