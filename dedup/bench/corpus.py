"""``dedup bench quality --corpus``: labelled pairs judged inside their collections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dedup.article import Article
from dedup.bench.gold import GoldError, Label, Pair, Tell, match_labels
from dedup.bench.inside import Inside, Judgement, Verdict
from dedup.bench.metrics import (
    RESAMPLES,
    accuracy,
    components,
    confusion,
    ratio_interval,
)
from dedup.bench.summary import describe_error, in_order, rounded
from dedup.reading.plain import STDIN

SCHEMA = "dedup.bench.corpus/1"
BINS = 10
"""Bins of the reliability table, of equal width."""


@dataclass(frozen=True, slots=True)
class Collection:
    """The articles of one set of labels, and its labelled pairs."""

    name: str
    articles: Sequence[Article]
    pairs: Sequence[Pair]

    @property
    def ids(self) -> list[tuple[str, str]]:
        """The ids of the pairs."""
        return [(pair.a.id, pair.b.id) for pair in self.pairs]


@dataclass(frozen=True, slots=True)
class Judged:
    """A label with the verdicts; ``group`` is that of all pairs joined by shared articles."""

    label: Label
    inside: Inside
    group: int


def targets(labels: Sequence[Label]) -> list[Label]:
    """Return the labels to measure by: those whose reader was not in doubt."""
    return [label for label in labels if label.confidence != "low"]


# Reading ----------------------------------------------------------------------------------------


def read_collections(
    docs: Sequence[str],
    gold: str,
    labels: Sequence[Label],
    read: Callable[[Sequence[str]], Sequence[Article]],
    report: Tell,
) -> Iterator[Collection]:
    """Yield the collections one after the other; a set without articles is reported.

    Raises
    ------
    GoldError
        If some paths are named after a set and others are not.
    """
    names = sorted({label.collection for label in labels})
    known: dict[tuple[str, ...], Sequence[Article]] = {}  # one archive may hold several sets
    for name, paths in collection_paths(docs, names).items():
        own = [label for label in labels if label.collection == name]
        if not paths:
            report(f"{gold}: --docs has no articles of {name!r}; {len(own)} pairs are left out")
            continue
        if tuple(paths) not in known:
            known = {tuple(paths): read(paths)}
        articles = known[tuple(paths)]
        pairs = match_labels(own, articles, [*docs, *paths], gold, report)
        if pairs:
            yield Collection(name, articles, pairs)


def collection_paths(docs: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """Return the paths that hold the articles of each set.

    In a folder these are ``NAME/docs.jsonl``, else ``NAME`` or ``NAME.jsonl``; any other path
    belongs to the set that it or its folder is named after. Where none is named after any set, all
    articles are one archive, in which the pairs of every set are judged.

    Raises
    ------
    GoldError
        If some paths are named after a set and others are not.
    """
    found: dict[str, list[str]] = {name: [] for name in names}
    unnamed = []
    for path in docs:
        own = {name: inner for name in names if (inner := _path_of(path, name))}
        for name, inner in own.items():
            found[name].append(inner)
        if not own:
            unnamed.append(path)
    if len(unnamed) == len(docs):
        return {name: list(docs) for name in names}
    if unnamed:
        raise GoldError(
            f"{unnamed[0]}: neither it nor its folder is named after a set of the labels "
            f"({', '.join(names)}); --corpus must know which set its articles belong to"
        )
    return found


def _path_of(docs: str, name: str) -> str | None:
    path = Path(docs)
    if docs == STDIN:
        return None
    if path.is_dir():
        for inner in (path / name / "docs.jsonl", path / name, path / f"{name}.jsonl"):
            if inner.exists():
                return str(inner)
    return docs if name in (path.name, path.stem, path.absolute().parent.name) else None


# Measuring --------------------------------------------------------------------------------------


def summarise_corpus(
    collections: Sequence[Collection],
    judgements: Mapping[str, Judgement],
    *,
    pooled: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Return the results, ready for JSON; they hold ids, numbers and reasons but no text.

    Parameters
    ----------
    collections
        The articles and labelled pairs.
    judgements
        The verdicts on each collection, by its name.
    pooled
        The collections whose weighted samples are pooled; all that have one unless told.
    """
    judged = _joined(collections, judgements)
    weighted = [one for one in judged if one.label.weight is not None]
    pool = [one for one in weighted if pooled is None or one.label.collection in pooled]
    by_itself = [one for one in judged if one.inside.alone is not None]
    return {
        "schema": SCHEMA,
        "rules": next((of.rules for of in judgements.values()), ""),
        "pairs": len(judged),
        "groups": len({one.group for one in judged}),
        **measures(judged, resamples),
        "by_itself": measures_alone(by_itself, resamples),
        "weighted": {
            "pooled_over": sorted({one.label.collection for one in pool}),
            "pooled": weighted_measures(pool, resamples),
            "collections": {
                name: weighted_measures(own, resamples) for name, own in _by_set(weighted).items()
            },
        },
        "collections": {
            name: {
                "articles": judgements[name].articles,
                "scan_reports": judgements[name].scan_reports,
                "scan_seconds": round(judgements[name].scan_seconds, 1),
                **measures(own, resamples),
            }
            for name, own in _by_set(judged).items()
        },
        "errors": [error for error in map(_error, judged) if error],
    }


