"""``dedup bench``: measure quality, speed and robustness, on one's own articles."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from dedup.article import DedupError
from dedup.cli.options import (
    EXIT_ERROR,
    EncodingOption,
    IdFieldOption,
    ManyPaths,
    MaxSizeOption,
    Problems,
    TextFieldOption,
    complain,
    counted,
    progress,
    read_options,
)

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.bench.tables import Table
    from dedup.reading.inputs import ReadOptions

bench = typer.Typer(
    help="Measure how far the program can be trusted and what it costs, on your own articles.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


class BenchFormat(StrEnum):
    """How a result is written."""

    text = "text"
    json = "json"
    md = "md"


class Picture(StrEnum):
    """How a plot is written."""

    svg = "svg"
    png = "png"


DocsOption = Annotated[
    list[str],
    typer.Option(
        metavar="PATHS...", help="The articles: text files, .jsonl files, directories, or -."
    ),
]
BenchFormatOption = Annotated[
    BenchFormat,
    typer.Option("--format", help="text or md for a person, json for a program."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Also write the result to a file: .json, .md or .txt, else as --format says.",
    ),
]
PlotsOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Also draw plots there; needs the extra bench."),
]
PictureOption = Annotated[Picture, typer.Option(help="How plots are written.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of what is drawn at random.")]


@bench.command(cls=ManyPaths)
def quality(
    docs: DocsOption,
    gold: Annotated[
        str | None,
        typer.Option(
            metavar="GOLD.jsonl",
            help="Labelled pairs: a, b and derived or relation; set, direction, agency_a,"
            " agency_b, weight and confidence where known. Ids of text files may be relative to the"
            " path in --docs. Else gold.jsonl in the folder given as --docs.",
        ),
    ] = None,
    corpus: Annotated[
        bool,
        typer.Option(
            "--corpus",
            help="Judge each pair among all the articles of its set, and scan them. In --docs,"
            " folders or files are named after the sets: NAME/docs.jsonl, NAME or NAME.jsonl.",
        ),
    ] = False,
    cases: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --corpus: also judge the cases there, each a .json file with a, b, known"
            " and expect.",
        ),
    ] = None,
    output_format: BenchFormatOption = BenchFormat.text,
    output: OutputOption = None,
    plots: PlotsOption = None,
    picture: PictureOption = Picture.svg,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
) -> None:
    """Measure candidates and verdicts on labelled pairs, beside simple thresholds and LSH.

    Derived or not, relation, direction and agencies credited, whole and by set and language; and
    the pairs it gets wrong, with its reasons. With --corpus the pairs are judged among all the
    articles of their set: what an archive's user gets; labels of low confidence are left out, and
    pairs that were drawn at random count by their weight. The exit status is 0, or 2 on an error.

    **Examples**

    - `dedup bench quality --docs fixtures/archive --gold fixtures/archive/gold.jsonl`
    - `dedup bench quality --corpus --docs archives/ --cases cases/`
    - `dedup bench quality --docs a.jsonl b.jsonl --gold pairs.jsonl --format md`
    - `dedup bench quality --docs archive/ --gold pairs.jsonl --output result.json --plots plots/`
    """
    _check_plots(plots)
    gold = gold or _gold_in(docs)
    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field)
    if corpus:
        result, tables, draw = _corpus(docs, gold, cases, problems, options)
    elif cases:
        raise DedupError("--cases are judged with --corpus")
    else:
        result, tables, draw = _quality(docs, gold, problems, options)
    _write({**result, "unread": problems.to_list()}, tables, output_format, output)
    if plots:
        _say_written(draw(plots, picture.value))
    raise typer.Exit(problems.status())


@bench.command(cls=ManyPaths)
def speed(
    docs: DocsOption,
    most: Annotated[
        int, typer.Option("--articles", min=2, metavar="N", help="Take the first so many.")
    ] = 4000,
    rounds: Annotated[int, typer.Option(min=1, metavar="N", help="Rounds that are counted.")] = 3,
    output_format: BenchFormatOption = BenchFormat.text,
    output: OutputOption = None,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
) -> None:
    """Measure every stage and whole runs, beside datasketch, rensa and gaoya.

    All run in turns, round after round; medians and their ratios are reported, with the floors
    (copying, hashing, parsing the same bytes), peak memory and the machine. Tools that are not
    installed are left out. The exit status is 0, or 2 on an error.

    **Examples**

    - `dedup bench speed --docs archive/`
    - `dedup bench speed --docs news.jsonl --articles 20000 --rounds 5 --output speed.json`
    """
    from dedup.bench.speed import measure_speed, runs_to_come, speed_tables
    from dedup.reading.plain import STDIN

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field)
    if STDIN in docs:
        raise DedupError("the articles are read many times over; give files instead of -")
    with progress("measuring", runs_to_come(rounds)) as advance:
        result = measure_speed(
            docs, options, most=most, rounds=rounds, report=problems, advance=advance
        )
    result["command"] = recorded_command("speed", docs, articles=most, rounds=rounds)
    for message in result["skipped"]:
        complain(message)
    _write(result, speed_tables(result), output_format, output)
    raise typer.Exit(problems.status())


@bench.command(cls=ManyPaths)
def robustness(
    docs: DocsOption,
    seed: SeedOption = 1,
    most: Annotated[
        int, typer.Option("--articles", min=1, metavar="N", help="Attack at most so many.")
    ] = 40,
    output_format: BenchFormatOption = BenchFormat.text,
    output: OutputOption = None,
    plots: PlotsOption = None,
    picture: PictureOption = Picture.svg,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
) -> None:
    """Attack articles step by step, and see where verdict and candidate search break.

    Shuffled paragraphs, deleted sentences, changed words and spellings, homoglyphs, invisible
    characters, other quotation marks, scanning errors, page text, interleaved stories, foreign
    headlines. All the articles are searched; the exit status is 0, or 2 on an error.

    **Examples**

    - `dedup bench robustness --docs fixtures/wire`
    - `dedup bench robustness --docs wire.jsonl --articles 100 --seed 7 --format md`
    - `dedup bench robustness --docs wire/ --output robustness.json --plots plots/`
    """
    from dedup.bench.attacks import ATTACKS
    from dedup.bench.robustness import measure_robustness, robustness_tables

    _check_plots(plots)
    problems = Problems()
    articles = _read(docs, problems, read_options(max_size, encoding, id_field, text_field))
    with progress("attacking", sum(len(attack.strengths) for attack in ATTACKS)) as advance:
        result = measure_robustness(articles, seed=seed, most=most, advance=advance)
    result["command"] = recorded_command("robustness", docs, seed=seed, articles=most)
    result["unread"] = problems.to_list()
    _write(result, robustness_tables(result), output_format, output)
    if plots:
        from dedup.bench.plots import plot_robustness

        _say_written(plot_robustness(result, plots, picture.value))
    raise typer.Exit(problems.status())


def recorded_command(name: str, docs: Sequence[str], **options: object) -> str:
    """Return a command to write into a result; a machine's own folders become ``FOLDER``."""
    named = ("gold", "cases")
    paths = [*docs, *(v for k, v in options.items() if k in named and isinstance(v, str))]
    outside = [path for path in paths if Path(path).is_absolute() or path.startswith(os.pardir)]
    real = {path: os.path.realpath(path) for path in outside}
    common = os.path.commonpath([str(Path(path).parent) for path in real.values()]) if real else ""

    def shown(path: object) -> str:
        if path in real:
            return f"FOLDER/{os.path.relpath(real[str(path)], common)}"
        return shlex.quote(str(path))

    words = ["dedup bench", name, "--docs", *map(shown, docs)]
    for option, value in options.items():
        words += [f"--{option.replace('_', '-')}", shown(value)]
    return " ".join(words)


