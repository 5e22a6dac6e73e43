r"""Scan a large corpus on Spark, beside the same scan in one process, and reckon what more costs.

    python benchmarks/spark_scale.py --data FOLDER --output benchmarks/results/spark_scale.json
    python benchmarks/spark_scale.py --data FOLDER --output benchmarks/results/spark_scale.json \
        --only largest --largest 200000 --until candidates

FOLDER holds JSON Lines of articles. Their first 5,000, then all of them are scanned with
``local[2]`` and by `Detector.scan`: matches (compared whole, as JSON) and clusters must be the
same. Then the articles are replicated, and scanned on Spark alone; their candidates are compared
with those of the index in memory. Shuffled bytes and task times are those of Spark's event log;
processor time is that of all processes together, which a busy machine changes least. Runs are added
to those in the output file; the second command does without comparing, which takes the most time.

A replica is made so that it neither floods the corpus with copies of one story nor is a stranger in
it: one in twenty is a *reprint*, in which every 30th word is replaced; in the others, each word of
four letters or more gets the replica's mark, except in one sentence of 33, which is kept. So a
replica's articles are to each other what the originals are to each other, plus what reprints and
kept sentences bring together across replicas.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.bench.machine import describe_machine, peak_megabytes
from dedup.index.nets import Nets

STAGES = ("signatures", "candidates", "matches", "clusters")
COLUMNS = ("id", "text", "title", "source", "published", "url", "language")

CORES, USED = 8, 0.7
"""Cores of an executor, and the share of their time that is used."""

REPRINTED = 20
REPLACED = 30
KEPT = 33

_WORD = re.compile(r"[A-Za-z]{4,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def read(folder: Path) -> list[Article]:
    """Read the articles of a folder in the order of publication."""
    from dedup.reading.inputs import read_articles
    from dedup.scoring.clusters import publication_order

    return sorted(read_articles([str(folder)], lambda _: None), key=publication_order)


def replicas(articles: list[Article], count: int) -> Iterator[Article]:
    """Yield so many articles: the given ones, then replicas of them."""
    for number in range(count):
        copy, original = divmod(number, len(articles))
        article = articles[original]
        yield article if copy == 0 else _replica(article, copy)


def _replica(article: Article, copy: int) -> Article:
    mark = "q" + chr(ord("a") + copy)
    draw = zlib.crc32(f"{article.id} {copy}".encode())
    if draw % REPRINTED == 0:
        words = article.text.split(" ")
        words[draw % REPLACED :: REPLACED] = [f"{mark}{n}" for n in range(len(words))][
            : len(words[draw % REPLACED :: REPLACED])
        ]
        text = " ".join(words)
    else:
        text = " ".join(
            sentence
            if zlib.crc32(f"{draw} {n}".encode()) % KEPT == 0
            else _WORD.sub(lambda word: word[0] + mark, sentence)
            for n, sentence in enumerate(_SENTENCE.split(article.text))
        )
    fields = {**{name: getattr(article, name) for name in COLUMNS}, "text": text}
    return Article(**{**fields, "id": f"{article.id}#{copy}"})


def write(articles: Iterable[Article], path: Path) -> int:
    """Write articles to a Parquet file in batches; return how many."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        batch: list[dict[str, Any]] = []
        for article in articles:
            batch.append({name: getattr(article, name) for name in COLUMNS})
            count += 1
            if len(batch) == 2000:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(pa.Table.from_pylist(batch, schema))
    return count


