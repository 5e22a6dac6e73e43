"""A Spark session with the settings the stages want."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from pyspark.errors import PySparkRuntimeError
from pyspark.sql import DataFrame, SparkSession

from dedup.article import DedupError

JAVA = "Spark needs Java 17 or newer: install it, or set JAVA_HOME to where it is"

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
    "spark.ui.showConsoleProgress": "false",
}
"""What `session` sets unless told otherwise."""


def session(
    name: str = "dedup", *, master: str | None = None, settings: dict[str, str] | None = None
) -> SparkSession:
    """Return the Spark session there is, or start one whose Python is the one that runs this.

    Under ``spark-submit`` master and memory are the command's to say. Started from Python, Spark
    would take whatever ``python3`` is on the path for its workers, whatever
    ``spark.pyspark.python`` says, so that is set right here, unless ``PYSPARK_PYTHON`` names one.

    Parameters
    ----------
    name
        The application's name.
    master
        Where to run, as ``local[4]``; what Spark is configured with unless given, or ``local[*]``.
    settings
        More settings, which go before `SETTINGS`.

    Raises
    ------
    DedupError
        If Spark does not start, which without Java 17 or newer it does not.
    """
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ  # by spark-submit, which runs a JVM already
    if not submitted and not _java():
        raise DedupError(JAVA)
    builder = SparkSession.builder.appName(name)
    if master is not None:
        builder = builder.master(master)
    chosen = {**SETTINGS, **(settings or {})}
    if not submitted:
        chosen.setdefault("spark.pyspark.python", os.environ.get("PYSPARK_PYTHON", sys.executable))
    for setting, value in chosen.items():
        builder = builder.config(setting, value)
    try:
        spark = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise DedupError(f"Spark did not start ({error}); {JAVA}") from error
    if not submitted:
        spark.sparkContext.pythonExec = chosen["spark.pyspark.python"]
    return spark


def partitions_for(frame: DataFrame, asked: int | None) -> int:
    """Return how many tasks a stage gets: what was asked for, or Spark's setting for shuffles."""
    if asked is not None:
        return asked
    return int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 200)


def _java() -> bool:
    """Say whether there is a Java where Spark's scripts look for it."""
    home = os.environ.get("JAVA_HOME")
    if home:
        return (Path(home) / "bin" / "java").exists()
    return shutil.which("java") is not None
