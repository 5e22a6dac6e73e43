"""Standing text: what the pairs of a block need to be weighed as in one process.

The rule is that of `dedup.index.standing`. Its library is here a block's own tables: the
fingerprints of the rows of its pairs, the earliest holders of what they share, and what those
hold. Who is to be asked is known when the rule asks: it is followed once without the holders, to
learn whom it misses, and once with them, where the pairs are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from dedup.article import Article, DedupError
from dedup.index.counting import spread
from dedup.index.library import Holding
from dedup.index.protocol import Holders
from dedup.index.standing import Standing, StandingRows
from dedup.integrations.spark.binary import binaries
from dedup.integrations.spark.holders import ANSWERS_SCHEMA
from dedup.integrations.spark.messages import Numbers, Rows
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import offsets_of

_ROW, _ANSWER, _PAIR = range(3)
_ORIGIN = ("source", "url", "published")
_ANSWER_COLUMNS = ("keys", "counts", "holders")
_CHOSEN_SCHEMA = f"row long, {ANSWERS_SCHEMA}"


def needed(
    pairs: DataFrame,
    answers: DataFrame | None,
    signatures: DataFrame,
    known: DataFrame,
    archive: Archive,
    partitions: int,
) -> DataFrame:
    """Return what weighing the pairs of each block needs besides the texts of the pairs.

    Parameters
    ----------
    pairs
        ``block``; ``earlier`` and ``later``; ``first`` and ``second``, whose texts are compared.
    answers
        Those of `dedup.integrations.spark.holders.earliest_holders`, if there are any.
    signatures, known
        Those of the articles, and the articles.
    archive, partitions
        What all blocks know, and how many tasks a stage has.

    Returns
    -------
    DataFrame
        ``block``; and either ``row`` with its ``source``, ``url`` and ``published`` and its
        fingerprints, ``held``, or a negative ``row`` and ``keys``, ``counts`` and ``holders``:
        answers for the block.
    """
    held = F.col("fingerprints").alias("held")
    rows = pairs.select("block", F.explode(F.array("earlier", "later")).alias("row")).distinct()
    rows = rows.join(signatures.select("row", held), "row")
    sides = pairs.select("block", "earlier", "later", "first", "second")
    sent = rows.withColumn("kind", F.lit(_ROW)).unionByName(
        sides.withColumn("kind", F.lit(_PAIR)), allowMissingColumns=True
    )
    if answers is None:
        answers = pairs.sparkSession.createDataFrame([], ANSWERS_SCHEMA)
    chosen = (
        sent.unionByName(answers.withColumn("kind", F.lit(_ANSWER)), allowMissingColumns=True)
        .repartition(partitions, "block")
        .sortWithinPartitions("block")
        .mapInArrow(partial(_choose, archive), _CHOSEN_SCHEMA)
    )
    of_row = signatures.select("row", "id").join(known.select("id", *_ORIGIN), "id")
    of_row = of_row.drop("id").join(signatures.select("row", held), "row")
    return chosen.join(of_row, "row", "left")


@dataclass(frozen=True, slots=True)
class Archive:
    """All the articles: how they are sketched, and how many there are, or some of very many."""

    parameters: SketchParameters
    count: int

    @classmethod
    def of(cls, known: DataFrame, parameters: SketchParameters) -> Archive:
        """Ask at once whether there are more articles than one pair: no other number matters."""
        return cls(parameters, known.select("id").limit(3).count())


@dataclass(slots=True)
class BlockRows:
    """Rows that a block knows of, as a library (`dedup.index.standing.KnownRows`)."""

    archive: Archive
    rows: Mapping[int, Holding]
    answers: Answers
    missing: set[int] = field(default_factory=set)
    """The rows that were asked for and are not known."""

    def __len__(self) -> int:
        return self.archive.count

    @property
    def parameters(self) -> SketchParameters:
        """How the articles are sketched."""
        return self.archive.parameters

    @property
    def index(self) -> BlockRows:
        """The index of its rows."""
        return self

    def earliest_holders(self, fingerprints: npt.NDArray[np.uint32], most: int) -> Holders:
        """Return the earliest texts that hold each fingerprint, at most ``most`` of each."""
        return self.answers.of(fingerprints, most)

    def holdings(self, rows: Sequence[int]) -> list[Holding | None]:
        """Return the articles of rows with their fingerprints, None where a row is not there."""
        self.missing.update(row for row in rows if row not in self.rows)
        return [self.rows.get(row) for row in rows]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The earliest holders of some fingerprints.

    ``keys`` uint32[m], ascending; the holders of each are ``holders[offsets[i]:offsets[i + 1]]``,
    uint32[total] and int64[m + 1].
    """

    keys: Rows
    offsets: Numbers
    holders: Rows

    @classmethod
    def of_records(cls, records: Sequence[Mapping[str, Any]]) -> Answers:
        """Gather the answers that came to a block."""
        keys, counts, holders = (
            np.frombuffer(b"".join(record[name] for record in records), np.uint32)
            for name in _ANSWER_COLUMNS
        )
        order = np.argsort(keys)
        lengths = counts.astype(np.int64)
        starts = np.cumsum(lengths) - lengths
        taken = spread(starts[order], lengths[order])
        return cls(keys[order], offsets_of(lengths[order]), holders[taken])

    def of(self, fingerprints: Rows, most: int) -> Holders:
        """Return the earliest holders of each fingerprint, at most ``most``."""
        place = np.searchsorted(self.keys, fingerprints)
        found = np.append(self.keys, np.uint32(0))[place] == fingerprints
        found &= place < len(self.keys)
        lengths = np.where(found, np.diff(self.offsets, append=0)[place], 0)
        lengths = np.minimum(lengths, most)
        rows = self.holders[spread(self.offsets[place], lengths)].astype(np.int64)
        return Holders(offsets_of(lengths), rows)

    def among(self, keys: Rows) -> Answers:
        """Return the answers about some fingerprints only."""
        kept = np.flatnonzero(np.isin(self.keys, keys))
        lengths = np.diff(self.offsets)[kept]
        holders = self.holders[spread(self.offsets[kept], lengths)]
        return Answers(self.keys[kept], offsets_of(lengths), holders)


