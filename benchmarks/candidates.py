"""Which nets find what: recall of candidates, and how many have to be verified for it.

    python benchmarks/candidates.py --data DIR --output benchmarks/results/candidates.json

DIR holds ``gold.jsonl`` (pairs labelled by reading), the articles of its sets, and ``scale``, news
articles in which lifts are planted: a passage of 40, 60 or 120 words of one article put into
another of 300 to 3,000 words. Recall on gold is the share of the derived pairs that are candidates,
searched for among all articles of its sets together, on average over several seeds of the
permutations: one seed more or less decides one or two of the 129 pairs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from datasketch import MinHash, MinHashLSH

from dedup.index.memory import MemoryIndex
from dedup.index.nets import Nets
from dedup.sketch.parameters import SketchParameters
from dedup.sketch.shingles import shingles
from dedup.sketch.sketches import Sketches, sketch

SETS = ("en_helsinki18", "en_fnc", "es_efe2000")
WINDOWS = (8, 12, 16, 24)
LIFTS = (40, 60, 120)
UNBOUNDED = 10**8

Counts = npt.NDArray[np.int64]
Rule = Callable[[Counts, Counts], npt.NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """What pairs of articles have in common: ``keys`` int64[m] (earlier << 32 | later), counts."""

    keys: Counts
    bands: Counts
    fingerprints: Counts
    first: Counts

    def of(self, pairs: Counts) -> tuple[Counts, Counts]:
        """Return bands and fingerprints in common of pairs, int64[n, 2]; copies have plenty."""
        ends = np.sort(self.first[pairs], axis=1)
        wanted = ends[:, 0] << 32 | ends[:, 1]
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        hit = self.keys[at] == wanted
        same = ends[:, 0] == ends[:, 1]
        bands = np.where(same, 999, np.where(hit, self.bands[at], 0))
        return bands, np.where(same, 999, np.where(hit, self.fingerprints[at], 0))


def rules() -> dict[str, Rule]:
    """Return what is tried, as conditions on the bands and fingerprints in common."""
    tried = {f"bands>={least}": _weighted(1, 0, least) for least in (1, 2, 3)}
    tried |= {f"fingerprints>={least}": _weighted(0, 1, least) for least in range(1, 7)}
    for a, b in itertools.product((1, 2, 3), (1, 2, 3)):
        tried[f"bands>={a} or fingerprints>={b}"] = _either(a, b)
    tried |= {f"evidence>={least}": _weighted(1, 1, least) for least in range(2, 9)}
    tried |= {f"bands+2*fingerprints>={least}": _weighted(1, 2, least) for least in (4, 6, 8, 10)}
    return tried


def _weighted(for_bands: int, for_prints: int, least: int) -> Rule:
    return lambda bands, prints: for_bands * bands + for_prints * prints >= least


def _either(least_bands: int, least_prints: int) -> Rule:
    return lambda bands, prints: (bands >= least_bands) | (prints >= least_prints)


def meet(sketches: Sketches, parameters: SketchParameters, nets: Nets) -> tuple[Met, MemoryIndex]:
    """Return what all pairs have in common that the nets catch."""
    index = MemoryIndex(parameters, nets)
    index.add(sketches)
    blocks = list(index.pairs())
    keys = np.concatenate([block.earlier << 32 | block.later for block in blocks])
    bands = np.concatenate([block.bands for block in blocks]).astype(np.int64)
    prints = np.concatenate([block.fingerprints for block in blocks]).astype(np.int64)
    order = np.argsort(keys)
    first = np.where(sketches.word_counts > 0, index.find(sketches), np.arange(len(sketches)))
    return Met(keys[order], bands[order], prints[order], first), index


def everything(bands: int = 128, cap: int = UNBOUNDED) -> Nets:
    """Return nets that catch whatever has anything in common."""
    return Nets(
        bands=bands, minimum_evidence=1, minimum_fingerprints=None, cap=cap, limit=UNBOUNDED
    )


def on_gold(gold: Gold, windows: Iterable[int], seeds: int, bands: int) -> dict[str, Any]:
    """Return recall and candidates of each rule on the gold sets."""
    found: dict[str, list[tuple[float, float]]] = {}
    alone: dict[str, int] = {}
    for seed, window in itertools.product(range(1, seeds + 1), windows):
        parameters = SketchParameters(window=window, seed=seed)
        met, _ = meet(sketch(gold.texts, parameters), parameters, everything(bands))
        common = met.of(gold.pairs)
        for name, rule in rules().items():
            label = (
                name
                if "fingerprints" not in name and "evidence" not in name
                else (f"w={window} {name}")
            )
            if label == name and window != min(windows):
                continue
            caught = int(rule(met.bands, met.fingerprints).sum())
            found.setdefault(label, []).append(
                (float(rule(*common).mean()), 2 * caught / len(gold.texts))
            )
        if seed == 1:
            by_bands, by_prints = common[0] >= 2, common[1] >= 2
            alone[f"w={window} bands>=2 without fingerprints>=2"] = int(
                (by_bands & ~by_prints).sum()
            )
            alone[f"w={window} fingerprints>=2 without bands>=2"] = int(
                (by_prints & ~by_bands).sum()
            )
    table = {
        name: {
            "recall": round(float(np.mean([recall for recall, _ in runs])), 4),
            "recall_least": round(min(recall for recall, _ in runs), 4),
            "recall_seed_1": round(runs[0][0], 4),
            "candidates_per_article": round(float(np.mean([most for _, most in runs])), 2),
        }
        for name, runs in found.items()
    }
    return {"rules": table, "pairs_found_alone": alone}


def on_banding(gold: Gold) -> dict[str, Any]:
    """Return recall and candidates of bands of several rows, and of datasketch's own choices."""
    parameters = SketchParameters()
    sketches = sketch(gold.texts, parameters)
    table: dict[str, Any] = {}
    for bands, rows in ((25, 5), (32, 4), (64, 2), (128, 1)):
        nets = Nets(bands, rows, 1, None, None, UNBOUNDED, UNBOUNDED)
        met, _ = meet(sketches, parameters, nets)
        table[f"{bands}x{rows}"] = {
            "recall": round(float((met.of(gold.pairs)[0] >= 1).mean()), 4),
            "candidates_per_article": round(2 * len(met.keys) / len(gold.texts), 2),
        }
    made = [
        MinHash(128, hashvalues=signature, scheme="affine32") for signature in sketches.signatures
    ]
    choices: dict[str, dict[str, Any]] = {
        f"threshold {threshold}": {"threshold": threshold} for threshold in (0.3, 0.5, 0.7)
    }
    choices["params (128, 1)"] = {"params": (128, 1)}
    for name, choice in choices.items():
        lsh = MinHashLSH(num_perm=128, **choice)
        for row, minhash in enumerate(made):
            lsh.insert(row, minhash)
        answers = [set(lsh.query(minhash)) - {row} for row, minhash in enumerate(made)]
        hits = [b in answers[a] for a, b in gold.pairs.tolist()]
        table[f"datasketch {name}"] = {
            "bands_rows": [lsh.b, lsh.r],
            "recall": round(float(np.mean(hits)), 4),
            "candidates_per_article": round(sum(map(len, answers)) / len(answers), 2),
        }
    return table


