"""Quality measures over lists of expected and given answers, and their uncertainty.

Pure functions; a measure that has nothing to count is None, never 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

THREE_WAY = {
    "identical": "wholly",
    "near-duplicate": "wholly",
    "rewrite": "wholly",
    "partial": "partial",
    "shared-quotes": "non-derived",
    "boilerplate": "non-derived",
    "independent": "non-derived",
}
"""Relations on the scale of the METER corpus (Gaizauskas et al., 2001)."""

RESAMPLES = 2000

Interval = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Detection:
    """Precision, recall and F1 of a yes-or-no answer."""

    precision: float | None
    recall: float | None
    f1: float | None


def detection(expected: Sequence[bool], given: Sequence[bool]) -> Detection:
    """Measure yes-or-no answers; F1 is None where there is nothing to find and nothing found."""
    _same_length(expected, given)
    hits = sum(e and g for e, g in zip(expected, given, strict=True))
    found, there = sum(given), sum(expected)
    return Detection(
        precision=hits / found if found else None,
        recall=hits / there if there else None,
        f1=2 * hits / (found + there) if found + there else None,
    )


def f1(expected: Sequence[bool], given: Sequence[bool]) -> float | None:
    """Return the F1 of yes-or-no answers."""
    return detection(expected, given).f1


def accuracy(expected: Sequence[str], given: Sequence[str]) -> float | None:
    """Return the share of equal answers."""
    _same_length(expected, given)
    if not expected:
        return None
    return sum(e == g for e, g in zip(expected, given, strict=True)) / len(expected)


def macro_f1(expected: Sequence[str], given: Sequence[str]) -> float | None:
    """Return the mean F1 over the classes that occur in either list."""
    _same_length(expected, given)
    classes = sorted(set(expected) | set(given))
    scores = [f1([e == c for e in expected], [g == c for g in given]) or 0.0 for c in classes]
    return sum(scores) / len(scores) if scores else None


def confusion(expected: Sequence[str], given: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count ``table[expected][given]``; pairs that do not occur are left out."""
    _same_length(expected, given)
    table: dict[str, dict[str, int]] = {}
    for e, g in zip(expected, given, strict=True):
        row = table.setdefault(e, {})
        row[g] = row.get(g, 0) + 1
    return table


def three_way(relations: Sequence[str]) -> list[str]:
    """Map relations to wholly, partial and non-derived."""
    return [THREE_WAY[relation] for relation in relations]


def bootstrap(
    measure: Callable[[Sequence[T], Sequence[T]], float | None],
    expected: Sequence[T],
    given: Sequence[T],
    *,
    groups: Sequence[int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Interval | None:
    """Return the 95% percentile interval of a measure (B. Efron, 1979).

    Parameters
    ----------
    groups
        The group of each item. Whole groups are drawn, so that pairs that share articles do not
        count as independent; without it every item is its own group.
    """
    _same_length(expected, given)
    if not expected:
        return None
    _, number = np.unique(
        np.arange(len(expected)) if groups is None else np.asarray(groups), return_inverse=True
    )
    members = [np.flatnonzero(number == group) for group in range(int(number.max()) + 1)]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = rng.integers(len(members), size=len(members))
        at: npt.NDArray[np.intp] = np.concatenate([members[group] for group in drawn])
        value = measure([expected[i] for i in at], [given[i] for i in at])
        if value is not None:
            values.append(value)
    if not values:
        return None
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def ratio_interval(
    tops: Sequence[float],
    bottoms: Sequence[float],
    groups: Sequence[int],
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Interval | None:
    """Return the 95% percentile interval of a ratio of sums, whole groups drawn.

    What `bootstrap` returns, in one step, for measures that are such ratios: precision is hits over
    found, F1 twice the hits over found and expected, accuracy right answers over ones.

    Parameters
    ----------
    tops, bottoms
        What each item adds to the numerator and to the denominator.
    groups
        The group of each item.
    """
    _same_length(tops, bottoms)
    if not tops:
        return None
    _, number = np.unique(np.asarray(groups), return_inverse=True)
    top, bottom = np.bincount(number, tops), np.bincount(number, bottoms)
    drawn = np.random.default_rng(seed).integers(len(top), size=(resamples, len(top)))
    below = bottom[drawn].sum(axis=1)
    values = top[drawn].sum(axis=1)[below > 0] / below[below > 0]
    if not len(values):
        return None
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def components(pairs: Sequence[tuple[str, str]]) -> list[int]:
    """Number each pair by the connected component of shared articles that it belongs to."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for a, b in pairs:
        parent[root(a)] = root(b)
    number: dict[str, int] = {}
    return [number.setdefault(root(a), len(number)) for a, _ in pairs]


def _same_length(expected: Sequence[object], given: Sequence[object]) -> None:
    if len(expected) != len(given):
        raise ValueError(f"{len(expected)} expected answers but {len(given)} given")
