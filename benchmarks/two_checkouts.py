r"""Whole commands of two checkouts of this project, run in turn: what a change is worth to a user.

    python benchmarks/two_checkouts.py --docs FOLDER --before CHECKOUT --after CHECKOUT \
        [--what "what the change is"] [--output benchmarks/results/NAME.json]

FOLDER holds JSON Lines of articles. A round runs each command by the one checkout, then by the
other; run both once before, so that compiled code is kept. Other programs on the machine slow both
runs of a round, so what is reported is the median of the rounds' ratios, of wall time and of
processor time, and the ratio of the minima. "signatures" is `dedup.signatures` of a list of texts
in a process that has loaded the kernel, the others are whole processes, start to exit.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CLI = "from dedup.cli import main; main()"
SIGNATURES = """
import json, resource, sys, time
import dedup
from dedup.sketch.sketches import sketch
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
sketch(texts[:9], path="kernel")
dedup.signatures(texts)
spent, start = time.process_time(), time.perf_counter()
dedup.signatures(texts)
print(time.perf_counter() - start, time.process_time() - spent)
"""


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--docs", type=Path, required=True, help="a folder of .jsonl")
    options.add_argument("--before", type=Path, required=True, help="a checkout")
    options.add_argument("--after", type=Path, required=True, help="another")
    options.add_argument("--what", default="", help="what the change is")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument(
        "--commands", nargs="*", default=["signatures", "sketch", "filter", "scan"]
    )
    options.add_argument("--output", type=Path)
    given = options.parse_args()
    checkouts = {"before": given.before.resolve(), "after": given.after.resolve()}
    runs: dict[str, dict[str, list[tuple[float, float]]]] = {
        name: {side: [] for side in checkouts} for name in given.commands
    }
    with tempfile.TemporaryDirectory() as place:
        docs = Path(place, "docs.jsonl")
        docs.write_bytes(b"".join(path.read_bytes() for path in sorted(given.docs.glob("*.jsonl"))))
        for number in range(given.rounds):
            for name in given.commands:
                for side, checkout in checkouts.items():
                    timed = run(name, checkout, docs)
                    print(number, name, side, *timed, file=sys.stderr, flush=True)
                    runs[name][side].append(timed)
            result = {
                "what": given.what,
                "commits": {side: commit(checkout) for side, checkout in checkouts.items()},
                "command": "python benchmarks/two_checkouts.py --docs FOLDER --before CHECKOUT "
                f"--after CHECKOUT --rounds {given.rounds}",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, "
                f"Python {platform.python_version()}",
                "articles": docs.read_bytes().count(b"\n"),
                "commands": {name: summary(**sides) for name, sides in runs.items()},
            }
            if given.output:  # after each round, since many rounds take hours
                given.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def commit(checkout: Path) -> str:
    """Return the commit of a checkout."""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def run(name: str, checkout: Path, docs: Path) -> tuple[float, float]:
    """Run a command by a checkout; return its seconds and those of the processors."""
    python = [sys.executable, "-c"]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    if name == "signatures":
        said = _done([*python, SIGNATURES, str(docs)], checkout, environment)
        wall, processor = map(float, said.split())
        return wall, processor
    with tempfile.TemporaryDirectory() as place:
        index, output = f"{place}/index", f"{place}/out.npz"
        if name == "filter":
            _done([*python, CLI, "index", "create", index], checkout, environment)
        given = {
            "sketch": ["sketch", str(docs), "--output", output],
            "scan": ["scan", str(docs)],
            "filter": ["filter", index, "--input", str(docs), "--output", output],
        }[name]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        _done([*python, CLI, *given], checkout, environment)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _done(command: list[str], checkout: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    return done.stdout


def summary(before: list[tuple[float, float]], after: list[tuple[float, float]]) -> dict[str, Any]:
    """Say what the rounds of a command took, and after as a share of before."""
    result: dict[str, Any] = {}
    for number, kind in enumerate(("wall", "processor")):
        first, second = [one[number] for one in before], [one[number] for one in after]
        ratios = [b / a for a, b in zip(first, second, strict=True)]
        result[kind] = {
            "before_seconds": [round(one, 3) for one in first],
            "after_seconds": [round(one, 3) for one in second],
            "median_of_ratios": round(statistics.median(ratios), 3),
            "ratio_of_minima": round(min(second) / min(first), 3),
        }
    return result


if __name__ == "__main__":
    main()
