"""Matches: candidate pairs compared word by word, where their texts are brought together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from dedup.article import Article
from dedup.index.library import Holding
from dedup.index.nets import Nets
from dedup.index.standing import Standing
from dedup.integrations.spark.columns import OPTIONAL, articles, dated
from dedup.integrations.spark.holders import BLOCK, earliest_holders
from dedup.integrations.spark.marks import mark, marked, parameters_of
from dedup.integrations.spark.session import partitions_for
from dedup.integrations.spark.weighing import Answers, Archive, Weigher, held_by, needed, not_there
from dedup.reporting.json import to_json
from dedup.scoring.clusters import publication_order
from dedup.scoring.match import FoundBy, Match
from dedup.scoring.relation import rules
from dedup.scoring.verifying import Verifier
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import sketch

_AT_ONCE = 1024
"""Matches in a batch."""

_SCHEMA = (
    "a string, b string, relation string, derived boolean, score double, direction string, "
    "update boolean, headline string, credited_a boolean, credited_b boolean, "
    "percent_a double, percent_b double, narrative_percent_a double, narrative_percent_b double, "
    "extent_a string, extent_b string, longest_span_words int, "
    "jaccard double, containment_a double, containment_b double, "
    "bands int, fingerprints int, jaccard_estimate double, "
    "published_a string, published_b string, row_a long, row_b long, "
    "earlier long, later long, identical boolean, match string"
)
_ARROW = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "double": pa.float64(),
    "int": pa.int32(),
    "long": pa.int64(),
}
_TEXT, _NEEDED, _PAIRED = range(3)
_PAIR = ("earlier", "later", "bands", "fingerprints", "identical", "first", "second")
_FIELDS = [field.split(" ") for field in _SCHEMA.split(", ")]
_ROWS = pa.schema([(name, _ARROW[kind]) for name, kind in _FIELDS])


def matches(
    table: DataFrame,
    signatures: DataFrame,
    candidates: DataFrame,
    *,
    everything: bool = False,
    partitions: int | None = None,
) -> DataFrame:
    """Compare candidates word by word, as `Detector.scan` does.

    Only texts of candidates are moved, each once for some thousand rows that it may have been the
    source of, and for each pair the fingerprints of no more than `dedup.index.standing.MOST`
    others that hold some of what it shares; nothing passes through the driver.

    Parameters
    ----------
    table
        The articles.
    signatures, candidates
        Those of the articles.
    everything
        Also give pairs that were compared and found not derived.
    partitions
        Tasks of the stage, ``spark.sql.shuffle.partitions`` unless given.

    Returns
    -------
    DataFrame
        The main fields of each match under their names in the schema ``dedup.match/1``, which
        ``match`` holds whole as JSON; ``published_a``, ``published_b``; and where it comes from:
        ``row_a`` and ``row_b``, the candidates ``earlier`` and ``later``, and ``identical``. A is
        the article published first.

    Raises
    ------
    DedupError
        If a column of the articles is missing, or these are no signatures or candidates; and, when
        it runs, if the candidates are of other articles.
    """
    marked(signatures, "signature", "signatures")
    facts = marked(candidates, "bands", "candidates")
    parameters = parameters_of(facts)
    partitions = partitions_for(table, partitions)
    names = signatures.select("row", "id", "published")
    pairs = _between_earliest(candidates, names)
    compared = pairs.select("block", F.explode(F.array("first", "second")).alias("row")).distinct()
    known = articles(table).select("id", "text", *OPTIONAL)
    archive = Archive.of(known, parameters)
    texts = compared.join(names.select("row", "id"), "row").join(known, "id")
    # Where the nets use no fingerprints, the index does not know who holds them.
    held = Nets(**facts["nets"]).uses_fingerprints
    answers = earliest_holders(signatures, pairs, partitions) if held else None
    others = needed(pairs, answers, signatures, known, archive, partitions)
    found = (
        texts.withColumn("kind", F.lit(_TEXT))
        .unionByName(others.withColumn("kind", F.lit(_NEEDED)), allowMissingColumns=True)
        .unionByName(pairs.withColumn("kind", F.lit(_PAIRED)), allowMissingColumns=True)
        .repartition(partitions, "block")
        .sortWithinPartitions("block")
        .mapInArrow(partial(_compare, archive, everything), _SCHEMA)
    )
    noted = {**facts, "stage": "matches", "rules": rules().version, "everything": everything}
    return mark(found, "match", noted)


def _between_earliest(candidates: DataFrame, names: DataFrame) -> DataFrame:
    """Return the pairs to compare: of texts with the same words, the one published first."""
    pairs = candidates.select("earlier", "later", "bands", "fingerprints", "identical")
    copies = pairs.where("identical").select(F.col("earlier").alias("first"), "later")
    group = copies.select("first", F.explode(F.array("first", "later")).alias("row")).distinct()
    order = F.struct(dated(), F.col("id"))
    earliest = (
        group.join(names, "row").groupBy("first").agg(F.min_by("row", order).alias("earliest"))
    )
    for side in ("earlier", "later"):
        of_side = earliest.select(
            F.col("first").alias(side), F.col("earliest").alias(f"{side}_known")
        )
        pairs = pairs.join(of_side, side, "left")
    first = F.coalesce("earlier_known", "earlier")
    second = F.coalesce("later_known", "later")
    turned = F.col("identical") & (F.col("later") == first)  # the first row is the one named then
    return pairs.select(
        "earlier",
        "later",
        "bands",
        "fingerprints",
        "identical",
        first.alias("first"),
        F.when(turned, F.col("earlier")).otherwise(second).alias("second"),
        F.floor(F.col("later") / BLOCK).alias("block"),
    )


def _compare(archive: Archive, everything: bool, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the matches of blocks."""
    verifier, weigher = Verifier(archive.parameters.k), Weigher(archive)
    found: list[dict[str, Any]] = []
    for block in _blocks(batches):
        verifier.expect(len(block.pairs))
        sketches = block.sketches(archive.parameters)
        for pair, standing in zip(block.pairs, block.weighed(weigher, sketches), strict=True):
            if standing.is_all and not everything:
                continue
            (a, row_a), (b, row_b) = block.sides(pair)
            estimate = float((sketches[row_a].signature == sketches[row_b].signature).mean())
            found_by = FoundBy(pair["bands"], pair["fingerprints"], estimate)
            match = verifier.verify(a, b, found_by, standing, derived_only=not everything)
            if match is not None and (everything or match.derived):
                rows = {"row_a": row_a, "row_b": row_b}
                dates = {"published_a": a.published, "published_b": b.published}
                found.append({**pair, **rows, **dates, **_fields(match)})
            if len(found) == _AT_ONCE:
                yield pa.RecordBatch.from_pylist(found, _ROWS)
                found = []
    yield pa.RecordBatch.from_pylist(found, _ROWS)


