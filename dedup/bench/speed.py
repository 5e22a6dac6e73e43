"""``dedup bench speed``: what each stage takes, beside other tools and beside the floors.

Stages run in this process, in interleaved rounds: every contestant once a round, in order, the
first round to warm up. Reported are medians, and ratios of medians. Floors are what no program
could do without that touches every byte, or reads every record. Whole runs, in processes of their
own, are long and have a round less.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from statistics import median
from typing import Any

import numpy as np
import xxhash

from dedup.article import Article, DedupError
from dedup.bench import peers
from dedup.bench.end_to_end import OURS, measure_end_to_end
from dedup.bench.machine import describe_machine
from dedup.bench.tables import Cell, Table
from dedup.index.memory import MemoryIndex
from dedup.reading.inputs import ReadOptions, Report, read_articles
from dedup.scoring.match import FoundBy
from dedup.scoring.verifying import Verifier
from dedup.sketch.sketches import KernelMissing, Sketches, sketch

SCHEMA = "dedup.bench.speed/1"

COPY, HASH, PARSE = "floor: memory copy", "floor: xxh3 of the bytes", "floor: JSON parsing"
READ, NUMPY, KERNEL = "read", "sketch, NumPy", "sketch, kernel, 1 thread"
ADD, CANDIDATES, ASK = "index add", "candidates, all pairs", "candidates, asked for each"
SCORE = "score candidate pairs"
DATASKETCH, DATASKETCH_LSH = "datasketch MinHash.bulk", "datasketch MinHashLSH"
RENSA, RENSA_LSH = "rensa RMinHash", "rensa RMinHashLSH"
GAOYA, SHINGLES = "gaoya, sketch and find", "shingles of datasketch and rensa alone"

MOST_SCORED = 1000
"""Candidate pairs that are scored, evenly taken from all of them."""

Stages = dict[str, Callable[[], object]]
Advance = Callable[[], object]


def measure_speed(
    docs: Sequence[str],
    options: ReadOptions,
    *,
    most: int,
    rounds: int,
    report: Report = lambda _: None,
    advance: Advance = lambda: None,
) -> dict[str, Any]:
    """Measure stages and whole runs over the first ``most`` articles; ready for JSON.

    What cannot be read is reported once; ``advance`` is called after each run of a stage or tool.

    Raises
    ------
    DedupError
        If no articles are found.
    """
    machine = describe_machine()
    articles = list(islice(read_articles(docs, report, options), most))
    if not articles:
        raise DedupError("no articles were found; nothing can be measured")
    size = sum(len(article.text.encode("utf-8", "surrogatepass")) for article in articles)
    stages, facts = stages_for(docs, options, articles)
    times = interleaved(stages, rounds, advance)
    whole = measure_end_to_end(docs, most, max(1, rounds - 1), options, advance)
    return {
        "schema": SCHEMA,
        "machine": machine,
        "articles": len(articles),
        "bytes": size,
        **facts,
        "rounds": rounds,
        "stages": {
            name: _stage(taken, size, facts["scored_pairs"] if name == SCORE else len(articles))
            for name, taken in times.items()
        },
        "ratios": _ratios(times),
        "end_to_end": whole,
        "skipped": skipped(stages),
    }


def stages_for(
    docs: Sequence[str], options: ReadOptions, articles: Sequence[Article]
) -> tuple[Stages, dict[str, int]]:
    """Return the contestants, each from the same inputs, and how many pairs there are to score."""
    texts = [article.text for article in articles]
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    whole = np.frombuffer(b"".join(parts), np.uint8)
    target = whole.copy()
    records = [json.dumps({"id": a.id, "text": a.text, "title": a.title}) for a in articles]
    stages: Stages = {
        COPY: lambda: np.copyto(target, whole),
        HASH: lambda: [xxhash.xxh3_64_intdigest(part) for part in parts],
        PARSE: lambda: [json.loads(record) for record in records],
        READ: lambda: list(islice(read_articles(docs, lambda _: None, options), len(articles))),
        NUMPY: lambda: sketch(texts, path="numpy"),
    }
    if _kernel_works():
        stages[KERNEL] = lambda: sketch(texts, threads=1, path="kernel")
        threads = os.cpu_count() or 1
        if threads > 1:
            stages[f"sketch, kernel, {threads} threads"] = lambda: sketch(texts, path="kernel")
    stages[SHINGLES] = lambda: [len(peers.shingles(text)) for text in texts]
    stages[DATASKETCH] = lambda: peers.datasketch_sketches(texts)
    if peers.installed("rensa"):
        stages[RENSA] = lambda: peers.rensa_sketches(texts)
    sketches = sketch(texts)
    found = _pairs(sketches)
    stages[ADD] = lambda: _index(sketches)
    filled = _index(sketches)
    stages[CANDIDATES] = lambda: list(filled.pairs())
    stages[ASK] = lambda: _index(sketches).candidates(sketches)
    minhashes = peers.datasketch_sketches(texts)
    stages[DATASKETCH_LSH] = lambda: peers.datasketch_join(minhashes)
    if peers.installed("rensa"):
        ready = peers.rensa_sketches(texts)
        stages[RENSA_LSH] = lambda: peers.rensa_join(ready)
    if peers.installed("gaoya"):
        stages[GAOYA] = lambda: peers.gaoya_pairs(texts)
    scored = found[:: -(-len(found) // MOST_SCORED) or 1]
    stages[SCORE] = lambda: _score(articles, scored, len(found))
    return stages, {"candidate_pairs": len(found), "scored_pairs": len(scored)}


def interleaved(stages: Stages, rounds: int, advance: Advance) -> dict[str, list[float]]:
    """Return the seconds of each run; a first round warms up and is not counted."""
    times: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(rounds + 1):
        for name, run in stages.items():
            start = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - start)
            advance()
    return times


def runs_to_come(rounds: int) -> int:
    """Return about how often `measure_speed` will advance, for a progress bar."""
    return (rounds + 1) * 17 + max(1, rounds - 1) * 5


def skipped(stages: Mapping[str, object]) -> list[str]:
    """Say what was left out and how to install it."""
    missing = [tool for tool in ("rensa", "gaoya") if not peers.installed(tool)]
    told = [f"{tool} is not installed and was left out; {peers.INSTALL}" for tool in missing]
    if KERNEL not in stages:
        told.append("the kernel needs numba and was left out; pip install 'dedup-wire[fast]'")
    return told


def speed_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a result."""
    machine, articles = result["machine"], result["articles"]
    rows: list[list[Cell]] = [
        [
            name,
            _seconds(of["seconds"]),
            f"{of['microseconds_each']:.1f}",
            None if name == SCORE else _rate(of),
        ]
        for name, of in result["stages"].items()
    ]
    whole = [
        [
            tool,
            _seconds(of["seconds"]),
            f"{of['ratio_to_dedup']:.2f}",
            None if of["peak_mb"] is None else f"{of['peak_mb']:.0f}",
            of["derived_pairs"],
        ]
        for tool, of in result["end_to_end"].items()
    ]
    ratios = [[f"{r['of']} / {r['to']}", f"{r['medians']:.2f}"] for r in result["ratios"]]
    return [
        Table(
            f"Stages: {articles:,} articles, {result['bytes'] / 1e6:.1f} MB, median of "
            f"{result['rounds']} interleaved rounds",
            ["", "seconds", "µs an article", "MB/s"],
            rows,
            [
                f"{result['scored_pairs']:,} of {result['candidate_pairs']:,} candidate pairs were "
                "scored; µs are of a pair there."
            ],
        ),
        Table("Ratios of medians", ["", "times"], ratios),
        Table(
            "End to end: files to derived pairs, a process each",
            ["", "seconds", f"times {OURS}", "peak MB", "derived pairs found"],
            whole,
            [
                f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
                f"Python {machine['python']}",
                *result["skipped"],
            ],
        ),
    ]


