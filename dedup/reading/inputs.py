"""Files and directories as a stream of articles; what cannot be read is reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dedup.article import Article
from dedup.reading.jsonl import Fields, read_jsonl
from dedup.reading.plain import MAX_BYTES, STDIN, ReadError, read_text_file

TEXT_SUFFIXES = frozenset({".txt", ".text"})
JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as it stands; ``notice`` says it was read all the same."""

    message: str
    notice: bool = False


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read.

    ``max_bytes`` bounds one text file or one record; ``encoding`` is declared for text files (None:
    detected); ``fields`` names the fields of records; ``left_out`` are paths not to be read.
    """

    max_bytes: int = MAX_BYTES
    encoding: str | None = None
    fields: Fields = field(default_factory=Fields)
    left_out: frozenset[str] = frozenset()


Report = Callable[[Problem], None]


def read_articles(
    paths: Iterable[str], report: Report, options: ReadOptions | None = None
) -> Iterator[Article]:
    """Yield the articles of files and directories, each id once, in a fixed order.

    Directories are walked in sorted order; text files (``.txt``) and JSON Lines (``.jsonl``) are
    read there, other files are counted and named as left out. A file named outright is read as
    JSON Lines if its suffix says so, else as text.
    """
    options = options or ReadOptions()
    seen: dict[str, str] = {}
    for path in list_files(paths, report, options):
        for article in _read_file(path, report, options):
            if article.id in seen:
                if seen[article.id] != path or path != article.id:
                    report(
                        Problem(
                            f"{path}: the id {article.id!r} was already read from "
                            f"{seen[article.id]}; the first one is kept"
                        )
                    )
                continue
            seen[article.id] = path
            yield article


def list_files(paths: Iterable[str], report: Report, options: ReadOptions) -> Iterator[str]:
    """Yield the files that paths lead to; a file is yielded once, cycles of links end."""
    visited: set[str] = set()
    for path in paths:
        if path != STDIN and Path(path).is_dir():
            yield from _walk(path, report, options, visited)
        elif path not in options.left_out:
            yield path


def _walk(folder: str, report: Report, options: ReadOptions, visited: set[str]) -> Iterator[str]:
    real = os.path.realpath(folder)
    if real in visited:
        return
    visited.add(real)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError as error:
        report(Problem(f"{folder}: cannot be listed ({error.strerror})"))
        return
    passed_over = 0
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118 - keeps the path as given
        if name.startswith(".") or path in options.left_out:
            continue
        if Path(path).is_dir():
            yield from _walk(path, report, options, visited)
        elif Path(path).suffix.lower() in TEXT_SUFFIXES | JSONL_SUFFIXES:
            if Path(path).is_file():
                yield path
            else:
                report(Problem(f"{path}: a broken link, or not a regular file"))
        elif Path(path).is_symlink() and not Path(path).exists():
            report(Problem(f"{path}: a broken link"))
        else:
            passed_over += 1
    if passed_over:
        suffixes = ", ".join(sorted(TEXT_SUFFIXES | JSONL_SUFFIXES))
        report(
            Problem(f"{folder}: {passed_over} files passed over (none of {suffixes})", notice=True)
        )


def _read_file(path: str, report: Report, options: ReadOptions) -> Iterator[Article]:
    try:
        if Path(path).suffix.lower() in JSONL_SUFFIXES:
            yield from read_jsonl(path, report_line(report), options.fields, options.max_bytes)
            return
        article, notice = read_text_file(
            path, max_bytes=options.max_bytes, encoding=options.encoding
        )
    except ReadError as error:
        report(Problem(str(error)))
        return
    if notice:
        report(Problem(f"{path}: {notice}", notice=True))
    yield article


def report_line(report: Report) -> Callable[[str], None]:
    """Return how a record that cannot be read is reported."""
    return lambda message: report(Problem(message))
