"""Signatures: every article sketched and given its row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from dedup.article import DedupError
from dedup.dates import order as date_order
from dedup.index.bands import without_shingles
from dedup.integrations.spark.binary import binaries, buffer_of
from dedup.integrations.spark.columns import articles, check_articles, dated
from dedup.integrations.spark.marks import mark
from dedup.integrations.spark.session import partitions_for
from dedup.sketch.choice import Spending
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters
from dedup.sketch.sketches import Sketches, sketch

MOST_ROWS = 2**32
"""Rows are unsigned 32-bit numbers: four bytes each in every shuffle."""

_SAMPLED = 64
"""Articles sampled for each range of the order."""

_SKETCH = (
    "id string, published string, words int, text_hash long, banded boolean, "
    "signature binary, fingerprints binary"
)


def signatures(
    table: DataFrame,
    parameters: SketchParameters = DEFAULT_PARAMETERS,
    *,
    ranges: int | None = None,
    check: bool = True,
) -> DataFrame:
    """Sketch articles and number them.

    Where articles have no ``row``, ids and times of publication are read twice at once, to number
    them in the order of publication; the numbers do not depend on how the articles are partitioned.

    Parameters
    ----------
    table
        Articles, as `dedup.integrations.spark.columns.articles` takes them.
    parameters
        How to sketch; they travel with the table, in Parquet too.
    ranges
        Into how many ranges the order is cut to be sorted; ``spark.sql.shuffle.partitions`` unless
        given.
    check
        Whether to make sure at once that ids and rows are different, which is a shuffle of them.

    Returns
    -------
    DataFrame
        ``row``, ``id``, ``published``; ``words``, ``text_hash``, ``banded`` (whether it has a
        shingle), ``signature`` (uint32[num_perm], little-endian) and ``fingerprints`` (uint32[m]).

    Raises
    ------
    DedupError
        If a column is missing or of a wrong type, or ids are not different.
    """
    known = articles(table)
    if check:
        check_articles(table)
    if "row" in known.columns:
        chosen = known.select("row", "id", "published", "text")
        made = chosen.mapInArrow(partial(_sketch_batches, parameters), f"row long, {_SKETCH}")
    else:
        order = _order(known, partitions_for(table, ranges))
        made = known.select("id", "published", "text").mapInArrow(
            partial(_sketch_and_place, parameters, order), f"start long, {_SKETCH}"
        )
        within = Window.partitionBy("start").orderBy(dated(), "id")
        row = (F.col("start") + F.row_number().over(within) - 1).alias("row")
        made = made.select(row, *made.columns[1:])
    return mark(made, "signature", {"stage": "signatures", "parameters": parameters.to_dict()})


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of publication, cut into ranges: where each begins, and its first row."""

    bounds: list[tuple[str, str]]
    starts: list[int]

    def range_of(self, published: str, article_id: str) -> int:
        return bisect_right(self.bounds, (published, article_id))


def _order(known: DataFrame, ranges: int) -> _Order:
    """Cut the order of publication into ranges by a sample, and count the articles in each."""
    keys = known.select(dated().alias("dated"), "id")
    sample = keys.orderBy(F.xxhash64("id"), "id").limit(ranges * _SAMPLED).collect()
    bounds = sorted((row["dated"], row["id"]) for row in sample)[_SAMPLED::_SAMPLED]
    order = _Order(bounds, [])
    found = keys.mapInArrow(partial(_ranges, order), "range int").groupBy("range").count()
    counts = np.zeros(len(bounds) + 1, np.int64)
    for row in found.collect():
        counts[row["range"]] = row["count"]
    return _Order(bounds, [0, *np.cumsum(counts)[:-1].tolist()])


def _ranges(order: _Order, batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        keys = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ranges = pa.array([order.range_of(*key) for key in keys], pa.int32())
        yield pa.RecordBatch.from_arrays([ranges], ["range"])


def _sketch_and_place(
    parameters: SketchParameters, order: _Order, batches: Iterator[Any]
) -> Iterator[Any]:
    """Sketch articles that have no row yet; say with which row their range begins."""
    spending = Spending()
    for batch in batches:
        ids, published = (batch.column(name).to_pylist() for name in ("id", "published"))
        starts = [
            order.starts[order.range_of(date_order(time), article_id)]
            for article_id, time in zip(ids, published, strict=True)
        ]
        yield _sketched(batch, pa.array(starts, pa.int64()), "start", parameters, spending)


def _sketch_batches(parameters: SketchParameters, batches: Iterator[Any]) -> Iterator[Any]:
    spending = Spending()
    for batch in batches:
        for row in batch.column("row").to_pylist():
            if row is None or not 0 <= row < MOST_ROWS:
                raise DedupError(f"row {row} is not between 0 and 2^32 - 1; number the rows from 0")
        yield _sketched(batch, batch.column("row"), "row", parameters, spending)


def _sketched(
    batch: Any,  # noqa: ANN401 - pyarrow declares no types
    numbers: Any,  # noqa: ANN401
    name: str,
    parameters: SketchParameters,
    spending: Spending,
) -> Any:  # noqa: ANN401
    made = sketch_column(batch.column("text"), parameters, spending)
    width = 4 * parameters.num_perm
    columns = {
        name: numbers,
        "id": batch.column("id"),
        "published": batch.column("published"),
        "words": pa.array(made.word_counts),
        "text_hash": pa.array(made.text_hashes.view(np.int64)),
        "banded": pa.array(~without_shingles(made.signatures)),
        "signature": binaries(made.signatures, np.arange(len(made) + 1) * width),
        "fingerprints": binaries(made.fingerprints, made.fingerprint_offsets * 4),
    }
    return pa.RecordBatch.from_pydict(columns)


def sketch_column(texts: Any, parameters: SketchParameters, spending: Spending) -> Sketches:  # noqa: ANN401
    """Sketch a string column of Arrow, by the kernel where it pays: without a string a text."""
    buffer, offsets = buffer_of(texts.cast(pa.large_string()))
    if spending.kernel_pays(int(offsets[-1] - offsets[0])):
        with suppress(ImportError):
            from dedup.sketch.batches import sketch_utf8

            return sketch_utf8(buffer, offsets, parameters, threads=1)
    return sketch(texts.to_pylist(), parameters, threads=1, path="numpy")
