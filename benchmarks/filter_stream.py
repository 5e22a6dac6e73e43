r"""Time `dedup filter` over a stream of real articles, as processes.

    python benchmarks/filter_stream.py --docs FOLDER \
        [--output benchmarks/results/filter_stream.json]

FOLDER holds JSON Lines of articles. They are filtered into an empty index on disk with durable
commits and word-level verification, from a file into a file and through a pipe, with and without
worker processes; and, a few dozen of them, one at a time, to see how long each waits. Whole
processes are timed, what they load included, and also from the first batch that was written on,
which is the rate of a longer stream. The load of the machine is noted beside each: what others do
on it is not taken out.
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
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from dedup.index.disk.library import DiskLibrary

COMMAND = [sys.executable, "-c", "from dedup.cli import main; main()", "filter"]
TRICKLE = 100
EVERY = 0.05


def new_index(folder: Path, name: str) -> str:
    """Create an index and return its path."""
    DiskLibrary.create(folder / name).close()
    return str(folder / name)


def first_written(running: subprocess.Popen[bytes], output: Path) -> tuple[int, float]:
    """Wait until something is written; return how many bytes, and when."""
    while running.poll() is None:
        written = output.stat().st_size if output.exists() else 0
        if written:
            return written, time.perf_counter()
        time.sleep(0.005)
    return 0, time.perf_counter()


def through_pipes(
    command: list[str], source: Path, output: Path, errors: IO[bytes], cats: ExitStack
) -> subprocess.Popen[bytes]:
    """Start a command between two others that read a file for it and write what it gives."""
    before = cats.enter_context(subprocess.Popen(["cat", str(source)], stdout=subprocess.PIPE))
    running = subprocess.Popen(command, stdin=before.stdout, stdout=subprocess.PIPE, stderr=errors)
    with output.open("wb") as file:
        cats.enter_context(subprocess.Popen(["cat"], stdin=running.stdout, stdout=file))
    for pipe in (before.stdout, running.stdout):
        assert pipe is not None
        pipe.close()  # it is theirs
    return running


def bulk(folder: Path, source: Path, name: str, workers: int, pipe: bool) -> dict[str, Any]:
    """Filter everything; return rates, processor time and what was said."""
    load = os.getloadavg()[0]
    output, said = folder / f"{name}.out", folder / f"{name}.said"
    command = [*COMMAND, new_index(folder, name), "--workers", str(workers)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with said.open("wb") as errors, ExitStack() as cats:
        if pipe:
            running = through_pipes(command, source, output, errors, cats)
        else:
            files = ["--input", str(source), "--output", str(output)]
            running = subprocess.Popen([*command, *files], stderr=errors)
        written, first = first_written(running, output)
        code = running.wait()
    end = time.perf_counter()
    assert code == 0, said.read_text()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    content = output.read_bytes()
    records = content.count(b"\n")
    assert records == source.read_bytes().count(b"\n"), said.read_text()
    begun = records - content[:written].count(b"\n")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "records": records,
        "seconds": round(end - start, 2),
        "records_a_second": round(records / (end - start)),
        "records_a_second_behind_the_first": round(begun / (end - first)),
        "processor_ms_a_record": round(1000 * spent / records, 2),
        "load_before": round(load, 2),
        "said": said.read_text().splitlines(),
    }


def trickle(folder: Path, source: Path) -> dict[str, Any]:
    """Send records one at a time; return how long each waits for its answer, in milliseconds."""
    process = subprocess.Popen(
        [*COMMAND, new_index(folder, "trickle")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    waits = []
    with source.open("rb") as lines:
        for _, line in zip(range(TRICKLE), lines, strict=False):
            sent = time.perf_counter()
            process.stdin.write(line)
            process.stdin.flush()
            process.stdout.readline()
            waits.append(1000 * (time.perf_counter() - sent))
            time.sleep(EVERY)
    process.stdin.close()
    process.wait()
    later = sorted(waits[1:])
    return {
        "records": TRICKLE,
        "first_ms": round(waits[0]),
        "median_ms": round(statistics.median(later)),
        "p99_ms": round(later[int(0.99 * len(later))]),
        "worst_ms": round(later[-1]),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    cores = os.cpu_count() or 1
    result: dict[str, Any] = {
        "command": f"python benchmarks/filter_stream.py --docs FOLDER --rounds {arguments.rounds} "
        "--output benchmarks/results/filter_stream.json",
        "machine": f"{platform.machine()}, {cores} processors",
    }
    with tempfile.TemporaryDirectory(prefix="dedup-filter-") as place:
        folder = Path(place)
        source = folder / "in.jsonl"
        files = sorted(arguments.docs.glob("*.jsonl"))
        source.write_bytes(b"".join(file.read_bytes() for file in files))
        result["rounds"] = [
            bulk(folder, source, f"round{n}", cores, False) for n in range(arguments.rounds)
        ]
        result["alone"] = bulk(folder, source, "alone", 0, False)
        result["pipe"] = bulk(folder, source, "pipe", cores, True)
        result["trickle"] = trickle(folder, source)
    print(json.dumps(result, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