class _Sketch(NamedTuple):
    """What comparing needs of a sketch: ``signature`` uint32[num_perm], ``fingerprints``."""

    signature: npt.NDArray[np.uint32]
    fingerprints: npt.NDArray[np.uint32]


@dataclass(slots=True)
class _Block:
    """Pairs to compare, the articles of their rows, and what weighing them needs besides."""

    pairs: list[dict[str, Any]]
    articles: dict[int, Article]
    others: dict[int, Holding]
    answers: Answers

    @classmethod
    def of_records(cls, records: Iterable[dict[str, Any]]) -> _Block:
        """Gather what came to a block, in any order."""
        pairs, articles, others, answers = [], {}, {}, []
        for record in records:
            if record["kind"] == _PAIRED:
                pairs.append({name: record[name] for name in _PAIR})
            elif record["kind"] == _TEXT:
                known = {name: record[name] for name in ("id", "text", *OPTIONAL)}
                articles[record["row"]] = Article(**known)
            elif record["row"] < 0:
                answers.append(record)
            else:
                others[record["row"]] = held_by(record)
        return cls(pairs, articles, others, Answers.of_records(answers))

    def sketches(self, parameters: SketchParameters) -> dict[int, _Sketch]:
        """Return the sketch of each text: made again, which costs less than moving it."""
        made = sketch([article.text for article in self.articles.values()], parameters, threads=1)
        return {
            row: _Sketch(made.signatures[number], made.fingerprints_of(number))
            for number, row in enumerate(self.articles)
        }

    def weighed(self, weigher: Weigher, sketches: Mapping[int, _Sketch]) -> Iterator[Standing]:
        """Return what is known of what each pair shares."""
        own = {row: (self.articles[row], made.fingerprints) for row, made in sketches.items()}
        return weigher.weigh(self.pairs, own | self.others, self.answers)[0]

    def sides(self, pair: dict[str, Any]) -> list[tuple[Article, int]]:
        """Return the articles of a pair and their rows, the one published first before the other.

        Raises
        ------
        DedupError
            If one of them is not there.
        """
        rows = pair["first"], pair["second"]
        for row in rows:
            if row not in self.articles:
                raise not_there(row)
        sides = [(self.articles[row], row) for row in rows]
        return sorted(sides, key=lambda side: publication_order(side[0]))


def _blocks(batches: Iterable[Any]) -> Iterator[_Block]:
    """Yield blocks whole."""
    records = (record for batch in batches for record in batch.to_pylist())
    for _, block in groupby(records, itemgetter("block")):
        yield _Block.of_records(block)


def _fields(match: Match) -> dict[str, Any]:
    """Return the columns that a match fills."""
    whole = match.to_dict()
    flat = {**whole, **whole["overlap"], **(whole["found_by"] or {})}
    del flat["earlier"]  # that column is the row of the pair's first article
    return {**flat, "a": match.a.id, "b": match.b.id, "match": to_json(whole)}
