"""CSV and its relatives: a table with a header line, an article a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from dedup.reading.item import Item
from dedup.reading.jsonl import Fields, RecordError, article_of
from dedup.reading.opening import Source, declared_encoding, mixed_decoder, too_large
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.plain import ReadError, decode

_DELIMITERS = "\t;|"


def read_csv(
    source: Source,
    options: ReadOptions,
    report: Report,
    tally: Tally,  # noqa: ARG001
) -> Iterator[Item]:
    """Yield the items of a table; comma, semicolon, tab or bar parts the columns of its header.

    Raises
    ------
    ReadError
        If the header lacks the columns for id and text, or a row is larger than ``max_bytes``.
    """
    lines = _Lines(source, options)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    delimiter = delimiter if first.count(delimiter) > first.count(",") else ","
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    require_columns(source.path, header, options.fields)
    # The csv module's own limit holds for the whole process; a row can be no longer than _Lines
    # allows, so raising it for good lets nothing through.
    csv.field_size_limit(max(csv.field_size_limit(), options.max_bytes))
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.row = 0
        where = f"{source.path}:{lines.number + 1}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            report(Problem(f"{where}: not valid CSV: {error}"))
            continue
        if source.cut_off:
            return  # the row may be cut too; the file is reported
        if not row:
            continue
        try:
            if len(row) != len(header):
                raise RecordError(f"{len(row)} columns, the header has {len(header)}")
            yield Item(article_of(dict(zip(header, row, strict=True)), options.fields))
        except RecordError as error:
            report(Problem(f"{where}: {error}"))


def require_columns(path: str, columns: list[str], fields: Fields) -> None:
    """Raise ReadError unless a table has columns for id and text."""
    for role, name in (("id", fields.id), ("text", fields.text)):
        if name not in columns:
            found = ", ".join(map(repr, columns[:30])) or "none"
            raise ReadError(
                f"{path}: no column {name!r}; say which holds the {role}; it has {found}"
            )


class _Lines(Iterator[str]):
    """The lines of a file as text; ``row`` counts the bytes since it was last set to 0."""

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self.number = 0
        self.row = 0
        self._source = source
        self._limit = options.max_bytes
        head = source.head
        encoding = options.encoding or declared_encoding(head[:4])
        if encoding is None:
            cut = head[: head.rfind(b"\n") + 1] or head.rstrip(b"\x80-\xff")
            encoding = decode(source.path, cut).encoding
        self._utf16 = encoding.startswith(("utf-16", "utf-32"))
        self._decoder = mixed_decoder(encoding)

    def __next__(self) -> str:
        if self._utf16:
            raise ReadError(f"{self._source.path}: in UTF-16 or UTF-32; save the table as UTF-8")
        line = self._source.file.readline(self._limit + 1)
        self.row += len(line)
        self.number += 1
        if self.row > self._limit:
            raise too_large(
                f"{self._source.path}:{self.number}", self._limit, gzipped=self._source.gzipped
            )
        if not line:
            raise StopIteration
        text = self._decoder.decode(line)
        return text.removeprefix("\ufeff") if self.number == 1 else text
