r"""The index on disk: adding, asking, opening, its size, beside a posting table and datasketch.

    python benchmarks/disk_index.py --directory SOMEWHERE_WITH_6_GB \
        [--articles 1000000] [--output benchmarks/results/disk_index.json]

Articles are synthetic (`synthetic_articles.py`): 500 words by Zipf's law, a tenth edited copies of
earlier ones, ids in no order. Making them is not counted; sketching them (by the kernel) is. At
10,000, 100,000 and all articles a reader in a process of its own opens the index and asks, as
adding has left it; then once more after `compact`. What a reader asks is half unseen articles, half
stored ones with their first fifth cut. Beside it, in processes of their own and as far as told: the
plain way, a SQLite table of postings in the same durable mode, and datasketch's dictionaries.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from laps import milliseconds, timed
from synthetic_articles import WORDS, synthetic_articles

from dedup.article import Article
from dedup.index.disk.library import DiskLibrary
from dedup.sketch.sketches import Sketches, sketch

BATCH = 4096
CHECKPOINTS = (10_000, 100_000)
QUERIES = 2000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--directory", type=Path, required=True)
    options.add_argument("--articles", type=int, default=1_000_000)
    options.add_argument("--postings", type=int, default=200_000, help="0 leaves it out")
    options.add_argument("--datasketch", type=int, default=100_000, help="0 leaves it out")
    options.add_argument("--output", type=Path)
    options.add_argument("--part", choices=[*PARTS], help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given)))
        return
    given.directory.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "command": "python benchmarks/disk_index.py --directory SOMEWHERE "
        "--output benchmarks/results/disk_index.json",
        "what": __doc__.split("\n")[0],
        "machine": machine(),
        "words_an_article": WORDS,
        "articles_a_batch": BATCH,
        "ours": build(given),
    }
    result["at_100_million"] = at_100_million(result["ours"])
    if given.postings:
        result["posting_table"] = run(given, "postings")
    if given.datasketch:
        result["datasketch_128x1"] = run(given, "datasketch-128x1")
        result["datasketch_25x5"] = run(given, "datasketch-25x5")
    print(json.dumps(result, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n")
        draw(result, given.output.with_suffix(".png"))


def build(given: argparse.Namespace) -> dict[str, Any]:
    path = given.directory / "index"
    shutil.rmtree(path, ignore_errors=True)
    sketch(["a few words only"] * 9, path="kernel")
    laps, used = [], []
    readers: dict[str, Any] = {}
    chosen: list[Article] = []
    every = max(1, given.articles // (QUERIES // 2))
    library = DiskLibrary.create(path)
    done = 0
    for articles in synthetic_articles(given.articles, batch=BATCH):
        start, busy = time.perf_counter(), time.process_time()
        library.add(articles, sketch([a.text for a in articles], path="kernel"))
        laps.append(time.perf_counter() - start)
        used.append(time.process_time() - busy)
        chosen += articles[(-done) % every :: every]
        done += len(articles)
        for checkpoint in CHECKPOINTS:
            if done - len(articles) < checkpoint <= done < given.articles:
                library.index.builder.settle()
                readers[str(done)] = ask(given, chosen, library)
    start = time.perf_counter()
    library.index.builder.settle()
    settling = time.perf_counter() - start
    readers[str(done)] = ask(given, chosen, library)
    start = time.perf_counter()
    library.compact()
    compacting = time.perf_counter() - start
    readers["after compact"] = ask(given, chosen, library)
    library.close()
    tenths = [sum(part) for part in np.array_split(np.array(laps), 10)]
    sizes = [len(part) * BATCH for part in np.array_split(np.array(laps), 10)]
    return {
        "articles": done,
        "added_per_second": round(done / (sum(laps) + settling)),
        "processor_microseconds_an_article": round(1e6 * sum(used) / done, 1),
        "processor_microseconds_by_tenths": [
            round(1e6 * sum(part) / n, 1)
            for n, part in zip(sizes, np.array_split(np.array(used), 10), strict=True)
        ],
        "per_second_by_tenths": [round(n / t) for n, t in zip(sizes, tenths, strict=True)],
        "last_tenth_to_first": round(float(tenths[-1] / tenths[0]), 3),
        "settling_seconds": round(settling, 2),
        "compacting_seconds": round(compacting, 1),
        "writer_memory_mb": anonymous_mb(),
        "check_whole_process": check(given),
        "readers": readers,
    }


def check(given: argparse.Namespace) -> dict[str, Any]:
    """Time `dedup check` of one file against the index, as processes; the first question asked."""
    file = given.directory / "incoming.txt"
    file.write_text(json.loads((given.directory / "queries.json").read_text())[0])
    command = [sys.executable, "-c", "from dedup.cli import main; main()", "check", str(file)]
    laps = []
    for _ in range(6):
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "--index", str(given.directory / "index")], capture_output=True, check=False
        )
        laps.append(time.perf_counter() - start)
        assert done.returncode == 1, done.stderr.decode()  # it is a cut copy of one of them
    return {
        "first_seconds": round(laps[0], 2),
        "second_seconds": round(laps[1], 2),
        "median_of_later_seconds": round(statistics.median(laps[1:]), 2),
    }


def ask(given: argparse.Namespace, chosen: list[Article], library: DiskLibrary) -> dict[str, Any]:
    """Let a reader open the index and ask; add what the index takes on the disk."""
    unseen = next(synthetic_articles(QUERIES // 2, seed=999, batch=QUERIES // 2))
    rng = np.random.default_rng(5)
    picked = rng.choice(len(chosen), min(len(chosen), QUERIES // 2), replace=False)
    cut = [" ".join(chosen[number].text.split()[WORDS // 5 :]) for number in picked.tolist()]
    texts = [text for pair in zip(cut, (a.text for a in unseen), strict=False) for text in pair]
    (given.directory / "queries.json").write_text(json.dumps(texts))
    library.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    info = library.info()
    texts_bytes = library.connection.execute(
        "SELECT sum(length(text)) FROM articles WHERE row % 50 = 0"
    ).fetchone()[0]
    counted = len(range(0, info.articles, 50))
    text = texts_bytes / counted
    besides = (info.database_bytes + info.segment_bytes) / info.articles - text
    return {
        **run(given, "reader"),
        "segments": info.segments,
        "pending": info.pending,
        "bytes_an_article": {
            "compressed text": round(text),
            "segments": round(info.segment_bytes / info.articles),
            "all besides the text": round(besides),
        },
    }


def reader(given: argparse.Namespace) -> dict[str, Any]:
    """Measure in this process what a reader takes."""
    texts = json.loads((given.directory / "queries.json").read_text())
    sketches = sketch(texts, path="kernel")
    singles = [one(sketches, number) for number in range(len(texts))]
    before = anonymous_mb()
    opening = []
    for _ in range(5):
        start = time.perf_counter()
        library = DiskLibrary.open(given.directory / "index")
        opening.append(time.perf_counter() - start)
        if len(opening) < 5:
            library.close()
    start = time.perf_counter()
    library.index.candidates(singles[0])
    first = time.perf_counter() - start
    times = timed(lambda number: library.index.candidates(singles[number]), len(singles))
    batches = []
    for _ in range(3):
        start = time.perf_counter()
        found = library.index.candidates(sketches)
        batches.append(len(texts) / (time.perf_counter() - start))
    hits = sum(
        found.offsets[number] < found.offsets[number + 1] for number in range(0, len(texts), 2)
    )
    fetching = timed(
        lambda number: library.articles(found.rows[found.of(2 * number)].tolist()), len(texts) // 2
    )
    return {
        "opening_ms": milliseconds(opening),
        "first_question_ms": round(1e3 * first, 2),
        "candidates_ms": milliseconds(times),
        "candidates_ms_ninety_ninth": round(1e3 * float(np.quantile(times, 0.99)), 3),
        "candidates_per_second_batched": round(max(batches)),
        "fetching_the_articles_ms": milliseconds(fetching),
        "candidates_an_article": round(len(found.rows) / len(texts), 2),
        "cut_articles_found": round(2 * float(hits) / len(texts), 4),
        "memory_mb": anonymous_mb(),
        "memory_before_opening_mb": before,
    }


def postings(given: argparse.Namespace) -> dict[str, Any]:
    """Keep band values and fingerprints as rows of a SQLite table, durably, batch by batch."""
    file = given.directory / "postings.db"
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -262144"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TABLE postings(key INTEGER, row INTEGER, PRIMARY KEY(key, row)) WITHOUT ROWID"
    )
    laps: list[float] = []
    done = 0
    for articles in synthetic_articles(given.postings, batch=BATCH):
        start = time.perf_counter()
        keys, rows = keys_of(sketch([a.text for a in articles], path="kernel"))
        order = np.argsort(keys)  # in the order of the tree, which is kinder to it
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO postings VALUES (?, ?)",
            zip(keys[order].tolist(), (rows[order] + done).tolist(), strict=True),
        )
        connection.execute("COMMIT")
        laps.append(time.perf_counter() - start)
        done += len(articles)
    connection.close()
    size = file.stat().st_size
    file.unlink()
    tenths = [len(part) * BATCH / sum(part) for part in np.array_split(np.array(laps), 10)]
    return {
        "articles": done,
        "per_second_by_tenths": [round(float(tenth)) for tenth in tenths],
        "added_per_second": round(done / sum(laps)),
        "bytes_an_article": round(size / done),
    }


def keys_of(sketches: Sketches) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return band values and fingerprints as keys of one table, and whose they are."""
    count, bands = sketches.signatures.shape
    banded = sketches.signatures.astype(np.int64) | np.arange(bands, dtype=np.int64) << 32
    prints = sketches.fingerprints.astype(np.int64) | bands << 32
    owners = np.repeat(np.arange(count), np.diff(sketches.fingerprint_offsets))
    rows = np.concatenate([np.repeat(np.arange(count), bands), owners])
    return np.concatenate([banded.ravel(), prints]), rows


