"""A whole scan, whose stages can be written out and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from dedup.index.nets import Nets
from dedup.integrations.spark.columns import articles, problems
from dedup.integrations.spark.grouping import clusters
from dedup.integrations.spark.joining import cuts_of, joined, pairs_of
from dedup.integrations.spark.marks import check_marks, mark, marked
from dedup.integrations.spark.matching import matches
from dedup.integrations.spark.sketching import signatures
from dedup.scoring.relation import rules
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters

_MARKED = {"signatures": "signature", "candidates": "bands", "matches": "match"}
"""The column of each stored stage that says how it was made."""


class Scan:
    """A scan of articles for derived pairs and clusters, stage by stage.

    Each stage is made from the one before when it is asked for. With a store it is written out
    first and read back, and where it stands there complete already, it is not made again: a scan
    that was broken off goes on with the first stage it lacks. Without a store stages are lazy, and
    what two of them need is made twice; for more than a try, give a store.

    Parameters
    ----------
    table
        The articles, as `dedup.integrations.spark.columns.articles` takes them.
    parameters
        How to sketch.
    nets
        What brings articles together; the defaults are those of a `Detector`.
    everything
        Also give pairs that were compared and found not derived.
    store
        Path or URL of a directory that Spark can write, for this scan alone.
    partitions
        Tasks of a stage, ``spark.sql.shuffle.partitions`` unless given; best some 50,000 articles
        each. Results do not depend on it.
    """

    def __init__(
        self,
        table: DataFrame,
        *,
        parameters: SketchParameters = DEFAULT_PARAMETERS,
        nets: Nets | None = None,
        everything: bool = False,
        store: str | None = None,
        partitions: int | None = None,
    ) -> None:
        self._table = table
        self._parameters = parameters
        self._nets = nets or Nets()
        self._nets.check_fits(parameters.num_perm)
        self._everything = everything
        self._store = None if store is None else store.rstrip("/")
        self._partitions = partitions
        self._articles: str | None = None

    def problems(self) -> DataFrame:
        """Return which articles cannot be taken; see `dedup.integrations.spark.problems`."""
        return problems(self._table)

    def signatures(self) -> DataFrame:
        """Return the signatures; see `dedup.integrations.spark.signatures`."""
        return self._stage(
            "signatures",
            lambda: signatures(self._table, self._parameters, ranges=self._partitions),
        )

    def candidates(self) -> DataFrame:
        """Return the candidate pairs; see `dedup.integrations.spark.candidates`."""
        return pairs_of(self._joined())

    def cuts(self) -> DataFrame:
        """Return what caps and limit cut; see `dedup.integrations.spark.cuts`."""
        return cuts_of(self._joined())

    def matches(self) -> DataFrame:
        """Return the matches; see `dedup.integrations.spark.matches`."""
        return self._stage(
            "matches",
            lambda: matches(
                self._table,
                self.signatures(),
                self.candidates(),
                everything=self._everything,
                partitions=self._partitions,
            ),
        )

    def clusters(self) -> DataFrame:
        """Return the clusters; see `dedup.integrations.spark.clusters`."""
        return clusters(self.matches())

    def _joined(self) -> DataFrame:
        return self._stage(
            "candidates", lambda: joined(self.signatures(), self._nets, self._partitions)
        )

    def _stage(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        """Return a stage: read from the store, if there is one, where it is written first."""
        if self._store is None:
            return make()
        path = f"{self._store}/{name}"
        spark = self._table.sparkSession
        if not _complete(self._table, path):
            made = make()
            noted = marked(made, _MARKED[name], name) | {"articles": self._digest()}
            mark(made, _MARKED[name], noted).write.mode("overwrite").parquet(path)
        stage = spark.read.parquet(path)
        check_marks(marked(stage, _MARKED[name], name), self._expected(name), path)
        return stage

    def _expected(self, name: str) -> dict[str, Any]:
        """Return what a stage must have been made with."""
        expected: dict[str, Any] = {"articles": self._digest()}
        expected["parameters"] = self._parameters.to_dict()
        if name != "signatures":
            expected["nets"] = asdict(self._nets)
        if name == "matches":
            expected |= {"rules": rules().version, "everything": self._everything}
        return expected

    def _digest(self) -> str:
        """Return a number for which articles these are, by their ids, and rows where they have any.

        It is read once from the articles, at once.
        """
        if self._articles is None:
            known = articles(self._table)
            named = [name for name in ("id", "row") if name in known.columns]
            found = known.agg(
                F.count("*").alias("count"), F.bit_xor(F.xxhash64(*named)).alias("digest")
            ).collect()[0]
            self._articles = f"{found['count']} articles, {found['digest']}"
        return self._articles


def _complete(table: DataFrame, path: str) -> bool:
    """Say whether a stage was written to its end: Spark then leaves a mark beside the files."""
    context = table.sparkSession.sparkContext
    assert context._jvm is not None
    mark_of_success = context._jvm.org.apache.hadoop.fs.Path(f"{path}/_SUCCESS")
    system = mark_of_success.getFileSystem(context._jsc.hadoopConfiguration())
    return bool(system.exists(mark_of_success))
