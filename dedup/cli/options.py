"""Options that several commands share, and the pieces behind them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from dedup.article import DedupError

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.index.nets import Nets
    from dedup.reading.inputs import Problem, ReadOptions

EXIT_FINE, EXIT_DERIVED, EXIT_ERROR = 0, 1, 2

MOST_ERRORS = 20


class Format(StrEnum):
    """How a result is written."""

    text = "text"
    json = "json"
    jsonl = "jsonl"


class PairsFormat(StrEnum):
    """How a list of pairs is written."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


class Relation(StrEnum):
    """A relation to ask for."""

    identical = "identical"
    near_duplicate = "near-duplicate"
    rewrite = "rewrite"
    partial = "partial"
    shared_quotes = "shared-quotes"
    boilerplate = "boilerplate"
    independent = "independent"


FormatOption = Annotated[
    Format, typer.Option("--format", help="text for a person, json or jsonl for a program.")
]
PairsFormatOption = Annotated[
    PairsFormat,
    typer.Option(
        "--format", help="text for a person, csv for a spreadsheet, json or jsonl for a program."
    ),
]
RelationOption = Annotated[
    list[Relation] | None, typer.Option(help="Only pairs of this relation; may be repeated.")
]
MaxSizeOption = Annotated[
    float, typer.Option(min=0.001, metavar="MB", help="Refuse texts larger than this.")
]
EncodingOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding of text files; detected unless given.")
]
IdFieldOption = Annotated[
    str, typer.Option(metavar="NAME", help="Field that holds a record's id.", show_default=True)
]
TextFieldOption = Annotated[
    str, typer.Option(metavar="NAME", help="Field that holds a record's text.", show_default=True)
]
HtmlOption = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help="Also write a report page to a file.")
]
FieldOption = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME=FIELD",
        help="Field that holds title, source, published, url, language or credit; may be repeated.",
    ),
]
InputFormatOption = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT",
        help="text, html, json, jsonl, csv, xml, parquet, arrow or warc; by content unless given.",
    ),
]
ExitZeroOption = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 also when something is derived.")
]
RecallOption = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        max=0.9999,
        metavar="SHARE",
        help="Plan the bands to find this share of the pairs at --similarity; prints the curve.",
    ),
]
SimilarityOption = Annotated[
    float,
    typer.Option(min=0.01, max=1, metavar="JACCARD", help="Similarity that --recall speaks of."),
]


@dataclass
class Problems:
    """Tells of what could not be read on standard error, as it happens, and keeps the errors.

    With ``told`` false nothing is said and the notices are kept too. ``listed`` says that JSON
    output has them all.
    """

    told: bool = True
    listed: bool = True
    errors: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def __call__(self, problem: Problem) -> None:
        """Report a problem; of a flood of errors the first are shown."""
        (self.notices if problem.notice else self.errors).append(problem.message)
        if self.told and (problem.notice or len(self.errors) <= MOST_ERRORS):
            complain(problem.message)

    def status(self, fine: int = EXIT_FINE) -> int:
        """Say how many errors were not shown; return the exit status."""
        if len(self.errors) > MOST_ERRORS:
            where = " (--format json lists all)" if self.listed else ""
            complain(f"{len(self.errors) - MOST_ERRORS} more errors{where}")
        return EXIT_ERROR if self.errors else fine

    def to_list(self) -> list[dict[str, Any]]:
        """Return the errors as in the output schema."""
        return [{"message": message} for message in self.errors]


def complain(message: str) -> None:
    """Write a message to standard error, with what a terminal would obey made visible."""
    from dedup.reporting.printable import printable

    typer.echo(f"dedup: {printable(message)}", err=True)


def write_page(path: str, page: str) -> None:
    """Write a report page to a file."""
    try:
        Path(path).write_text(page, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DedupError(f"{path}: the report cannot be written ({reason})") from None
    complain(f"{path}: report written")


def read_options(
    max_size: float,
    encoding: str | None,
    id_field: str = "id",
    text_field: str = "text",
    fields: Iterable[str] = (),
    input_format: str | None = None,
) -> ReadOptions:
    """Make the reader's options of the command line's."""
    from dataclasses import fields as fields_of

    from dedup.reading.formats import FORMATS
    from dedup.reading.inputs import ReadOptions
    from dedup.reading.jsonl import Fields

    if input_format is not None and input_format not in FORMATS:
        raise typer.BadParameter(f"--input-format is one of {', '.join(FORMATS)}")
    named = {"id": id_field, "text": text_field}
    known = [known.name for known in fields_of(Fields)]
    for assignment in fields:
        name, equals, held_in = assignment.partition("=")
        if not equals or name not in known:
            raise typer.BadParameter(f"--field takes NAME=FIELD with NAME of {', '.join(known)}")
        named[name] = held_in
    return ReadOptions(
        max_bytes=int(max_size * 2**20),
        encoding=encoding,
        fields=Fields(**named),
        input_format=input_format,
    )


def planned_nets(recall: float | None, similarity: float) -> Nets | None:
    """Plan the bands where a recall was asked for, and print the plan; None: the defaults."""
    if recall is None:
        return None
    from dedup.index.nets import Nets
    from dedup.index.planning import plan

    planned = plan(similarity, recall)
    for line in str(planned).splitlines():
        complain(line)
    return Nets(planned.bands, planned.rows, planned.minimum, minimum_evidence=None)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Any]:
    """Show a progress bar on standard error, on a terminal only; yields ``advance()``."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Elapsed())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def counted(articles: Iterable[Article], advance: Callable[[], None]) -> Iterator[Article]:
    """Yield articles and advance a progress bar with each."""
    for article in articles:
        yield article
        advance()


class ManyPaths(typer.core.TyperCommand):
    """A command one of whose options takes all the paths that follow it: ``--against A B C``.

    Where no argument stands before such an option, it takes one path only, since what follows are
    then the arguments: ``--against A FILE``. A command without arguments takes all of them.
    """

    greedy = ("--against", "--known", "--docs", "--wire", "--incoming")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Repeat the option before each of its paths, as the parser wants it, then parse."""
        flags = {
            name
            for param in self.params
            if getattr(param, "is_flag", False)
            for name in (*param.opts, *param.secondary_opts)
        }
        given: list[str] = []
        rest = iter(args)
        option = None
        argument_seen = all(param.param_type_name != "argument" for param in self.params)
        for word in rest:
            if word == "--":
                given += [word, *rest]
            elif word.startswith("-") and word != "-":
                option = word if word in self.greedy and argument_seen else None
                takes_value = word not in flags and "=" not in word
                given += [word, *islice(rest, 1 if takes_value else 0)]
            elif option:
                given += [option, word]
            else:
                argument_seen = True
                given.append(word)
        return super().parse_args(ctx, given)
