"""All candidates of one million signatures: time, memory, recall, and datasketch beside it.

    python benchmarks/million_signatures.py --output benchmarks/results/million_signatures.json

Signatures are drawn as those of 500 different shingles are distributed (the least of 500 uniform
values), one tenth of them copies at a Jaccard similarity of 0.05 to 0.95: each value is the
original's with that probability. Each part runs in a process of its own, on one thread; memory is
the peak of the process less what it held when it had made the signatures.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import numpy.typing as npt

from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.index.planning import curve_at
from dedup.sketch.parameters import DEFAULT_PARAMETERS
from dedup.sketch.sketches import Sketches

SHINGLES = 500
BANDS_ONLY = Nets(
    minimum_bands=Nets().minimum_evidence, minimum_evidence=None, minimum_fingerprints=None
)
"""The default nets as far as there are no fingerprints."""


def draw(count: int, seed: int = 1) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """Return signatures, uint32[count, 128], and the similarity of the last tenth to the first."""
    rng = np.random.default_rng(seed)
    signatures = np.empty((count, DEFAULT_PARAMETERS.num_perm), np.uint32)
    for start in range(0, count, 50_000):
        part = signatures[start : start + 50_000]
        part[:] = (1 - rng.random(part.shape) ** (1 / SHINGLES)) * (2**32 - 2)
    planted = count // 10
    similarities = rng.uniform(0.05, 0.95, planted)
    copies, originals = signatures[-planted:], signatures[:planted]
    for at in range(planted):
        taken = rng.random(signatures.shape[1]) < similarities[at]
        copies[at, taken] = originals[at, taken]
    return signatures, similarities


def of_signatures(
    signatures: npt.NDArray[np.uint32], text_hashes: npt.NDArray[np.uint64], prints: int = 0
) -> Sketches:
    """Return sketches without fingerprints, or with so many drawn ones an article."""
    count = len(signatures)
    drawn = np.random.default_rng(2).integers(0, 2**32, (count, prints), dtype=np.uint32)
    drawn.sort(axis=1)
    return Sketches(
        signatures,
        text_hashes,
        np.full(count, SHINGLES, np.int32),
        drawn.ravel(),
        np.arange(count + 1, dtype=np.int64) * prints,
    )


def ours(count: int, prints: int = 0) -> dict[str, Any]:
    """All candidates within the index, then lookups."""
    signatures, similarities = draw(count)
    nets = Nets() if prints else BANDS_ONLY
    sketches = of_signatures(signatures, np.arange(1, count + 1, dtype=np.uint64), prints)
    del signatures
    held = _memory()
    index = MemoryIndex(nets=nets)
    started = time.perf_counter()
    index.add(sketches)
    asked = _some(sketches, 10_000)
    del sketches
    gc.collect()
    added = time.perf_counter() - started
    _reset_peak()
    started = time.perf_counter()
    pairs, right = 0, np.zeros(len(similarities), np.bool_)
    planted = count // 10
    for block in index.pairs():
        pairs += len(block)
        hit = block.later - block.earlier == count - planted
        right[block.earlier[hit]] = True
    joined = time.perf_counter() - started
    least = nets.minimum_bands or nets.minimum_evidence or 1
    result = {
        "articles": count,
        "fingerprints_an_article": prints,
        "nets": repr(nets),
        "add_seconds": round(added, 2),
        "all_pairs_seconds": round(joined, 2),
        "peak_mb_beyond_the_sketches": round(_peak() - held),
        "pairs": pairs,
        "planted": planted,
        "planted_found": round(float(right.mean()), 4),
        "planted_expected": round(
            float(np.mean([curve_at(128, 1, least, s) for s in similarities[:2000].tolist()])), 4
        ),
        "found_by_similarity": {
            f"{low:.2f}-{low + 0.1:.2f}": round(
                float(right[(similarities >= low) & (similarities < low + 0.1)].mean()), 4
            )
            for low in np.arange(0.05, 0.95, 0.1).tolist()
        },
    }
    started = time.perf_counter()
    index.candidates(_some(asked, 1))
    result["first_lookup_seconds"] = round(time.perf_counter() - started, 2)
    one = []
    for number in range(500):
        single = _some(asked, 1, number)
        started = time.perf_counter()
        index.candidates(single)
        one.append(time.perf_counter() - started)
    result["lookup_of_one_ms"] = {
        "median": round(1000 * float(np.median(one)), 3),
        "p99": round(1000 * float(np.quantile(one, 0.99)), 3),
    }
    started = time.perf_counter()
    index.candidates(asked)
    result["lookups_in_a_batch_per_second"] = round(len(asked) / (time.perf_counter() - started))
    return result


def theirs(count: int) -> dict[str, Any]:
    """The same with datasketch's MinHashLSH, every signature inserted, then queried."""
    from datasketch import MinHash, MinHashLSH

    signatures, similarities = draw(count)
    made = [MinHash(128, hashvalues=values, scheme="affine32") for values in signatures]
    result: dict[str, Any] = {"articles": count}
    for name, choice in {"params (128, 1)": (128, 1), "threshold 0.5": None}.items():
        lsh = MinHashLSH(0.5, 128, params=choice)
        gc.collect()
        held = _memory()
        started = time.perf_counter()
        for row, minhash in enumerate(made):
            lsh.insert(row, minhash, check_duplication=False)
        inserted = time.perf_counter() - started
        pairs = 0
        hits = np.zeros(len(similarities), np.bool_)
        for row, minhash in enumerate(made):
            answer = lsh.query(minhash)
            pairs += len(answer) - 1
            if row < len(similarities):
                hits[row] = row + count - len(similarities) in answer
        seconds = time.perf_counter() - started
        result[name] = {
            "bands_rows": [lsh.b, lsh.r],
            "insert_seconds": round(inserted, 2),
            "seconds": round(seconds, 2),
            "microseconds_an_article": round(1e6 * seconds / count, 1),
            "mb": round(_memory() - held),
            "pairs": pairs // 2,
            "planted_found": round(float(hits.mean()), 4),
        }
        del lsh
        gc.collect()
    return result