def measures(judged: Sequence[Judged], resamples: int) -> dict[str, Any]:
    """Return every measure of the verdicts inside the collection, and of its scan."""
    verdicts = [one.inside.verdict for one in judged]
    reported = [one.inside.reported for one in judged]
    return {
        **_verdicts(judged, verdicts, resamples),
        "score": reliability(
            [one.label.derived for one in judged], [verdict.score for verdict in verdicts]
        ),
        "scan": {
            **_found(judged, reported, resamples),
            "judged_derived_but_not_reported": [
                [one.label.a, one.label.b]
                for one in judged
                if one.inside.verdict.derived and not one.inside.reported
            ],
        },
    }


def measures_alone(judged: Sequence[Judged], resamples: int) -> dict[str, Any]:
    """Return the measures of pairs judged by themselves."""
    return _verdicts(judged, [one.inside.alone or one.inside.verdict for one in judged], resamples)


def weighted_measures(judged: Sequence[Judged], resamples: int) -> dict[str, Any]:
    """Return weighted precision, recall and F1 of pairs drawn at random, and across outlets."""
    across = [one for one in judged if one.inside.across]
    return {
        name: _found(
            own,
            [one.inside.verdict.derived for one in own],
            resamples,
            [one.label.weight or 0.0 for one in own],
        )
        for name, own in (("all", judged), ("across", across))
    }


def reliability(expected: Sequence[bool], scores: Sequence[float]) -> dict[str, Any]:
    """Return the Brier score (G. W. Brier, 1950), and by bins of scores the share derived.

    A score orders results and is no probability; this says how far it could be read as one.
    """
    truth, given = np.array(expected, np.float64), np.array(scores, np.float64)
    bin_of = np.minimum((given * BINS).astype(np.int64), BINS - 1)
    bins = []
    for number in range(BINS):
        at = bin_of == number
        some = bool(at.any())
        bins.append(
            {
                "from": number / BINS,
                "to": (number + 1) / BINS,
                "pairs": int(at.sum()),
                "mean_score": rounded(given[at].mean()) if some else None,
                "derived": rounded(truth[at].mean()) if some else None,
            }
        )
    return {"brier": rounded(((given - truth) ** 2).mean()) if len(given) else None, "bins": bins}


