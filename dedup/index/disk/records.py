"""Articles as rows of the table of truth, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import zstandard

from dedup.article import Article, Credit

Stored = str | bytes | None
"""Text as SQLite keeps it: bytes where it holds lone surrogates, as file names can."""

COLUMNS = "id, title, source, published, url, language, credits, text"
"""The columns `to_article` takes."""

LEVEL = 1
"""Of Zstandard: on news of 3.9 KB, 16 µs to 1,839 bytes and 7 µs back; zlib takes 51 and 19 µs."""

_decompressor = zstandard.ZstdDecompressor()

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?\s*")


def pack(texts: Iterable[str]) -> list[bytes]:
    """Compress texts."""
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    return [compressor.compress(text.encode("utf-8", "surrogatepass")) for text in texts]


def unpack(packed: bytes) -> str:
    """Return a text of `pack`.

    Raises
    ------
    zstandard.ZstdError
        If it does not have its checksum.
    """
    return _decompressor.decompress(packed).decode("utf-8", "surrogatepass")


def from_article(article: Article, packed: bytes, arrived: int) -> tuple[Stored | int, ...]:
    """Return the values of `COLUMNS` but the text last, then when it arrived and its date."""
    published = article.published
    if isinstance(published, datetime):
        published = published.isoformat()
    dated = last_moment(published) if published else None
    credits_ = [asdict(credit) for credit in article.credits]
    return (
        stored(article.id),
        stored(article.title),
        stored(article.source),
        stored(published),
        stored(article.url),
        stored(article.language),
        json.dumps(credits_) if credits_ else None,
        packed,
        arrived,
        arrived if dated is None else dated,
    )


def to_article(values: tuple[Any, ...]) -> Article:
    """Return the article of the values of `COLUMNS`; a datetime comes back as ISO 8601 text."""
    *texts, credits_, packed = values
    article_id, title, source, published, url, language = map(_restored, texts)
    return Article(
        article_id or "",
        unpack(packed),
        title,
        source,
        published,
        url,
        language,
        tuple(_credit(values) for values in json.loads(credits_)) if credits_ else (),
    )


def stored(text: str | None) -> Stored:
    """Return a text as SQLite can keep it."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def first_moment(date: str | datetime) -> int | None:
    """Return the first second that a date or time can mean, since 1970; None if it is neither.

    A time without a zone is taken to be UTC.
    """
    return _moment(date, _start)


def last_moment(date: str | datetime) -> int | None:
    """Return the last second that a date or time can mean, as `first_moment`."""
    return _moment(date, _end) if isinstance(date, datetime) else _last_moment_of(date)


@lru_cache(1024)
def _last_moment_of(date: str) -> int | None:
    """Read a date; those of one day's news are few."""
    return _moment(date, _end)


def _moment(
    date: str | datetime, bound: Callable[[int, int | None, int | None], datetime]
) -> int | None:
    if isinstance(date, datetime):
        moment = date
    else:
        try:
            if partial := _PARTIAL.fullmatch(date):
                year, month, day = (int(part) if part else None for part in partial.groups())
                moment = bound(year or 0, month, day)
            else:
                moment = datetime.fromisoformat(date.strip())
        except (ValueError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def _start(year: int, month: int | None, day: int | None) -> datetime:
    """Return the first second of a year, month or day."""
    return datetime(year, month or 1, day or 1, tzinfo=UTC)


def _end(year: int, month: int | None, day: int | None) -> datetime:
    """Return the last second of a year, month or day."""
    if day is not None:
        behind = _start(year, month, day) + timedelta(days=1)
    elif month is None or month == 12:
        behind = _start(year + 1, None, None)
    else:
        behind = _start(year, month + 1, None)
    return behind - timedelta(seconds=1)


def _restored(value: Stored) -> str | None:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def _credit(values: dict[str, Any]) -> Credit:
    start, end = values.pop("span")
    return Credit(span=(start, end), **values)