def on_scale(scale: Scale, windows: Iterable[int], bands: int) -> dict[str, Any]:
    """Return candidates of each rule on `scale`, and the share of planted lifts it finds."""
    table: dict[str, Any] = {}
    for window in windows:
        parameters = SketchParameters(window=window)
        sketches = sketch(scale.texts, parameters)
        met, index = meet(sketches, parameters, everything(bands))
        common = _with_donors(index, sketch(scale.lifts, parameters), met.first[scale.donors])
        for name, rule in rules().items():
            with_window = "fingerprints" in name or "evidence" in name
            if not with_window and window != min(windows):
                continue
            caught = int(rule(met.bands, met.fingerprints).sum())
            hits = rule(*common)
            table[f"w={window} {name}" if with_window else name] = {
                "candidates_per_article": round(2 * caught / len(scale.texts), 2),
                "lifts": {
                    str(words): round(float(hits[scale.words == words].mean()), 4)
                    for words in LIFTS
                },
            }
    return table


def on_caps(gold: Gold, scale: Scale, chosen: list[tuple[int, int]]) -> dict[str, Any]:
    """Return what caps cost and save for (window, minimum of evidence)."""
    table: dict[str, Any] = {}
    for (window, least), cap in itertools.product(chosen, (50, 100, 200, 500, 1000, UNBOUNDED)):
        parameters = SketchParameters(window=window)
        nets = Nets(minimum_evidence=least, minimum_fingerprints=None, cap=cap, limit=UNBOUNDED)
        met, _ = meet(sketch(gold.texts, parameters), parameters, nets)
        wide, index = meet(sketch(scale.texts, parameters), parameters, nets)
        common = _with_donors(index, sketch(scale.lifts, parameters), wide.first[scale.donors])
        hits = common[0] + common[1] >= least
        table[f"w={window} evidence>={least} cap={cap if cap < UNBOUNDED else None}"] = {
            "recall_seed_1": round(float((np.add(*met.of(gold.pairs)) >= least).mean()), 4),
            "candidates_per_article": round(2 * len(met.keys) / len(gold.texts), 2),
            "scale_candidates_per_article": round(2 * len(wide.keys) / len(scale.texts), 2),
            "scale_most_of_one_article": int(
                np.bincount(np.concatenate([wide.keys >> 32, wide.keys & 0xFFFFFFFF])).max()
            ),
            "lifts": {
                str(words): round(float(hits[scale.words == words].mean()), 4) for words in LIFTS
            },
        }
    return table


