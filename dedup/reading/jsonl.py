"""JSON Lines: an article a line."""

from __future__ import annotations

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from dedup.article import Article
from dedup.reading.item import stated_credits
from dedup.reading.plain import STDIN, ReadError

Value = Any
"""What a field of a record may hold: whatever JSON or a table can."""
Record = dict[str, Value]

_ENDLESS = 16


@dataclass(frozen=True, slots=True)
class Fields:
    """Which field of a record holds what; ``published`` falls back to ``date``.

    A name may be a path into objects (``fields.body``). ``credit`` holds what the record says of
    the agency its text comes from.
    """

    id: str = "id"
    text: str = "text"
    title: str = "title"
    source: str = "source"
    published: str = "published"
    url: str = "url"
    language: str = "language"
    credit: str = "credit"


def read_jsonl(
    path: str, report: Callable[[str], None], fields: Fields, max_bytes: int
) -> Iterator[Article]:
    """Yield the articles of a JSON Lines file, or of standard input for ``-``.

    A line that is no article is reported with file and line number, and passed over.

    Raises
    ------
    ReadError
        If the file cannot be opened or read.
    """
    try:
        if path == STDIN:
            yield from _articles(path, sys.stdin.buffer, report, fields, max_bytes)
            return
        with Path(path).open("rb") as file:
            yield from _articles(path, file, report, fields, max_bytes)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read ({reason})") from None


def _articles(
    path: str, file: BinaryIO, report: Callable[[str], None], fields: Fields, max_bytes: int
) -> Iterator[Article]:
    for where, line in numbered_lines(path, file, report, max_bytes):
        try:
            yield parse_record(line, fields)
        except RecordError as error:
            report(f"{where}: {error}")


def numbered_lines(
    path: str, file: BinaryIO, report: Callable[[str], None], max_bytes: int
) -> Iterator[tuple[str, bytes]]:
    """Yield each line that is not blank with its place (``path:number``).

    A line over the limit is reported and skipped.

    Raises
    ------
    ReadError
        If one line goes on for more than `_ENDLESS` times the limit, as a decompression bomb does.
    """
    number = 0
    while line := file.readline(max_bytes + 1):
        number += 1
        where = f"{path}:{number}"
        if len(line) > max_bytes:
            report(f"{where}: larger than {max_bytes / 2**20:g} MB; raise --max-size if it is one")
            skipped = len(line)
            while line and not line.endswith(b"\n"):
                line = file.readline(2**20)
                skipped += len(line)
                if skipped > _ENDLESS * max_bytes:
                    raise ReadError(f"{where}: the line does not end; the rest is not read")
            continue
        if not line.isspace():
            yield where, line


class RecordError(ValueError):
    """A record is not an article; the message says why, without naming its place."""


def parse_record(line: bytes, fields: Fields) -> Article:
    """Parse one line.

    Raises
    ------
    RecordError
        If the line is not UTF-8, not a JSON object, or lacks an ``id`` or ``text``.
    """
    return article_of(load_record(line), fields)


def load_record(line: bytes) -> Record:
    """Parse one line as a JSON object.

    Raises
    ------
    RecordError
        If the line is not UTF-8 or not a JSON object.
    """
    try:
        record = json.loads(line.removeprefix(BOM_UTF8).decode())
    except UnicodeDecodeError as error:
        raise RecordError(f"not valid UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise RecordError(f"not valid JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise RecordError("nested too deeply to be an article") from None
    except ValueError as error:
        raise RecordError(f"not valid JSON: {error}") from None
    if not isinstance(record, dict):
        raise RecordError("not a JSON object")
    return record


def article_of(record: Record, fields: Fields) -> Article:
    """Make an article of a record.

    Raises
    ------
    RecordError
        If ``id`` or ``text`` is missing or no string, or ``id`` empty.
    """
    number, text = lookup(record, fields.id), lookup(record, fields.text)
    for name, value in ((fields.id, number), (fields.text, text)):
        if value is None:
            raise RecordError(f"no field {name!r}; it has {_names(record)}")
    for name, value in ((fields.id, number), (fields.text, text)):
        if not isinstance(value, str):
            raise RecordError(f"field {name!r} is not a string")
    if not number:
        raise RecordError(f"field {fields.id!r} is empty")

    def optional(name: str) -> str | None:
        value = lookup(record, name)
        return value if isinstance(value, str) and value else None

    published = lookup(record, fields.published) or lookup(record, "date")
    credit = optional(fields.credit)
    return Article(
        id=number,
        text=text,
        title=optional(fields.title),
        source=optional(fields.source),
        published=published.isoformat()
        if isinstance(published, date)
        else published
        if isinstance(published, str)
        else None,
        url=optional(fields.url),
        language=optional(fields.language),
        credits=stated_credits([(credit, "credit-line")]),
    )


def lookup(record: Record, name: str) -> Value:
    """Return the field of a name, else down a path of names (``fields.body``); None if absent."""
    if name in record:
        return record[name]
    value: Value = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _names(record: Record) -> str:
    return ", ".join(repr(name) for name in [*record][:20]) or "none"
