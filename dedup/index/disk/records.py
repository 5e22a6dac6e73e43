"""Articles as rows of the table of truth, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import zstandard

from dedup.article import Article, Credit
from dedup.dates import last_second

Stored = str | bytes | None
"""Text as SQLite keeps it: bytes where it holds lone surrogates, as file names can."""

COLUMNS = "id, title, source, published, url, language, credits, text"
"""The columns `to_article` takes."""

LEVEL = 1
"""Of Zstandard: on news of 3.9 KB, 16 µs to 1,839 bytes and 7 µs back; zlib takes 51 and 19 µs."""

_decompressor = zstandard.ZstdDecompressor()


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
    dated = last_second(published)
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


def _restored(value: Stored) -> str | None:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def _credit(values: dict[str, Any]) -> Credit:
    start, end = values.pop("span")
    return Credit(span=(start, end), **values)