class Weigher:
    """Weighs the pairs of block after block."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._pairs = 0

    def weigh(
        self, pairs: Sequence[Mapping[str, Any]], rows: Mapping[int, Holding], answers: Answers
    ) -> tuple[Iterator[Standing], set[int]]:
        """Return what is known of what the pairs of a block share, and which rows were missing.

        Raises
        ------
        DedupError
            If a row of a pair is missing.
        """
        for row in sorted({pair[side] for pair in pairs for side in ("earlier", "later")}):
            if row not in rows:
                raise not_there(row)
        library = BlockRows(self._archive, rows, answers)
        standing = StandingRows(library)
        self._pairs += len(pairs)
        standing.expect(self._pairs)
        earlier, later = (
            np.array([pair[side] for pair in pairs], np.int64) for side in ("earlier", "later")
        )
        return standing.of_rows(earlier, later), library.missing


def _choose(archive: Archive, batches: Iterable[Any]) -> Iterator[Any]:
    """Yield, block by block, the rows that weighing its pairs asks for, and the answers it uses."""
    weigher = Weigher(archive)
    records = (record for batch in batches for record in batch.to_pylist())
    for number, block in groupby(records, itemgetter("block")):
        of_kind: list[list[dict[str, Any]]] = [[], [], []]
        for record in block:
            of_kind[record["kind"]].append(record)
        answers = Answers.of_records(of_kind[_ANSWER])
        pairs = of_kind[_PAIR]
        rows = {record["row"]: held_by(record) for record in of_kind[_ROW]}
        weighed, missing = weigher.weigh(pairs, rows, answers)
        shared = answers.among(np.concatenate([standing.keys for standing in weighed]))
        texts = {pair[side] for pair in pairs for side in ("first", "second")}
        asked = sorted((missing | rows.keys()) - texts)
        yield _chosen(number, asked, shared)


def _chosen(block: int, rows: list[int], answers: Answers) -> Any:  # noqa: ANN401
    """Return rows and answers for a block, these under a number that no row has."""
    ends = np.repeat([0, 1], [len(rows) + 1, 1])
    counts = np.diff(answers.offsets).astype(np.uint32)
    columns = {
        name: binaries(column, ends * column.nbytes)
        for name, column in zip(
            _ANSWER_COLUMNS, (answers.keys, counts, answers.holders), strict=True
        )
    }
    numbers = pa.array([*rows, -1 - block], pa.int64())
    blocks = pa.array([block] * (len(rows) + 1), pa.int64())
    return pa.RecordBatch.from_pydict({"row": numbers, "block": blocks, **columns})


def held_by(record: Mapping[str, Any]) -> Holding:
    """Return what a row holds, with its origin where that is known.

    Raises
    ------
    DedupError
        If its article is not there.
    """
    if record["held"] is None:
        raise not_there(record["row"])
    source, url, published = (record.get(name) for name in _ORIGIN)
    article = Article("", "", source=source, url=url, published=published)
    return article, np.frombuffer(record["held"], np.uint32)


def not_there(row: int) -> DedupError:
    """Return the error that signatures and candidates are not those of the articles."""
    return DedupError(
        f"the article of row {row} is a candidate or a holder of what candidates share, but not "
        "among the articles; make signatures and candidates of these articles"
    )
