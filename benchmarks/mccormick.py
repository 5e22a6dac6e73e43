"""Find the expected near-duplicates of McCormick's MinHash articles.

    python benchmarks/mccormick.py --data FOLDER --output benchmarks/results/mccormick.json

FOLDER holds ``articles_100.train`` (an id and a text a line) with ``articles_100.truth`` (two ids a
line), and the same for 1000.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from dedup.article import Article
from dedup.detector import Detector


def measure(folder: Path, size: int) -> dict[str, object]:
    """Scan one set; say which expected pairs were found and which others."""
    lines = (folder / f"articles_{size}.train").read_text(encoding="utf-8").splitlines()
    parts = [line.partition(" ") for line in lines if line.strip()]
    articles = [Article(number, text) for number, _, text in parts]
    truth = (folder / f"articles_{size}.truth").read_text(encoding="utf-8").splitlines()
    expected = {frozenset(line.split()) for line in truth if line.strip()}
    start = time.perf_counter()
    detector = Detector()
    detector.add(articles)
    matches = {frozenset((match.a.id, match.b.id)): match for match in detector.scan()}
    return {
        "articles": len(articles),
        "expected": len(expected),
        "found": len(expected & matches.keys()),
        "seconds": round(time.perf_counter() - start, 2),
        "others": [
            {
                "pair": sorted(pair),
                "relation": match.relation,
                "percents": [round(match.overlap.percent_a, 1), round(match.overlap.percent_b, 1)],
            }
            for pair, match in matches.items()
            if pair not in expected
        ],
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    result = {
        "command": "python benchmarks/mccormick.py --data FOLDER "
        "--output benchmarks/results/mccormick.json",
        "sets": [measure(arguments.data, size) for size in (100, 1000)],
    }
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
