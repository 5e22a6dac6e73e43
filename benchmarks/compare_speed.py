"""Time `dedup.compare` and its alignment against other word diffs, in one interleaved run.

    python benchmarks/compare_speed.py --output benchmarks/results/compare_speed.json

Pairs are invented: about 500 words over a Zipf-like vocabulary, every twentieth word changed, a
paragraph moved and one cut. Worst cases are the ones that cost a naive tiling a square. Whole
processes are timed from outside, beside ``python -c "import typer, numpy"``.
"""

from __future__ import annotations

import argparse
import difflib
import json
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Indel

import dedup
from dedup.scoring.alignment import PARTS, align

ROUNDS = 15


def zipf_words(rng: random.Random, number: int, vocabulary: int = 20_000) -> list[str]:
    """Return invented words, the common ones common."""
    return [f"w{min(int(rng.paretovariate(0.7)), vocabulary)}" for _ in range(number)]


def edited_copy(rng: random.Random, words: list[str]) -> list[str]:
    """Change every twentieth word, move a paragraph to the front, cut another."""
    copy = [word if rng.random() > 0.05 else f"x{rng.randrange(10**6)}" for word in words]
    fifth = len(copy) // 5
    return copy[2 * fifth : 3 * fifth] + copy[: 2 * fifth] + copy[3 * fifth + fifth // 2 :]


def numbered(*texts: list[str]) -> list[list[int]]:
    """Number the words of texts alike."""
    numbers: dict[str, int] = {}
    return [[numbers.setdefault(word, len(numbers)) for word in text] for text in texts]


def sizes(words: list[int]) -> list[int]:
    """Return the size of the words before each, every word being one."""
    return list(range(0, PARTS * len(words) + 1, PARTS))


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def interleaved(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each call, the calls taken in turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(seconds(call))
    return {name: statistics.median(times) for name, times in taken.items()}


def difflib_opcodes(a: list[str], b: list[str]) -> object:
    """Diff by difflib, made anew each time, since a matcher remembers its answer."""
    return difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()


def pairs_of_500_words() -> dict[str, float]:
    """Milliseconds a pair, medians over twenty pairs."""
    rng = random.Random(7)
    per_pair: dict[str, list[float]] = {}
    for _ in range(20):
        a = zipf_words(rng, 500)
        b = edited_copy(rng, a)
        ids_a, ids_b = numbered(a, b)
        calls: dict[str, Callable[[], object]] = {
            "dedup compare (texts to match)": partial(dedup.compare, " ".join(a), " ".join(b)),
            "dedup align": partial(align, ids_a, ids_b, sizes(ids_a), sizes(ids_b)),
            "difflib on words": partial(difflib_opcodes, a, b),
            "rapidfuzz opcodes on words": partial(Indel.opcodes, a, b),
        }
        for name, median in interleaved(calls, ROUNDS).items():
            per_pair.setdefault(name, []).append(median * 1000)
    return {name: round(statistics.median(times), 4) for name, times in per_pair.items()}


def worst_cases() -> dict[str, float]:
    """Seconds for one compare of texts made to be slow."""
    rng = random.Random(11)
    twenty = zipf_words(rng, 20_000)
    many = 100_000
    cases = {
        "two 20,000-word texts, edited copy": (twenty, edited_copy(rng, twenty)),
        "two 20,000-word texts, independent": (twenty, zipf_words(rng, 20_000)),
        "one word 50,000 times, twice": (["word"] * 50_000, ["word"] * 50_000),
        "one word 50,000 times, broken in the middle": (
            ["word"] * 50_000,
            ["word"] * 25_000 + ["other"] + ["word"] * 25_000,
        ),
        "a period of 7 words, 20,000 words": (
            [f"p{i % 7}" for i in range(20_000)],
            [f"p{(i + 3) % 7}" for i in range(20_000)],
        ),
        "two words at random, 100,000 words": (
            [rng.choice(("yes", "no")) for _ in range(many)],
            [rng.choice(("yes", "no")) for _ in range(many)],
        ),
        "a period of 7 words against one of 18, 100,000 words": (
            [f"p{i % 7}" for i in range(many)],
            [f"p{i % 18}" for i in range(many)],
        ),
    }
    return {
        name: round(seconds(partial(dedup.compare, " ".join(a), " ".join(b))), 3)
        for name, (a, b) in cases.items()
    }


def whole_process() -> dict[str, float]:
    """Seconds of whole processes, medians, taken in turn."""
    rng = random.Random(13)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        words = zipf_words(rng, 500)
        for name, text in (("a.txt", words), ("b.txt", edited_copy(rng, words))):
            path = Path(folder) / name
            path.write_text(" ".join(text) + ".", encoding="utf-8")
            paths.append(str(path))
        compare = ["-c", "from dedup.cli import main; main()", "compare", *paths]
        calls: dict[str, Callable[[], object]] = {
            name: partial(subprocess.run, [sys.executable, *args], capture_output=True, check=False)
            for name, args in (
                ("dedup compare A B", compare),
                ("import typer, numpy", ["-c", "import typer, numpy"]),
            )
        }
        medians = interleaved(calls, ROUNDS)
    return {name: round(value, 4) for name, value in medians.items()}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path)
    output = parser.parse_args().output
    pairs, worst, process = pairs_of_500_words(), worst_cases(), whole_process()
    align_ms = pairs["dedup align"]
    result: dict[str, Any] = {
        "command": "python benchmarks/compare_speed.py "
        "--output benchmarks/results/compare_speed.json",
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "ms_per_500_word_pair": pairs,
        "times_faster_than_difflib": {
            "align": round(pairs["difflib on words"] / align_ms, 1),
            "compare": round(
                pairs["difflib on words"] / pairs["dedup compare (texts to match)"], 1
            ),
        },
        "rapidfuzz_over_align": round(pairs["rapidfuzz opcodes on words"] / align_ms, 3),
        "worst_case_seconds": worst,
        "whole_process_seconds": process,
        "whole_process_ratio": round(
            process["dedup compare A B"] / process["import typer, numpy"], 2
        ),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if output:
        output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