def identical(count: int = 100_000) -> dict[str, Any]:
    """So many identical articles, then so many that differ in a tenth of their signature."""
    signatures, _ = draw(count)
    result: dict[str, Any] = {"articles": count}
    same = np.tile(signatures[:1], (count, 1))
    near = np.where(np.random.default_rng(3).random(same.shape) < 0.1, signatures, same)
    near_hashes = np.arange(1, count + 1, dtype=np.uint64)
    for name, sketches in {
        "identical": of_signatures(same, np.full(count, 7, np.uint64)),
        "nearly identical": of_signatures(near, near_hashes),
    }.items():
        index = MemoryIndex(nets=BANDS_ONLY)
        started = time.perf_counter()
        index.add(sketches)
        pairs, linked, cut = 0, np.zeros(count, np.bool_), 0
        for block in index.pairs():
            pairs += len(block)
            linked[block.later] = True
            cut += block.keys_cut
        result[name] = {
            "seconds": round(time.perf_counter() - started, 2),
            "pairs": pairs,
            "articles_linked_to_an_earlier": int(linked.sum()),
            "keys_cut": cut,
        }
    return result


def _some(sketches: Sketches, count: int, start: int = 0) -> Sketches:
    offsets = sketches.fingerprint_offsets[start : start + count + 1]
    return Sketches(
        sketches.signatures[start : start + count].copy(),
        sketches.text_hashes[start : start + count] + np.uint64(10**9),
        sketches.word_counts[start : start + count].copy(),
        sketches.fingerprints[offsets[0] : offsets[-1]].copy(),
        offsets - offsets[0],
    )


def _memory() -> float:
    """Return the resident memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "ours": lambda: ours(1_000_000),
    "ours, 50,000": lambda: ours(50_000),
    "datasketch": lambda: theirs(50_000),
    "ours with fingerprints": lambda: ours(1_000_000, prints=80),
    "identical": identical,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--part", choices=PARTS)
    options = parser.parse_args()
    if options.part:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        cpu = resource.getrusage(resource.RUSAGE_SELF)
        result = PARTS[options.part]()
        spent = resource.getrusage(resource.RUSAGE_SELF)
        result["cpu_seconds_in_all"] = round(spent.ru_utime - cpu.ru_utime, 1)
        print(json.dumps(result))
        return
    results: dict[str, Any] = {
        "command": "python benchmarks/million_signatures.py "
        "--output benchmarks/results/million_signatures.json",
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    for part in PARTS:
        command = [sys.executable, __file__, "--part", part]
        results[part] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(part, json.dumps(results[part], indent=1))
    few, peer = results["ours, 50,000"], results["datasketch"]
    own = 1e6 * (few["add_seconds"] + few["all_pairs_seconds"]) / few["articles"]
    results["ratio_an_article_at_50,000"] = {
        name: round(peer[name]["microseconds_an_article"] / own, 1)
        for name in ("params (128, 1)", "threshold 0.5")
    }
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
