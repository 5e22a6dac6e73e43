"""Candidate pairs: signatures joined with themselves, by the rules of the index."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from dedup.index.nets import Nets
from dedup.integrations.spark.keys import (
    KEYS_SCHEMA,
    Layout,
    meet,
    send_held,
    send_keys,
)
from dedup.integrations.spark.marks import mark, marked, parameters_of
from dedup.integrations.spark.messages import MESSAGES_SCHEMA
from dedup.integrations.spark.rows import PAIRS_SCHEMA, count_pairs
from dedup.integrations.spark.session import partitions_for


def candidates(
    signatures: DataFrame, nets: Nets | None = None, *, partitions: int | None = None
) -> DataFrame:
    """Bring articles together, as `dedup.index.protocol.Index.pairs` does.

    Texts of the same words are collapsed: each further row is paired with the first, which alone
    meets others. What a key brings together is bounded by the nets' cap, judged by the whole
    archive, and the candidates of a row by their limit, so no key makes more work than that; all
    holders of one key stand in the memory of one task, though, at some 30 bytes each.

    Parameters
    ----------
    signatures
        As `dedup.integrations.spark.signatures` makes them.
    nets
        What brings articles together; the defaults are those of a `Detector`.
    partitions
        Tasks of a stage, ``spark.sql.shuffle.partitions`` unless given: best some 50,000 articles
        each. The pairs do not depend on it.

    Returns
    -------
    DataFrame
        ``earlier`` and ``later`` (rows), ``bands`` and ``fingerprints`` in common, and
        ``identical``, for texts of the same words.

    Raises
    ------
    DedupError
        If these are no signatures, or the bands do not fit into them.
    """
    return pairs_of(joined(signatures, nets, partitions))


def cuts(
    signatures: DataFrame, nets: Nets | None = None, *, partitions: int | None = None
) -> DataFrame:
    """Return which rows caps or limit cut something from; parameters as for `candidates`.

    Returns
    -------
    DataFrame
        ``row``, ``keys_cut`` (over-full bands and fingerprints it has) and ``candidates_cut``
        (candidates over the limit).
    """
    return cuts_of(joined(signatures, nets, partitions))


def pairs_of(found: DataFrame) -> DataFrame:
    """Return the candidate pairs of what `joined` found."""
    return found.where("earlier is not null").drop("keys_cut", "candidates_cut")


def cuts_of(found: DataFrame) -> DataFrame:
    """Return what was cut of what `joined` found."""
    cut = found.where("earlier is null")
    return cut.select(F.col("later").alias("row"), "keys_cut", "candidates_cut")


def joined(signatures: DataFrame, nets: Nets | None, partitions: int | None) -> DataFrame:
    """Return the candidate pairs, and with them a row for each from which something was cut."""
    facts = marked(signatures, "signature", "signatures")
    nets = nets or Nets()
    nets.check_fits(parameters_of(facts).num_perm)
    partitions = partitions_for(signatures, partitions)
    layout = Layout.of(nets, partitions)
    copies = _copies(signatures)
    firsts = signatures.join(copies.select("row"), "row", "left_anti")
    held = (F.octet_length("fingerprints") / 4).cast("int").alias("held")
    messages = (
        firsts.select("row", "signature", "fingerprints")
        .mapInArrow(partial(send_keys, layout), KEYS_SCHEMA)
        .repartition(partitions, "bucket")
        .sortWithinPartitions("bucket")
        .mapInArrow(partial(meet, layout), MESSAGES_SCHEMA)
        .unionByName(
            firsts.select("row", held).mapInArrow(partial(send_held, layout), MESSAGES_SCHEMA)
        )
    )
    found = (
        messages.repartition(partitions, "place")
        .sortWithinPartitions("place")
        .mapInArrow(partial(count_pairs, layout), PAIRS_SCHEMA)
        .unionByName(_linked(copies, nets))
    )
    facts = {**facts, "stage": "candidates", "nets": asdict(nets)}
    return mark(found, "bands", facts)


def _copies(signatures: DataFrame) -> DataFrame:
    """Return every further row of a text, with the first row and what the text has of keys."""
    known = signatures.where("words > 0").select(
        "row",
        "text_hash",
        "banded",
        (F.octet_length("fingerprints") / 4).cast("int").alias("held"),
    )
    first = F.min("row").over(Window.partitionBy("text_hash")).alias("first")
    return known.select("row", "banded", "held", first).where("row != first")


def _linked(copies: DataFrame, nets: Nets) -> DataFrame:
    """Pair every further row of a text with the first; all they have, they have in common."""
    bands = F.when(F.col("banded"), nets.bands if nets.uses_bands else 0).otherwise(0)
    fingerprints = F.col("held") if nets.uses_fingerprints else F.lit(0)
    return copies.select(
        F.col("first").alias("earlier"),
        F.col("row").alias("later"),
        bands.alias("bands"),
        fingerprints.alias("fingerprints"),
        F.lit(True).alias("identical"),
        F.lit(0).alias("keys_cut"),
        F.lit(0).alias("candidates_cut"),
    )