def _index(sketches: Sketches) -> MemoryIndex:
    index = MemoryIndex()
    index.add(sketches)
    return index


def _pairs(sketches: Sketches) -> list[tuple[int, int]]:
    blocks = list(_index(sketches).pairs())
    return [
        pair
        for block in blocks
        for pair in zip(block.earlier.tolist(), block.later.tolist(), strict=True)
    ]


def _score(articles: Sequence[Article], found: Sequence[tuple[int, int]], of: int) -> int:
    verifier = Verifier(peers.SHINGLE)
    verifier.expect(of)  # as where all are scored, so that the same aligner is taken
    return sum(
        verifier.verify(articles[i], articles[j], FoundBy(0, 0, 0.0)) is not None for i, j in found
    )


def _kernel_works() -> bool:
    try:
        sketch(["a b c d e f"], path="kernel")
    except KernelMissing:
        return False
    return True


def _stage(taken: Sequence[float], size: int, items: int) -> dict[str, Any]:
    """Summarise a stage over so many articles; that of scoring, over so many pairs."""
    middle = median(taken)
    return {
        "seconds": round(middle, 6),
        "least_seconds": round(min(taken), 6),
        "microseconds_each": round(middle / max(items, 1) * 1e6, 2),
        "mb_per_second": round(size / middle / 1e6, 1),
        "runs": len(taken),
    }


def _ratios(times: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    ours = KERNEL if KERNEL in times else NUMPY
    wanted = (
        (DATASKETCH, ours),
        (RENSA, ours),
        (NUMPY, ours),
        (ours, COPY),
        (ours, HASH),
        (READ, PARSE),
        (DATASKETCH_LSH, ASK),
        (RENSA_LSH, ASK),
    )
    return [
        {
            "of": slow,
            "to": fast,
            "medians": round(median(times[slow]) / median(times[fast]), 2),
            "minima": round(min(times[slow]) / min(times[fast]), 2),
        }
        for slow, fast in wanted
        if slow in times and fast in times
    ]


def _seconds(value: float) -> str:
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


def _rate(of: Mapping[str, Any]) -> str:
    rate = of["mb_per_second"]
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"
