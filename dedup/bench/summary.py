"""What ``dedup bench quality`` reports: every measure of the judged pairs, whole and by slices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from dedup.bench.gold import Label
from dedup.bench.inside import Verdict
from dedup.bench.metrics import (
    RESAMPLES,
    accuracy,
    bootstrap,
    confusion,
    detection,
    f1,
    macro_f1,
    three_way,
)
from dedup.bench.quality import Judged, Quality
from dedup.scoring.match import DERIVED, NOT_DERIVED, Match
from dedup.scoring.relation import rules

SCHEMA = "dedup.bench.quality/1"

T = TypeVar("T")


def summarise(quality: Quality, *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Return the results, ready for JSON; they hold ids, numbers and reasons but no text."""
    judged = quality.judged
    result = measures(judged, resamples)
    candidates = {**quality.index, **result.pop("candidates")}
    return {
        "schema": SCHEMA,
        "rules": rules().version,
        "pairs": len(judged),
        "groups": len({one.group for one in judged}),
        "candidates": candidates,
        **result,
        "end_to_end": _found(judged, [one.found for one in judged], resamples),
        "baselines": {
            answers.name: {
                "threshold": answers.threshold,
                **answers.settings,
                **_found(judged, answers.derived, resamples),
            }
            for answers in quality.baselines
        },
        "wire_to_outlet": measures([one for one in judged if one.label.crossing], resamples),
        "sets": _by(judged, lambda one: one.label.collection, resamples),
        "languages": _by(judged, lambda one: one.language, resamples),
        "errors": [error for error in map(_error, judged) if error],
    }


def measures(judged: Sequence[Judged], resamples: int) -> dict[str, Any]:
    """Return every measure of some pairs; one with nothing to count is None."""
    derived = [one for one in judged if one.label.derived]
    related = [one for one in judged if one.label.relation is not None]
    expected = [str(one.label.relation) for one in related]
    given = [one.match.relation for one in related]
    groups = [one.group for one in related]
    return {
        "candidates": {
            "recall": rounded(np.mean([one.candidate for one in derived]) if derived else None),
            "derived_pairs": len(derived),
            "missed": [[one.label.a, one.label.b] for one in derived if not one.candidate],
        },
        "derived": _found(judged, [one.match.derived for one in judged], resamples),
        "relation": {
            "pairs": len(related),
            "accuracy": rounded(accuracy(expected, given)),
            "accuracy_ci": _interval(accuracy, expected, given, groups, resamples),
            "macro_f1": rounded(macro_f1(expected, given)),
            "confusion": in_order(confusion(expected, given)),
        },
        "three_way": {
            "accuracy": rounded(accuracy(three_way(expected), three_way(given))),
            "macro_f1": rounded(macro_f1(three_way(expected), three_way(given))),
        },
        "direction": _directions(judged, resamples),
        "credit": _credits(judged),
    }


def _found(judged: Sequence[Judged], given: Sequence[bool], resamples: int) -> dict[str, Any]:
    expected = [one.label.derived for one in judged]
    measured = detection(expected, given)
    groups = [one.group for one in judged]
    return {
        "pairs": len(judged),
        "expected": sum(expected),
        "found": sum(given),
        "precision": rounded(measured.precision),
        "recall": rounded(measured.recall),
        "f1": rounded(measured.f1),
        "f1_ci": _interval(f1, expected, given, groups, resamples),
    }


def _directions(judged: Sequence[Judged], resamples: int) -> dict[str, Any]:
    """Measure directions over the derived pairs found derived that are labelled with one."""
    told = [
        one
        for one in judged
        if one.label.derived and one.match.derived and one.label.direction is not None
    ]
    expected = [str(one.label.direction) for one in told]
    given = [one.match.direction for one in told]
    groups = [one.group for one in told]
    classes = {}
    for name in sorted(set(expected)):
        yes = detection([e == name for e in expected], [g == name for g in given])
        classes[name] = {
            "pairs": expected.count(name),
            "precision": rounded(yes.precision),
            "recall": rounded(yes.recall),
        }
    return {
        "pairs": len(told),
        "accuracy": rounded(accuracy(expected, given)),
        "accuracy_ci": _interval(accuracy, expected, given, groups, resamples),
        "always_common": rounded(accuracy(expected, ["common"] * len(told))),
        "classes": classes,
        "confusion": confusion(expected, given),
    }


