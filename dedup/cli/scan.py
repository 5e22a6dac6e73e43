"""``dedup scan``: pairs and clusters within a corpus."""

from __future__ import annotations

from typing import Annotated

import typer

from dedup.cli.options import (
    EXIT_ERROR,
    EncodingOption,
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


def scan(
    paths: Annotated[
        list[str], typer.Argument(help="Text files, .jsonl files, directories, or -.")
    ],
    output: PairsFormatOption = PairsFormat.text,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also give pairs found not derived; without it, pairs that share nothing but"
            " standing text are not compared.",
        ),
    ] = False,
    relation: RelationOption = None,
    most: Annotated[
        int, typer.Option("--clusters", min=0, metavar="N", help="Show so many clusters as text.")
    ] = 20,
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
    """Find every derived pair within a corpus, and the clusters they make.

    A cluster is an article and those derived with it, the earliest published first; its likely
    source is named. The exit status is 0, or 2 on an error.

    **Examples**

    - `dedup scan archive/`
    - `dedup scan 2024.jsonl 2025.jsonl --format jsonl > pairs.jsonl`
    - `dedup scan archive/ --format csv > pairs.csv`
    - `dedup scan archive/ --relation identical --relation near-duplicate`
    """
    from dedup.cli.check import say_what_was_cut, say_what_was_standing
    from dedup.detector import Detector
    from dedup.reading.inputs import read_articles
    from dedup.reporting.json import result_json, to_json

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field, field or (), input_format)
    detector = Detector(nets=planned_nets(recall, similarity))
    with progress("reading articles") as advance:
        detector.add(counted(read_articles(paths, problems, options), advance))
    if not len(detector):
        complain("no articles were found")
        raise typer.Exit(EXIT_ERROR)
    wanted = set(relation or ())
    matches = []
    with progress("comparing", None) as advance:
        for match in detector.scan(everything=everything or bool(wanted)):
            advance()
            if not wanted or Relation(match.relation) in wanted:
                matches.append(match)
                if output is PairsFormat.jsonl:
                    typer.echo(to_json(match.to_dict()))
    say_what_was_cut(detector)
    say_what_was_standing(detector)
    clusters = detector.clusters(matches)
    if html:
        from dedup.reporting.html import render_corpus_page

        articles = {a.id: a for a in detector.library.articles(detector.library.rows())}
        write_page(html, render_corpus_page(matches, clusters, articles, "Scan"))
    if output is PairsFormat.json:
        result = result_json(
            matches, clusters, problems.to_list(), standing_only=detector.standing_only
        )
        typer.echo(to_json(result, indent=2))
    elif output is PairsFormat.csv:
        from dedup.reporting.csv_pairs import render_pairs

        typer.echo(render_pairs(matches), nl=False)
    elif output is PairsFormat.text:
        from dedup.cli.paint import output_width
        from dedup.reporting.summary import render_scan

        typer.echo(render_scan(len(detector), matches, clusters, most=most, width=output_width()))
    raise typer.Exit(problems.status())
