"""Planning bands: how surely pairs of a given similarity become candidates, and at what cost.

Two signatures agree in a value with the probability of their Jaccard similarity s (Broder 1997), so
in a band of r rows with s^r, and the number of b bands in common is binomial: P(at least m) is what
`curve` tabulates, exactly. For m = 1 this is the S-curve 1 - (1 - s^r)^b of Leskovec, Rajaraman,
Ullman, "Mining of Massive Datasets", section 3.4.

Real rewrites lie at similarities of 0.05 to 0.6, where bands of several rows see nothing: measured
on pairs labelled by reading, 25 bands of 5 rows find a sixth of the derived ones, 128 bands of one
row all but one. What keeps the candidates of one-row bands few is the minimum.

Fingerprints only add to this: a pair is found at least as surely as planned. Caps take away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError

BACKGROUND = (
    (0.00035, 1.430e-2),
    (0.00068, 1.295e-2),
    (0.00137, 4.293e-3),
    (0.00287, 2.681e-3),
    (0.00582, 4.075e-3),
    (0.01044, 1.983e-3),
    (0.02008, 2.050e-4),
    (0.04496, 7.061e-5),
    (0.08449, 1.374e-5),
    (0.18065, 2.314e-6),
    (0.33010, 6.201e-7),
    (0.86589, 4.174e-8),
)
"""How similar two articles of a news collection are: (Jaccard, share of all pairs).

Measured exactly over all pairs of 18,315 US news articles of 2012 to 2020, 5-word shingles; the
other pairs have nothing in common. Page footers are in it, and some hundred real copies.
"""

SIMILARITIES = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Where curves are tabulated."""

_MOST_ROWS = 16
"""Rows in a band that are tried."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Bands, rows and the minimum of bands in common, with what they promise.

    ``recall`` is the probability of finding a pair of ``similarity``; ``candidates`` how many
    candidates an article has in a collection of ``articles`` like the measured one, before caps.
    """

    bands: int
    rows: int
    minimum: int
    similarity: float
    recall: float
    articles: int
    candidates: float

    def curve(self) -> tuple[tuple[float, float], ...]:
        """Return the recall at each of `SIMILARITIES`."""
        return curve(self.bands, self.rows, self.minimum)

    def __str__(self) -> str:
        lines = [
            f"{self.bands} bands of {self.rows} {'row' if self.rows == 1 else 'rows'}, "
            f"at least {self.minimum} in common",
            "similarity  found",
            *(f"{similarity:10.2f}  {100 * found:5.1f}%" for similarity, found in self.curve()),
            f"about {self.candidates:.3g} candidates for an article among {self.articles:,}",
        ]
        return "\n".join(lines)


def plan(similarity: float, recall: float, num_perm: int = 128, articles: int = 100_000) -> Plan:
    """Choose bands, rows and minimum.

    The whole signature is used. Of all numbers of rows with which pairs of Jaccard ``similarity``
    are found with at least the probability ``recall``, the one with the fewest expected candidates,
    and the highest minimum with which it does.

    Raises
    ------
    ValueError
        If similarity or recall is not between 0 and 1, or a number is not positive.
    DedupError
        If no bands of ``num_perm`` values reach the recall; it says which is within reach.
    """
    if not (0 < similarity <= 1 and 0 < recall < 1):
        raise ValueError("similarity must be in (0, 1] and recall in (0, 1)")
    if num_perm < 1 or articles < 1:
        raise ValueError("num_perm and articles must be positive")
    best: Plan | None = None
    for rows in range(1, min(_MOST_ROWS, num_perm) + 1):
        bands = num_perm // rows
        found = _at_least(bands, np.array([similarity**rows]))[0]
        minimum = int((found >= recall).sum()) - 1
        if minimum < 1:
            continue
        cost = expected_candidates(bands, rows, minimum, articles)
        if best is None or cost < best.candidates:
            best = Plan(bands, rows, minimum, similarity, float(found[minimum]), articles, cost)
    if best is None:
        most = curve_at(num_perm, 1, 1, similarity)
        raise DedupError(
            f"signatures of {num_perm} values find pairs of similarity {similarity:g} with a "
            f"probability of {most:.3f} at most, not {recall:g}; "
            "ask for less recall, a higher similarity or more permutations"
        )
    return best


def curve(bands: int, rows: int, minimum: int) -> tuple[tuple[float, float], ...]:
    """Return (Jaccard, probability of becoming candidates) at each of `SIMILARITIES`."""
    return tuple((s, curve_at(bands, rows, minimum, s)) for s in SIMILARITIES)


def curve_at(bands: int, rows: int, minimum: int, similarity: float) -> float:
    """Return the probability that at least ``minimum`` bands are common at one similarity."""
    return float(_at_least(bands, np.array([similarity**rows]))[0, minimum])


def expected_candidates(bands: int, rows: int, minimum: int, articles: int) -> float:
    """Return how many candidates an article has among so many, by `BACKGROUND`, before caps."""
    similarities, shares = np.array(BACKGROUND).T
    found = _at_least(bands, similarities**rows)[:, minimum]
    return float((articles - 1) * (shares * found).sum())


def _at_least(trials: int, probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return P(at least m of the trials succeed), float64[probabilities, trials + 1]."""
    successes = np.arange(trials + 1)
    ways = np.array([math.comb(trials, count) for count in successes.tolist()], np.float64)
    chances = np.clip(probabilities, 0.0, 1.0)[:, None]
    exactly = ways * chances**successes * (1 - chances) ** (trials - successes)
    tails: npt.NDArray[np.float64] = exactly[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.minimum(tails, 1.0)
