"""WARC archives as crawlers write them (CC-NEWS): the pages among them (extra ``html``)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from itertools import count
from typing import Any

from dedup.article import Article
from dedup.reading.item import Item
from dedup.reading.opening import Source, known_encoding
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.page import LARGEST, NoArticleError, page_item
from dedup.reading.plain import MissingExtraError, ReadError, decode

Record = Any
"""A record of warcio, which has no types."""

_PAGES = ("text/html", "application/xhtml")


def read_warc(source: Source, options: ReadOptions, report: Report, tally: Tally) -> Iterator[Item]:
    """Yield the articles of an archive, one record at a time; other records are counted.

    The id is the address that was fetched, with the time if it was fetched before. Text records
    (``conversion``, as in WET files) are read as they are.

    Raises
    ------
    MissingExtraError
        If warcio is not installed.
    ReadError
        If the archive is damaged; records before the damage have been yielded.
    """
    # FastWARC reads twice as fast (0.8 against 1.9 ms a page, which takes 10 ms to extract), but
    # panics, past all handling of errors, on streams that cannot seek.
    try:
        from warcio.archiveiterator import ArchiveIterator
    except ImportError:
        raise MissingExtraError(source.path, "WARC archives are", "html") from None
    limit = min(options.max_bytes, LARGEST)
    seen: set[str] = set()
    for where, record in _records(source.path, iter(ArchiveIterator(source.file)), report):
        address = record.rec_headers.get_header("WARC-Target-URI") or where
        time = record.rec_headers.get_header("WARC-Date") or where
        name = f"{address} {time}" if address in seen else address
        try:
            item = _item(record, name, address, limit, options)
        except NoArticleError as error:
            tally.count(error.kind, where)
        except MissingExtraError:
            raise
        except ReadError as error:
            report(Problem(f"{where}: {error}"))
        else:
            seen.add(address)
            yield item


def _records(path: str, records: Iterator[Record], report: Report) -> Iterator[tuple[str, Record]]:
    """Yield the records that may hold a text, with their place."""
    for number in count(1):
        where = f"{path}:record {number}"
        said = io.StringIO()
        try:
            with redirect_stderr(said):  # where warcio writes when a length is wrong
                record = next(records, None)
        except Exception as error:  # damage makes warcio raise whatever it happens upon
            raise ReadError(f"{where}: damaged ({error}); the rest is not read") from None
        if said.getvalue():
            report(Problem(f"{where}: the record before does not end where it says"))
        if record is None:
            if number == 1:
                raise ReadError(f"{path}: there are no records in it")
            return
        if record.rec_type in ("response", "conversion"):
            yield where, record


def _item(record: Record, name: str, address: str, limit: int, options: ReadOptions) -> Item:
    """Make an item of a record.

    Raises
    ------
    NoArticleError
        If the record holds no page, or the page no article.
    """
    if record.rec_type == "conversion":
        text = decode(name, _content(record, name, limit), "utf-8").text
        if not any(char.isalnum() for char in text):
            raise NoArticleError(name, "a text record of the archive without words")
        return Item(Article(id=name, text=text, url=address))
    headers = record.http_headers
    kind = (headers.get_header("Content-Type") or "").casefold() if headers else ""
    if headers is None or headers.get_statuscode() != "200" or not kind.startswith(_PAGES):
        raise NoArticleError(name, "a response in the archive that is no page")
    _, _, charset = kind.partition("charset=")
    declared = known_encoding(charset.partition(";")[0].strip(" \"'"))
    raw = _content(record, name, limit)
    if b"<" not in raw[:4096]:
        raise NoArticleError(name, "a response in the archive that is packed in an unknown way")
    item, _ = page_item(raw, name, encoding=options.encoding, declared=declared, address=address)
    return item


def _content(record: Record, name: str, limit: int) -> bytes:
    """Read a record's content, unpacked, up to the limit.

    Crawlers unpack pages and keep the header that says they are packed, so it is no error if they
    are not. (warcio's own unpacking fails with Brotli 1.2 and has no limit.)
    """
    from warcio.bufferedreaders import ChunkedDataReader

    headers = record.http_headers
    stream = record.raw_stream
    if headers and (headers.get_header("Transfer-Encoding") or "").casefold() == "chunked":
        stream = ChunkedDataReader(stream, decomp_type=None)
    parts, size = [], 0
    while size <= limit and (part := stream.read(min(2**16, limit + 1 - size))):
        parts.append(part)
        size += len(part)
    if size <= limit and getattr(record.raw_stream, "limit", 0) > 0:
        raise ReadError("the archive ends within this record, so it was cut off")
    raw = b"".join(parts)
    packing = (headers.get_header("Content-Encoding") or "").casefold() if headers else ""
    if packing in ("gzip", "x-gzip", "deflate"):
        raw = _unpacked(raw, -15 if packing == "deflate" else 47, limit)
    if len(raw) > limit:
        raise NoArticleError(name, f"a page in the archive larger than {limit / 2**20:g} MB")
    return raw


def _unpacked(raw: bytes, bits: int, limit: int) -> bytes:
    """Unpack up to one byte over the limit."""
    for window in (47, bits):  # "deflate" is mostly zlib, sometimes bare
        try:
            return zlib.decompressobj(window).decompress(raw, limit + 1)
        except zlib.error:
            continue
    return raw
