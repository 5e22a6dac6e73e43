"""Parquet, Arrow and Feather, a batch at a time (extra ``parquet``)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dedup.reading.csv_file import require_columns
from dedup.reading.item import Item
from dedup.reading.jsonl import Fields, RecordError, article_of
from dedup.reading.opening import Source, too_large
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.plain import STDIN, MissingExtraError, ReadError

_ROWS = 256
"""Rows of a batch: articles of 4 KB make one of 1 MB."""


def read_parquet(
    source: Source,
    options: ReadOptions,
    report: Report,
    tally: Tally,  # noqa: ARG001
) -> Iterator[Item]:
    """Yield the items of a Parquet file, reading only the columns asked for; an id may be a number.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    ReadError
        If the file is damaged, or lacks the columns for id and text.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError(source.path, "Parquet files are", "parquet") from None
    with _damage(source.path):
        table = parquet.ParquetFile(_seekable(source, options), pre_buffer=False)
        names = table.schema_arrow.names
        require_columns(source.path, names, options.fields)
        batches = table.iter_batches(
            _ROWS, columns=_wanted(names, options.fields), use_threads=False
        )
        yield from _items(source.path, batches, options, report)


def read_arrow(
    source: Source,
    options: ReadOptions,
    report: Report,
    tally: Tally,  # noqa: ARG001
) -> Iterator[Item]:
    """Yield the items of an Arrow file or stream, or of a Feather file (version 2).

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    ReadError
        If the file is damaged, or lacks the columns for id and text.
    """
    try:
        from pyarrow import ipc
    except ImportError:
        raise MissingExtraError(source.path, "Arrow files are", "parquet") from None
    with _damage(source.path):
        if source.head.startswith(b"ARROW1"):
            file = ipc.open_file(_seekable(source, options))
            batches = (file.get_batch(number) for number in range(file.num_record_batches))
            names = file.schema.names
        else:
            stream = ipc.open_stream(source.file)
            batches, names = iter(stream), stream.schema.names
        require_columns(source.path, names, options.fields)
        yield from _items(
            source.path, _slices(batches, _wanted(names, options.fields)), options, report
        )


def _slices(batches: Iterable[Any], wanted: list[str]) -> Iterator[Any]:
    """Cut batches, which may be a whole file, into small ones that are known to be sound."""
    for batch in batches:
        batch.validate(full=True)  # offsets that point outside crash the process
        chosen = batch.select(wanted)
        for start in range(0, batch.num_rows, _ROWS):
            yield chosen.slice(start, _ROWS)


def _items(
    path: str, batches: Iterable[Any], options: ReadOptions, report: Report
) -> Iterator[Item]:
    row = 0
    for batch in batches:
        for record in batch.to_pylist():
            row += 1
            where = f"{path}:row {row}"
            try:
                text = record.get(options.fields.text)
                if isinstance(text, str) and len(text) > options.max_bytes:
                    report(Problem(str(too_large(where, options.max_bytes))))
                    continue
                number = record.get(options.fields.id)
                if isinstance(number, int) and not isinstance(number, bool):
                    record[options.fields.id] = str(number)
                yield Item(article_of(record, options.fields))
            except RecordError as error:
                report(Problem(f"{where}: {error}"))


def _wanted(names: list[str], fields: Fields) -> list[str]:
    asked = {getattr(fields, name) for name in Fields.__slots__} | {"date"}
    return [name for name in names if name in asked]


def _seekable(source: Source, options: ReadOptions) -> str | io.BytesIO:
    """Return what pyarrow can read at any place: the path, or what came in, up to the limit."""
    if source.path == STDIN or source.gzipped:
        return io.BytesIO(source.read_all(options.max_bytes))
    return source.path


@contextmanager
def _damage(path: str) -> Iterator[None]:
    """Turn what pyarrow raises on a damaged file into a ReadError."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "damaged"
        raise ReadError(f"{path}: cannot be read as a table ({reason})") from None
