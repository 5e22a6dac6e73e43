"""Who ran an article, and how long after the wire."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import urlsplit

from dedup.article import Article
from dedup.dates import hours_between

UNKNOWN_OUTLET = "unknown"


def outlet_of(article: Article) -> str:
    """Name the outlet of an article: its source, else its URL's domain, else its file's folder."""
    source = " ".join((article.source or "").split())
    if source:
        return source.removeprefix("www.")
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:
        host = None
    if host:
        return host.removeprefix("www.")
    folder = str(PurePath(article.id).parent)
    return UNKNOWN_OUTLET if folder in (".", "/") else folder


def pickup_time(wire: Article, incoming: Article) -> tuple[float | None, str | None]:
    """Return the hours from wire to pickup, and whether they are by ``time`` or by ``day``."""
    hours, by = hours_between(wire.published, incoming.published)
    return (None if hours is None else round(hours, 2)), by
