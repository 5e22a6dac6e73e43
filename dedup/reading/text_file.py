"""Plain text from an open file: one article."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.reading.item import Item
from dedup.reading.opening import Source
from dedup.reading.options import Problem, ReadOptions, Report, Tally
from dedup.reading.plain import text_article


def read_text(
    source: Source,
    options: ReadOptions,
    report: Report,
    tally: Tally,  # noqa: ARG001
) -> Iterator[Item]:
    """Yield the text of a file as one article, the path being its id.

    Raises
    ------
    ReadError
        If the file is too large, binary or without a word.
    """
    raw = source.read_all(options.max_bytes)
    article, notice = text_article(source.path, raw, options.encoding)
    if notice:
        report(Problem(f"{source.path}: {notice}", notice=True))
    yield Item(article)
