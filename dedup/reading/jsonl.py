"""JSON Lines: an article a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from dedup.article import Article
from dedup.reading.plain import STDIN, ReadError


@dataclass(frozen=True, slots=True)
class Fields:
    """Which field of a record holds what; ``published`` falls back to ``date``."""

    id: str = "id"
    text: str = "text"
    title: str = "title"
    source: str = "source"
    published: str = "published"
    url: str = "url"
    language: str = "language"


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
            yield from _read_lines(path, sys.stdin.buffer, report, fields, max_bytes)
            return
        with Path(path).open("rb") as file:
            yield from _read_lines(path, file, report, fields, max_bytes)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read ({reason})") from None


def _read_lines(
    path: str,
    file: BinaryIO,
    report: Callable[[str], None],
    fields: Fields,
    max_bytes: int,
) -> Iterator[Article]:
    number = 0
    while line := file.readline(max_bytes + 1):
        number += 1
        where = f"{path}:{number}"
        if len(line) > max_bytes:
            while line and not line.endswith(b"\n"):
                line = file.readline(2**20)
            report(f"{where}: larger than {max_bytes / 2**20:g} MB; raise --max-size if it is one")
            continue
        if line.isspace():
            continue
        try:
            yield parse_record(line, fields)
        except RecordError as error:
            report(f"{where}: {error}")


class RecordError(ValueError):
    """A record is not an article; the message says why, without naming its place."""


def parse_record(line: bytes, fields: Fields) -> Article:
    """Parse one line.

    Raises
    ------
    RecordError
        If the line is not UTF-8, not a JSON object, or lacks a string ``id`` or ``text``.
    """
    try:
        record = json.loads(line.decode("utf-8-sig"))
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
    return article_of(record, fields)


def article_of(record: dict[str, Any], fields: Fields) -> Article:
    """Make an article of a record.

    Raises
    ------
    RecordError
        If ``id`` or ``text`` is missing, empty or no string.
    """
    for name in (fields.id, fields.text):
        if name not in record:
            has = ", ".join(repr(key[:40]) for key in list(record)[:5]) or "none"
            raise RecordError(f"no field {name!r}; it has {has}")
        if not isinstance(record[name], str):
            raise RecordError(f"field {name!r} is not a string")
    if not record[fields.id]:
        raise RecordError(f"field {fields.id!r} is empty")

    def optional(name: str) -> str | None:
        value = record.get(name)
        return value if isinstance(value, str) and value else None

    return Article(
        id=record[fields.id],
        text=record[fields.text],
        title=optional(fields.title),
        source=optional(fields.source),
        published=optional(fields.published) or optional("date"),
        url=optional(fields.url),
        language=optional(fields.language),
    )