def datasketch_dictionaries(
    bands: int, rows: int
) -> Callable[[argparse.Namespace], dict[str, Any]]:
    def measure(given: argparse.Namespace) -> dict[str, Any]:
        from datasketch import MinHash, MinHashLSH

        before = anonymous_mb()
        lsh = MinHashLSH(num_perm=128, params=(bands, rows))
        spent, done = 0.0, 0
        for articles in synthetic_articles(given.datasketch, batch=BATCH):
            signatures = sketch([a.text for a in articles], path="kernel").signatures
            start = time.perf_counter()
            for number, signature in enumerate(signatures):
                lsh.insert(
                    done + number,
                    MinHash(num_perm=128, seed=1, hashvalues=signature, scheme="affine32"),
                )
            spent += time.perf_counter() - start
            done += len(articles)
        memory = anonymous_mb() - before
        asked = [
            MinHash(num_perm=128, seed=1, hashvalues=signature, scheme="affine32")
            for signature in signatures[:500]
        ]
        times = timed(lambda number: lsh.query(asked[number]), len(asked))
        return {
            "articles": done,
            "inserted_per_second": round(done / spent),
            "query_ms": milliseconds(times),
            "memory_mb": round(memory),
            "memory_bytes_an_article": round(memory * 1e6 / done),
        }

    return measure