def missed(gold: Gold, parameters: SketchParameters, nets: Nets) -> list[dict[str, Any]]:
    """Return the derived pairs that the default nets miss, and what those have in common."""
    sketches = sketch(gold.texts, parameters)
    plain, _ = meet(sketches, parameters, everything())
    bounded, _ = meet(sketches, parameters, nets)
    bands, prints = plain.of(gold.pairs)
    kept = np.add(*bounded.of(gold.pairs)) > 0
    out = []
    for number in np.flatnonzero(~kept).tolist():
        a, b = gold.pairs[number].tolist()
        common = set(shingles(gold.texts[a])) & set(shingles(gold.texts[b]))
        out.append(
            {
                "pair": gold.names[number],
                "relation": gold.relations[number],
                "words": [int(sketches.word_counts[a]), int(sketches.word_counts[b])],
                "shingles_in_common": len(common),
                "bands": int(bands[number]),
                "fingerprints": int(prints[number]),
            }
        )
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """The texts of the gold sets and its derived pairs, int64[n, 2]."""

    texts: list[str]
    pairs: Counts
    names: list[list[str]]
    relations: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Many texts, planted ones, and from which of the texts and in how many words each lifts."""

    texts: list[str]
    lifts: list[str]
    donors: Counts
    words: Counts


def read_gold(data: Path) -> Gold:
    """Read the gold pairs and all articles of their sets."""
    places: dict[tuple[str, str], int] = {}
    texts: list[str] = []
    for name in SETS:
        for article in _records(data / name / "docs.jsonl"):
            places[name, article["id"]] = len(texts)
            texts.append(article["text"])
    derived = [pair for pair in _records(data / "gold.jsonl") if pair["derived"]]
    return Gold(
        texts,
        np.array([[places[p["set"], p["a"]], places[p["set"], p["b"]]] for p in derived]),
        [[pair["set"], pair["a"], pair["b"]] for pair in derived],
        [pair["relation"] for pair in derived],
    )


def read_scale(data: Path, each: int, seed: int) -> Scale:
    """Read the articles of `scale` and plant lifts of each length."""
    texts = [
        article["text"]
        for shard in sorted((data / "scale").glob("*.jsonl"))
        for article in _records(shard)
    ]
    words = [text.split() for text in texts]
    lengths = np.array([len(text) for text in words])
    hosts = np.flatnonzero((lengths >= 300) & (lengths <= 3000))
    rng = np.random.default_rng(seed)
    lifts, donors, lifted = [], [], []
    for length in LIFTS:
        givers = np.flatnonzero(lengths >= max(200, length + 20))
        for _ in range(each):
            host, donor = 0, 0
            while host == donor:
                host, donor = int(rng.choice(hosts)), int(rng.choice(givers))
            start = int(rng.integers(0, lengths[donor] - length + 1))
            place = int(rng.integers(0, lengths[host] + 1))
            passage = words[donor][start : start + length]
            lifts.append(" ".join([*words[host][:place], *passage, *words[host][place:]]))
            donors.append(donor)
            lifted.append(length)
    return Scale(texts, lifts, np.array(donors), np.array(lifted))


def _with_donors(index: MemoryIndex, asked: Sketches, donors: Counts) -> tuple[Counts, Counts]:
    """Return what planted texts have in common with their donors."""
    found = index.candidates(asked)
    common = np.zeros((2, len(asked)), np.int64)
    for number, donor in enumerate(donors.tolist()):
        own = found.of(number)
        for at in np.flatnonzero(found.rows[own] == donor):
            common[:, number] = found.bands[own][at], found.fingerprints[own][at]
    return common[0], common[1]


def _records(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--lifts", type=int, default=200, help="planted texts of each length")
    options = parser.parse_args()
    started = time.perf_counter()
    gold = read_gold(options.data)
    scale = read_scale(options.data, options.lifts, seed=7)
    parameters, nets = SketchParameters(), Nets()
    result = {
        "command": "python benchmarks/candidates.py --data DIR "
        "--output benchmarks/results/candidates.json",
        "articles": {"gold sets": len(gold.texts), "scale": len(scale.texts)},
        "derived_pairs": len(gold.pairs),
        "seeds": options.seeds,
        "lifts_of_each_length": options.lifts,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "defaults": {"parameters": parameters.to_dict(), "nets": repr(nets)},
        "missed_by_the_default_nets": {
            f"w={window}": missed(gold, SketchParameters(window=window), nets)
            for window in (12, 16)
        },
        "banding": on_banding(gold),
        "gold, 128 bands": on_gold(gold, WINDOWS, options.seeds, 128),
        "gold, 64 bands": on_gold(gold, WINDOWS, options.seeds, 64),
        "scale, 128 bands": on_scale(scale, WINDOWS, 128),
        "scale, 64 bands": on_scale(scale, WINDOWS, 64),
        "caps": on_caps(gold, scale, [(8, 5), (8, 6), (12, 4), (16, 3), (16, 4)]),
    }
    result["seconds"] = round(time.perf_counter() - started, 1)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for part in ("banding", "gold, 128 bands", "scale, 128 bands", "caps"):
        table = result[part]
        print(part)
        for name, row in table.get("rules", table).items():
            print(f"  {name:42s} {row}")


if __name__ == "__main__":
    main()
