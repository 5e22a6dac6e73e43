"""``dedup sketch``: signatures and fingerprints of articles, as a file."""

from __future__ import annotations

from typing import Annotated

import typer

from dedup.cli.options import (
    EXIT_ERROR,
    EncodingOption,
    FieldOption,
    IdFieldOption,
    InputFormatOption,
    MaxSizeOption,
    Problems,
    TextFieldOption,
    complain,
    progress,
    read_options,
)


def sketch(
    files: Annotated[
        list[str], typer.Argument(help="Text files, .jsonl files, directories, or -.")
    ],
    output: Annotated[str, typer.Option(metavar="SKETCHES", help="File to write: .npz or .jsonl.")],
    k: Annotated[int, typer.Option("--k", min=1, help="Words of a shingle.")] = 5,
    num_perm: Annotated[int, typer.Option(min=1, help="Values of a signature.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the permutations.")] = 1,
    id_field: IdFieldOption = "id",
    text_field: TextFieldOption = "text",
    max_size: MaxSizeOption = 64.0,
    encoding: EncodingOption = None,
    field: FieldOption = None,
    input_format: InputFormatOption = None,
) -> None:
    """Write the MinHash signatures of articles to a file, with the parameters they were made by.

    The signatures are those datasketch makes of the same shingles; `dedup.sketch.files.load` and
    plain NumPy read them back. The exit status is 0, or 2 on an error.

    **Examples**

    - `dedup sketch archive/ --output archive.npz`
    - `dedup sketch news.jsonl --output news.jsonl.sketches.jsonl --num-perm 256`
    """
    from dedup.reading.inputs import read_articles
    from dedup.sketch.files import save
    from dedup.sketch.parameters import SketchParameters
    from dedup.sketch.sketches import sketch as sketch_texts

    problems = Problems()
    options = read_options(max_size, encoding, id_field, text_field, field or (), input_format)
    parameters = SketchParameters(k=k, num_perm=num_perm, seed=seed)
    ids, texts = [], []
    with progress("reading articles") as advance:
        for article in read_articles(files, problems, options):
            ids.append(article.id)
            texts.append(article.text)
            advance()
    if not ids and not problems.errors:
        complain("no articles were found")
        raise typer.Exit(EXIT_ERROR)
    save(output, ids, sketch_texts(texts, parameters), parameters)
    complain(f"{len(ids)} articles sketched to {output}")
    raise typer.Exit(problems.status())