def one(sketches: Sketches, number: int) -> Sketches:
    fingerprints = sketches.fingerprints_of(number)
    part = slice(number, number + 1)
    return Sketches(
        sketches.signatures[part],
        sketches.text_hashes[part],
        sketches.word_counts[part],
        fingerprints,
        np.array([0, len(fingerprints)]),
    )


def anonymous_mb() -> float:
    """Return the memory of this process that is not a mapped file, in MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(next(int(x.split()[1]) for x in lines if x.startswith("RssAnon")) * 1024 / 1e6, 1)


def run(given: argparse.Namespace, part: str) -> dict[str, Any]:
    """Run a part in a process of its own."""
    command = [sys.executable, __file__, "--directory", str(given.directory), "--part", part]
    command += ["--postings", str(given.postings), "--datasketch", str(given.datasketch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sqlite": sqlite3.sqlite_version,
    }


def draw(result: dict[str, Any], file: Path) -> None:
    """Draw what an article costs against how many there are."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for name, label in (("ours", "this index"), ("posting_table", "SQLite posting table")):
        if name in result:
            part = result[name]
            tenths = part["per_second_by_tenths"]
            sizes = [part["articles"] * (number + 0.5) / 10 for number in range(10)]
            left.plot(sizes, tenths, marker="o", label=label)
    left.set(xlabel="articles in the index", ylabel="articles added a second", xscale="log")
    left.set_ylim(0)
    left.legend()
    readers = dict(points(result["ours"]["readers"]))
    right.plot(
        list(readers),
        [r["candidates_ms"] for r in readers.values()],
        marker="o",
        label="one article",
    )
    right.plot(
        list(readers),
        [1e3 / r["candidates_per_second_batched"] for r in readers.values()],
        marker="o",
        label="in batches",
    )
    right.set(xlabel="articles in the index", ylabel="ms for an article's candidates", xscale="log")
    right.set_ylim(0)
    right.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def at_100_million(ours: dict[str, Any]) -> dict[str, Any]:
    """Reckon what 100 million articles take, as the last of these articles took it.

    Memory goes on by what a reader took more at the last size than at the one before. The hours are
    the least: a row is written once more for each doubling, and of ids put away together hardly two
    change the same page any more.
    """
    count = 10**8
    (few, before), (many, last) = list(points(ours["readers"]))[-2:]
    an_article = (last["memory_mb"] - before["memory_mb"]) / (many - few)
    memory = last["memory_mb"] + (count - many) * an_article
    return {
        "besides_the_text_gb": round(
            count * last["bytes_an_article"]["all besides the text"] / 1e9
        ),
        "reader_memory_gb": round(memory / 1e3, 1),
        "hours_to_add_at_least": round(count / ours["per_second_by_tenths"][-1] / 3600, 1),
    }


def points(readers: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for size, found in readers.items():
        if size.isdigit():
            yield int(size), found


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "reader": reader,
    "check": check,
    "postings": postings,
    "datasketch-128x1": datasketch_dictionaries(128, 1),
    "datasketch-25x5": datasketch_dictionaries(25, 5),
}

if __name__ == "__main__":
    main()
