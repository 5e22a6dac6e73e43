"""The columns of articles, and which rows cannot be taken."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's documentation has it
from pyspark.sql import types as T  # noqa: N812

from dedup.article import DedupError
from dedup.dates import order

OPTIONAL = ("title", "source", "published", "url", "language")

_INTEGERS = (T.ByteType, T.ShortType, T.IntegerType, T.LongType)


def articles(table: DataFrame) -> DataFrame:
    """Return the articles of a table: its columns under their names, null where there are none.

    Rows without id or text are left out (`problems` lists them), columns with other names too.

    Parameters
    ----------
    table
        ``id`` (a string or an integer) and ``text``; where known ``title``, ``source``, ``url``,
        ``language`` and ``published`` (an ISO 8601 string, a date, or a timestamp, which is taken
        to the second in UTC); ``row`` if the articles have an order of their own.

    Raises
    ------
    DedupError
        If a column is missing or of another type.
    """
    _check(table)
    chosen = [F.col("id").cast("string").alias("id"), F.col("text")]
    for name in OPTIONAL:
        column = F.col(name) if name in table.columns else F.lit(None)
        chosen.append((_iso(table) if name == "published" else column.cast("string")).alias(name))
    if "row" in table.columns:
        chosen.append(F.col("row").cast("long").alias("row"))
    return table.where(F.col("id").isNotNull() & F.col("text").isNotNull()).select(*chosen)


def problems(table: DataFrame) -> DataFrame:
    """Return which articles cannot be taken, and why: the columns ``id`` and ``problem``.

    Articles without id or text are left out of a scan. An id that several articles have, or a
    ``row``, makes it an error.
    """
    _check(table)
    rows = ["row"] if "row" in table.columns else []
    known = table.select(
        F.col("id").cast("string").alias("id"), F.col("text").isNull().alias("mute"), *rows
    )
    found = known.where(F.col("id").isNull() | F.col("mute")).select(
        "id", F.when(F.col("id").isNull(), "has no id").otherwise("has no text").alias("problem")
    )
    usable = known.where(F.col("id").isNotNull() & ~F.col("mute"))
    twice = usable.groupBy("id").count().where("count > 1").select("id", _times("id"))
    found = found.unionByName(twice)
    if rows:
        again = usable.groupBy("row").agg(F.min("id").alias("id"), F.count("*").alias("count"))
        wrong = F.when(F.col("row").isNull(), "has no row").when(
            (F.col("row") < 0) | (F.col("row") >= 2**32), "has a row outside 0 to 2^32 - 1"
        )
        again = again.withColumn("problem", wrong)
        found = found.unionByName(again.where("problem is not null").select("id", "problem"))
        again = again.where("problem is null and count > 1")
        found = found.unionByName(again.select("id", _times("row")))
    return found


def check_articles(table: DataFrame) -> None:
    """Refuse articles that share an id, or have rows that are no order.

    Raises
    ------
    DedupError
        Naming one of them.
    """
    wrong = problems(table).where(~F.col("problem").isin("has no id", "has no text")).first()
    if wrong is not None:
        raise DedupError(
            f"the article {wrong['id']!r} {wrong['problem']}; ids, and rows where they are given, "
            "must be different (dedup.integrations.spark.problems lists all)"
        )


def dated(column: str = "published") -> Column:
    """Return what articles are ordered by before their ids, as `publication_order` has it."""
    # As a lambda: Spark warns of type hints that it cannot turn into an Arrow function.
    return F.udf(lambda published: order(published), T.StringType())(F.col(column))


def _check(table: DataFrame) -> None:
    missing = [name for name in ("id", "text") if name not in table.columns]
    if missing:
        raise DedupError(
            f"the articles have no column {' and none '.join(map(repr, missing))}, only "
            f"{', '.join(table.columns)}; rename theirs: table.withColumnRenamed(…)"
        )
    allowed: dict[str, tuple[type[T.DataType], ...]] = {
        "id": (T.StringType, *_INTEGERS),
        "row": _INTEGERS,
        "published": (T.StringType, T.DateType, T.TimestampType, T.TimestampNTZType, T.NullType),
    }
    for name in ("id", "text", "row", *OPTIONAL):
        kinds = allowed.get(name, (T.StringType, T.NullType))
        if name in table.columns and not isinstance(table.schema[name].dataType, kinds):
            raise DedupError(
                f"the column {name!r} is {table.schema[name].dataType.simpleString()}, not "
                f"{' or '.join(kind().simpleString() for kind in kinds if kind is not T.NullType)}"
            )


def _iso(table: DataFrame) -> Column:
    """Return the time of publication as ISO 8601."""
    if "published" not in table.columns:
        return F.lit(None).cast("string")
    column, kind = F.col("published"), table.schema["published"].dataType
    if isinstance(kind, T.TimestampType):
        utc = F.to_utc_timestamp(column, F.current_timezone())
        return F.date_format(utc, "yyyy-MM-dd'T'HH:mm:ss'+00:00'")
    if isinstance(kind, T.TimestampNTZType):
        return F.date_format(column, "yyyy-MM-dd'T'HH:mm:ss")
    return column.cast("string")


def _times(what: str) -> Column:
    return F.concat(F.lit(f"shares its {what} with "), F.col("count") - 1, F.lit(" more")).alias(
        "problem"
    )
