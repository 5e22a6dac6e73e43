"""``dedup compare``: two articles, word by word."""

from __future__ import annotations

import shutil
import sys
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.article import DedupError
from dedup.cli.options import (
    EXIT_DERIVED,
    EXIT_FINE,
    EncodingOption,
    ExitZeroOption,
    FieldOption,
    Format,
    FormatOption,
    HtmlOption,
    IdFieldOption,
    InputFormatOption,
    MaxSizeOption,
    Problems,
    TextFieldOption,
    complain,
    counted,
    progress,
    read_options,
    write_page,
)

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.detector import Detector
    from dedup.reading.inputs import ReadOptions
    from dedup.scoring.match import Match

LEAST_WIDTH = 110
"""Columns of a terminal from which two texts stand side by side unless told otherwise."""
WIDTH = 120
"""Columns taken where there is no terminal, and two columns are asked for."""


def compare(
    a: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    b: Annotated[str, typer.Argument(help="Another text file, or -.")],
    known: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATHS|INDEX",
            help="Judge the pair among these articles: files and directories, all paths that"
            " follow, or one index. What other stories among them hold too is standing text.",
        ),
    ] = None,
    output: FormatOption = Format.text,
    min_span: Annotated[
        int, typer.Option(min=0, metavar="WORDS", help="Leave out passages of fewer equal words.")
    ] = 0,
    context: Annotated[
        int,
        typer.Option(min=0, metavar="WORDS", help="Words of equal text shown around each change."),
    ] = 12,
    columns: Annotated[
        bool | None,
        typer.Option(
            "--side-by-side/--unified",
            help="Two columns, or one; two on a terminal that is wide enough.",
            show_default=False,
        ),
    ] = None,
    exit_zero: ExitZeroOption = False,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
    field: FieldOption = None,
    input_format: InputFormatOption = None,
    html: HtmlOption = None,
) -> None:
    """Say whether one article was taken from the other, how much, and which words.

    The exit status is 0 if neither was derived from the other, 1 if one was, 2 on an error.

    **Examples**

    - `dedup compare wire.txt ours.txt`
    - `curl -s … | dedup compare wire.txt -`
    - `dedup compare wire.txt ours.txt --side-by-side | less`
    - `dedup compare wire.txt ours.txt --known archive/ 2024.jsonl`
    - `dedup compare wire.txt ours.txt --known news.index`
    - `dedup compare wire.txt ours.txt --format json --exit-zero`
    """
    from dedup import detector
    from dedup.reading.plain import STDIN, ReadError
    from dedup.reporting.json import to_json

    if a == b == STDIN:
        raise ReadError("-: standard input can be read only once; give a file for the other side")
    if STDIN in (a, b) and STDIN in (known or ()):
        raise ReadError("-: standard input can be read only once; give files with --known")
    fields = (id_field, text_field, field or ())
    options = read_options(max_size, encoding, *fields, input_format)
    articles = [_read_one(path, options) for path in (a, b)]
    if a == b:
        complain(f"{a}: the same file was given twice")
    problems = Problems(listed=False)
    if known is None:
        match = detector.compare(*articles, min_span=min_span)
    else:
        options = read_options(max_size, encoding, *fields)
        with _open_known(known, articles, problems, options) as among:
            match = among.compare(*articles, min_span=min_span)
    if html:
        from dedup.reporting.html import render_pair_page

        write_page(html, render_pair_page(match, *articles))
    if output is Format.text:
        typer.echo(_as_text(match, articles, context, columns))
    else:
        typer.echo(to_json(match.to_dict(), indent=2 if output is Format.json else None))
    fine = EXIT_DERIVED if match.derived and not exit_zero else EXIT_FINE
    raise typer.Exit(problems.status(fine))


def _open_known(
    paths: list[str], pair: list[Article], problems: Problems, options: ReadOptions
) -> Detector:
    """Open the index or read the files that a pair is judged among; refuse what says nothing."""
    from dedup.detector import Detector
    from dedup.index.opening import is_index, shown_name
    from dedup.reading.inputs import read_articles

    indexes = [path for path in paths if is_index(path)]
    if indexes and len(paths) > 1:
        name = shown_name(indexes[0])
        raise DedupError(f"{name}: is an index; --known takes one index, or files")
    if indexes:
        known = Detector.open(indexes[0], write=False)
    else:
        known = Detector()
        with progress("reading known articles") as advance:
            known.add(counted(read_articles(paths, problems, options), advance))
    name = shown_name(paths[0]) if len(paths) == 1 else "--known"
    if not len(known):
        if problems.errors:  # which say why
            raise typer.Exit(problems.status())
        raise DedupError(f"{name}: holds no articles that the pair could be judged among")
    texts = {article.text for article in pair}
    library = known.library
    if all(library.articles([row])[0].text in texts for row in library.rows()):
        raise DedupError(f"{name}: holds only the two articles themselves; --known takes others")
    return known


def _as_text(match: Match, articles: list[Article], context: int, columns: bool | None) -> str:
    """Write a match in two columns where that was asked for, or the terminal is wide enough."""
    from dedup.cli.paint import terminal_paint
    from dedup.reporting.terminal import render_match

    paint = terminal_paint()
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    if columns is None:
        columns = sys.stdout.isatty() and width >= LEAST_WIDTH
    if columns:
        from dedup.reporting.terminal_columns import render_columns

        return render_columns(match, *articles, width=width, context=context, paint=paint)
    return render_match(match, *articles, context=context, paint=paint)


def _read_one(path: str, options: ReadOptions) -> Article:
    """Read the one article of a file; anything else is an error."""
    from pathlib import Path

    from dedup.reading.inputs import read_articles
    from dedup.reading.plain import ReadError

    if Path(path).is_dir():
        raise ReadError(f"{path}: is a directory; give a file")
    problems = Problems(told=False)
    articles = list(islice(read_articles([path], problems, options), 2))
    if problems.errors and not articles:
        raise ReadError(problems.errors[0])
    for message in (*problems.errors, *problems.notices):
        complain(message)
    if not articles:
        raise ReadError(f"{path}: no article was found in it")
    if len(articles) > 1:
        raise ReadError(f"{path}: holds several articles; use dedup check or dedup scan")
    return articles[0]
