"""``dedup audit``: who used an agency's copy."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.article import DedupError
from dedup.cli.check import is_known, known_articles, same_file, say_what_was_cut
from dedup.cli.options import (
    EXIT_ERROR,
    EncodingOption,
    FieldOption,
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
    from dedup.reporting.audit import Outlet, Row
    from dedup.scoring.match import Match

    Checked = list[tuple[Article, list[Match]]]


class AuditFormat(StrEnum):
    """How an audit is written."""

    text = "text"
    csv = "csv"
    json = "json"


def audit(
    wire: Annotated[
        list[str],
        typer.Option(metavar="PATHS...", help="Our copy: files and directories, or one index."),
    ],
    incoming: Annotated[
        list[str],
        typer.Option(metavar="PATHS...", help="What outlets published: files and directories."),
    ],
    output: Annotated[
        AuditFormat,
        typer.Option("--format", help="text for a person, csv for a spreadsheet, json with spans."),
    ] = AuditFormat.text,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
    field: FieldOption = None,
    input_format: InputFormatOption = None,
    html: HtmlOption = None,
) -> None:
    """Audit who used an agency's copy: which stories, how many words, with what credit.

    Each incoming article counts for the wire story it matches best. A row says how many of our
    words it uses, their share of it outside quotations, whether they were changed, whether the
    headline was kept, where the agency is credited, and how long after the wire it came. An outlet
    is an article's source, else the domain of its URL, else the folder of its file. The exit status
    is 0, or 2 on an error.

    **Examples**

    - `dedup audit --wire wire/ --incoming incoming/`
    - `dedup audit --wire efe.index --incoming crawl.jsonl --format csv > pickups.csv`
    - `dedup audit --wire wire/ --incoming elpais/ crawl/ --html audit.html`
    """
    from dedup.reporting.audit import Wire, audit_rows, outlet_totals

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field, field or (), input_format)
    detector, versions = _read_wire(wire, problems, options)
    with detector:
        checked = _check(incoming, detector, problems, options)
        articles, story_of = _stories(checked, detector)
        rows = audit_rows(checked, Wire(articles, story_of, versions))
        outlets = outlet_totals(rows)
        counts = {"wire": len(detector), "incoming": len(checked)}
    if not all(counts.values()) and not problems.errors:
        empty = next(name for name, count in counts.items() if not count)
        complain(f"no articles were found in --{empty}")
        raise typer.Exit(EXIT_ERROR)
    if html:
        from dedup.reporting.audit_page import render_audit_page

        came_in = {article.id: article for article, _ in checked}
        compared = (counts["wire"], counts["incoming"])
        write_page(html, render_audit_page(rows, outlets, articles, came_in, counts=compared))
    _write(rows, outlets, counts, output, problems)
    raise typer.Exit(problems.status())


def _read_wire(
    paths: list[str], problems: Problems, options: ReadOptions
) -> tuple[Detector, dict[str, str | None]]:
    """Open the index, or read the wire's articles; the versions are those the files state."""
    from dedup.detector import Detector
    from dedup.index.opening import is_index, shown_name
    from dedup.reading.inputs import read_items

    indexes = [path for path in paths if is_index(path)]
    if indexes and len(paths) > 1:
        raise DedupError(f"{shown_name(indexes[0])}: is an index; --wire takes one index, or files")
    if indexes:
        return Detector.open(indexes[0], write=False), {}
    detector = Detector()
    versions: dict[str, str | None] = {}

    def articles() -> Iterator[Article]:
        for item in read_items(paths, problems, options):
            versions[item.article.id] = item.version
            yield item.article

    with progress("reading the wire") as advance:
        detector.add(counted(articles(), advance))
    return detector, versions


def _check(
    paths: list[str], detector: Detector, problems: Problems, options: ReadOptions
) -> Checked:
    """Find what each incoming article was taken from."""
    from dedup.reading.inputs import read_articles

    with progress("reading what came in") as advance:
        articles = list(counted(read_articles(paths, problems, options), advance))
    checked: Checked = []
    known = 0
    with progress("comparing", len(articles)) as advance:
        found_of = detector.check_all(articles)
        for article, matches in zip(articles, found_of, strict=True):
            known += is_known(article, detector)
            found = [match for match in matches if not same_file(match.a.id, article.id)]
            checked.append((article, found))
            advance()
    say_what_was_cut(detector)
    if known:
        complain(f"{known:,} incoming articles are of the wire too; not matched with themselves")
    return checked


def _stories(checked: Checked, detector: Detector) -> tuple[dict[str, Article], dict[str, str]]:
    """Return the wire articles that matches name, by id, and the story of each."""
    from dedup.detector import Detector
    from dedup.reporting.audit import find_stories

    articles = known_articles(checked, detector)
    among = Detector(detector.parameters)
    among.add(articles.values())
    found = find_stories(list(articles.values()), among.scan(), detector.__contains__)
    return articles, found


def _write(
    rows: list[Row],
    outlets: list[Outlet],
    counts: dict[str, int],
    output: AuditFormat,
    problems: Problems,
) -> None:
    from dedup.reporting.audit_tables import render_audit, render_audit_csv

    if output is AuditFormat.json:
        from dedup.reporting.audit import audit_json
        from dedup.reporting.json import to_json

        typer.echo(to_json(audit_json(rows, outlets, problems.to_list()), indent=2))
    elif output is AuditFormat.csv:
        typer.echo(render_audit_csv(rows), nl=False)
    else:
        from dedup.cli.paint import output_width, terminal_paint

        paint = terminal_paint()
        typer.echo(render_audit(rows, outlets, **counts, width=output_width(), paint=paint))
