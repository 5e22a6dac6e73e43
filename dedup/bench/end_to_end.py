"""From files to derived pairs, each tool in a process of its own, in interleaved rounds.

The other tools bring pairs together; the word-by-word comparison behind them is ours for all, so
that every run ends with the same kind of answer, and the derived pairs it found can be counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import islice
from statistics import median
from typing import Any

from dedup.article import Article, DedupError
from dedup.bench.machine import peak_megabytes
from dedup.bench.peers import TOOLS, installed
from dedup.detector import Detector
from dedup.reading.inputs import ReadOptions, read_articles
from dedup.reading.jsonl import Fields
from dedup.scoring.match import FoundBy
from dedup.scoring.verifying import Verifier

OURS = "dedup"


def measure_end_to_end(
    docs: Sequence[str],
    most: int,
    rounds: int,
    options: ReadOptions,
    advance: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Return for each tool the median seconds of whole process and phases, and its peak memory.

    Parameters
    ----------
    docs, most, options
        What is read: the first ``most`` articles.
    advance
        Called after each run.
    """
    tools = [OURS, *(tool for tool, (module, _) in TOOLS.items() if installed(module))]
    runs: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            runs[tool].append(_run(tool, docs, most, options))
            advance()
    base = median(run["seconds"] for run in runs[OURS])
    return {tool: _summary(of, base) for tool, of in runs.items()}


def _summary(runs: Sequence[dict[str, Any]], base: float) -> dict[str, Any]:
    seconds = median(run["seconds"] for run in runs)
    peaks = [run["peak_mb"] for run in runs if run["peak_mb"] is not None]
    return {
        "seconds": round(seconds, 3),
        "least_seconds": round(min(run["seconds"] for run in runs), 3),
        "ratio_to_dedup": round(seconds / base, 2),
        "phases": {
            name: round(median(run["phases"][name] for run in runs), 3)
            for name in runs[0]["phases"]
        },
        "peak_mb": round(median(peaks), 1) if peaks else None,
        "derived_pairs": runs[0]["derived_pairs"],
        "runs": len(runs),
    }


def _run(tool: str, docs: Sequence[str], most: int, options: ReadOptions) -> dict[str, Any]:
    given = {
        "tool": tool,
        "docs": list(docs),
        "most": most,
        "max_bytes": options.max_bytes,
        "encoding": options.encoding,
        "fields": asdict(options.fields),
    }
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "dedup.bench.end_to_end"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        last = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        raise DedupError(f"the run of {tool} failed: {last}")
    return {"seconds": seconds, **json.loads(done.stdout)}


# In the process of its own ----------------------------------------------------------------------


def main() -> None:
    """Run one tool as standard input says, and write what it took to standard output."""
    given = json.load(sys.stdin)
    options = ReadOptions(
        max_bytes=given["max_bytes"], encoding=given["encoding"], fields=Fields(**given["fields"])
    )
    start = time.perf_counter()
    articles = list(islice(read_articles(given["docs"], lambda _: None, options), given["most"]))
    read = time.perf_counter() - start
    phases, derived = (_ours if given["tool"] == OURS else _theirs)(articles, given["tool"])
    result = {
        "phases": {"read": read, **phases},
        "derived_pairs": derived,
        "peak_mb": peak_megabytes(),
    }
    sys.stdout.write(json.dumps(result))


def _ours(articles: list[Article], _: str) -> tuple[dict[str, float], int]:
    start = time.perf_counter()
    detector = Detector()
    detector.add(articles)
    added = time.perf_counter()
    derived = sum(1 for _ in detector.scan())
    phases = {"sketch and index": added - start, "find and verify": time.perf_counter() - added}
    return phases, derived


def _theirs(articles: list[Article], tool: str) -> tuple[dict[str, float], int]:
    start = time.perf_counter()
    found = sorted(TOOLS[tool][1]([article.text for article in articles]))
    joined = time.perf_counter()
    verifier = Verifier(5)
    verifier.expect(len(found))
    matches = (verifier.verify(articles[i], articles[j], FoundBy(0, 0, 0.0)) for i, j in found)
    derived = sum(match is not None and match.derived for match in matches)
    phases = {"sketch and find": joined - start, "verify": time.perf_counter() - joined}
    return phases, derived


if __name__ == "__main__":
    main()