def _credits(judged: Sequence[Judged]) -> dict[str, Any]:
    """Measure credits: the set of agencies of each labelled article, counted once."""
    articles = {
        (one.label.collection, name, labelled): found
        for one in judged
        for name, labelled, found in one.credits
    }
    right = [found == labelled for (_, _, labelled), found in articles.items()]
    credited = [found == key[2] for key, found in articles.items() if key[2]]
    return {
        "articles": len(right),
        "accuracy": rounded(np.mean(right) if right else None),
        "credited_articles": len(credited),
        "accuracy_where_credited": rounded(np.mean(credited) if credited else None),
    }


def _by(
    judged: Sequence[Judged], name_of: Callable[[Judged], str], resamples: int
) -> dict[str, Any]:
    names = sorted({name_of(one) for one in judged})
    return {
        name: measures([one for one in judged if name_of(one) == name], resamples) for name in names
    }


def _error(one: Judged) -> dict[str, Any] | None:
    """Return what is wrong with a pair's verdict, None where nothing is."""
    label, match = one.label, one.match
    credits_wrong = [
        {"id": name, "expected": sorted(labelled), "found": sorted(found)}
        for name, labelled, found in one.credits
        if labelled != found
    ]
    both = label.derived and match.derived
    wrong = {
        "direction": both and label.direction not in (None, match.direction),
        "credit": bool(credits_wrong),
        "candidate": label.derived and not one.candidate,
    }
    given = {
        "percent": [round(match.overlap.percent_a, 1), round(match.overlap.percent_b, 1)],
        "candidate": one.candidate,
    }
    return describe_error(label, match, wrong, given, credits_wrong)


def describe_error(
    label: Label,
    verdict: Match | Verdict,
    wrong: Mapping[str, bool],
    given: Mapping[str, Any],
    credits_wrong: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any] | None:
    """Return a verdict beside its label, None where nothing is wrong.

    ``wrong`` says what is wrong besides *derived* and the relation, ``given`` what else was said.
    """
    wrong = {
        "derived": label.derived != verdict.derived,
        "relation": label.relation is not None and label.relation != verdict.relation,
        **wrong,
    }
    if not any(wrong.values()):
        return None
    return {
        "set": label.collection,
        "a": label.a,
        "b": label.b,
        "wrong": [name for name, is_wrong in wrong.items() if is_wrong],
        "expected": {
            "derived": label.derived,
            "relation": label.relation,
            "direction": label.direction,
        },
        "given": {
            "derived": verdict.derived,
            "relation": verdict.relation,
            "direction": verdict.direction,
            "score": round(verdict.score, 4),
            **given,
        },
        "credits": list(credits_wrong),
        "reasons": list(verdict.reasons),
    }


def in_order(table: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Order a confusion table as the relations are, the closest first."""
    order = DERIVED + NOT_DERIVED
    return {
        row: dict(sorted(table[row].items(), key=lambda cell: order.index(cell[0])))
        for row in sorted(table, key=order.index)
    }


def _interval(
    measure: Callable[[Sequence[T], Sequence[T]], float | None],
    expected: Sequence[T],
    given: Sequence[T],
    groups: Sequence[int],
    resamples: int,
) -> list[float] | None:
    found = bootstrap(measure, expected, given, groups=groups, resamples=resamples)
    return None if found is None else [round(end, 4) for end in found]


def rounded(value: Any) -> float | None:  # noqa: ANN401 - NumPy's floats too
    """Round a measure to four decimals."""
    return None if value is None else round(float(value), 4)
