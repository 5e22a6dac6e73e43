"""Count what `scan` misses: every pair of a corpus is compared by brute force beside it.

    python benchmarks/completeness.py --docs DOCS.jsonl --output FILE.json

Brute force compares all n(n-1)/2 pairs word by word, nothing rejected beforehand; `scan` goes
through the index and rejects by shared shingles.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import combinations
from pathlib import Path

from dedup.detector import Detector
from dedup.reading.inputs import read_articles
from dedup.scoring.compiled import compiled
from dedup.scoring.prepared import prepare
from dedup.scoring.verifying import verify


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    articles = list(read_articles([str(arguments.docs)], lambda _: None))
    detector = Detector()
    detector.add(articles)
    start = time.perf_counter()
    scanned = {frozenset((match.a.id, match.b.id)) for match in detector.scan()}
    scan_seconds = time.perf_counter() - start

    start = time.perf_counter()
    prepared = [prepare(article, 5) for article in articles]
    aligner = compiled().align
    by_force = {}
    for a, b in combinations(prepared, 2):
        match = verify(a, b, aligner=aligner)
        if match.derived:
            by_force[frozenset((match.a.id, match.b.id))] = match
    force_seconds = time.perf_counter() - start

    # Of articles with the same words, scan pairs each with the earliest only, and that one with
    # all others; a pair counts as found if its texts are those of a pair that was reported.
    text_of = {text.text.article.id: text.text.words.folded for text in prepared}
    found_texts = {frozenset(text_of[i] for i in pair) for pair in scanned}
    missed = [
        match
        for pair, match in by_force.items()
        if frozenset(text_of[i] for i in pair) not in found_texts
        and len({text_of[i] for i in pair}) > 1
    ]
    result = {
        "command": "python benchmarks/completeness.py --docs DOCS.jsonl "
        "--output benchmarks/results/completeness.json",
        "articles": len(articles),
        "pairs_compared_by_brute_force": len(articles) * (len(articles) - 1) // 2,
        "derived_by_brute_force": len(by_force),
        "derived_by_scan": len(scanned),
        "missed_by_scan": len(missed),
        "missed": [
            {
                "a": match.a.id,
                "b": match.b.id,
                "relation": match.relation,
                "narrative_percents": [
                    match.overlap.narrative_percent_a,
                    match.overlap.narrative_percent_b,
                ],
            }
            for match in missed[:50]
        ],
        "brute_force_seconds": round(force_seconds, 1),
        "scan_seconds": round(scan_seconds, 1),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