Measured = tuple["dict[str, Any]", "list[Table]", Callable[[Path, str], list[Path]]]
"""A result, its tables, and what draws its plots."""


def _quality(docs: list[str], gold: str, problems: Problems, options: ReadOptions) -> Measured:
    """Judge labelled pairs by themselves, and look for them among all articles."""
    from dedup.bench.gold import match_labels, places_of, read_labels
    from dedup.bench.plots import plot_quality
    from dedup.bench.quality import judge_pairs
    from dedup.bench.quality_tables import quality_tables
    from dedup.bench.summary import summarise

    labels = read_labels(gold, lambda message: _report(problems, message))
    articles = _read(docs, problems, options, places_of(gold, docs))
    pairs = match_labels(labels, articles, docs, gold, lambda message: _report(problems, message))
    if not pairs:
        _nothing_to_measure(gold)
    with progress("comparing", len(pairs)) as advance:
        judged = judge_pairs(pairs, articles, advance)
    result = {**summarise(judged), "command": recorded_command("quality", docs, gold=gold)}
    return result, quality_tables(result), partial(plot_quality, judged)


def _corpus(
    docs: list[str], gold: str, cases: Path | None, problems: Problems, options: ReadOptions
) -> Measured:
    """Judge labelled pairs among all the articles of their set, and invented cases."""
    from dedup.bench.cases import judge_cases, read_cases
    from dedup.bench.corpus import read_collections, summarise_corpus, targets
    from dedup.bench.corpus_tables import corpus_tables
    from dedup.bench.gold import places_of, read_labels
    from dedup.bench.inside import judge_inside
    from dedup.bench.plots import plot_reliability

    def report(message: str) -> None:
        _report(problems, message)

    def read(paths: Sequence[str]) -> list[Article]:
        return _read(paths, problems, options, places_of(gold, paths))

    invented = read_cases(cases, report) if cases else []
    labels = read_labels(gold, report)
    collections = list(read_collections(docs, gold, targets(labels), read, report))
    if not collections:
        _nothing_to_measure(gold)
    judgements = {}
    for collection in collections:
        with progress(f"judging {collection.name}", len(collection.pairs)) as advance:
            judgements[collection.name] = judge_inside(collection.articles, collection.ids, advance)
    result = {
        **summarise_corpus(collections, judgements),
        "low_confidence_left_out": len(labels) - len(targets(labels)),
        "cases": judge_cases(invented) if invented else None,
        "command": recorded_command(
            "quality --corpus", docs, gold=gold, **({"cases": str(cases)} if cases else {})
        ),
    }
    return result, corpus_tables(result), partial(plot_reliability, result)


