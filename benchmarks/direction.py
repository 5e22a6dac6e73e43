r"""Which side is the source? The rules of direction, chosen with each collection left out in turn.

    python benchmarks/direction.py --data DIR [--output benchmarks/results/direction.json]

``DIR/gold.jsonl`` holds the pairs (``set``, ``a``, ``b``, ``derived``, ``direction``), the other
``.jsonl`` files of ``DIR/<set>/`` the articles. Measured are the derived pairs whose direction the
reader could tell; those labelled with low confidence are left out.

The rules are those of `dedup.scoring.direction` and a few that were tried beside them, each in one
place of one order. For each collection the subset of them is taken that is right most often on the
other five; it answers for the collection left out. Articles that are not in the pair count as
holding its passages if they hold half of the shingles in common.

Of equally good subsets ``nested`` takes the one nearest to saying "common" of every pair, so that
no rule is used that other collections cannot test: those for articles whose outlets are unknown, as
in one collection only, and some for an agency as publisher, as in two others. ``unless_refuted``
takes the one nearest to the shipped rules: they stay as stated until other collections refute one.

What neither leaves out: which rules there are, and their order, was decided with all pairs in view.

Tried by hand, too, and left out, each right about as often as wrong: who sets in quotation marks
what the other tells; who introduces the common passage with a colon (five right of five in one
collection, four of eight in the other); attributing verbs ("according to", "told") before a name;
whether the other holders are all of one side's outlet; who has the earlier dateline.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.bench.metrics import Interval, accuracy, bootstrap, components, confusion
from dedup.dates import earlier
from dedup.scoring import direction
from dedup.scoring.compiled import compiled
from dedup.scoring.overlap import measure_overlap
from dedup.scoring.prepared import Prepared
from dedup.scoring.spans import find_spans
from dedup.scoring.speech import mark_speech

SHINGLE = 5
HELD = 0.5
"""Share of the shingles in common that another article must hold to hold the same passages."""
ANSWERS = ("", "a->b", "b->a", "common")

Labels = list[dict[str, Any]]
Key = tuple[str, str]
Numbers = npt.NDArray[np.int8]


def published_first(pair: direction.Pair) -> str:
    """Name the one published first, whoever published it (tried)."""
    first = earlier(pair.a.article.published, pair.b.article.published)
    return {"a": "a->b", "b": "b->a"}.get(first or "", "")


def longer(pair: direction.Pair) -> str:
    """Name the one with more words (tried)."""
    words = int(pair.a.body.sum()), int(pair.b.body.sum())
    return "" if words[0] == words[1] else ("a->b" if words[0] > words[1] else "b->a")


def always_common(pair: direction.Pair) -> str:
    """Say "common" where nothing else is known (tried)."""
    del pair
    return "common"


CANDIDATES: tuple[direction.Rule, ...] = (
    *direction.RULES[: direction.RULES.index(direction.two_outlets)],
    published_first,
    *direction.RULES[direction.RULES.index(direction.two_outlets) :],
    longer,
    always_common,
)
NAMES = [rule.__name__ for rule in CANDIDATES]
SHIPPED = [rule in direction.RULES for rule in CANDIDATES]


@dataclass(frozen=True, slots=True)
class Measured:
    """The labelled pairs: collection, group of shared articles, label, and what each rule says.

    ``said`` int8[rules, pairs] and ``labels`` int8[pairs] are places in `ANSWERS`.
    """

    sets: npt.NDArray[np.str_]
    groups: list[int]
    labels: Numbers
    said: Numbers

    def answers(self, rules: Sequence[bool]) -> Numbers:
        """Return what the first of the rules that says anything says of each pair: int8[pairs]."""
        given = np.zeros(len(self.labels), np.int8)
        for taken, said in zip(reversed(rules), self.said[::-1], strict=True):
            if taken:
                given = np.where(said, said, given)
        return given


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="holds gold.jsonl and the sets")
    options.add_argument("--output", type=Path, help="write the result as JSON")
    given = options.parse_args()
    measured = measure(given.data)
    chosen, nested = leave_one_out(measured, [rule is always_common for rule in CANDIDATES])
    standing, unless_refuted = leave_one_out(measured, SHIPPED)
    shipped = measured.answers(SHIPPED)
    common = np.full_like(nested, ANSWERS.index("common"))
    result = {
        "what": __doc__.split("\n")[0],
        "command": "benchmarks/direction.py --data DIR",
        "pairs": len(nested),
        "groups": len(set(measured.groups)),
        "labels": Counter(spelt(measured.labels)),
        "nested": report(measured, nested),
        "unless_refuted": report(measured, unless_refuted),
        "always_common": report(measured, common),
        "shipped": report(measured, shipped),
        "chosen_without": {name: named(rules) for name, rules in chosen.items()},
        "refuted_without": {
            name: sorted(set(named(SHIPPED)) - set(named(rules)))
            for name, rules in standing.items()
        },
        "right_and_wrong": decided(measured),
        "shipped_without": {
            name: without(measured, at) for at, name in enumerate(NAMES) if SHIPPED[at]
        },
    }
    print(json.dumps(result, indent=1))
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


# Measuring -----------------------------------------------------------------------------------


def measure(data: Path) -> Measured:
    labels = [
        label
        for line in (data / "gold.jsonl").open(encoding="utf-8")
        if (label := json.loads(line))["derived"]
        and label.get("confidence") != "low"
        and label["direction"] != "unknown"
    ]
    articles = {name: read_set(data / name) for name in sorted({one["set"] for one in labels})}
    tools = compiled()
    prepared = {
        (one["set"], one[side]): tools.prepare(articles[one["set"]][one[side]], SHINGLE)
        for one in labels
        for side in "ab"
    }
    pairs = [(prepared[one["set"], one["a"]], prepared[one["set"], one["b"]]) for one in labels]
    held = held_elsewhere(labels, pairs, articles)
    said = np.zeros((len(CANDIDATES), len(labels)), np.int8)
    for column, ((a, b), elsewhere) in enumerate(zip(pairs, held, strict=True)):
        overlap = measure_overlap(a, b, mark_speech(a, b, find_spans(a, b, aligner=tools.align)))
        pair = direction.Pair(a.text, b.text, overlap, elsewhere)
        said[:, column] = [ANSWERS.index(rule(pair)) for rule in CANDIDATES]
    places = {"A": 1, "B": 2, "common": 3}
    return Measured(
        np.array([one["set"] for one in labels]),
        components([(f"{one['set']}/{one['a']}", f"{one['set']}/{one['b']}") for one in labels]),
        np.array([places[one["direction"]] for one in labels], np.int8),
        said,
    )


def read_set(folder: Path) -> dict[str, Article]:
    files = [file for file in sorted(folder.glob("*.jsonl")) if not file.name.startswith("pairs_")]
    records = map(json.loads, chain.from_iterable(file.open(encoding="utf-8") for file in files))
    return {
        record["id"]: Article(
            record["id"],
            record["text"],
            title=record.get("title"),
            source=record.get("source"),
            published=record.get("published") or record.get("date"),
            url=record.get("url"),
        )
        for record in records
    }


def held_elsewhere(
    labels: Labels,
    pairs: Sequence[tuple[Prepared, Prepared]],
    articles: dict[str, dict[str, Article]],
) -> list[bool]:
    """Say of each pair whether a third article of its collection holds what they have in common."""
    tools = compiled()
    common = [np.intersect1d(a.shingles, b.shingles, assume_unique=True) for a, b in pairs]
    held = [False] * len(pairs)
    for name, of_set in articles.items():
        mine = [at for at, label in enumerate(labels) if label["set"] == name]
        wanted = np.unique(np.concatenate([common[at] for at in mine]))
        for article in of_set.values():
            found = np.intersect1d(tools.shingles_of(article, SHINGLE), wanted, assume_unique=True)
            for at in mine if len(found) else ():
                if article.id not in (labels[at]["a"], labels[at]["b"]) and not held[at]:
                    both = np.isin(common[at], found, assume_unique=True)
                    held[at] = bool(len(both)) and float(both.mean()) >= HELD
    return held


# Choosing ------------------------------------------------------------------------------------


def every_subset(measured: Measured) -> npt.NDArray[np.bool_]:
    """Say which pairs each subset of the rules gets right: bool[2 ** rules, pairs]."""
    given = np.zeros((1, len(measured.labels)), np.int8)
    for said in measured.said[::-1]:
        given = np.concatenate([given, np.where(said, said, given)])
    right: npt.NDArray[np.bool_] = given == measured.labels
    return right


def leave_one_out(
    measured: Measured, preferred: Sequence[bool]
) -> tuple[dict[str, list[bool]], Numbers]:
    """Choose rules for each collection on the others; return them, and their answers for it."""
    right = every_subset(measured)
    chosen = {}
    given = np.zeros(len(measured.labels), np.int8)
    for name in sorted(set(measured.sets.tolist())):
        chosen[name] = choose(right[:, measured.sets != name], preferred)
        given = np.where(measured.sets == name, measured.answers(chosen[name]), given)
    return chosen, given


def choose(right: npt.NDArray[np.bool_], preferred: Sequence[bool]) -> list[bool]:
    """Return the subset that is right most often; of equals the nearest to the preferred one."""
    scores = right.sum(axis=1)
    wanted = int("".join(str(int(taken)) for taken in preferred), 2)
    best = np.flatnonzero(scores == scores.max()).tolist()
    number = min(best, key=lambda subset: ((subset ^ wanted).bit_count(), -subset))
    return [bool(number >> bit & 1) for bit in range(len(preferred))][::-1]


# Reporting -----------------------------------------------------------------------------------


def report(measured: Measured, given: Numbers) -> dict[str, Any]:
    expected, answered = spelt(measured.labels), spelt(given)
    return {
        "accuracy": rounded(accuracy(expected, answered)),
        "accuracy_ci": interval(bootstrap(accuracy, expected, answered, groups=measured.groups)),
        "sets": {
            name: {"pairs": int(own.sum()), "right": int((given == measured.labels)[own].sum())}
            for name in sorted(set(measured.sets.tolist()))
            for own in [measured.sets == name]
        },
        "confusion": confusion(expected, answered),
    }


def decided(measured: Measured) -> dict[str, dict[str, list[int]]]:
    """Count for each shipped rule, by collection, the pairs it decides rightly and wrongly."""
    open_ = np.ones(len(measured.labels), np.bool_)
    found = {}
    for name, said, shipped in zip(NAMES, measured.said, SHIPPED, strict=True):
        if shipped:
            here = open_ & (said != 0)
            open_ &= ~here
            found[name] = {
                one: [
                    int((said == measured.labels)[own].sum()),
                    int((said != measured.labels)[own].sum()),
                ]
                for one in sorted(set(measured.sets.tolist()))
                for own in [here & (measured.sets == one)]
                if own.any()
            }
    return found


def without(measured: Measured, rule: int) -> dict[str, int]:
    """Count by collection how many pairs more are right without a rule."""
    before = measured.answers(SHIPPED) == measured.labels
    after = measured.answers([s and at != rule for at, s in enumerate(SHIPPED)]) == measured.labels
    change = after.astype(np.int64) - before
    counts = {
        name: int(change[measured.sets == name].sum()) for name in set(measured.sets.tolist())
    }
    return {name: count for name, count in sorted(counts.items()) if count}


def named(rules: Sequence[bool]) -> list[str]:
    return [name for name, taken in zip(NAMES, rules, strict=True) if taken]


def spelt(answers: Numbers) -> list[str]:
    return [ANSWERS[answer] or "unknown" for answer in answers.tolist()]


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def interval(found: Interval | None) -> list[float] | None:
    return [round(x, 4) for x in found] if found else None


if __name__ == "__main__":
    main()
