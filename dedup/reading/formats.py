"""Which format a file has: its content where that is unmistakable, else its suffix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import cast

from dedup.reading.item import Item
from dedup.reading.opening import Source
from dedup.reading.options import ReadOptions, Report, Tally
from dedup.reading.plain import BOMS

Reader = Callable[[Source, ReadOptions, Report, Tally], Iterator[Item]]

_READERS = {
    "text": ("text_file", "read_text"),
    "html": ("page", "read_page"),
    "json": ("json_file", "read_json"),
    "jsonl": ("json_file", "read_json_lines"),
    "csv": ("csv_file", "read_csv"),
    "xml": ("xml_file", "read_xml"),
    "parquet": ("columns", "read_parquet"),
    "arrow": ("columns", "read_arrow"),
    "warc": ("warc", "read_warc"),
}
FORMATS = tuple(_READERS)
"""Names of formats; ``xml`` is NewsML, NITF, RSS and Atom, ``json`` ninjs too, ``csv`` TSV too."""

SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".ninjs": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xml": "xml",
    ".nitf": "xml",
    ".newsml": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".warc": "warc",
    ".wet": "warc",
}
"""Suffixes read in a directory, each also with ``.gz``."""

_MAGIC = ((b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"WARC/", "warc"))
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_XHTML = re.compile(r"<\?xml[^<>]*>\s*(?:<!doctype\s+html\b|<html\b)", re.IGNORECASE)
_XML = re.compile(
    r"<(?:\?xml|!doctype\s+(?!html)|nitf|newsItem|newsMessage|NewsML|NewsItem|rss|feed|rdf:RDF)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def suffix_format(path: str) -> str | None:
    """Return the format that a path's suffix stands for, ``.gz`` left aside; None if unknown."""
    name = path.casefold().removesuffix(".gz")
    dot = name.rfind(".")
    return SUFFIXES.get(name[dot:]) if dot >= 0 else None


def format_of(source: Source) -> str:
    """Return the format of an open file.

    Markup and packed tables are told by their first bytes, whatever the suffix; JSON is parted from
    JSON Lines by them; else the suffix decides, and a file of unknown suffix is text.
    """
    named = suffix_format(source.path)
    head = source.head
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    start = _text(head)
    if start.startswith("<") and (named != "text" or not start.startswith("<!--")):
        start = _COMMENT.sub("", start).lstrip()
        if _HTML.match(start) or (start.startswith("<?xml") and _XHTML.match(start)):
            return "html"
        if _XML.match(start):
            return "xml"
    elif named in ("html", "xml") and start and "<" not in start:
        return "json" if start[0] in "[{" else "text"
    if named == "jsonl" and start.startswith("["):
        return "json"
    return named or "text"


def reader_of(name: str) -> Reader:
    """Return the reader of a format; its module, and what it needs, is imported only now."""
    module, function = _READERS[name]
    return cast("Reader", getattr(import_module(f"dedup.reading.{module}"), function))


def _text(head: bytes) -> str:
    """Return the first characters of what may be text, white space left aside."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace").lstrip()
    return head.decode("latin-1").lstrip()
