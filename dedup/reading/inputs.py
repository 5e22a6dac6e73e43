"""Files and directories as a stream of articles; what cannot be read is reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dedup.article import Article
from dedup.reading.formats import SUFFIXES, format_of, reader_of, suffix_format
from dedup.reading.item import Item
from dedup.reading.opening import open_source
from dedup.reading.options import Problem as Problem
from dedup.reading.options import ReadOptions as ReadOptions
from dedup.reading.options import Report as Report
from dedup.reading.options import Tally
from dedup.reading.plain import STDIN, MissingExtraError, ReadError


def read_articles(
    paths: Iterable[str], report: Report, options: ReadOptions | None = None
) -> Iterator[Article]:
    """Yield the articles of files and directories, each id once, in a fixed order.

    Directories are walked in sorted order; files of known suffix are read there, others are counted
    and named as left out. A file named outright is read by its content and suffix, as text if
    neither says more. Items that are no text (pictures, videos) are counted.
    """
    for item in read_items(paths, report, options):
        yield item.article


def read_items(
    paths: Iterable[str], report: Report, options: ReadOptions | None = None
) -> Iterator[Item]:
    """Yield what `read_articles` does, with the version and sources each file states.

    A later version of an id already read has its version written behind the id (``…#v2``).
    """
    options = options or ReadOptions()
    seen: dict[str, tuple[str, str | None]] = {}
    tally = Tally()
    missing: set[str] = set()
    for path in list_files(paths, report, options):
        for item in _read_file(path, report, options, tally, missing):
            found = _named_apart(item, seen)
            if found.article.id not in seen:
                seen[found.article.id] = (path, item.version)
                yield found
            elif seen[item.article.id][0] != path or path != item.article.id:
                report(
                    Problem(
                        f"{path}: the id {item.article.id!r} was already read from "
                        f"{seen[item.article.id][0]}; the first one is kept"
                    )
                )
    for problem in tally.problems():
        report(problem)


def _named_apart(item: Item, seen: dict[str, tuple[str, str | None]]) -> Item:
    """Give a later version of an article an id of its own."""
    earlier = seen.get(item.article.id)
    if earlier is None or item.version is None or item.version == earlier[1]:
        return item
    article = replace(item.article, id=f"{item.article.id}#v{item.version}")
    return replace(item, article=article)


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
        elif suffix_format(name) is not None:
            if Path(path).is_file():
                yield path
            else:
                report(Problem(f"{path}: a broken link, or not a regular file"))
        elif Path(path).is_symlink() and not Path(path).exists():
            report(Problem(f"{path}: a broken link"))
        else:
            passed_over += 1
    if passed_over:
        suffixes = ", ".join(sorted(SUFFIXES))
        report(
            Problem(f"{folder}: {passed_over} files passed over (none of {suffixes})", notice=True)
        )


def _read_file(
    path: str, report: Report, options: ReadOptions, tally: Tally, missing: set[str]
) -> Iterator[Item]:
    """Read one file; what it lacks an extra for is reported once, then counted."""
    try:
        with open_source(path) as source:
            name = options.input_format or format_of(source)
            named = suffix_format(path)
            if named is not None and options.input_format is None and not _alike(named, name):
                said = f"{path}: its content is {name}, so it is read as that"
                report(Problem(said, notice=True))
            yield from reader_of(name)(source, options, report, tally)
    except MissingExtraError as error:
        if error.extra in missing:
            tally.count(f"a file that needs the extra {error.extra!r}", path)
        else:
            missing.add(error.extra)
            report(Problem(str(error)))
    except ReadError as error:
        report(Problem(str(error)))


def _alike(named: str, found: str) -> bool:
    return named == found or {named, found} == {"json", "jsonl"}


def report_line(report: Report) -> Callable[[str], None]:
    """Return how a record that cannot be read is reported."""
    return lambda message: report(Problem(message))
