"""``dedup check``: what new articles were taken from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.cli.options import (
    EXIT_DERIVED,
    EXIT_ERROR,
    EXIT_FINE,
    EncodingOption,
    ExitZeroOption,
    FieldOption,
    HtmlOption,
    IdFieldOption,
    InputFormatOption,
    MaxSizeOption,
    PairsFormat,
    PairsFormatOption,
    Problems,
    RecallOption,
    Relation,
    RelationOption,
    SimilarityOption,
    TextFieldOption,
    complain,
    counted,
    planned_nets,
    progress,
    read_options,
    write_page,
)

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.detector import Detector
    from dedup.scoring.match import Match


def check(
    files: Annotated[
        list[str],
        typer.Argument(help="Articles to check: text files, .jsonl files, directories, or -."),
    ],
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="PATHS...", help="The known articles; takes all paths that follow."),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(metavar="INDEX", help="The known articles, in an index: a directory or URL."),
    ] = None,
    output: PairsFormatOption = PairsFormat.text,
    top: Annotated[
        int, typer.Option(min=1, metavar="N", help="Show at most so many matches of an article.")
    ] = 5,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also show what was found not derived; without it, pairs that share nothing but"
            " standing text are not compared.",
        ),
    ] = False,
    relation: RelationOption = None,
    min_overlap: Annotated[
        float,
        typer.Option(
            min=0,
            max=100,
            metavar="PERCENT",
            help="Only matches with at least this share of the checked article's narrative.",
        ),
    ] = 0.0,
    exit_zero: ExitZeroOption = False,
    recall: RecallOption = None,
    similarity: SimilarityOption = 0.1,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
    field: FieldOption = None,
    input_format: InputFormatOption = None,
    html: HtmlOption = None,
) -> None:
    """Find which known articles new ones were taken from.

    Of each article the best derived matches are shown. The exit status is 0 if nothing was
    derived, 1 if something was, 2 on an error (the results are still printed).

    **Examples**

    - `dedup check incoming/ --against wire/`
    - `dedup check story.txt --against archive.jsonl wire/ --top 1`
    - `dedup check story.txt --index seen/`
    - `dedup check new.jsonl --against wire/ --format jsonl --min-overlap 50`
    """
    from dedup.detector import Detector
    from dedup.reading.inputs import read_articles

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field, field or (), input_format)
    if (against is None) == (index is None):
        complain("give the known articles, either with --against or with --index")
        raise typer.Exit(EXIT_ERROR)
    if index is not None:
        detector = Detector.open(index, write=False)
    else:
        detector = Detector(nets=planned_nets(recall, similarity))
        with progress("reading known articles") as advance:
            detector.add(counted(read_articles(against or (), problems, options), advance))
    wanted = set(relation or ())
    shown: list[tuple[Article, list[Match]]] = []
    articles = list(read_articles(files, problems, options))
    with progress("checking", len(articles)) as advance:
        found = detector.check_all(articles, everything=everything or bool(wanted))
        for article, matches in zip(articles, found, strict=True):
            if is_known(article, detector):
                complain(f"{article.id}: is among the known articles too; not matched with itself")
            kept = [
                match
                for match in matches
                if (not wanted or Relation(match.relation) in wanted)
                and (match.overlap.narrative_percent_b or 0.0) >= min_overlap
                and not same_file(match.a.id, article.id)
            ]
            shown.append((article, kept[:top]))
            advance()
    say_what_was_cut(detector)
    say_what_was_standing(detector)
    if not articles and not problems.errors:
        complain("no articles to check were found")
        raise typer.Exit(EXIT_ERROR)
    if not len(detector) and not problems.errors:
        complain("no known articles were found; nothing can be matched")
        raise typer.Exit(EXIT_ERROR)
    if html:
        from dedup.reporting.html import render_check_page

        write_page(html, render_check_page(shown, known_articles(shown, detector), "Check"))
    _write(shown, detector, output, problems)
    derived = any(match.derived for _, matches in shown for match in matches)
    raise typer.Exit(problems.status(EXIT_DERIVED if derived and not exit_zero else EXIT_FINE))


def same_file(known: str, checked: str) -> bool:
    """Say whether two ids are different paths to one file."""
    return known != checked and os.path.realpath(known) == os.path.realpath(checked)


def known_articles(
    shown: list[tuple[Article, list[Match]]], detector: Detector
) -> dict[str, Article]:
    """Return the known articles that matches name, by their ids."""
    ids = dict.fromkeys(match.a.id for _, found in shown for match in found)
    rows = [row for row in map(detector.library.row_of, ids) if row is not None]
    return dict(zip(ids, detector.library.articles(rows), strict=True))


def is_known(article: Article, detector: Detector) -> bool:
    """Say whether an article, the same id with the same text, is a known one too."""
    row = detector.library.row_of(article.id)
    return row is not None and detector.library.articles([row])[0].text == article.text


def say_what_was_cut(detector: Detector) -> None:
    """Say how many candidates were left out over the limit."""
    if detector.candidates_cut:
        complain(
            f"{detector.candidates_cut} candidates over the limit were not compared; "
            "articles may be missing"
        )


def say_what_was_standing(detector: Detector) -> None:
    """Say how many candidates were not compared, since they share nothing but standing text."""
    if number := detector.standing_only:
        who, was = ("1 candidate pair shares", "was")
        if number > 1:
            who, was = (f"{number:,} candidate pairs share", "were")
        complain(f"{who} only standing text and {was} not compared (see --all)")


def _write(
    shown: list[tuple[Article, list[Match]]],
    detector: Detector,
    output: PairsFormat,
    problems: Problems,
) -> None:
    from dedup.reporting.json import result_json, to_json

    matches = [match for _, found in shown for match in found]
    if output is PairsFormat.jsonl:
        for match in matches:
            typer.echo(to_json(match.to_dict()))
    elif output is PairsFormat.json:
        result = result_json(matches, [], problems.to_list(), standing_only=detector.standing_only)
        typer.echo(to_json(result, indent=2))
    elif output is PairsFormat.csv:
        from dedup.reporting.csv_pairs import render_pairs

        typer.echo(render_pairs(matches), nl=False)
    else:
        from dedup.cli.paint import terminal_paint
        from dedup.reporting.terminal import render_check

        for article, found in shown:
            typer.echo(render_check(article.id, found, len(detector), paint=terminal_paint()))
