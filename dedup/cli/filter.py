"""``dedup filter``: what of a stream to keep, before it is stored."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dedup.cli.options import (
    EXIT_ERROR,
    EXIT_FINE,
    IdFieldOption,
    MaxSizeOption,
    Relation,
    TextFieldOption,
    complain,
    read_options,
)

if TYPE_CHECKING:
    from dedup.filtering.expression import DropRule
    from dedup.filtering.stream import FilterStream


class Preferred(StrEnum):
    """Which member of a group represents it."""

    earliest = "earliest"
    credited = "credited"
    longest = "longest"


def filter_stream(
    index: Annotated[
        str,
        typer.Argument(metavar="INDEX", help="An index (dedup index create INDEX), or its URL."),
    ],
    source: Annotated[
        str, typer.Option("--input", metavar="FILE", help="JSON Lines; - is standard input.")
    ] = "-",
    output: Annotated[
        str,
        typer.Option(metavar="FILE", help="Where to write; a file gets each record exactly once."),
    ] = "-",
    rejected: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Takes what is dropped and what cannot be read."),
    ] = None,
    drop_when: Annotated[
        str | None,
        typer.Option(
            metavar="EXPR", help="Leave out records of which this holds: narrative_percent>=80."
        ),
    ] = None,
    drop: Annotated[
        str | None,
        typer.Option(
            metavar="RELATIONS", help="Leave out records of these relations, separated by commas."
        ),
    ] = None,
    prefer: Annotated[
        Preferred | None,
        typer.Option(help="Keep a late arrival too that represents its story better."),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION", help="Compare only what was published within 30d, 12h, 2w ..."
        ),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Records with one value of this are one story's."),
    ] = None,
    max_drop: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="SHARE", help="Stop before dropping more than this."),
    ] = None,
    compared: Annotated[
        int, typer.Option("--compare", min=1, metavar="N", help="Candidates compared a record.")
    ] = 32,
    workers: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Processes that compare; one a processor."),
    ] = None,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
) -> None:
    """Mark or drop the records of a stream that were taken from what was seen before.

    JSON Lines in, JSON Lines out, in order, untouched but for a field "dedup". Without --drop-when
    or --drop every record is written, those derived from known ones with "kept": false. What is
    kept is added to the index, so the stream is checked against itself too. With --output FILE a
    run that was killed goes on where it was.

    **Examples**

    - `dedup filter seen/ < feed.jsonl > marked.jsonl`
    - `dedup filter seen/ --input feed.jsonl --output new.jsonl --drop-when 'narrative_percent>=80'`
    - `dedup filter seen/ --drop identical,near-duplicate --rejected copies.jsonl < feed.jsonl`
    """
    from dedup.filtering.processes import Processes

    expected = _size_of(source) if not Path(output).exists() else 0  # else it may be half done
    with Processes(workers, expected) as processes:  # they load what they need while we do
        from dedup.filtering.opening import open_filter
        from dedup.filtering.options import FilterOptions, Prefer, parse_duration
        from dedup.filtering.stream import FilterStream, StreamOptions
        from dedup.filtering.worker import seldom_collect

        rule = _rule(drop_when, drop)
        options = FilterOptions(
            drop=rule,
            prefer=Prefer(prefer) if prefer else None,
            within=parse_duration(within) if within else None,
            compared=compared,
        )
        read = read_options(max_size, None, id_field, text_field)
        stream_options = StreamOptions(
            input=source,
            output=output,
            rejected=rejected,
            annotate=rule is None,
            fields=read.fields,
            series=series,
            max_bytes=read.max_bytes,
            max_drop=max_drop,
        )
        seldom_collect()
        with open_filter(index, options, processes) as (library, state, deciding):
            stream = FilterStream(library, state, deciding, stream_options, complain)
            try:
                with _signals(stream):
                    stream.run()
            except BrokenPipeError:
                complain("nobody reads the output any more; what was decided is stored")
            finally:
                _say(stream)
                stream.close()
    # Of the whole run, so that one that was interrupted ends as if it had not been.
    raise typer.Exit(EXIT_ERROR if stream.progress.unreadable else EXIT_FINE)


def _size_of(source: str) -> int:
    """Return how large a file is; 0 for anything else."""
    path = Path(source)
    return path.stat().st_size if path.is_file() else 0


def _rule(drop_when: str | None, drop: str | None) -> DropRule | None:
    """Make the rule of what is left out."""
    from dedup.article import DedupError
    from dedup.filtering.expression import any_relation, either, parse_rule

    rules = [parse_rule(drop_when)] if drop_when is not None else []
    if drop is not None:
        relations = [name.strip() for name in drop.split(",")]
        for name in relations:
            if name not in set(Relation):
                raise DedupError(
                    f"--drop: {name!r} is no relation; there are {', '.join(Relation)}"
                )
        rules.append(any_relation(relations))
    return reduce(either, rules) if rules else None


@contextmanager
def _signals(stream: FilterStream) -> Iterator[None]:
    """Stop cleanly when asked to, at once when asked again; SIGUSR1 asks how far it is."""
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        if asked:
            raise typer.Exit(EXIT_ERROR)
        asked = True
        stream.stop()

    before = {
        number: signal.signal(number, handler)
        for number, handler in (
            (signal.SIGINT, stop),
            (signal.SIGTERM, stop),
            (signal.SIGUSR1, lambda *_: _say(stream)),
        )
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(stream: FilterStream) -> None:
    """Say what has become of the records, of the whole run if it was interrupted."""
    progress, counts = stream.progress, stream.counts
    marked = ' (written, with "kept": false)' if stream.annotates and progress.dropped else ""
    complain(
        f"{progress.read} read = {progress.kept} kept + {progress.unreadable} rejected + "
        f"{progress.dropped} dropped{marked}"
    )
    notes = [
        (stream.resumed_from, "of them read before, in this run"),
        (counts.again, "decided before, the same id with the same text"),
        (counts.keys_cut, "over-full bands and fingerprints were not followed"),
        (counts.not_compared, "candidates over --compare were not compared"),
    ]
    for number, what in notes:
        if number:
            complain(f"{number} {what}")
