"""Measure the verdict on collections that nothing was chosen on.

    python benchmarks/calibrate.py --data DIR [--errors] [--output FILE]

``DIR/gold.jsonl`` holds the pairs, ``DIR/<set>/`` the articles of each collection. Every pair is
judged inside its collection, as `Detector.compare` does; labels of low confidence are left out.

*nested*: for each collection everything is chosen on the other five: the numbers of standing text,
what counts as a plain word and as a passage, the surface and the other numbers of
``relation.toml``, and which masks are kept at all. The choice is coordinate ascent from the middle
of every grid, never from the shipped numbers: first what decides derived or not, by its F1, then
the cut-offs between relations, by their accuracy. Of values as good as the best but for `TIE` the
middle is taken.

*shipped*: the numbers of the program, which were chosen with all six collections in view.
*plateaus*: their scores when one number alone moves. *ablations*: with one measure off, the other
numbers as shipped, and chosen anew in the same folds. *parts_given*: some numbers given, the rest
chosen.

What this does not leave out: which measures there are, and the order of the rules, were decided
with all these pairs in view; so was `TIE`, raised from 0.0015 after the nested score at both was
seen (*nested_by_tie*). Only other articles can tell what that is worth.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from measured import ALL_WORDS, MASKS, Numbers, measure_collections
from study import NEVER, RELATIONS, SHIPPED, STANDING, Relations, Study, differences, relations

from dedup.bench.metrics import (
    Interval,
    accuracy,
    bootstrap,
    components,
    confusion,
    detection,
    f1,
    macro_f1,
    three_way,
)
from dedup.bench.summary import in_order, rounded
from dedup.scoring.match import DERIVED
from dedup.scoring.relation import rules

VERDICT = Path(__file__).with_name("results") / "verdict.json"
PASSES = 3
TIE = 0.003
"""Two values as near as this are equally good: one pair more or less is about 0.002."""
OTHER_TIES = (0.0, 0.0015, 0.005)
"""Others, which show how much the nested score hangs on it."""
NEAR_SHIPPED = 0.005
"""How much worse a value may be and still be on the plateau."""

Grids = Mapping[str, Sequence[float]]
Mask = npt.NDArray[np.bool_]

DERIVED_GRIDS: Grids = {
    "copied_plain": (6, 7, 8, 9, 10, 10.5, 11, 11.5, 12, 13, 14, 16, 18),
    "power": (1, 2, 3, 4, 6),
    "phrase": (0, 2, 3, 4, 5, 6),
    "passage": (7, 8, 9, 10, 11, 12, 14),
    "letters": (4, 5, 6),
    "reworded_lift": (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
    "reworded_percent": (40, 50, 60),
    "reworded_sentences": (2, 3, 4, 5),
    "template_figures": (4, 5, 6, 7, 8, 10, NEVER),
    "template_percent": (40, 50, 60, 70, 80, 101),
    "followed_percent": (50, 60, 70, 80),
    "followed_sentences": (3, 4, 5, 6, 7, NEVER),
    "again_days": (4, 7, 10, 15, 20, NEVER),
    "again_percent": (20, 30, 40, 50, 60, 101),
    "far_single": (60, 70, 80, 90, NEVER),
    "far_place": (40, 50, 60, 70, 80),
    "far_lead": (20, 30, 40, 50),
    "own_share": (0.07, 0.1, 0.13, 0.16, 0.2),
    "least_own": (1, 2, 3, 4, 5, 6),
    "whole": (0.5, 0.6, 0.7, 0.8, 0.9),
    "near": (0, 2, 3, 5),
    "again": (2, 3, 4, 7, inf),
    "holders": (2, 3, 4),
    "own_days": (1, 0),
    **dict.fromkeys(MASKS, (1, 0)),
}
"""What decides derived or not."""
RELATION_GRIDS: Grids = {
    "identical_percent": (94, 95, 96, 97, 98, 99),
    "identical_fuller": (95, 97, 98, 99, 100),
    "near_duplicate_percent": (55, 60, 65, 70, 75, 80, 85),
    "near_duplicate_body": (0, 30, 40, 50, 60, 70),
    "rewrite_percent": (30, 35, 40, 45, 50, 55, 60),
    "rewrite_body": (0, 20, 25, 30, 35, 40, 50),
    "rewrite_reworded_percent": (45, 50, 55, 60, 70, NEVER),
    "quoted_words": (6, 8, 10, 11, 12, 15, 20),
    "boilerplate_words": (10, 12, 15, 18, 21, 25, 30),
}
"""What tells one relation from another, on the same side of that decision."""
ABLATIONS: dict[str, Numbers] = {
    **{name: {name: 0} for name in MASKS},
    "plain words (all words count)": {"letters": ALL_WORDS},
    "plain words (of any length)": {"letters": 1},
    "ramp (all passages count)": {"phrase": 0, "passage": 1},
    "share of one narrative": {"power": NEVER},
    "rewording": {"reworded_sentences": NEVER, "followed_sentences": NEVER},
    "rewording alone": {"followed_sentences": NEVER},
    "templates": {"template_figures": NEVER},
    "one outlet, weeks later": {"again_days": NEVER},
    "one passage far down": {"far_single": NEVER},
    "standing: outlets of the same days are of one story": {"near": 0},
    "standing: what one outlet prints again": {"again": inf},
    "standing: one text of the outlet, three days": {"own_days": 0},
}
PARTS: dict[str, Numbers] = {
    "standing text as shipped": {name: SHIPPED[name] for name in STANDING},
    **{
        f"plain words of {letters} letters": {"letters": letters}
        for letters in DERIVED_GRIDS["letters"]
    },
    "plain words of 4 letters, standing text as shipped": {
        "letters": 4,
        **{name: SHIPPED[name] for name in STANDING},
    },
}
"""What is given while the rest is chosen: how far a score hangs on so many free numbers."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="gold.jsonl and a folder a set")
    options.add_argument("--output", type=Path, help="write the result as JSON")
    options.add_argument("--errors", action="store_true", help="list the pairs that stay wrong")
    given = options.parse_args()
    started = time.perf_counter()
    calibration = Calibration(Study(measure_collections(given.data, sys.exit)))
    if wrong := differences(calibration.study):
        sys.exit("these copies of the rules differ from the program:\n" + "\n".join(wrong))
    result = calibration.result()
    result["seconds"] = round(time.perf_counter() - started)
    if given.errors:
        calibration.list_errors(result["nested"]["chosen"])
    print(json.dumps(in_short(result), indent=1, ensure_ascii=False))
    if given.output:
        written = json.dumps(result, indent=1, ensure_ascii=False)
        given.output.write_text(written.replace("Infinity", '"never"') + "\n", "utf-8")


