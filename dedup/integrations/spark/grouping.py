"""Clusters of matches: each article beside the earliest one it is derived with.

The rule of `dedup.scoring.clusters` goes through the articles in order and cannot be cut up, but
all it needs is which pairs are derived: two row numbers each. These alone go to the driver; the
evidence stays where it is.
"""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from dedup.integrations.spark.columns import dated
from dedup.integrations.spark.marks import marked

_AT_ONCE = 1 << 20
"""Edges turned into Python integers at a time."""

Numbers = npt.NDArray[np.int64]


def clusters(matches: DataFrame) -> DataFrame:
    """Return the clusters that `Detector.clusters` makes of the same matches, the largest first.

    The driver takes some 60 bytes for each derived pair, and 40 for each article in one: 10 GB for
    a hundred million pairs.

    Parameters
    ----------
    matches
        Those of the whole archive.

    Returns
    -------
    DataFrame
        ``representative``, ``source``, ``members`` and ``edges`` as `Cluster.to_dict` has them, and
        ``size``.

    Raises
    ------
    DedupError
        If these are no matches.
    """
    marked(matches, "match", "matches")
    derived = matches.where("derived")
    joined = _assigned(derived)
    joining = (F.col("row_a") == F.col("lead")) & (F.col("row_b") == F.col("row"))
    edge = F.struct("a", "b", "relation", "score", "direction").alias("edge")
    found = (
        derived.join(joined, joining)
        .select("lead", "lead_step", "step", edge)
        .groupBy("lead", "lead_step")
        .agg(F.sort_array(F.collect_list(F.struct("step", "edge"))).alias("joined"))
        .join(_likely_sources(derived, joined), "lead", "left")
    )
    named = F.col("joined")[0]["edge"]["a"]
    return found.orderBy(F.size("joined").desc(), "lead_step").select(
        named.alias("representative"),
        F.coalesce("likely", named).alias("source"),
        F.concat(F.array(named), F.transform("joined", _member)).alias("members"),
        F.transform("joined", _edge).alias("edges"),
        (F.size("joined") + 1).alias("size"),
    )


def representatives(earlier: Numbers, later: Numbers, count: int) -> Numbers:
    """Return the representative of each of ``count`` articles in order, int64[count].

    Parameters
    ----------
    earlier, later
        The derived pairs, int64[m]: places of articles in the order, ``earlier < later``.
    count
        How many articles there are; one that joins no other is its own representative.
    """
    order = np.lexsort((earlier, later))
    lead = array("q", range(count))
    for start in range(0, len(order), _AT_ONCE):
        part = order[start : start + _AT_ONCE]
        for first, second in zip(earlier[part].tolist(), later[part].tolist(), strict=True):
            if lead[second] == second and lead[first] == first:
                lead[second] = first
    return np.frombuffer(lead, np.int64) if count else np.empty(0, np.int64)


def _assigned(derived: DataFrame) -> DataFrame:
    """Return which article each one joins: ``row`` and ``lead``, and their places in the order."""
    sides = [
        derived.select(
            F.col(f"row_{side}").alias("row"),
            F.col(side).alias("id"),
            dated(f"published_{side}").alias("dated"),
        )
        for side in "ab"
    ]
    articles = sides[0].unionByName(sides[1]).distinct().orderBy("dated", "id").select("row")
    rows = articles.toArrow().column("row").to_numpy()
    sorter = np.argsort(rows)
    pairs = derived.select("row_a", "row_b").toArrow()
    earlier, later = (
        sorter[np.searchsorted(rows, pairs.column(side).to_numpy(), sorter=sorter)]
        for side in ("row_a", "row_b")
    )
    lead = representatives(earlier, later, len(rows))
    steps = np.flatnonzero(np.bincount(lead, minlength=len(rows))[lead] > 1)
    columns = {"row": rows[steps], "step": steps}
    columns |= {"lead": rows[lead[steps]], "lead_step": lead[steps]}
    return derived.sparkSession.createDataFrame(pa.table(columns))


def _likely_sources(derived: DataFrame, joined: DataFrame) -> DataFrame:
    """Return the member that most matches in its cluster point away from: ``lead``, ``likely``.

    Of several, the representative; else the one that a scan comes to first.
    """
    scanned = F.struct(
        ~F.col("identical"), "later", -F.col("bands") - F.col("fingerprints"), "earlier"
    )
    first = joined.select(F.col("row").alias("row_a"), "lead")
    second = joined.select(F.col("row").alias("row_b"), F.col("lead").alias("lead_b"))
    votes = (
        derived.where(F.col("direction").isin("a->b", "b->a"))
        .join(first, "row_a")
        .join(second, "row_b")
        .where("lead = lead_b")
        .withColumn("away", F.col("direction") == "a->b")
    )
    votes = votes.groupBy(
        "lead",
        F.when(F.col("away"), F.col("row_a")).otherwise(F.col("row_b")).alias("row"),
        F.when(F.col("away"), F.col("a")).otherwise(F.col("b")).alias("id"),
    ).agg(F.count("*").alias("votes"), F.min(scanned).alias("first"))
    best = F.struct(-F.col("votes"), F.col("row") != F.col("lead"), F.col("first"))
    return votes.groupBy("lead").agg(F.min_by("id", best).alias("likely"))


def _member(one: Column) -> Column:
    return one["edge"]["b"]


def _edge(one: Column) -> Column:
    return one["edge"]
