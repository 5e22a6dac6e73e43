"""``dedup compare``: two articles, word by word."""

from __future__ import annotations

from typing import Annotated

import typer

from dedup.cli.options import (
    EXIT_DERIVED,
    EXIT_FINE,
    EncodingOption,
    ExitZeroOption,
    Format,
    FormatOption,
    HtmlOption,
    MaxSizeOption,
    complain,
    write_page,
)


def compare(
    a: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    b: Annotated[str, typer.Argument(help="Another text file, or -.")],
    output: FormatOption = Format.text,
    min_span: Annotated[
        int, typer.Option(min=0, metavar="WORDS", help="Leave out passages of fewer equal words.")
    ] = 0,
    context: Annotated[
        int,
        typer.Option(min=0, metavar="WORDS", help="Words of equal text shown around each change."),
    ] = 12,
    exit_zero: ExitZeroOption = False,
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
    html: HtmlOption = None,
) -> None:
    """Say whether one article was taken from the other, how much, and which words.

    The exit status is 0 if neither was derived from the other, 1 if one was, 2 on an error.

    **Examples**

    - `dedup compare wire.txt ours.txt`
    - `curl -s … | dedup compare wire.txt -`
    - `dedup compare wire.txt ours.txt --format json --exit-zero`
    """
    from dedup import detector
    from dedup.reading.plain import STDIN, ReadError, read_text_file
    from dedup.reporting.json import to_json

    if a == b == STDIN:
        raise ReadError("-: standard input can be read only once; give a file for the other side")
    articles = []
    for path in (a, b):
        article, notice = read_text_file(path, max_bytes=int(max_size * 2**20), encoding=encoding)
        articles.append(article)
        if notice:
            complain(f"{path}: {notice}")
    if a == b:
        complain(f"{a}: the same file was given twice")
    match = detector.compare(*articles, min_span=min_span)
    if html:
        from dedup.reporting.html import render_pair_page

        write_page(html, render_pair_page(match, *articles))
    if output is Format.text:
        from dedup.cli.paint import terminal_paint
        from dedup.reporting.terminal import render_match

        typer.echo(render_match(match, *articles, context=context, paint=terminal_paint()))
    else:
        typer.echo(to_json(match.to_dict(), indent=2 if output is Format.json else None))
    raise typer.Exit(EXIT_DERIVED if match.derived and not exit_zero else EXIT_FINE)