def _joined(collections: Sequence[Collection], judgements: Mapping[str, Judgement]) -> list[Judged]:
    """Put labels and verdicts of all collections into one list."""
    pairs = [
        (pair.label, inside)
        for collection in collections
        for pair, inside in zip(collection.pairs, judgements[collection.name].pairs, strict=True)
    ]
    groups = components(
        [(f"{label.collection}/{label.a}", f"{label.collection}/{label.b}") for label, _ in pairs]
    )
    return [
        Judged(label, inside, group) for (label, inside), group in zip(pairs, groups, strict=True)
    ]


def _verdicts(
    judged: Sequence[Judged], verdicts: Sequence[Verdict], resamples: int
) -> dict[str, Any]:
    both = list(zip(judged, verdicts, strict=True))
    related = [(one, v) for one, v in both if one.label.relation is not None]
    expected = [str(one.label.relation) for one, _ in related]
    given = [v.relation for _, v in related]
    return {
        "derived": _found(judged, [v.derived for v in verdicts], resamples),
        "relation": {
            **_right(expected, given, [one.group for one, _ in related], resamples),
            "confusion": in_order(confusion(expected, given)),
        },
        "direction": _directions(both, resamples),
        "direction_where_found": _directions([(o, v) for o, v in both if v.derived], resamples),
    }


def _directions(both: Sequence[tuple[Judged, Verdict]], resamples: int) -> dict[str, Any]:
    """Measure directions over all pairs labelled derived and with a direction."""
    told = [(o, v) for o, v in both if o.label.derived and o.label.direction is not None]
    expected = [str(one.label.direction) for one, _ in told]
    given = [verdict.direction for _, verdict in told]
    return {
        **_right(expected, given, [one.group for one, _ in told], resamples),
        "always_common": rounded(accuracy(expected, ["common"] * len(told))),
        "confusion": confusion(expected, given),
    }


def _right(
    expected: Sequence[str], given: Sequence[str], groups: Sequence[int], resamples: int
) -> dict[str, Any]:
    hits = [float(e == g) for e, g in zip(expected, given, strict=True)]
    interval = ratio_interval(hits, [1.0] * len(hits), groups, resamples=resamples)
    return {
        "pairs": len(expected),
        "accuracy": rounded(accuracy(expected, given)),
        "accuracy_ci": _ends(interval),
    }


def _found(
    judged: Sequence[Judged],
    given: Sequence[bool],
    resamples: int,
    weights: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Measure precision, recall and F1, each pair counted once or by its weight."""
    expected = np.array([one.label.derived for one in judged], np.bool_)
    found = np.array(given, np.bool_)
    weight = np.ones(len(judged)) if weights is None else np.array(weights, np.float64)
    hits = weight * (expected & found)
    groups = [one.group for one in judged]
    result: dict[str, Any] = {
        "pairs": len(judged),
        "expected": int(expected.sum()),
        "found": int(found.sum()),
        "errors": int((expected != found).sum()),
        "false_alarms": int((found & ~expected).sum()),
        "missed": int((expected & ~found).sum()),
    }
    if weights is not None:
        result["stands_for"] = round(float(weight.sum()), 1)
    for name, top, bottom in (
        ("precision", hits, weight * found),
        ("recall", hits, weight * expected),
        ("f1", 2 * hits, weight * found + weight * expected),
    ):
        tops, bottoms = top.tolist(), bottom.tolist()
        result[name] = rounded(sum(tops) / sum(bottoms)) if sum(bottoms) else None
        result[f"{name}_ci"] = _ends(ratio_interval(tops, bottoms, groups, resamples=resamples))
    return result


def _error(one: Judged) -> dict[str, Any] | None:
    """Return what is wrong with a pair's verdict, None where nothing is."""
    label, verdict = one.label, one.inside.verdict
    direction = label.derived and label.direction not in (None, verdict.direction)
    reported = {"reported": one.inside.reported}
    return describe_error(label, verdict, {"direction": direction}, reported)


def _by_set(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    names = sorted({one.label.collection for one in judged})
    return {name: [one for one in judged if one.label.collection == name] for name in names}


def _ends(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(end, 4) for end in interval]
