r"""Kill filtering runs at random moments, start them again, and compare the files.

    python benchmarks/crash_filter.py --kills 100 [--output benchmarks/results/crash_filter.json]

A run of ``dedup filter --input --output --rejected`` over made-up articles (copies, repeated ids,
versions and broken records among them) gets ``kill -9`` at a random moment and is started again,
until it ends. Its files must then be, byte for byte, those of a run nobody disturbed; the index
must hold the articles that were kept and nothing else, and `verify` find nothing. Then comes the
next run, with other articles, until there were enough kills.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from synthetic_articles import synthetic_articles

from dedup.index.disk.library import DiskLibrary

COMMAND = [sys.executable, "-c", "from dedup.cli import main; main()", "filter"]
RECORDS = 3000
"""More bytes than workers are started for at once, so that they take part."""


def make_input(path: Path, seed: int) -> None:
    """Write records, some of them again, some with another text, some broken."""
    rng = random.Random(seed)
    # In small batches: copies are made of the articles of earlier ones.
    batches = synthetic_articles(RECORDS, seed, 64)
    records = [
        {"id": a.id, "text": a.text, "published": a.published} for batch in batches for a in batch
    ]
    lines = []
    for record in records:
        lines.append(json.dumps(record).encode())
        chance = rng.random()
        if chance < 0.03:
            lines.append(json.dumps(rng.choice(records[: len(lines)])).encode())
        elif chance < 0.05:
            again = {**record, "text": rng.choice(records)["text"]}
            lines.append(json.dumps(again).encode())
        elif chance < 0.07:
            lines.append(lines[-1][: rng.randrange(len(lines[-1]))])
    path.write_bytes(b"\n".join(lines) + b"\n")


def command(folder: Path, source: Path) -> list[str]:
    """Return the command of a run whose files are in a folder, with an index made for it."""
    if not folder.exists():
        folder.mkdir()
        DiskLibrary.create(folder / "index").close()
    files = ["--output", str(folder / "out"), "--rejected", str(folder / "rejected")]
    rule = ["--drop-when", "narrative_percent>=60", "--prefer", "earliest"]
    return [*COMMAND, str(folder / "index"), "--input", str(source), *files, *rule]


def run(folder: Path, source: Path, kill_after: float | None = None) -> bool:
    """Run, to the end or until killed; say whether it was killed."""
    process = subprocess.Popen(
        command(folder, source), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        _, said = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 2, said.decode()  # of the broken records, and of nothing else
    assert b"Traceback" not in said, said.decode()
    return False


def check(killed: Path, whole: Path) -> int:
    """Compare two runs; return how many articles the index holds."""
    for name in ("out", "rejected"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name
    held = []
    for folder in (killed, whole):
        with DiskLibrary.open(folder / "index", write=True) as library:
            report = library.verify()
            assert report.ok, report.problems
            held.append([a.id for a in library.articles(library.rows())])
    assert held[0] == held[1]
    return len(held[0])


def main() -> None:
    """Kill, compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    kills = runs = starts = held = dropped = 0
    began = time.monotonic()
    while kills < arguments.kills:
        with tempfile.TemporaryDirectory(prefix="dedup-crash-") as place:
            folder = Path(place)
            make_input(folder / "in.jsonl", arguments.seed + runs)
            start = time.monotonic()
            run(folder / "whole", folder / "in.jsonl")
            whole = time.monotonic() - start
            while run(folder / "killed", folder / "in.jsonl", rng.uniform(0.1, 0.7) * whole):
                kills += 1
                starts += 1
            starts += 1
            runs += 1
            held += check(folder / "killed", folder / "whole")
            dropped += (folder / "whole" / "rejected").read_bytes().count(b'"dedup": ')
        print(f"{kills} kills in {runs} runs", file=sys.stderr)
    result: dict[str, Any] = {
        "command": f"python benchmarks/crash_filter.py --kills {arguments.kills} "
        "--output benchmarks/results/crash_filter.json",
        "kills": kills,
        "runs": runs,
        "records_a_run": RECORDS,
        "starts": starts,
        "records_dropped": dropped,
        "articles_held": held,
        "files_differing": 0,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(result, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
