"""Time `dedup scan` of a large corpus as a whole process, beside what else could be assembled.

    python benchmarks/scan_scale.py --docs FOLDER --output benchmarks/results/scan_scale.json

FOLDER holds JSON Lines of articles. The peers are the best a user could put together: shingles and
MinHash by datasketch (``MinHash.bulk`` with xxh32, ``MinHashLSH``) or rensa (``RMinHash``,
``RMinHashLSH``) at the threshold 0.5 most people start from, and the same word-level verification
of ours behind them. Each runs in a process of its own; what is reported is wall time, peak memory
and how many derived pairs were found.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.detector import Detector
from dedup.reading.inputs import read_articles
from dedup.scoring.match import FoundBy
from dedup.scoring.verifying import Verifier
from dedup.sketch.shingles import shingles

THRESHOLD = 0.5
NUM_PERM = 128


def read(docs: Path) -> list[Article]:
    """Read the articles of a folder."""
    return list(read_articles([str(docs)], lambda _: None))


def ours(articles: list[Article]) -> dict[str, Any]:
    """Scan with dedup, stage by stage."""
    start = time.perf_counter()
    detector = Detector()
    detector.add(articles)
    sketched = time.perf_counter()
    candidates = sum(len(pairs) for pairs in detector.library.index.pairs())
    joined = time.perf_counter()
    matches = list(detector.scan())
    verified = time.perf_counter()
    clusters = detector.clusters(matches)
    return {
        "sketch_and_add_seconds": sketched - start,
        "candidates_seconds": joined - sketched,
        "verify_seconds": verified - joined - (joined - sketched),
        "clusters_seconds": time.perf_counter() - verified,
        "candidates": candidates,
        "derived_pairs": len(matches),
        "clusters": len(clusters),
    }


def by_datasketch(articles: list[Article]) -> dict[str, Any]:
    """Find candidates with datasketch, then verify."""
    import xxhash
    from datasketch import MinHash, MinHashLSH

    def pairs() -> Iterable[tuple[int, int]]:
        sets = [list(shingles(article.text)) for article in articles]
        minhashes = MinHash.bulk(
            sets, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest, scheme="affine32"
        )
        lsh = MinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM)
        for number, minhash in enumerate(minhashes):
            for other in lsh.query(minhash):
                yield other, number
            lsh.insert(number, minhash)

    return _verified(articles, pairs)


def by_rensa(articles: list[Article]) -> dict[str, Any]:
    """Find candidates with rensa, then verify."""
    from rensa import RMinHash, RMinHashLSH

    def pairs() -> Iterable[tuple[int, int]]:
        lsh = RMinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM, num_bands=32)
        for number, article in enumerate(articles):
            minhash = RMinHash(num_perm=NUM_PERM, seed=1)
            minhash.update([shingle.decode() for shingle in shingles(article.text)])
            for other in lsh.query(minhash):
                yield other, number
            lsh.insert(number, minhash)

    return _verified(articles, pairs)


def _verified(
    articles: list[Article], pairs: Callable[[], Iterable[tuple[int, int]]]
) -> dict[str, Any]:
    start = time.perf_counter()
    found = sorted(set(pairs()))
    joined = time.perf_counter()
    verifier = Verifier(5)
    verifier.expect(len(found))
    matches = [verifier.verify(articles[i], articles[j], FoundBy(0, 0, 0.0)) for i, j in found]
    return {
        "candidates_seconds": joined - start,
        "verify_seconds": time.perf_counter() - joined,
        "candidates": len(found),
        "derived_pairs": sum(match is not None and match.derived for match in matches),
    }


TOOLS = {"dedup": ours, "datasketch": by_datasketch, "rensa": by_rensa}


def run_one(tool: str, docs: Path) -> None:
    """Run one tool in this process and print what it took as JSON."""
    start = time.perf_counter()
    articles = read(docs)
    read_seconds = time.perf_counter() - start
    result = {"read_seconds": read_seconds, **TOOLS[tool](articles)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**result, "peak_mb": peak / 1024}))


def command_line(docs: Path, cache: str | None) -> dict[str, float]:
    """Time the command itself; without a cache of compiled code it is a first run."""
    import os

    env = {**os.environ, **({"NUMBA_CACHE_DIR": cache} if cache else {})}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from dedup.cli import main; main()", "scan", str(docs)],
        stdout=subprocess.DEVNULL,
        env=env,
        check=True,
    )
    return {"wall_seconds": time.perf_counter() - start}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--tool", choices=TOOLS)
    arguments = parser.parse_args()
    if arguments.tool:
        run_one(arguments.tool, arguments.docs)
        return
    tools = {}
    for tool in TOOLS:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "--docs", str(arguments.docs), "--tool", tool],
            capture_output=True,
            text=True,
            check=True,
        )
        tools[tool] = {"wall_seconds": time.perf_counter() - start, **json.loads(done.stdout)}
    with tempfile.TemporaryDirectory() as cache:
        command = {
            "first run (compiles)": command_line(arguments.docs, cache),
            "second run": command_line(arguments.docs, cache),
        }
    result = {
        "command": "python benchmarks/scan_scale.py --docs FOLDER "
        "--output benchmarks/results/scan_scale.json",
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "articles": len(read(arguments.docs)),
        "dedup scan, whole process": command,
        "tools": tools,
        "wall_ratio_to_dedup": {
            tool: tools[tool]["wall_seconds"] / tools["dedup"]["wall_seconds"] for tool in tools
        },
    }
    text = json.dumps(
        json.loads(json.dumps(result), parse_float=lambda x: round(float(x), 2)), indent=2
    )
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
