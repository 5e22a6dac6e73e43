"""What a stage was made with, kept in the metadata of one of its columns.

Spark carries the metadata of a column along, and Parquet files keep it; so parameters travel with
stored signatures, and a stage that is read back says what it is.
"""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import DataFrame

from dedup.article import DedupError
from dedup.sketch.parameters import SketchParameters, check_parameters, check_words

_KEY = "dedup"


def mark(stage: DataFrame, column: str, facts: dict[str, Any]) -> DataFrame:
    """Note on a column what the stage was made with."""
    return stage.withMetadata(column, {_KEY: json.dumps(facts, sort_keys=True)})


def marked(stage: DataFrame, column: str, name: str) -> dict[str, Any]:
    """Return what was noted on a column.

    Raises
    ------
    DedupError
        If the stage has no such column, or nothing is noted there: it is another kind of table, or
        went through a format that keeps no metadata.
    """
    if column in stage.columns and _KEY in stage.schema[column].metadata:
        facts: dict[str, Any] = json.loads(stage.schema[column].metadata[_KEY])
        if facts.get("stage") == name:
            return facts
    raise DedupError(
        f"this is no table of {name}, or one that lost its parameters; make the {name} again, "
        "and store them as Parquet"
    )


def parameters_of(facts: dict[str, Any], where: str = "this table") -> SketchParameters:
    """Return the parameters among the facts of the table at ``where``.

    Raises
    ------
    ParameterMismatch
        If they are of another version.
    """
    parameters = SketchParameters.from_dict(facts["parameters"])
    check_words(parameters, where, "remove it and make it again from the articles")
    return parameters


def check_marks(found: dict[str, Any], expected: dict[str, Any], where: str) -> None:
    """Refuse a stored stage that was made otherwise than it is asked for now.

    Raises
    ------
    ParameterMismatch
        If its sketch parameters are other ones.
    DedupError
        If its nets, its articles, its verdict rules or what it holds are other ones.
    """
    check_parameters(parameters_of(found, where), parameters_of(expected), where)
    for fact, wanted in expected.items():
        if found.get(fact) != wanted:
            raise DedupError(
                f"{where} was made with other {_NAMES.get(fact, fact)} ({found.get(fact)}, not "
                f"{wanted}); remove it to have it made again, or choose another store"
            )


_NAMES = {"rules": "verdict rules", "everything": "pairs asked for: everything"}
