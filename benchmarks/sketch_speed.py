r"""How fast texts become signatures: ours, datasketch and rensa, in interleaved rounds.

    python benchmarks/sketch_speed.py --docs ARTICLES.jsonl \
        [--output benchmarks/results/sketch_speed.json]

Every contestant starts from the same ``list[str]`` (but "utf-8 buffer", which is what a column
of Arrow holds) and ends with 128 permutations of the 5-word shingles. The peers get their shingles
the fastest way found for a user: lower case, split at white space, joined as bytes, which folds
less than our word rules do. Ours makes fingerprints and text hashes in the same pass. A round runs
every contestant once, in order, each waiting a little for a quiet machine. A run during which
other programs took more than a tenth of a processor is left out of the figures, unless fewer than
three are left (Linux tells; elsewhere all runs count). Ratios are of the medians and the minima.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"  # rensa's threads; before it is imported

import datasketch
import numpy as np
import rensa
import xxhash

from dedup.sketch.batches import sketch_utf8
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.sketches import sketch

PARAMETERS = SketchParameters()
PER = 3000  # results are microseconds per so many bytes of text


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--docs", type=Path, required=True, help="a .jsonl, or a folder of them")
    options.add_argument("--articles", type=int, default=6000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--wait", type=float, default=5, help="most seconds to wait for quiet")
    options.add_argument("--output", type=Path)
    given = options.parse_args()
    texts = list(read(given.docs, given.articles))
    result = {
        "what": __doc__.split("\n")[0],
        "command": f"benchmarks/sketch_speed.py --docs {given.docs.name} "
        f"--articles {given.articles} --rounds {given.rounds}",
        "machine": machine(),
        "articles": len(texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "articles_not_ascii": sum(not text.isascii() for text in texts),
        **measure(texts, given.rounds, given.wait),
        "starting_seconds": starting(),
    }
    print(json.dumps(result, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n")


def read(path: Path, most: int) -> Iterator[str]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if most == 0:
                    return
                most -= 1
                yield json.loads(line)["text"]


def measure(texts: list[str], rounds: int, wait: float) -> dict[str, Any]:
    contestants = contestants_for(texts)
    size = sum(len(text.encode()) for text in texts)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            wait_for_quiet(wait)
            timed = timed_run(run)
            if number:  # the first round warms up
                runs[name].append(timed)
    times = {}
    for name, timed_runs in runs.items():
        quiet = [taken for taken, others in timed_runs if others < 0.1]
        counted = quiet if len(quiet) >= 3 else [taken for taken, _ in timed_runs]
        times[name] = [taken / size * PER * 1e6 for taken in counted]
    return {
        f"microseconds_per_{PER}_bytes": {
            name: {
                "median": round(statistics.median(taken), 3),
                "minimum": round(min(taken), 3),
                "runs": len(taken),
                "quiet": sum(others < 0.1 for _, others in runs[name]),
            }
            for name, taken in times.items()
        },
        "ratios": [
            ratio(times, slow, fast)
            for slow, fast in (
                ("datasketch MinHash.bulk, xxh32", "kernel, 1 thread"),
                ("rensa RMinHash", "kernel, 1 thread"),
                ("kernel, 1 thread", "kernel, 2 threads"),
                ("kernel, utf-8 buffer, 1 thread", "kernel, utf-8 buffer, 2 threads"),
                ("NumPy path", "kernel, 1 thread"),
                ("kernel, utf-8 buffer, 1 thread", "(floor: memcpy)"),
                ("kernel, utf-8 buffer, 1 thread", "(floor: xxh3 of the bytes)"),
            )
        ],
    }


def timed_run(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds a run took, and how many processors other programs took meanwhile."""
    busy, own, start = busy_seconds(), time.process_time(), time.perf_counter()
    run()
    taken = time.perf_counter() - start
    return taken, (busy_seconds() - busy - (time.process_time() - own)) / taken


