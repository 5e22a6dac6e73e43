"""WARC archives as crawlers write them (CC-NEWS): the pages among them (extra ``html``)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from dedup.article import Article
from dedup.reading.item import Item
from dedup.reading.opening import Source, known_encoding
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.page import LARGEST, NoArticleError, page_item
from dedup.reading.plain import MissingExtraError, ReadError, decode

Record = Any
"""A record of fastwarc, whose types say less than it does."""

_PAGES = ("text/html", "application/xhtml")


def read_warc(source: Source, options: ReadOptions, report: Report, tally: Tally) -> Iterator[Item]:
    """Yield the articles of an archive, one record at a time; other records are counted.

    The id is the address that was fetched, with the time if it was fetched before. Text records
    (``conversion``, as in WET files) are read as they are.

    Raises
    ------
    MissingExtraError
        If fastwarc is not installed.
    ReadError
        If the archive is damaged; records before the damage have been yielded.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise MissingExtraError(source.path, "WARC archives are", "html") from None
    limit = min(options.max_bytes, LARGEST)
    seen: set[str] = set()
    archive = ArchiveIterator(
        source.file,
        record_types=WarcRecordType.response | WarcRecordType.conversion,
        parse_http=True,
        auto_decode="none",
    )
    number = 0
    records = iter(archive)
    while True:
        try:
            record = next(records, None)
            if record is None:
                break
            number += 1
            where = f"{source.path}:record {number}"
            content = _content(record, limit)
        except (OSError, ValueError, EOFError, RuntimeError) as error:
            raise ReadError(
                f"{source.path}: damaged after {number} records ({error}); the rest is not read"
            ) from None
        if isinstance(content, str):
            tally.count(content, where)
            continue
        address = (record.headers.get("WARC-Target-URI") or "").strip("<>") or where
        name = (
            f"{address} {record.headers.get('WARC-Date') or number}" if address in seen else address
        )
        seen.add(address)
        try:
            yield _item(record, content, name, address, options)
        except NoArticleError as error:
            tally.count(error.kind, where)
        except MissingExtraError:
            raise
        except ReadError as error:
            report(Problem(f"{where}: {error}"))


def _content(record: Record, limit: int) -> bytes | str:
    """Return a record's content, unpacked; or why it is not read."""
    if record.http_headers is not None:
        status = record.http_headers.status_code
        if status != 200:
            return "a response of the archive that is no page (status other than 200)"
        if not (record.http_content_type or "").startswith(_PAGES):
            return "a response of the archive that is no page (other content)"
    elif not (record.headers.get("Content-Type") or "").startswith("text/plain"):
        return "a record of the archive that is no page"
    raw: bytes = record.reader.read(limit + 1)
    packing = (record.http_headers or {}).get("Content-Encoding", "identity").strip().casefold()
    if packing in ("gzip", "x-gzip", "deflate") and len(raw) <= limit:
        raw = _unpacked(raw, packing, limit)
    elif packing not in ("identity", "") and _looks_packed(raw):
        return f"a page of the archive that is packed as {packing!r}"
    if len(raw) > limit:
        return f"a page of the archive larger than {limit / 2**20:g} MB"
    return raw


def _looks_packed(raw: bytes) -> bool:
    """Say whether bytes are no markup; archives keep the header of pages they have unpacked."""
    return b"<" not in raw[:1024]


def _unpacked(raw: bytes, packing: str, limit: int) -> bytes:
    """Unpack up to one byte over the limit; what is not packed after all is returned as it is."""
    for bits in (47,) if "gzip" in packing else (47, -15):
        try:
            return zlib.decompressobj(bits).decompress(raw, limit + 1)
        except zlib.error:
            continue
    return raw


def _item(record: Record, content: bytes, name: str, address: str, options: ReadOptions) -> Item:
    if record.http_headers is None:
        text = decode(name, content, "utf-8").text
        if not any(char.isalnum() for char in text):
            raise NoArticleError(name, "a text record of the archive without words")
        return Item(Article(id=name, text=text, url=address))
    charset = known_encoding(record.http_charset or "")
    item, _ = page_item(content, name, encoding=options.encoding, declared=charset, address=address)
    return item
