"""``dedup index``: known articles kept in an index, on disk or on Redis."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedup.cli.options import (
    EXIT_ERROR,
    EXIT_FINE,
    EncodingOption,
    IdFieldOption,
    MaxSizeOption,
    Problems,
    RecallOption,
    SimilarityOption,
    TextFieldOption,
    complain,
    counted,
    planned_nets,
    progress,
    read_options,
)
from dedup.reading.options import Problem

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.index.library import Info, StoredLibrary

index = typer.Typer(
    help="Keep known articles in an index, on disk or on Redis.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

IndexArgument = Annotated[
    str,
    typer.Argument(
        metavar="INDEX", help="A directory, or redis://HOST:PORT/DB?prefix=NAME (rediss, unix)."
    ),
]

_BATCH = 512


class InfoFormat(StrEnum):
    """How ``info`` is written."""

    text = "text"
    json = "json"


@index.command()
def create(
    path: IndexArgument,
    k: Annotated[int, typer.Option("--k", min=1, metavar="WORDS", help="Words of a shingle.")] = 5,
    num_perm: Annotated[int, typer.Option(min=1, metavar="N", help="Values of a signature.")] = 128,
    recall: RecallOption = None,
    similarity: SimilarityOption = 0.1,
) -> None:
    """Create an index: in a directory, which must be new or empty, or on a Redis server.

    **Examples**

    - `dedup index create seen/`
    - `dedup index create seen/ --recall 0.99 --similarity 0.2`
    - `dedup index create 'redis://localhost:6379/0?prefix=news'`
    """
    from dataclasses import replace

    from dedup.index.nets import Nets
    from dedup.index.opening import create_library, shown_name
    from dedup.sketch.parameters import DEFAULT_PARAMETERS

    parameters = replace(DEFAULT_PARAMETERS, k=k, num_perm=num_perm)
    nets = planned_nets(recall, similarity) or Nets(bands=min(Nets().bands, num_perm))
    create_library(path, parameters, nets).close()
    complain(f"{shown_name(path)}: created")


@index.command()
def add(
    path: IndexArgument,
    paths: Annotated[
        list[str], typer.Argument(help="Files of any format read, directories, or -.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put another text into the place of a known id's.")
    ] = False,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
) -> None:
    """Add articles to an index; what is in it already is not added again.

    **Examples**

    - `dedup index add seen/ wire/ archive.jsonl`
    - `zcat archive.jsonl.gz | dedup index add seen/ -`
    """
    from dedup.index.opening import shown_name
    from dedup.reading.inputs import read_articles

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field)
    added = known = 0
    with _opened(path, write=True) as library, progress("adding") as advance:
        articles = iter(counted(read_articles(paths, problems, options), advance))
        while batch := list(islice(articles, _BATCH)):
            new = _add(library, batch, problems, replace=replace)
            added += new
            known += len(batch) - new
        total = len(library)
    complain(f"{shown_name(path)}: {added} articles added, {known} were there; it holds {total}")
    raise typer.Exit(problems.status(EXIT_FINE))


@index.command()
def info(
    path: IndexArgument,
    output: Annotated[InfoFormat, typer.Option("--format", help="text or json.")] = InfoFormat.text,
) -> None:
    """Show what an index holds, how it was made, and how surely it finds what."""
    with _opened(path) as library:
        shown = library.info()
    if output is InfoFormat.json:
        typer.echo(json.dumps(_info_json(shown), ensure_ascii=False, indent=2))
        return
    for line in _info_lines(shown):
        typer.echo(line)


@index.command()
def remove(
    path: IndexArgument, ids: Annotated[list[str], typer.Argument(help="Ids of articles.")]
) -> None:
    """Forget articles, and what was decided of them."""
    from dedup.filtering.forgetting import forget_articles, is_remembered
    from dedup.index.opening import shown_name

    name = shown_name(path)
    with _opened(path, write=True) as library:
        missing = [one for one in dict.fromkeys(ids) if not is_remembered(library, one)]
        removed = forget_articles(library, ids)
        total = len(library)
    for article_id in missing:
        complain(f"{name}: holds no article {article_id!r}")
    complain(f"{name}: {removed} articles removed; it holds {total}")
    raise typer.Exit(EXIT_ERROR if missing else EXIT_FINE)


@index.command()
def expire(
    path: IndexArgument,
    older_than: Annotated[
        str, typer.Option(metavar="DURATION", help="30d, 12h, 2w: by published, else by arrival.")
    ],
) -> None:
    """Forget the articles that are older than a duration, and what was decided of them."""
    from datetime import UTC, datetime

    from dedup.filtering.forgetting import expire_articles
    from dedup.filtering.options import parse_duration
    from dedup.index.opening import shown_name

    before = datetime.now(UTC) - parse_duration(older_than)
    with _opened(path, write=True) as library:
        expired = expire_articles(library, before)
        total = len(library)
    complain(f"{shown_name(path)}: {expired} articles expired; it holds {total}")


@index.command()
def verify(path: IndexArgument) -> None:
    """Check articles and checksums, and rebuild what is derived and damaged."""
    from dedup.index.opening import shown_name

    name = shown_name(path)
    with _opened(path, write=True) as library:
        report = library.verify()
    for line in report.repaired:
        complain(f"{name}: repaired: {line}")
    for line in report.problems:
        complain(f"{name}: {line}")
    state = "is sound" if report.ok else "is damaged; remove what is named and add it again"
    complain(f"{name}: {report.articles} articles: {state}")
    raise typer.Exit(EXIT_FINE if report.ok else EXIT_ERROR)


@index.command()
def compact(path: IndexArgument) -> None:
    """Give back the room of what was removed, and on disk make one segment of all."""
    with _opened(path, write=True) as library:
        library.compact()
        shown = library.info()
    lines = dict(shown.storage_lines())
    complain(f"{shown.path}: {shown.articles} articles in {lines['size']}")


@contextmanager
def _opened(path: str, *, write: bool = False) -> Iterator[StoredLibrary]:
    """Open an index, and close it in the end."""
    from contextlib import closing

    from dedup.index.opening import open_library

    with closing(open_library(path, write=write)) as library:
        yield library


def _add(
    library: StoredLibrary, batch: Sequence[Article], problems: Problems, *, replace: bool
) -> int:
    """Add the articles of a batch that are new, or replaced; return how many.

    Where another worker has added one of them meanwhile, they are looked up again.
    """
    from dedup.filtering.forgetting import forget_articles
    from dedup.index.library import DuplicateId
    from dedup.sketch.sketches import sketch

    left = None
    while True:
        new, old = _new_ones(library, batch, problems, replace=replace)
        sketches = sketch([article.text for article in new], library.index.parameters)
        try:
            if old:
                with library.transaction():
                    forget_articles(library, old)
                    library.add(new, sketches)
            elif new:
                library.add(new, sketches)
        except DuplicateId:
            if left is not None and len(new) >= left:
                raise
            left = len(new)
            continue
        return len(new)


def _new_ones(
    library: StoredLibrary, batch: Iterable[Article], problems: Problems, *, replace: bool
) -> tuple[list[Article], list[str]]:
    """Return the articles that are not in the index, and the ids that are, with another text."""
    new, old = [], []
    for article in batch:
        row = library.row_of(article.id)
        if row is None:
            new.append(article)
        elif library.articles([row])[0].text != article.text:
            if replace:
                new.append(article)
                old.append(article.id)
            else:
                problems(
                    Problem(
                        f"{article.id}: is in the index with another text, which is kept; "
                        "--replace would put this one into its place"
                    )
                )
    return new, old


def _info_json(shown: Info) -> dict[str, Any]:
    from dataclasses import asdict

    from dedup.index.planning import curve

    dates = {name: _date(getattr(shown, name)) for name in ("earliest", "latest")}
    return {
        **asdict(shown),
        **dates,
        "recall_curve": [list(point) for point in curve(*_planned(shown))],
    }


def _info_lines(shown: Info) -> Iterator[str]:
    from dedup.index.planning import curve

    nets, parameters = shown.nets, shown.parameters
    yield f"{shown.path}: {shown.articles} articles, {shown.different} different texts"
    if shown.articles:
        yield f"published or added  {_date(shown.earliest)} to {_date(shown.latest)}"
    for heading, line in shown.storage_lines():
        yield f"{heading:<20}{line}"
    yield f"sketches            {parameters.to_json()}"
    asked = [
        f"{number} {what}"
        for number, what in (
            (nets.minimum_bands, "bands"),
            (nets.minimum_fingerprints, "fingerprints"),
            (nets.minimum_evidence, "of both together"),
        )
        if number is not None
    ]
    yield (
        f"candidates          {nets.bands} bands of {nets.rows}, with {' or '.join(asked)} "
        f"in common; at most {nets.limit}, keys of at most {nets.cap} texts"
    )
    yield "recall by bands alone, of pairs with this Jaccard similarity (fingerprints add to it):"
    points = [(s, found) for s, found in curve(*_planned(shown)) if s <= 0.5]
    yield "  " + "".join(f"{similarity:7.2f}" for similarity, _ in points)
    yield "  " + "".join(f"{100 * found:6.1f}%" for _, found in points)


def _planned(shown: Info) -> tuple[int, int, int]:
    """Return bands, rows and the bands in common that are surely enough."""
    nets = shown.nets
    minima = [m for m in (nets.minimum_bands, nets.minimum_evidence) if m is not None]
    return nets.bands, nets.rows, min(minima, default=nets.bands)


def _date(moment: int | None) -> str | None:
    from datetime import UTC, datetime

    return None if moment is None else datetime.fromtimestamp(moment, UTC).date().isoformat()
