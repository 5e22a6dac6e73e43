"""The same answers on Spark as in one process; every test runs a real session."""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from index_backends import PARAMETERS, random_texts

from dedup.article import Article, DedupError
from dedup.detector import Detector
from dedup.index.bands import without_shingles
from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.reference import ReferenceIndex
from dedup.index.standing import LISTED
from dedup.reading.inputs import read_articles
from dedup.reporting.json import to_json
from dedup.scoring.clusters import find_clusters, publication_order
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.sketches import Sketches, sketch

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("pyspark", reason="pyspark is not installed")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not installed", allow_module_level=True)

from pyspark.sql import DataFrame, SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402, N812

from dedup.integrations import spark as on_spark  # noqa: E402
from dedup.integrations.spark import holders  # noqa: E402
from dedup.integrations.spark.grouping import representatives  # noqa: E402
from dedup.integrations.spark.joining import joined  # noqa: E402
from dedup.integrations.spark.marks import mark  # noqa: E402
from dedup.integrations.spark.weighing import Answers  # noqa: E402

FIXTURES = Path(__file__).parents[2] / "fixtures"
NAMES = ("id", "text", "title", "source", "published", "url", "language")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    settings = {
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",  # compiling pays for large data only
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    session = on_spark.session("dedup tests", master="local[2]", settings=settings)
    session.sparkContext.setLogLevel("OFF")
    yield session
    kept = session.sparkContext._jsc.getPersistentRDDs().size()
    session.stop()
    assert kept == 0, "a stage was left in the cache"


def table(spark: SparkSession, articles: list[Article], *, rows: bool = False) -> DataFrame:
    records = [{name: getattr(article, name) for name in NAMES} for article in articles]
    made = pa.Table.from_pylist(records, pa.schema([(name, pa.string()) for name in NAMES]))
    if rows:
        made = made.append_column("row", pa.array(range(len(articles)), pa.int64()))
    return spark.createDataFrame(made)


def of_sketches(spark: SparkSession, sketches: Sketches) -> DataFrame:
    count = len(sketches)
    made = pa.table(
        {
            "row": pa.array(range(count), pa.int64()),
            "id": [str(number) for number in range(count)],
            "published": pa.nulls(count, pa.string()),
            "words": sketches.word_counts,
            "text_hash": sketches.text_hashes.view(np.int64),
            "banded": ~without_shingles(sketches.signatures),
            "signature": [row.tobytes() for row in sketches.signatures],
            "fingerprints": [sketches.fingerprints_of(n).tobytes() for n in range(count)],
        }
    )
    facts = {"stage": "signatures", "parameters": PARAMETERS.to_dict()}
    return mark(spark.createDataFrame(made), "signature", facts)


def records(frame: DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.toArrow().to_pylist()
    return found


def paired(frame: DataFrame) -> tuple[list[tuple[Any, ...]], int, int]:
    """The candidate pairs, and how many keys and candidates were cut."""
    found = records(frame)
    columns = ("earlier", "later", "bands", "fingerprints", "identical")
    pairs = [tuple(row[name] for name in columns) for row in found if row["earlier"] is not None]
    cut = [sum(row[name] for row in found) for name in ("keys_cut", "candidates_cut")]
    return sorted(pairs), cut[0], cut[1]


def expected_pairs(index: Any, sketches: Sketches) -> tuple[list[tuple[Any, ...]], int, int]:
    index.add(sketches)
    pairs: list[tuple[Any, ...]] = []
    keys_cut = pairs_cut = 0
    for block in index.pairs():
        columns = (block.earlier, block.later, block.bands, block.fingerprints, block.identical)
        pairs += zip(*(column.tolist() for column in columns), strict=True)
        keys_cut += block.keys_cut
        pairs_cut += block.pairs_cut
    return sorted(pairs), keys_cut, pairs_cut


NETS = {
    "both nets": (60, 20, Nets(bands=8, minimum_evidence=3)),
    "bands of two rows": (60, 6, Nets(bands=4, rows=2, minimum_evidence=2)),
    "bands of four rows": (60, 2, Nets(bands=2, rows=4, minimum_bands=1)),
    "bands alone": (
        60,
        9,
        Nets(bands=8, minimum_bands=2, minimum_fingerprints=None, minimum_evidence=None, cap=5),
    ),
    "fingerprints alone": (60, 9, Nets(minimum_fingerprints=1, minimum_evidence=None, cap=4)),
    "a flood": (60, 2, Nets(bands=8, cap=14, minimum_evidence=4)),
    "a small cap": (60, 3, Nets(bands=8, cap=1, limit=2, minimum_evidence=3)),
    "a small limit": (60, 10, Nets(bands=8, limit=1, minimum_evidence=2)),
    "many rows": (900, 40, Nets(bands=8, cap=15, limit=9, minimum_evidence=2)),
}


@pytest.mark.parametrize("name", NETS)
def test_candidates_are_those_of_the_index(spark: SparkSession, name: str) -> None:
    count, values, nets = NETS[name]
    sketches = random_texts(np.random.default_rng(len(name)), count, values, 2 * count // 3)
    if count > 60:
        expected = expected_pairs(MemoryIndex(PARAMETERS, nets), sketches)
    else:
        expected = expected_pairs(ReferenceIndex(PARAMETERS, nets), sketches)
    signatures = of_sketches(spark, sketches).repartition(1 + len(name) % 3)
    found = paired(joined(signatures, nets, 1 + len(name) % 4))
    assert found == expected
    assert found[0]
    assert bool(found[1]) == (nets.cap < 500)
    assert bool(found[2]) == (nets.limit < 10)


def to_send(rows: npt.ArrayLike, held: list[npt.NDArray[np.uint32]], copies: set[int]) -> Any:
    """Rows with their fingerprints, all of which ask who else holds them."""
    numbers = np.asarray(rows, np.int64).tolist()
    return pa.RecordBatch.from_pydict(
        {
            "row": pa.array(numbers, pa.int64()),
            "fingerprints": pa.array([held[row].tobytes() for row in numbers], pa.binary()),
            "asks": [True] * len(numbers),
            "copy": [row in copies for row in numbers],
        }
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_earliest_holders_are_those_of_the_index(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(holders, "BLOCK", 16)
    rng = np.random.default_rng(seed)
    sketches = random_texts(rng, 120, 15 + 5 * seed, 80)
    index = MemoryIndex(PARAMETERS, Nets(bands=8))
    index.add(sketches)
    first = index.find(sketches)
    copies = {row for row in range(len(sketches)) if first[row] not in (row, -1)}
    held = [sketches.fingerprints_of(row) for row in range(len(sketches))]
    tasks = np.array_split(rng.permutation(len(sketches)), 1 + seed % 4)
    sent = [
        record
        for task in tasks
        for batch in holders.send(5, [to_send(task, held, copies)])
        for record in batch.to_pylist()
    ]
    sent.sort(key=lambda record: record["bucket"])
    batch = pa.RecordBatch.from_pylist(sent)
    by_block: dict[int, list[dict[str, Any]]] = {}
    for record in (record for answer in holders.answer([batch]) for record in answer.to_pylist()):
        by_block.setdefault(record["block"], []).append(record)
    named = 0
    for row in range(len(sketches)):
        answers = Answers.of_records(by_block.get(row // 16, []))
        found, expected = answers.of(held[row], LISTED), index.earliest_holders(held[row], LISTED)
        for number in range(len(held[row])):
            mine, theirs = (
                one.rows[one.offsets[number] : one.offsets[number + 1]].tolist()
                for one in (found, expected)
            )
            if len(set(theirs) - {row}) > 1:
                assert mine == theirs
                named += 1
            else:  # nobody but a pair: another row of the block may have asked
                assert mine in ([], theirs)
    assert named


def test_a_footer_of_half_of_the_articles_is_sent_no_more_often_than_it_is_asked_for() -> None:
    footer, count, tasks = 7, 10 * holders.BLOCK, 4
    held = [np.array([footer] * (row % 2) + [1000 + row], np.uint32) for row in range(count)]
    sent = 0
    for rows in np.array_split(np.arange(count), tasks):
        batches = [to_send(part, held, set()) for part in np.array_split(rows, 3)]
        for batch in holders.send(8, batches):
            for record in batch.to_pylist():
                sent += int((np.frombuffer(record["keys"], np.uint32) == footer).sum())
    assert 0 < sent <= tasks * LISTED + (10 + tasks)


WORDS = [f"{start}{end}" for start in ("ka", "lo", "mi", "ru", "te") for end in "bcdfghjklmnprst"]


def archive(seed: int) -> list[Article]:
    """Stories with near-copies, floods of them, and texts of the same words; in no order of time.

    Some are undated, some have no words or no shingle; half of them end in the same footer.
    """
    rng = random.Random(seed)

    def sentence() -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(8, 16))).capitalize() + "."

    texts = []
    footer = " ".join(sentence() for _ in range(4))
    for story in range(12):
        body = [sentence() for _ in range(14)]
        for _ in range(9 if story < 2 else rng.randint(1, 4)):
            kept = [line for line in body if rng.random() > 0.15]
            kept.insert(rng.randrange(len(kept) + 1), sentence())
            texts.append("\n\n".join(kept + [footer] * (story % 2)))
    for text in rng.sample(texts, 6):
        texts += [text.upper(), text.replace(".", "!")][: rng.randint(1, 2)]
    texts += ["", "...", "Just three words", "just THREE words"]
    rng.shuffle(texts)
    dates = ("2024-03-01", "2024-03-02T08:00:00Z", "2024-03-09", "2024-02", None, "")
    return [
        Article(
            f"{'é' if number % 7 == 0 else 'n'}{number}",
            text,
            title=rng.choice((None, "A headline of this story")),
            source=rng.choice((None, "Herald", "Courier")),
            url=rng.choice((None, None, f"https://www.herald.example/{number}")),
            published=rng.choice(dates),
        )
        for number, text in enumerate(texts)
    ]


def scanned(
    articles: list[Article], nets: Nets | None, *, everything: bool
) -> tuple[set[str], list[dict[str, Any]], int]:
    detector = Detector(nets=nets)
    detector.add(articles)
    matches = list(detector.scan(everything=everything))
    clusters = [cluster.to_dict() for cluster in detector.clusters(matches)]
    return {to_json(match.to_dict()) for match in matches}, clusters, detector.keys_cut


def answers(scan: on_spark.Scan) -> tuple[set[str], list[dict[str, Any]], int]:
    clusters = records(scan.clusters())
    for cluster in clusters:
        assert cluster.pop("size") == len(cluster["members"])
    return (
        {row["match"] for row in records(scan.matches().select("match"))},
        clusters,
        sum(row["keys_cut"] for row in records(scan.cuts())),
    )


@dataclass(frozen=True)
class Stored:
    """A scan of the fixtures that was written out."""

    articles: list[Article]
    table: DataFrame
    scan: on_spark.Scan
    path: str


@pytest.fixture(scope="module")
def stored(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    paths = [str(FIXTURES / name) for name in ("wire", "incoming", "archive/articles.jsonl")]
    articles = list(read_articles(paths, lambda _: None))
    path = str(tmp_path_factory.mktemp("scan") / "store")
    given = table(spark, articles)
    scan = on_spark.Scan(given, store=path)
    scan.matches()
    return Stored(articles, given, scan, path)


def test_the_fixtures_are_scanned_alike(stored: Stored) -> None:
    expected = scanned(sorted(stored.articles, key=publication_order), None, everything=False)
    assert answers(stored.scan) == expected
    assert len(expected[0]) > 200
    assert any('"standing"' in match for match in expected[0])
    for row in records(stored.scan.matches()):
        match = json.loads(row["match"])
        flat = {**match, **match["overlap"], **match["found_by"]}
        flat |= {"a": match["a"]["id"], "b": match["b"]["id"]}
        del flat["earlier"]  # as a column it is the row of the pair's first article
        common = [name for name in row if name in flat]
        assert len(common) == 23
        assert [row[name] for name in common] == [flat[name] for name in common]


SMALL = Nets(cap=6, limit=3)


@pytest.mark.parametrize(("parts", "tasks"), [(1, 7), (7, 2)])
def test_an_archive_is_scanned_alike_however_it_is_partitioned(
    spark: SparkSession, tmp_path: Path, parts: int, tasks: int
) -> None:
    articles = archive(5)
    expected = scanned(articles, SMALL, everything=True)
    assert expected[2] > 0
    assert any('"standing"' in match for match in expected[0])
    given = table(spark, articles, rows=True).repartition(parts)
    store = str(tmp_path / "store")
    scan = on_spark.Scan(given, nets=SMALL, everything=True, store=store, partitions=tasks)
    assert answers(scan) == expected


def test_of_two_articles_nobody_else_can_be_asked(spark: SparkSession) -> None:
    first = max(archive(8), key=lambda article: len(article.text))
    two = [first, Article("copy", f"{first.text} And more.", published="2024-03-10")]
    found = {row["match"] for row in records(on_spark.Scan(table(spark, two, rows=True)).matches())}
    assert found == scanned(two, None, everything=False)[0]
    assert any("nobody else was known" in match for match in found)


def test_without_rows_the_order_is_that_of_publication(spark: SparkSession) -> None:
    articles = archive(6)
    inorder = sorted(articles, key=publication_order)
    for ranges in (2, 3):
        found = on_spark.signatures(table(spark, articles).repartition(3), ranges=ranges)
        rows = sorted((row["row"], row["id"]) for row in records(found.select("row", "id")))
        assert rows == list(enumerate(article.id for article in inorder))


def test_signatures_are_those_of_one_process(spark: SparkSession) -> None:
    articles = archive(7)
    parameters = SketchParameters(k=3, num_perm=16, seed=7, window=4)
    found = on_spark.signatures(table(spark, articles, rows=True), parameters).orderBy("row")
    made = sketch([article.text for article in articles], parameters)
    for number, row in enumerate(records(found)):
        assert row["signature"] == made.signatures[number].tobytes()
        assert row["fingerprints"] == made.fingerprints_of(number).tobytes()
        assert row["text_hash"] % 2**64 == int(made.text_hashes[number])
        assert row["words"] == int(made.word_counts[number])


def random_matches(seed: int, count: int) -> tuple[list[Article], list[dict[str, Any]]]:
    """Articles, and matches between them in the order of a scan."""
    rng = random.Random(seed)
    dates = (None, "", "2020", "2021-05-06", "2021-05-07")
    articles = [Article(f"a{n}", "", published=rng.choice(dates)) for n in range(count)]
    made = []
    for earlier, later in {tuple(sorted(rng.sample(range(count), 2))) for _ in range(2 * count)}:
        a, b = sorted((earlier, later), key=lambda row: publication_order(articles[row]))
        made.append(
            {
                "a": articles[a].id,
                "b": articles[b].id,
                "relation": rng.choice(("rewrite", "independent", "partial")),
                "score": rng.randint(0, 9) / 10,
                "direction": rng.choice(("a->b", "b->a", "common")),
                "published_a": articles[a].published,
                "published_b": articles[b].published,
                "row_a": a,
                "row_b": b,
                "earlier": earlier,
                "later": later,
                "bands": rng.randint(0, 3),
                "fingerprints": rng.randint(0, 3),
                "identical": rng.random() < 0.1,
            }
        )
        made[-1]["derived"] = made[-1]["relation"] != "independent"
    made.sort(
        key=lambda m: (
            not m["identical"],
            m["later"],
            -m["bands"] - m["fingerprints"],
            m["earlier"],
        )
    )
    return articles, made


def expected_clusters(articles: list[Article], made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    matches: list[Any] = [
        SimpleNamespace(**{**m, "a": SimpleNamespace(id=m["a"]), "b": SimpleNamespace(id=m["b"])})
        for m in made
    ]
    return [cluster.to_dict() for cluster in find_clusters(articles, matches)]


def test_clusters_are_those_of_one_process(spark: SparkSession) -> None:
    articles, made = random_matches(3, 300)
    frame = spark.createDataFrame(pa.Table.from_pylist(made)).withColumn("match", F.lit("{}"))
    matches = mark(frame.repartition(3), "match", {"stage": "matches"})
    found = [
        {name: row[name] for name in row if name != "size"}
        for row in records(on_spark.clusters(matches))
    ]
    expected = expected_clusters(articles, made)
    assert found == expected
    assert len({cluster["source"] != cluster["representative"] for cluster in expected}) == 2
    nothing = on_spark.clusters(mark(matches.where("false"), "match", {"stage": "matches"}))
    assert records(nothing) == []


@pytest.mark.parametrize("seed", range(20))
def test_representatives_are_those_of_find_clusters(seed: int) -> None:
    articles, made = random_matches(seed, 40)
    order = sorted(articles, key=publication_order)
    places = {article.id: place for place, article in enumerate(order)}
    pairs = [(places[m["a"]], places[m["b"]]) for m in made if m["derived"]]
    first, second = np.array(pairs, np.int64).T
    lead = representatives(first, second, len(order)).tolist()
    clusters = {
        cluster["representative"]: cluster["members"]
        for cluster in expected_clusters(articles, made)
    }
    found: dict[str, list[str]] = {}
    for place, of in enumerate(lead):
        found.setdefault(order[of].id, []).append(order[place].id)
    assert {of: members for of, members in found.items() if len(members) > 1} == clusters


def test_a_scan_goes_on_with_the_first_stage_it_lacks(stored: Stored, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stored.path, tmp_path / "store"))
    written = {path: path.stat().st_mtime_ns for path in store.rglob("*.parquet")}
    (store / "matches" / "_SUCCESS").unlink()  # as if it had been broken off
    again = on_spark.Scan(stored.table.repartition(3), store=f"{store}/")
    assert answers(again) == answers(stored.scan)
    kept = {path for path in written if path.exists()}
    assert {path.parent.name for path in kept} == {"signatures", "candidates"}
    assert all(path.stat().st_mtime_ns == written[path] for path in kept)


def test_the_readme_s_example_runs(spark: SparkSession, stored: Stored, tmp_path: Path) -> None:
    readme = (FIXTURES.parent / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- cluster: .*?-->\n```python\n(.*?)```", readme, re.DOTALL)
    assert found
    code = re.sub(r'"(\w+\.(parquet|dedup))"', rf'"{tmp_path}/\1"', found[1])
    stored.table.write.parquet(f"{tmp_path}/archive.parquet")
    shutil.copytree(stored.path, tmp_path / "archive.dedup")
    exec(code, {})
    matches = spark.read.parquet(f"{tmp_path}/matches.parquet")
    clusters = spark.read.parquet(f"{tmp_path}/clusters.parquet")
    assert matches.count() == stored.scan.matches().count()
    assert clusters.count() == stored.scan.clusters().count()


def test_what_is_stored_is_not_taken_for_something_else(
    spark: SparkSession, stored: Stored
) -> None:
    given, store = stored.table, stored.path
    with pytest.raises(ParameterMismatch, match=r"k is 5, not 4.*Sketch its texts again"):
        on_spark.Scan(given, store=store, parameters=SketchParameters(k=4)).signatures()
    with pytest.raises(DedupError, match=r"candidates was made with other nets .*remove it"):
        on_spark.Scan(given, store=store, nets=Nets(cap=7)).candidates()
    with pytest.raises(DedupError, match=r"everything .*choose another store"):
        on_spark.Scan(given, store=store, everything=True).matches()
    fewer = table(spark, stored.articles[1:])
    with pytest.raises(DedupError, match="signatures was made with other articles"):
        on_spark.Scan(fewer, store=store).signatures()

    signatures = spark.read.parquet(f"{store}/signatures")
    with pytest.raises(DedupError, match="no table of candidates"):
        on_spark.matches(given, signatures, signatures)
    facts = {"stage": "signatures", "parameters": SketchParameters(words="v1").to_dict()}
    with pytest.raises(ParameterMismatch, match=r"word rules v1, .* has v2; .*make it again"):
        on_spark.candidates(mark(signatures, "signature", facts))
    with pytest.raises(DedupError, match=r"no table of signatures.*store them as Parquet"):
        on_spark.candidates(signatures.select(F.col("signature").substr(0, 9).alias("signature")))
    with pytest.raises(DedupError, match=r"need signatures of 256 values"):
        on_spark.candidates(signatures, Nets(bands=256))
    candidates = stored.scan.candidates()
    with pytest.raises(
        Exception, match=r"of row \d+ is a candidate .*, but not among the articles"
    ):
        on_spark.matches(fewer.limit(1), signatures, candidates).collect()


def test_articles_that_cannot_be_taken_are_reported(spark: SparkSession) -> None:
    story = "One two three four five six seven eight nine ten."
    given = spark.createDataFrame(
        [("a", story), (None, story), ("c", None), ("d", story.upper())], "id string, text string"
    )
    found = {(row["id"], row["problem"]) for row in records(on_spark.problems(given))}
    assert found == {(None, "has no id"), ("c", "has no text")}
    scan = on_spark.Scan(given)
    assert sorted(row["id"] for row in records(scan.signatures().select("id"))) == ["a", "d"]

    twice = given.unionByName(given)
    with pytest.raises(DedupError, match=r"'[ad]' shares its id with 1 more"):
        on_spark.signatures(twice)
    rows = given.withColumn("row", F.when(F.col("id") == "a", -1).otherwise(3).cast("long"))
    with pytest.raises(DedupError, match="'a' has a row outside 0 to"):
        on_spark.signatures(rows)
    with pytest.raises(DedupError, match=r"'[ad]' shares its row with 1 more"):
        on_spark.signatures(given.withColumn("row", F.lit(5)))


def test_columns_are_asked_for_by_name_and_type(spark: SparkSession) -> None:
    wrong = spark.createDataFrame([(1, "b")], "key int, body string")
    with pytest.raises(DedupError, match="no column 'id' and none 'text', only key, body; rename"):
        on_spark.Scan(wrong).signatures()
    with pytest.raises(DedupError, match="column 'text' is int, not string"):
        on_spark.signatures(wrong.select("key", F.col("key").alias("id"), F.lit(1).alias("text")))


@pytest.mark.parametrize(
    ("kind", "value", "iso"),
    [
        ("string", "2024-05", "2024-05"),
        ("date", date(2024, 5, 6), "2024-05-06"),
        (
            "timestamp",
            datetime(2024, 5, 6, 7, 8, 9, 123, tzinfo=UTC),
            "2024-05-06T07:08:09+00:00",
        ),
        ("timestamp_ntz", datetime(2024, 5, 6, 7, 8, 9), "2024-05-06T07:08:09"),
    ],
)
def test_the_time_of_publication_is_read_as_iso_8601(
    spark: SparkSession, kind: str, value: Any, iso: str
) -> None:
    given = spark.createDataFrame([(7, "text", value)], f"id long, text string, published {kind}")
    row = records(on_spark.articles(given))[0]
    assert row["id"] == "7"
    assert row["published"] == iso


def test_without_java_one_sentence_says_so(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_spark.session() is spark
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(DedupError, match="Spark needs Java 17 or newer: install it, or set"):
        on_spark.session()


@pytest.mark.parametrize("missing", ["pyspark", "pyarrow"])
def test_without_the_extra_one_sentence_says_what_to_install(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import dedup.integrations.spark"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()[-1]
    assert said.endswith(f"needs {missing}, which is not installed: pip install '.[spark]'")
    assert "DedupError" in said