class Calibration:
    """The labelled pairs, and what is chosen and measured on them."""

    def __init__(self, study: Study) -> None:
        self.study = study
        labels = [subject.label for subject in study.subjects]
        self.ids = [(label.collection, label.a, label.b) for label in labels]
        self.labels = relations(str(label.relation) for label in labels)
        self.derived = is_derived(self.labels)
        self.sets = np.array([label.collection for label in labels])
        self.names = sorted({label.collection for label in labels})
        self.groups = components([(f"{s}/{a}", f"{s}/{b}") for s, a, b in self.ids])

    def result(self) -> dict[str, Any]:
        """Choose, judge and compare; everything that is committed."""
        free: dict[str, Numbers] = {"": {}}
        fixed = {
            name: dict.fromkeys(MASKS, 1) | dict(some) for name, some in (ABLATIONS | PARTS).items()
        }
        chosen = self.choose_all(free | fixed)
        nested = self.held_out(chosen[""])
        shipped = self.study.judge(SHIPPED)
        return {
            "what": __doc__.split("\n")[0],
            "command": "python benchmarks/calibrate.py --data FOLDER"
            " --output benchmarks/results/calibrate.json",
            "rules": rules().version,
            "pairs": len(self.ids),
            "groups": len(set(self.groups)),
            "nested": {**self.report(nested), "chosen": chosen[""]},
            "nested_by_tie": {
                str(tie): self.in_brief(self.held_out(self.choose_all(free, tie)[""]))
                for tie in OTHER_TIES
            },
            "shipped": {**self.report(shipped), "numbers": SHIPPED},
            "baselines": self.baselines(),
            "plateaus": self.plateaus(),
            "ablations": {
                name: {
                    "shipped": self.in_brief(self.study.judge({**SHIPPED, **off})),
                    "nested": self.in_brief(self.held_out(chosen[name])),
                }
                for name, off in ABLATIONS.items()
            },
            "parts_given": {name: self.in_brief(self.held_out(chosen[name])) for name in PARTS},
        }

    # Choosing -----------------------------------------------------------------------------------

    def choose_all(
        self, given: Mapping[str, Numbers], tie: float = TIE
    ) -> dict[str, dict[str, dict[str, float]]]:
        """Choose the numbers of each fold, some of them given; one process a core."""
        for off in ABLATIONS.values():  # measured once, for all processes
            self.study.seen({**SHIPPED, **off})
        tasks = [(name, fold) for name in given for fold in self.names]
        Calibration.here = self
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
            found = list(pool.map(_choose, [(given[name], fold, tie) for name, fold in tasks]))
        chosen: dict[str, dict[str, dict[str, float]]] = {name: {} for name in given}
        for (name, fold), numbers in zip(tasks, found, strict=True):
            chosen[name][fold] = numbers
        return chosen

    here: Calibration
    """The one that the processes inherit."""

    def choose(self, given: Numbers, train: Mask, tie: float = TIE) -> dict[str, float]:
        """Choose numbers on some pairs, one after the other, until none of them moves."""
        grids = {**DERIVED_GRIDS, **RELATION_GRIDS}
        neutral = {n: g[0] if n in MASKS else g[(len(g) - 1) // 2] for n, g in grids.items()}
        numbers: dict[str, float] = {**SHIPPED, **neutral, **given}
        for part, goal in ((DERIVED_GRIDS, self.derived_f1), (RELATION_GRIDS, self.right)):
            for _ in range(PASSES):
                before = dict(numbers)
                for name in (name for name in part if name not in given):
                    goals = [
                        goal(self.study.judge({**numbers, name: x}), train) for x in part[name]
                    ]
                    numbers[name] = part[name][middle_of_best(goals, tie)]
                if numbers == before:
                    break
        return numbers

    def derived_f1(self, given: Relations, at: Mask) -> float:
        """Return the F1 of derived or not on some pairs."""
        found, there = is_derived(given)[at], self.derived[at]
        return 2 * float((found & there).sum()) / max(1.0, float(found.sum() + there.sum()))

    def right(self, given: Relations, at: Mask) -> float:
        """Return the share of relations that are right on some pairs."""
        return float((given == self.labels)[at].mean())

    def held_out(self, chosen: Mapping[str, Numbers]) -> Relations:
        """Judge each collection with the numbers chosen without it."""
        given = np.zeros_like(self.labels)
        for name, numbers in chosen.items():
            at = self.sets == name
            given[at] = self.study.judge(numbers)[at]
        return given

    # Reporting ----------------------------------------------------------------------------------

    def in_brief(self, given: Relations) -> dict[str, Any]:
        """Return the two scores that choices are made by, and derived F1 of each collection."""
        every = np.ones(len(given), np.bool_)
        return {
            "derived_f1": rounded(self.derived_f1(given, every)),
            "relation_accuracy": rounded(self.right(given, every)),
            "sets": {n: rounded(self.derived_f1(given, self.sets == n)) for n in self.names},
        }

    def report(self, judged: Relations) -> dict[str, Any]:
        """Return every measure, with intervals over components of shared articles."""
        labels, given = named(self.labels), named(judged)
        expected, found = self.derived.tolist(), is_derived(judged).tolist()
        truth, three = three_way(labels), three_way(given)
        wrong = Counter(
            f"{label} called {answer}"
            for label, answer in zip(labels, given, strict=True)
            if label != answer
        )
        detected = detection(expected, found)
        return {
            "derived_f1": rounded(detected.f1),
            "derived_f1_ci": interval(bootstrap(f1, expected, found, groups=self.groups)),
            "precision": rounded(detected.precision),
            "recall": rounded(detected.recall),
            "relation_accuracy": rounded(accuracy(labels, given)),
            "relation_accuracy_ci": interval(
                bootstrap(accuracy, labels, given, groups=self.groups)
            ),
            "three_way_macro_f1": rounded(macro_f1(truth, three)),
            "three_way_macro_f1_ci": interval(
                bootstrap(macro_f1, truth, three, groups=self.groups)
            ),
            "sets": {name: self._of_set(judged, self.sets == name) for name in self.names},
            "confusion": in_order(confusion(labels, given)),
            "errors": dict(wrong.most_common()),
        }

    def _of_set(self, given: Relations, at: Mask) -> dict[str, Any]:
        found, there = is_derived(given)[at], self.derived[at]
        return {
            "pairs": int(at.sum()),
            "derived_f1": rounded(self.derived_f1(given, at)),
            "false_alarms": int((found & ~there).sum()),
            "missed": int((~found & there).sum()),
            "relation_accuracy": rounded(self.right(given, at)),
        }

    def plateaus(self) -> dict[str, Any]:
        """Move one number at a time over its grid, the others as shipped."""
        every = np.ones(len(self.labels), np.bool_)
        plateaus = {}
        for grids, goal in ((DERIVED_GRIDS, self.derived_f1), (RELATION_GRIDS, self.right)):
            for name, grid in grids.items():
                if name in MASKS:
                    continue
                values = sorted({*grid, SHIPPED[name]})
                scores = [goal(self.study.judge({**SHIPPED, name: x}), every) for x in values]
                at = values.index(SHIPPED[name])
                low, high = run_around(at, [x >= scores[at] - NEAR_SHIPPED for x in scores])
                plateaus[name] = {
                    "shipped": SHIPPED[name],
                    "plateau": [values[low], values[high]],
                    "scores": {str(x): rounded(y) for x, y in zip(values, scores, strict=True)},
                }
        return plateaus

    def baselines(self) -> dict[str, Any]:
        """One threshold, chosen in the same folds; and the rules of before."""
        overlaps = [seen.overlap for seen in self.study.seen(SHIPPED)]
        longest = np.array([one.longest_span_words for one in overlaps], np.float64)
        containment = [max(one.containment_a or 0, one.containment_b or 0) for one in overlaps]
        before = json.loads(VERDICT.read_text("utf-8"))["baseline"]
        return {
            "longest copied passage": self._by_threshold(longest, np.arange(5.0, 120)),
            "containment": self._by_threshold(np.array(containment), np.arange(1, 80) / 100),
            f"rules of {before['commit']}": {
                "derived_f1": before["derived"]["f1"],
                "relation_accuracy": before["relation"]["accuracy"],
                "sets": {n: one["derived"]["f1"] for n, one in before["collections"].items()},
            },
        }

    def _by_threshold(
        self, values: npt.NDArray[np.float64], grid: npt.NDArray[np.float64]
    ) -> dict[str, Any]:
        given = np.zeros_like(self.labels)
        partial, other = relations(("partial", "independent"))
        for name in self.names:
            at = self.sets == name
            answers = [np.where(values >= x, partial, other) for x in grid]
            best = middle_of_best([self.derived_f1(answer, ~at) for answer in answers])
            given[at] = answers[best][at]
        brief = self.in_brief(given)
        del brief["relation_accuracy"]
        return brief

    def list_errors(self, chosen: Mapping[str, Numbers]) -> None:
        """Print the pairs that the shipped numbers or those of the folds get wrong."""
        nested = named(self.held_out(chosen))
        for subject, label, other, seen in zip(
            self.study.subjects, named(self.labels), nested, self.study.seen(SHIPPED), strict=True
        ):
            given = subject.match
            if not label == given.relation == other:
                print(f"{subject.label.collection} {subject.label.a} {subject.label.b}:", end=" ")
                print(f"{label} called {given.relation}, nested {other}")
                print(f"  {'; '.join(given.reasons)}\n  {seen.evidence}")


def is_derived(given: Relations) -> Mask:
    """Say which relations are derived."""
    return np.asarray(given < len(DERIVED), np.bool_)


def named(given: Relations) -> list[str]:
    """Return the names of relations."""
    return [RELATIONS[at] for at in given.tolist()]


def _choose(task: tuple[Numbers, str, float]) -> dict[str, float]:
    given, fold, tie = task
    return Calibration.here.choose(given, Calibration.here.sets != fold, tie)


def middle_of_best(goals: Sequence[float], tie: float = TIE) -> int:
    """Return the middle of the longest run of values as good as the best, but for so much."""
    good = [goal >= max(goals) - tie for goal in goals]
    runs = [run_around(at, good) for at in range(len(goals)) if good[at]]
    low, high = max(runs, key=lambda run: run[1] - run[0])
    return (low + high) // 2


def run_around(at: int, good: Sequence[bool]) -> tuple[int, int]:
    """Return the first and the last place of the run of good ones around a place."""
    low = high = at
    while low > 0 and good[low - 1]:
        low -= 1
    while high + 1 < len(good) and good[high + 1]:
        high += 1
    return low, high


def in_short(result: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers a person looks at first."""
    return {
        name: {
            key: value for key, value in result[name].items() if key not in ("errors", "confusion")
        }
        if name in ("nested", "shipped")
        else result[name]
        for name in result
    }


def interval(found: Interval | None) -> list[float] | None:
    return [round(x, 4) for x in found] if found else None


if __name__ == "__main__":
    main()
