"""Article, and the small value types every stage shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

Span = tuple[int, int]
"""Character offsets ``(start, end)`` into an article's text, in code points, end exclusive."""


class DedupError(Exception):
    """Base of every error this package raises; its text names what was wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What the text itself says of an agency.

    ``kind`` is ``dateline``, ``byline``, ``credit-line`` or ``sign-off``. ``agency`` is the short
    name (EFECOM counts as EFE). ``span`` cuts ``text`` out of the article. ``place`` and ``date``
    are what a dateline states; a date without a year is written ``--MM-DD``.
    """

    agency: str
    kind: str
    text: str
    span: Span
    place: str | None = None
    date: str | None = None

    def __reduce__(self) -> tuple[type[Credit], tuple[object, ...]]:
        """Pickle as a call: a fifth of the time of a dataclass with slots."""
        return Credit, (self.agency, self.kind, self.text, self.span, self.place, self.date)

    def to_dict(self) -> dict[str, Any]:
        """Return the credit as in the output schema."""
        return {
            "agency": self.agency,
            "kind": self.kind,
            "text": self.text,
            "span": list(self.span),
            "place": self.place,
            "date": self.date,
        }


@dataclass(frozen=True, slots=True)
class Article:
    """One text with its id and what is known of it.

    ``published`` is an ISO 8601 date or time (partial dates such as ``2017-11`` are allowed) or a
    datetime. ``credits`` are those stated outside the text, by the file's own metadata.
    """

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    published: str | datetime | None = None
    url: str | None = None
    language: str | None = None
    credits: tuple[Credit, ...] = ()

    @property
    def outlet(self) -> str | None:
        """Who published it: the site of its address, else its source; None where neither is known.

        The address comes first, since a source may be an author, a desk or a section.
        """
        return (self.url and _site(self.url)) or self.source or None

    def __reduce__(self) -> tuple[type[Article], tuple[object, ...]]:
        """Pickle as a call: a fifth of the time of a dataclass with slots."""
        return Article, (
            self.id,
            self.text,
            self.title,
            self.source,
            self.published,
            self.url,
            self.language,
            self.credits,
        )


@lru_cache(4096)
def _site(url: str) -> str | None:
    """Return the host of an address without "www.", None where it has none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