def on_spark(corpus: Path, work: Path, partitions: int, until: str) -> dict[str, Any]:
    """Scan a Parquet file on Spark, stage by stage."""
    from dedup.integrations import spark as dedup_spark

    events = work / "events"
    events.mkdir(parents=True)
    spark = dedup_spark.session(
        master="local[2]",
        settings={
            "spark.sql.shuffle.partitions": str(partitions),
            "spark.sql.files.maxPartitionBytes": "16m",
            "spark.driver.memory": "6g",
            "spark.ui.enabled": "false",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.dir": events.as_uri(),
            "spark.local.dir": str(work / "local"),
        },
    )
    spark.sparkContext.setLogLevel("ERROR")
    store = work / "store"
    scan = dedup_spark.Scan(spark.read.parquet(str(corpus)), store=str(store))
    seconds, cores, sizes = {}, {}, {}
    for stage in STAGES[: STAGES.index(until) + 1]:
        spark.sparkContext.setJobGroup(stage, stage)
        start, spent = time.perf_counter(), processor_seconds()
        made = getattr(scan, stage)()
        if stage == "clusters":
            made.write.parquet(str(store / stage))
        seconds[stage] = time.perf_counter() - start
        cores[stage] = processor_seconds() - spent
        sizes[stage] = spark.read.parquet(str(store / stage)).count()
        print(f"{stage}: {sizes[stage]} in {seconds[stage]:.1f} s", file=sys.stderr, flush=True)
    cuts = scan.cuts().groupBy().sum("keys_cut", "candidates_cut").collect()[0]
    sizes["candidates"] = scan.candidates().count()
    spark.stop()
    stages = {
        stage: {
            "seconds": seconds[stage],
            "processor_seconds": cores[stage],
            **_of_log(events, stage),
            "stored_mb": _megabytes(store / stage),
        }
        for stage in seconds
    }
    return {
        "articles": sizes["signatures"],
        "partitions": partitions,
        "seconds": sum(seconds.values()),
        "stages": stages,
        "candidates": sizes["candidates"],
        "derived_pairs": sizes.get("matches"),
        "clusters": sizes.get("clusters"),
        "keys_cut": cuts[0] or 0,
        "candidates_cut": cuts[1] or 0,
    }


def processor_seconds() -> float:
    """Return what all processes started from this one have taken of the processors so far."""
    children: dict[int, list[int]] = {}
    spent = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # ended meanwhile
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            pid = int(stat.parent.name)
            children.setdefault(int(fields[1]), []).append(pid)
            spent[pid] = sum(map(int, fields[11:15]))
    waiting, total = [os.getpid()], 0
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0)
        waiting += children.get(pid, [])
    return total / os.sysconf("SC_CLK_TCK")


