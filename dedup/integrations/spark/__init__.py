"""A scan of an archive on Apache Spark, with the answers of `dedup.detector.Detector.scan`.

::

    from dedup.integrations import spark as dedup_spark

    spark = dedup_spark.session()
    archive = spark.read.parquet("archive.parquet")
    scan = dedup_spark.Scan(archive, store="archive.dedup")
    scan.matches().write.parquet("matches.parquet")
    scan.clusters().show()

The input is a DataFrame with the columns ``id`` and ``text`` and, where known, ``title``,
``source``, ``published``, ``url`` and ``language``. Four stages follow, each a DataFrame and each a
function of its own too: `signatures`, `candidates`, `matches`, `clusters`. Data goes through Python
in Arrow batches only, and through the same functions as in one process.

What the order of the input is to `Detector.scan`, the column ``row`` is here: whole numbers from 0,
each once, as ``zipWithIndex`` gives them. Without it, articles stand in the order of publication
(``published``, then ``id``, undated last). The order matters only where a cap or a limit cuts.
"""

from __future__ import annotations

from dedup.article import DedupError

try:
    import pyarrow as _pyarrow  # noqa: F401
    import pyspark as _pyspark  # noqa: F401
except ModuleNotFoundError as error:
    raise DedupError(
        f"scanning on a cluster needs {error.name}, which is not installed: pip install '.[spark]'"
    ) from None

from dedup.integrations.spark.columns import articles, problems
from dedup.integrations.spark.grouping import clusters
from dedup.integrations.spark.joining import candidates, cuts
from dedup.integrations.spark.matching import matches
from dedup.integrations.spark.scanning import Scan
from dedup.integrations.spark.session import session
from dedup.integrations.spark.sketching import signatures

__all__ = [
    "Scan",
    "articles",
    "candidates",
    "clusters",
    "cuts",
    "matches",
    "problems",
    "session",
    "signatures",
]
