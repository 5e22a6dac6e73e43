"""Who ran an article, and how long after the wire."""

from __future__ import annotations

from datetime import UTC
from pathlib import PurePath
from urllib.parse import urlsplit

from dedup.article import Article
from dedup.reporting.html.timeline import Moment, moment

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
    """Return the hours from wire to pickup, and whether they are by ``time`` or by ``day``.

    Times compare if both state a zone or neither does; days otherwise, as 24 hours each.
    """
    first, then = moment(wire), moment(incoming)
    if first is None or then is None:
        return None, None
    if first.time and then.time and (first.time.tzinfo is None) == (then.time.tzinfo is None):
        return round((then.time - first.time).total_seconds() / 3600, 2), "time"
    return 24.0 * (_day(then) - _day(first)), "day"


def _day(of: Moment) -> int:
    """Number the day, in UTC where a zone is stated."""
    stated = of.time is not None and of.time.tzinfo is not None
    return (of.time.astimezone(UTC).date() if stated and of.time else of.day).toordinal()