def wait_for_quiet(most: float) -> None:
    """Wait until other programs leave the processors alone, but not longer than ``most``."""
    end = time.monotonic() + most
    while time.monotonic() < end and timed_run(lambda: time.sleep(0.1))[1] > 0.1:
        pass


def busy_seconds() -> float:
    """Return the seconds all processors have worked since the machine started; 0 if unknown."""
    counters = Path("/proc/stat")
    if not counters.exists():
        return 0.0
    user, nice, system, _idle, _wait, *interrupts = map(
        int, counters.read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def ratio(times: dict[str, list[float]], slow: str, fast: str) -> dict[str, Any]:
    return {
        "of": slow,
        "to": fast,
        "medians": round(statistics.median(times[slow]) / statistics.median(times[fast]), 2),
        "minima": round(min(times[slow]) / min(times[fast]), 2),
    }


def contestants_for(texts: list[str]) -> dict[str, Callable[[], object]]:
    parts = [text.encode() for text in texts]
    buffer = b"".join(parts)
    offsets = np.cumsum([0, *map(len, parts)])
    array = np.frombuffer(buffer, np.uint8)
    target = array.copy()
    return {
        "kernel, 1 thread": lambda: sketch(texts, threads=1, path="kernel"),
        "kernel, 2 threads": lambda: sketch(texts, threads=2, path="kernel"),
        "kernel, utf-8 buffer, 1 thread": lambda: sketch_utf8(buffer, offsets, PARAMETERS, 1),
        "kernel, utf-8 buffer, 2 threads": lambda: sketch_utf8(buffer, offsets, PARAMETERS, 2),
        "datasketch MinHash.bulk, xxh32": lambda: datasketch.MinHash.bulk(
            map(shingles, texts),
            num_perm=PARAMETERS.num_perm,
            scheme="affine32",
            hashfunc=xxhash.xxh32_intdigest,
        ),
        "rensa RMinHash": lambda: [rensa_digest(text) for text in texts],
        "NumPy path": lambda: sketch(texts, path="numpy"),
        "(shingles of the peers alone)": lambda: [len(shingles(text)) for text in texts],
        "(floor: str.encode)": lambda: [text.encode() for text in texts],
        "(floor: memcpy)": lambda: np.copyto(target, array),
        "(floor: xxh3 of the bytes)": lambda: [xxhash.xxh3_64_intdigest(part) for part in parts],
    }


def shingles(text: str) -> list[bytes]:
    words = text.lower().encode().split()
    return list(map(b" ".join, zip(*(words[i:] for i in range(PARAMETERS.k)), strict=False)))


def rensa_digest(text: str) -> list[int]:
    minhash = rensa.RMinHash(PARAMETERS.num_perm, 1)
    minhash.update(shingles(text))
    digest: list[int] = minhash.digest()
    return digest


def starting() -> dict[str, float]:
    """Seconds from nothing to a first sketch, in processes of their own; least of three."""
    code = "from dedup.sketch.sketches import sketch; sketch(['a b c d e f'], path={!r})"
    kernel, numpy = code.format("kernel"), code.format("numpy")
    with tempfile.TemporaryDirectory() as place:
        compiling = seconds(kernel, place)
        loading = min(seconds(kernel, place) for _ in range(3))
    return {
        "interpreter": min(seconds("pass") for _ in range(3)),
        "NumPy path": min(seconds(numpy) for _ in range(3)),
        "kernel, cached": loading,
        "kernel, compiled": compiling,
        "import datasketch": min(seconds("import datasketch") for _ in range(3)),
    }


def seconds(code: str, cache: str = "") -> float:
    start = time.perf_counter()
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return round(time.perf_counter() - start, 3)


def machine() -> dict[str, Any]:
    from llvmlite import binding

    names = ("datasketch", "llvmlite", "numba", "numpy", "rensa", "xxhash")
    info = Path("/proc/cpuinfo")
    models = [
        line.split(":", 1)[1].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.processor(),
        "llvm_processor": binding.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in names},
    }


if __name__ == "__main__":
    main()