def _gold_in(docs: Sequence[str]) -> str:
    """Return the labelled pairs that lie in the folder of the articles."""
    found = [
        str(path) for path in (Path(folder) / "gold.jsonl" for folder in docs) if path.exists()
    ]
    if len(found) != 1:
        raise DedupError("--gold is needed: no single folder of --docs holds a gold.jsonl")
    return found[0]


def _nothing_to_measure(gold: str) -> NoReturn:
    complain(f"{gold}: no labelled pair whose articles were read; nothing can be measured")
    raise typer.Exit(EXIT_ERROR)


def _read(
    docs: Sequence[str],
    problems: Problems,
    options: ReadOptions,
    left_out: frozenset[str] = frozenset(),
) -> list[Article]:
    from dataclasses import replace

    from dedup.reading.inputs import read_articles

    options = replace(options, left_out=options.left_out | left_out)
    with progress("reading articles") as advance:
        articles = list(counted(read_articles(docs, problems, options), advance))
    if not articles:
        complain("no articles were found")
        raise typer.Exit(EXIT_ERROR)
    return articles


def _report(problems: Problems, message: str) -> None:
    from dedup.reading.inputs import Problem

    problems(Problem(message))


def _write(
    result: dict[str, Any], tables: Sequence[Table], chosen: BenchFormat, output: Path | None
) -> None:
    """Print a result, and write it to a file if asked."""
    from dedup.bench.tables import as_markdown, as_text
    from dedup.reporting.json import to_json

    def written(form: BenchFormat) -> str:
        if form is BenchFormat.json:
            return to_json(result, indent=1)
        return as_markdown(tables) if form is BenchFormat.md else as_text(tables)

    typer.echo(written(chosen))
    if output:
        suffixes = {".json": BenchFormat.json, ".md": BenchFormat.md, ".txt": BenchFormat.text}
        form = suffixes.get(output.suffix.lower(), chosen)
        try:
            output.write_text(written(form) + "\n", "utf-8")
        except OSError as error:
            raise DedupError(f"{output}: cannot be written ({error.strerror})") from None


def _check_plots(plots: Path | None) -> None:
    """Refuse plots that could not be drawn before anything is measured."""
    if plots:
        from dedup.bench.plots import check_possible

        check_possible(plots)


def _say_written(paths: Sequence[Path]) -> None:
    for path in paths:
        complain(f"{path} written")