def _of_log(events: Path, group: str) -> dict[str, float]:
    """Sum up the tasks of a group of jobs: their seconds, and what they wrote for shuffles."""
    stages: set[int] = set()
    seconds = shuffled = longest = 0.0
    for log in events.iterdir():
        with log.open(encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if event["Event"] == "SparkListenerJobStart":
                    if event.get("Properties", {}).get("spark.jobGroup.id") == group:
                        stages.update(event["Stage IDs"])
                elif event["Event"] == "SparkListenerTaskEnd" and event["Stage ID"] in stages:
                    info, metrics = event["Task Info"], event["Task Metrics"]
                    took = (info["Finish Time"] - info["Launch Time"]) / 1000
                    seconds += took
                    longest = max(longest, took)
                    shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return {"task_seconds": seconds, "longest_task": longest, "shuffle_mb": shuffled / 1e6}


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6


def in_one_process(corpus: Path, store: Path) -> dict[str, Any]:
    """Scan a Parquet file with a Detector, and compare what it finds with what Spark stored."""
    import pyarrow as pa
    from pyarrow import parquet

    from dedup.detector import Detector
    from dedup.reporting.json import to_json

    articles = [Article(**record) for record in parquet.read_table(corpus).to_pylist()]
    start, spent = time.perf_counter(), time.process_time()
    detector = Detector()
    detector.add(articles)
    added = time.perf_counter()
    candidates = sum(len(pairs) for pairs in detector.library.index.pairs())
    paired = time.perf_counter()
    matches = list(detector.scan())
    scanned = time.perf_counter()
    clusters = [cluster.to_dict() for cluster in detector.clusters(matches)]
    end, paid = time.perf_counter(), time.process_time()
    ours = {to_json(match.to_dict()) for match in matches}
    stored: pa.Table = parquet.read_table(store / "matches", columns=["match"])
    theirs = set(stored.column("match").to_pylist())
    columns = ["representative", "source", "members", "edges"]
    groups = parquet.read_table(store / "clusters", columns=columns).to_pylist()
    return {
        "seconds": end - start - (paired - added),
        "processor_seconds": paid - spent,
        "stages": {
            "signatures": added - start,
            "candidates": paired - added,
            "matches": scanned - paired - (paired - added),
            "clusters": end - scanned,
        },
        "candidates": candidates,
        "derived_pairs": len(ours),
        "clusters": len(clusters),
        "matches_only_here": len(ours - theirs),
        "matches_only_on_spark": len(theirs - ours),
        "identical_matches": ours == theirs,
        "identical_clusters": sorted(map(to_json, clusters)) == sorted(map(to_json, groups)),
        "keys_cut": detector.keys_cut,
        "peak_mb": peak_megabytes(),
    }


def index_in_memory(corpus: Path, store: Path) -> dict[str, Any]:
    """Compare the candidates that Spark stored with those of the index in memory."""
    import numpy as np
    from pyarrow import parquet

    from dedup.index.memory import MemoryIndex
    from dedup.sketch.sketches import sketch

    index = MemoryIndex()
    order = parquet.read_table(corpus, columns=["published", "id"]).to_pylist()
    places = sorted(
        range(len(order)),
        key=lambda n: (order[n]["published"] or "\U0010ffff", order[n]["id"]),
    )
    texts = parquet.read_table(corpus, columns=["text"]).column("text")
    for start in range(0, len(places), 5000):
        index.add(sketch(texts.take(places[start : start + 5000]).to_pylist()))
    blocks = list(index.pairs())
    names = ("earlier", "later", "bands", "fingerprints")
    ours = np.array([np.concatenate([getattr(b, name) for b in blocks]) for name in names])
    columns = ["earlier", "later", "bands", "fingerprints"]
    stored = parquet.read_table(store / "candidates", columns=columns)
    stored = stored.filter(stored.column("earlier").is_valid())
    theirs = np.array([stored.column(name).to_numpy() for name in names])
    same = ours.shape == theirs.shape and bool(
        (ours[:, np.lexsort(ours)] == theirs[:, np.lexsort(theirs)]).all()
    )
    return {"candidates": ours.shape[1], "identical_candidates": same}


def estimate(runs: dict[str, Any]) -> dict[str, Any]:
    """Reckon what 100 million and a billion articles take, by what the largest run measured."""
    whole = [run["spark"] for run in runs.values() if run["spark"]["clusters"] is not None]
    largest = max(whole, key=lambda run: run["articles"])
    articles, stages = largest["articles"], largest["stages"]
    shuffled = {stage: 1e6 * stages[stage]["shuffle_mb"] / articles for stage in STAGES}
    work = {stage: stages[stage]["processor_seconds"] / articles for stage in STAGES}
    per_article = largest["candidates"] / articles
    small, all_real = runs["small"]["spark"], runs["whole"]["spark"]
    growth = math.log(
        (all_real["candidates"] / all_real["articles"]) / (small["candidates"] / small["articles"])
    ) / math.log(all_real["articles"] / small["articles"])
    rows = {}
    for name, count, executors in (("100 million", 10**8, 25), ("1 billion", 10**9, 250)):
        for label, candidates in (
            ("as many candidates as in the largest run", per_article),
            (
                "candidates growing as the real articles' do",
                all_real["candidates"]
                / all_real["articles"]
                * (count / all_real["articles"]) ** growth,
            ),
            ("every article with as many candidates as the limit allows", Nets().limit),
        ):
            more = candidates / per_article
            paired = shuffled["candidates"] + shuffled["matches"]
            moved = shuffled["signatures"] + paired * more + shuffled["clusters"]
            seconds = work["signatures"] + (work["candidates"] + work["matches"]) * more
            hours = seconds * count / 3600
            rows[f"{name} articles, {label}"] = {
                "candidates_per_article": candidates,
                "shuffle_tb": moved * count / 1e12,
                "core_hours": hours,
                "executors": executors,
                "hours": hours / (executors * CORES * USED),
                "driver_gb": 60 * largest["derived_pairs"] / articles * count / 1e9,
            }
    return {
        "from": f"the run of {articles} articles",
        "shuffle_bytes_per_article": shuffled,
        "core_milliseconds_per_article": {stage: 1000 * work[stage] for stage in STAGES},
        "candidates_per_article": per_article,
        "candidates_per_article_grow_with_articles_to_the_power_of": growth,
        "assumed": f"executors of {CORES} cores, {USED:.0%} of their time used; texts, and derived "
        "pairs for each, as in that run; processor time of Spark and its workers as measured",
        "arithmetic": "shuffle = articles * (signatures + (candidates + matches) * growth of the "
        "candidates + clusters), bytes; core hours the same way of processor time; hours = core "
        "hours / (executors * cores * share used); driver = 60 bytes * derived pairs",
        "estimates": rows,
    }


def measure(
    name: str, corpus: Path, work: Path, partitions: int, check: str, until: str
) -> dict[str, Any]:
    """Run Spark, then the check, each in a process of its own."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    results = {}
    for step in ("spark", check):
        command = [sys.executable, __file__, "--step", step, "--data", str(corpus)]
        command += ["--work", str(work), "--partitions", str(partitions), "--until", until]
        print(f"{name}: {step}", file=sys.stderr, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results[step] = json.loads(done.stdout.splitlines()[-1])
    return results


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--largest", type=int, default=50_000)
    parser.add_argument("--only", help="one of the sizes: small, whole, largest")
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="the last stage")
    parser.add_argument("--step", choices=("spark", "process", "index"))
    parser.add_argument("--work", type=Path)
    parser.add_argument("--partitions", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.step:
        store = arguments.work / "store"
        if arguments.step == "spark":
            found = on_spark(arguments.data, arguments.work, arguments.partitions, arguments.until)
        elif arguments.step == "process":
            found = in_one_process(arguments.data, store)
        else:
            found = index_in_memory(arguments.data, store)
        print(json.dumps(found))
        return
    articles = read(arguments.data)
    sizes = {
        "small": (5000, "process"),
        "whole": (len(articles), "process"),
        "largest": (arguments.largest, "index"),
    }
    result: dict[str, Any] = {}
    if arguments.output and arguments.output.exists():
        result = json.loads(arguments.output.read_text(encoding="utf-8"))
    result["command"] = (
        "python benchmarks/spark_scale.py --data FOLDER "
        "--output benchmarks/results/spark_scale.json"
    )
    result["replicas"] = " ".join((__doc__ or "").split("\n\n")[-1].split())
    runs = result.setdefault("runs", {})
    for name, (count, check) in sizes.items():
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder) / "corpus.parquet"
            write(replicas(articles, count), corpus)
            run = {"machine": describe_machine()}
            work = Path(folder) / "work"
            partitions = max(8, count // 3000)
            run |= measure(name, corpus, work, partitions, check, arguments.until)
        if "process" in run:
            stages = run["spark"]["stages"].values()
            run["spark_over_process"] = {
                "seconds": run["spark"]["seconds"] / run["process"]["seconds"],
                "processor_seconds": sum(stage["processor_seconds"] for stage in stages)
                / run["process"]["processor_seconds"],
            }
        runs[name if arguments.until == STAGES[-1] else f"{name}, to {arguments.until}"] = run
        if {"small", "whole"} <= set(runs):
            result["estimate"] = estimate(runs)
        text = json.dumps(_rounded(result), indent=2)
        if arguments.output:
            arguments.output.write_text(text + "\n", encoding="utf-8")
    print(json.dumps(_rounded(result), indent=2))


def _rounded(value: Any) -> Any:  # noqa: ANN401
    return json.loads(json.dumps(value), parse_float=lambda number: float(f"{float(number):.4g}"))


if __name__ == "__main__":
    main()
