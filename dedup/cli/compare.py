"""``dedup compare``: two articles, word by word."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

EXIT_NOTHING, EXIT_DERIVED = 0, 1


class Format(StrEnum):
    """How a result is written."""

    text = "text"
    json = "json"
    jsonl = "jsonl"


def compare(
    a: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    b: Annotated[str, typer.Argument(help="Another text file, or -.")],
    output: Annotated[
        Format, typer.Option("--format", help="text for a person, json or jsonl for a program.")
    ] = Format.text,
    min_span: Annotated[
        int, typer.Option(min=0, metavar="WORDS", help="Leave out passages of fewer equal words.")
    ] = 0,
    context: Annotated[
        int,
        typer.Option(min=0, metavar="WORDS", help="Words of equal text shown around each change."),
    ] = 12,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 also when something is derived.")
    ] = False,
    max_size: Annotated[
        float, typer.Option(min=0.001, metavar="MB", help="Refuse files larger than this.")
    ] = 64.0,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Encoding of the files; detected unless given."),
    ] = None,
) -> None:
    """Say whether one article was taken from the other, how much, and which words.

    The exit status is 0 if neither was derived from the other, 1 if one was, 2 on an error.

    **Examples**

    - `dedup compare wire.txt ours.txt`
    - `curl -s … | dedup compare wire.txt -`
    - `dedup compare wire.txt ours.txt --format json --exit-zero`
    """
    from dedup import detector
    from dedup.cli import complain
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
    if output is Format.text:
        from dedup.cli.paint import terminal_paint
        from dedup.reporting.terminal import render_match

        typer.echo(render_match(match, *articles, context=context, paint=terminal_paint()))
    else:
        typer.echo(to_json(match.to_dict(), indent=2 if output is Format.json else None))
    raise typer.Exit(EXIT_DERIVED if match.derived and not exit_zero else EXIT_NOTHING)
